"""An answer without channels: all of it is text."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Collection

from engine.types import Channel, ParsedEvent, TextDelta, TokenLogprob


class TextParser:
    """An OutputParser of bytes. The `silent` tokens, such as the one that ends an answer, have no
    text. Half a character at the very end is dropped, as it has none either.
    """

    is_reasoning = False

    def __init__(self, token_bytes: Callable[[int], bytes], silent: Collection[int]) -> None:
        self._token_bytes = token_bytes
        self._silent = silent
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._logprobs: tuple[TokenLogprob, ...] = ()

    def to_answer(self) -> tuple[int, ...]:
        return ()

    def feed(self, token: int, logprob: TokenLogprob | None) -> list[ParsedEvent]:
        if token in self._silent:
            return []
        if logprob is not None:
            self._logprobs += (logprob,)
        text = self._decoder.decode(self._token_bytes(token))
        return self._told(text) if text else []

    def finish(self) -> list[ParsedEvent]:
        return self._told("") if self._logprobs else []

    def _told(self, text: str) -> list[ParsedEvent]:
        logprobs, self._logprobs = self._logprobs, ()
        return [TextDelta(Channel.FINAL, text, logprobs)]

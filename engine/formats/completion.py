"""A text that the model goes on with, without any conversation around it."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from engine.errors import BadRequest
from engine.protocols import ChatFormat, Prompt
from engine.types import Channel, CompletionRequest, ParsedEvent, TextDelta, TokenLogprob


class CompletionFormat:
    """Speaks for a model's own format where there are no messages."""

    def __init__(self, chat_format: ChatFormat) -> None:
        self._chat_format = chat_format

    def render(self, request: CompletionRequest) -> Prompt:
        """Raises BadRequest for no text at all and for ids that are no tokens."""
        text = request.prompt
        ids = [*(self._chat_format.encode(text) if isinstance(text, str) else text)]
        if not ids:
            raise BadRequest("The prompt is empty: there is nothing to go on with.", "prompt")
        for token in ids:
            if token < 0 or not self._chat_format.token_bytes(token):
                raise BadRequest(f"{token} is not a token of this model.", "prompt")
        return Prompt(ids)

    def parser(self) -> CompletionParser:
        return CompletionParser(self._chat_format.token_bytes, self._chat_format.stop_tokens)


class CompletionParser:
    """An OutputParser of bytes: all of it is text."""

    is_reasoning = False

    def __init__(self, token_bytes: Callable[[int], bytes], stop_tokens: frozenset[int]) -> None:
        self._token_bytes = token_bytes
        self._stop_tokens = stop_tokens
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._logprobs: tuple[TokenLogprob, ...] = ()

    def to_answer(self) -> tuple[int, ...]:
        return ()

    def feed(self, token: int, logprob: TokenLogprob | None) -> list[ParsedEvent]:
        if token in self._stop_tokens:
            return []
        if logprob is not None:
            self._logprobs += (logprob,)
        text = self._decoder.decode(self._token_bytes(token))
        return self._told(text) if text else []

    def finish(self) -> list[ParsedEvent]:
        text = self._decoder.decode(b"", final=True)
        return self._told(text) if text or self._logprobs else []

    def _told(self, text: str) -> list[ParsedEvent]:
        logprobs, self._logprobs = self._logprobs, ()
        return [TextDelta(Channel.FINAL, text, logprobs)]

"""Reads what gpt-oss writes, token by token. It never fails: whatever comes, the text is kept."""

from __future__ import annotations

import codecs
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.formats.harmony.header import MARKS, Header, read_header
from engine.formats.harmony.memory import Key
from engine.formats.harmony.tool_names import NAMESPACE, ToolNames
from engine.formats.harmony.vocabulary import CHANNEL, END, MESSAGE, START, STOPS, Vocabulary
from engine.types import Channel, ParsedEvent, TextDelta, TokenLogprob, ToolCall, ToolCallDelta

ENDS = STOPS | {END}
BREAKS = ENDS | {START, CHANNEL}
"""A message is over here, and what has no MESSAGE by now will not get one."""


NO_ARGUMENTS = "{}"
"""Clients read the arguments as JSON, which an empty text is not."""

Kept = tuple[Key, tuple[int, ...]]


def new_call_id() -> str:
    return f"call_{secrets.token_hex(12)}"


@dataclass(frozen=True, slots=True)
class Words:
    """The ids of the words that are written around messages."""

    assistant: tuple[int, ...]
    final: tuple[int, ...]


class HarmonyParser:
    """An OutputParser. The prompt ends with START and "assistant", so a header comes first.

    `remember` is given the ids of every message that came to its end.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        words: Words,
        tools: ToolNames,
        remember: Callable[[Key, Sequence[int]], None],
        new_id: Callable[[], str] = new_call_id,
    ) -> None:
        self._vocabulary = vocabulary
        self._words = words
        self._tools = tools
        self._remember = remember
        self._new_id = new_id
        self._beginning: tuple[int, ...] = ()  # of a message, beyond what the prompt holds of it
        self._written: list[int] = []
        self._message: _Message | None = None
        self._last: _Message | None = None
        self._kept: Kept | None = None  # what was remembered last

    @property
    def is_reasoning(self) -> bool:
        return self._last is not None and self._last.is_thought

    def to_answer(self) -> tuple[int, ...]:
        if self._last is not None and not self._last.is_thought:
            return ()
        path = (*self._beginning, CHANNEL, *self._words.final, MESSAGE)
        if self._message is not None:
            return (END, START, *self._words.assistant, CHANNEL, *self._words.final, MESSAGE)
        is_on_path = path[: len(self._written)] == tuple(self._written)
        return path[len(self._written) :] if is_on_path else ()

    def feed(self, token: int, logprob: TokenLogprob | None) -> list[ParsedEvent]:
        if self._message is None:
            return self._in_header(token)
        if token in BREAKS:
            return self._end_message(self._message, token)
        self._written.append(token)
        return self._message.add(self._vocabulary.bytes_of(token), logprob)

    def finish(self) -> list[ParsedEvent]:
        """The end of an answer that was cut short."""
        if self._message is not None:
            return self._close(self._message, [], is_cut=True)
        return self._rescue()

    def _in_header(self, token: int) -> list[ParsedEvent]:
        if token in BREAKS:
            return self._break_header(token)
        self._written.append(token)
        return self._open(self._header()) if token == MESSAGE else []

    def _break_header(self, token: int) -> list[ParsedEvent]:
        """A header may hold CHANNEL, twice even; but text before it belongs to another message."""
        events = self._rescue()
        if token == CHANNEL and not events:
            self._written.append(token)
        elif token != START or self._written != [START]:
            self._begin([] if token in ENDS else [token])
        return events

    def _end_message(self, message: _Message, token: int) -> list[ParsedEvent]:
        """Where START or CHANNEL ends it, its END was left out."""
        written, begun, before = (*self._written, token), self._beginning, self._kept
        events = self._close(message, [] if token in ENDS else [token])
        if token in ENDS and written[: len(begun)] == begun:
            self._keep(before, message.key, written[len(begun) :])
        return events

    def _keep(self, before: Kept | None, key: Key, ids: tuple[int, ...]) -> None:
        """Neighbours on one channel reach a client as one text."""
        channel, tool, text = key
        if before and before[0][:2] == (channel, tool) == (channel, ""):
            text = before[0][2] + text
            ids = (*before[1][:-1], END, START, *self._words.assistant, *ids)
        self._kept = (channel, tool, text), ids
        self._remember(*self._kept)

    def _open(self, header: Header) -> list[ParsedEvent]:
        self._message = self._last = _Message(*self._addressed(header))
        events = self._message.opening()
        if header.text:
            events += self._message.add(header.text.encode(), None)
        return events

    def _addressed(self, header: Header) -> tuple[Channel, ToolCall | None]:
        """A tool that nobody has offered, such as Python, is only spoken to."""
        name = header.recipient
        if name is None:
            return header.channel or Channel.FINAL, None
        if not name.startswith(NAMESPACE) and not self._tools:
            return header.channel or Channel.COMMENTARY, None
        own = self._tools.own(name.removeprefix(NAMESPACE))
        return Channel.COMMENTARY, ToolCall(self._new_id(), own, "")

    def _close(
        self, message: _Message, written: list[int], is_cut: bool = False
    ) -> list[ParsedEvent]:
        self._message = self._kept = None
        self._begin(written)
        return message.closing(is_cut)

    def _begin(self, written: list[int]) -> None:
        """`written` is what the next message has begun with already."""
        self._written = written
        self._beginning = (START, *self._words.assistant)

    def _rescue(self) -> list[ParsedEvent]:
        """The text of a header that has not come to its MESSAGE."""
        if tuple(self._written) in ((), self._beginning):
            return []
        header = self._header()
        if not header.text:
            return []
        events = self._open(header)
        assert self._message is not None
        return events + self._close(self._message, [])

    def _header(self) -> Header:
        begins_in_prompt = not self._beginning and self._written[:1] != [START]
        in_prompt = (START, *self._words.assistant) if begins_in_prompt else ()
        pieces = (
            MARKS[token].encode() if token in MARKS else self._vocabulary.bytes_of(token)
            for token in (*in_prompt, *self._written)
        )
        return read_header(b"".join(pieces).decode("utf-8", "replace"))


class _Message:
    """A message whose text is coming in: a call of a tool, or text on a channel."""

    def __init__(self, channel: Channel, call: ToolCall | None = None) -> None:
        self._channel = channel
        self._call = call
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pieces: list[str] = []
        self._logprobs: tuple[TokenLogprob, ...] = ()

    @property
    def is_thought(self) -> bool:
        return self._channel is Channel.ANALYSIS

    @property
    def key(self) -> Key:
        return self._channel, self._call.name if self._call else "", "".join(self._pieces)

    def opening(self) -> list[ParsedEvent]:
        return [ToolCallDelta(self._call.id, self._call.name, "")] if self._call else []

    def add(self, data: bytes, logprob: TokenLogprob | None) -> list[ParsedEvent]:
        """A control token has no bytes: it is passed over."""
        if data and logprob is not None:
            self._logprobs += (logprob,)
        text = self._decoder.decode(data)
        return [self._delta(text)] if text else []

    def closing(self, is_cut: bool) -> list[ParsedEvent]:
        """Half a character at the very end becomes one that says so. A call that was not cut short
        has arguments."""
        rest = self._decoder.decode(b"", final=True)
        if self._call and not (is_cut or any(self._pieces)):
            rest = rest or NO_ARGUMENTS
        events: list[ParsedEvent] = [self._delta(rest)] if rest or self._logprobs else []
        if self._call:
            arguments = "".join(self._pieces)
            events.append(ToolCall(self._call.id, self._call.name, arguments))
        return events

    def _delta(self, text: str) -> TextDelta | ToolCallDelta:
        self._pieces.append(text)
        logprobs, self._logprobs = self._logprobs, ()
        if self._call:
            return ToolCallDelta(self._call.id, self._call.name, text)
        return TextDelta(self._channel, text, logprobs)

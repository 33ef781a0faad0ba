"""Reads what gpt-oss writes, token by token. It never fails: whatever comes, the text is kept.

The grammar keeps malformed headers from being sampled; where one comes all the same (a public
server's history, a forced token), it is read in the most likely way.
"""

from __future__ import annotations

import codecs
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.formats.harmony.memory import Key
from engine.formats.harmony.tool_names import NAMESPACE, ToolNames
from engine.formats.harmony.vocabulary import (
    CHANNEL,
    CONSTRAIN,
    END,
    MESSAGE,
    START,
    STOPS,
    Vocabulary,
)
from engine.types import Channel, ParsedEvent, TextDelta, TokenLogprob, ToolCall, ToolCallDelta

MARKS = {CHANNEL: "\x01", CONSTRAIN: "\x02"}
"""How the control tokens of a header stand in its text."""

RECIPIENT = re.compile(r"to=([^\s\x01\x02]+)")
NOT_TOOLS = ("assistant", "user", "all")
OTHER_ROLES = ("user", "system", "developer", "tool")
LOST_HEADER = re.compile(
    r"\s*(analysis|commentary|final)?\s*(?:to=[\w.-]+)?\s*(?:\x02?(?:json|code)\b)?[\s\x02]*"
)
"""The words of a header that never came to its MESSAGE; what follows on them is the text."""


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
        if self._message is not None:
            return self._in_message(self._message, token, logprob)
        self._written.append(token)
        if token == MESSAGE:
            return self._open(self._channel_and_recipient())
        if token == END or token in STOPS or (token == START and len(self._written) > 1):
            return self._lose_header(token)
        return []

    def finish(self) -> list[ParsedEvent]:
        """The end of an answer that was cut short."""
        if self._message is not None:
            return self._close(self._message, [])
        return self._rescue(self._written)

    def _in_message(
        self, message: _Message, token: int, logprob: TokenLogprob | None
    ) -> list[ParsedEvent]:
        if token in (START, CHANNEL):  # the message's END was left out
            return self._close(message, [token])
        self._written.append(token)
        if token == END or token in STOPS:
            self._keep_ids(message)
            return self._close(message, [])
        return message.add(self._vocabulary.bytes_of(token), logprob)

    def _open(self, header: tuple[Channel | None, str | None]) -> list[ParsedEvent]:
        channel, recipient = header
        if recipient is not None and (recipient.startswith(NAMESPACE) or self._tools):
            name = self._tools.own(recipient.removeprefix(NAMESPACE))
            self._message = _Message(Channel.COMMENTARY, ToolCall(self._new_id(), name, ""))
        else:  # a tool that nobody has offered is only spoken to
            beside = Channel.COMMENTARY if recipient else Channel.FINAL
            self._message = _Message(channel or beside)
        self._last = self._message
        return self._message.opening()

    def _close(self, message: _Message, written: list[int]) -> list[ParsedEvent]:
        """`written` is what the next message has begun with already."""
        self._message, self._written = None, written
        self._beginning = (START, *self._words.assistant)
        return message.closing()

    def _keep_ids(self, message: _Message) -> None:
        begun = len(self._beginning)
        if tuple(self._written[:begun]) == self._beginning:
            self._remember(message.key, self._written[begun:])

    def _channel_and_recipient(self) -> tuple[Channel | None, str | None]:
        """role [to=X] CHANNEL channel [to=X] [CONSTRAIN] [json]; the last channel wins."""
        text = self._text(self._written)
        head, _, tail = (
            text.rpartition(MARKS[CHANNEL]) if MARKS[CHANNEL] in text else (text, "", "")
        )
        found = RECIPIENT.search(tail) or RECIPIENT.search(head)
        recipient = found[1] if found and found[1] not in NOT_TOOLS else None
        if RECIPIENT.sub("", head).strip().startswith(OTHER_ROLES):
            return Channel.ANALYSIS, None  # it plays another part: nothing that a user is told
        words = RECIPIENT.sub("", tail).replace(MARKS[CONSTRAIN], " ").split()
        return _channel(words[0]) if words else None, recipient

    def _lose_header(self, token: int) -> list[ParsedEvent]:
        """A header ended without its MESSAGE."""
        events = self._rescue(self._written[:-1])
        self._written = [START] if token == START else []
        return events

    def _rescue(self, header: Sequence[int]) -> list[ParsedEvent]:
        """What follows the words of a header is a message."""
        head, mark, tail = self._text(header).rpartition(MARKS[CHANNEL])
        if not mark:
            tail = re.sub(r"^\s*assistant\b", "", tail)
        words = LOST_HEADER.match(tail)
        text = tail[words.end() :] if words else tail
        is_cut_short = mark and text and any(name.startswith(text.strip()) for name in Channel)
        if not text.strip() or is_cut_short:
            return []
        found = RECIPIENT.search(tail[: len(tail) - len(text)]) or RECIPIENT.search(head)
        recipient = found[1] if found and found[1] not in NOT_TOOLS else None
        events = self._open((_channel(words[1]) if words and words[1] else None, recipient))
        assert self._message is not None
        events += self._message.add(text.replace(MARKS[CONSTRAIN], "").encode(), None)
        return events + self._close(self._message, [])

    def _text(self, tokens: Sequence[int]) -> str:
        pieces = (
            MARKS[token].encode() if token in MARKS else self._vocabulary.bytes_of(token)
            for token in tokens
        )
        return b"".join(pieces).decode("utf-8", "replace")


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

    def closing(self) -> list[ParsedEvent]:
        """Half a character at the very end becomes one that says so."""
        rest = self._decoder.decode(b"", final=True)
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


def _channel(word: str) -> Channel | None:
    """The channel that a word, perhaps misspelt or cut short, names."""
    letters = re.match("[a-z]*", word)
    name = letters[0] if letters else ""
    return next((c for c in Channel if name and (c.startswith(name) or name.startswith(c))), None)

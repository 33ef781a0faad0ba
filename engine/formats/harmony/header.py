"""The headers of messages: START role [to=X] CHANNEL channel [to=X] [CONSTRAIN] [json] MESSAGE.

The grammar keeps malformed ones from being sampled; where one comes all the same (after a forced
token), it is read in the most likely way, and what no header can hold is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.formats.harmony.tool_names import NAMESPACE
from engine.formats.harmony.vocabulary import CHANNEL, CONSTRAIN, MESSAGE, START
from engine.types import Channel

MARKS = {START: "\ufdd0", CHANNEL: "\ufdd1", CONSTRAIN: "\ufdd2", MESSAGE: "\ufdd3"}
"""How control tokens stand in a header's text: by characters that never stand in real text."""

_S, _C, _K, _M = MARKS.values()
_NAME = rf"[^\s{_S}-{_M}]+"
_CHANNELS = "|".join(Channel)
_CONTENT_TYPE = rf"(?:{_K}?(?:json|code)\b)?[\s{_K}]*"

ROLE = re.compile(
    rf"{_S}\s*(assistant|(?!{_CHANNELS}|to=){_NAME})?"
    rf"|\s*(assistant|user|system|developer|tool|functions\.[\w.-]+)(?=\s*(?:to=|[{_S}-{_M}]|$))"
)
RECIPIENT = re.compile(rf"to=({_NAME})")
NOT_TOOLS = ("assistant", "user", "all", NAMESPACE)
WORDS = re.compile(rf"\s*(?:{_CHANNELS})?\s*(?:to=[\w.-]+)?\s*{_CONTENT_TYPE}")
FIRST_WORD = re.compile(rf"[\s{_K}]*([a-z]+)")
CALL_WORDS = re.compile(rf"\s*to=[\w.-]+\s*{_CONTENT_TYPE}")


@dataclass(frozen=True, slots=True)
class Header:
    """`text` is what belongs to the message although no MESSAGE stands before it."""

    channel: Channel | None
    recipient: str | None
    text: str


def read_header(written: str) -> Header:
    """Of its text, in which MARKS stand for control tokens; it may have been cut short anywhere."""
    found = ROLE.match(written)
    role = found and (found[1] or found[2])
    head, is_named, tail = written[found.end() if found else 0 :].rpartition(_C)
    words, text = _words_and_text(tail, bool(is_named))
    if role not in (None, "", "assistant"):
        return Header(Channel.ANALYSIS, None, text)  # it plays another part: not for the user
    return Header(_channel(words), _recipient(words) or _recipient(head), text)


def _words_and_text(tail: str, is_named: bool) -> tuple[str, str]:
    """Of what follows on CHANNEL or, where that is missing, on the role."""
    is_whole, tail = tail.endswith(_M), tail.removesuffix(_M)
    if is_whole and is_named:
        return tail, ""
    found = WORDS.match(tail) if is_named else _words_without_channel(tail, is_whole)
    end = found.end() if found else 0
    words, text = tail[:end], tail[end:].replace(_K, "")
    is_nothing = not text.strip() or (is_named and not words.strip() and _begins_a_channel(text))
    return words, "" if is_nothing else text


def _begins_a_channel(text: str) -> bool:
    return any(channel.startswith(text.strip()) for channel in Channel)


def _words_without_channel(tail: str, is_whole: bool) -> re.Match[str] | None:
    """Only what can be nothing else: an answer may well begin with "final" or "json"."""
    return CALL_WORDS.match(tail) or (WORDS.fullmatch(tail) if is_whole else None)


def _channel(words: str) -> Channel | None:
    """The channel that the first word, perhaps misspelt, names."""
    found = FIRST_WORD.match(RECIPIENT.sub("", words).lower())
    word = found[1] if found else ""
    return next((c for c in Channel if word and (c.startswith(word) or word.startswith(c))), None)


def _recipient(words: str) -> str | None:
    found = RECIPIENT.search(words)
    return found[1] if found and found[1] not in NOT_TOOLS else None

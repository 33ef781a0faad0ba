"""What an answer says, as our parser reads it and as openai-harmony does."""

from __future__ import annotations

from collections.abc import Sequence

import openai_harmony as harmony

from engine.formats.harmony.format import HarmonyFormat
from engine.formats.harmony.tool_names import NAMESPACE, ToolNames
from engine.types import Channel, ChatRequest, ParsedEvent, TextDelta, ToolCall

Read = list[tuple[Channel | str, str]]
"""(channel, text) of messages and (tool, arguments) of calls."""


def parse(form: HarmonyFormat, ids: Sequence[int], asked: ChatRequest) -> list[ParsedEvent]:
    parser = form.parser(asked)
    events = [event for token in ids for event in parser.feed(token, None)]
    return events + parser.finish()


def read(events: list[ParsedEvent]) -> Read:
    """Neighbours on one channel are one: an event does not say where its message began."""
    found: Read = []
    for event in events:
        if isinstance(event, ToolCall):
            found.append((event.name, event.arguments))
        elif isinstance(event, TextDelta):
            found.append((event.channel, event.text))
    return joined(found)


def read_by_openai(
    encoding: harmony.HarmonyEncoding, ids: Sequence[int], tools: Sequence[str]
) -> Read:
    """A call of one of `tools` has its own name."""
    names = ToolNames(tools)
    found: Read = []
    for message in encoding.parse_messages_from_completion_tokens(
        list(ids), harmony.Role.ASSISTANT
    ):
        called = (message.recipient or "").removeprefix(NAMESPACE)
        name = names.own(called) if called in names else Channel(message.channel or "")
        found.append((name, "".join(part.text for part in message.content)))
    return joined(found)


def joined(messages: Read) -> Read:
    found: Read = []
    for name, text in messages:
        if found and isinstance(name, Channel) and found[-1][0] is name:
            found[-1] = (name, found[-1][1] + text)
        elif text or not isinstance(name, Channel):
            found.append((name, text))
    return found


def is_said(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding, text: str, request: ChatRequest
) -> bool:
    """Whether each of its tokens is allowed in turn."""
    grammar = form.grammar(request)
    for token in encoding.encode(text, allowed_special="all"):
        mask = grammar.allowed()
        if mask is not None and not (mask[token >> 5] >> (token & 31)) & 1:
            return False
        grammar.accept(token)
    return True

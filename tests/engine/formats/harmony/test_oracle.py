"""Prompts are, id for id, those of openai-harmony."""

from __future__ import annotations

from datetime import date
from typing import Any

import openai_harmony as harmony
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.formats.harmony.format import HarmonyFormat
from engine.formats.harmony.tool_names import identifier
from engine.types import Channel, ChatRequest, Effort, Message, Role, TextPart, Tool, ToolCall

DAY = date(2026, 1, 1)
ROLES = {
    "user": harmony.Role.USER,
    "assistant": harmony.Role.ASSISTANT,
}
EFFORTS = {
    Effort.LOW: harmony.ReasoningEffort.LOW,
    Effort.MEDIUM: harmony.ReasoningEffort.MEDIUM,
    Effort.HIGH: harmony.ReasoningEffort.HIGH,
}

text = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("abc ABC 012 \n\t<|>'s.,-_/{}\"กู้ا\u0301日"),
    ),
    max_size=60,
)
name = st.sampled_from(["get_weather", "find", "A1", "_x"])
described = st.fixed_dictionaries({}, optional={"description": text.filter(str.strip)})
constants = st.lists(text.map(lambda one: one.replace('"', "")), min_size=1, max_size=1)


def with_words(**words: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda more: words | more, described)


simple = st.one_of(
    *(with_words(type=kind) for kind in ("string", "number", "integer", "boolean", "array")),
    with_words(type=["string", "number"]),
    st.builds(lambda values: {"type": "string", "enum": values}, constants),
    st.builds(lambda value: {"type": "string", "default": value}, text),
    st.builds(lambda value: {"type": "integer", "default": value}, st.integers(-9, 9)),
    st.builds(lambda value: {"type": "string", "title": value, "examples": [value, 1]}, text),
)


def object_schema(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda properties, required, more: {
            "type": "object",
            "properties": properties,
            "required": [key for key in properties if key in required],
            **more,
        },
        st.dictionaries(name, parts, min_size=1, max_size=3),
        st.sets(name),
        described,
    )


def array_schema(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    single = parts.filter(lambda one: isinstance(one["type"], str) and "enum" not in one)
    return st.builds(lambda items: {"type": "array", "items": items}, single)


def several(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """More than one type, of which none may be the only one that counts."""
    return st.builds(
        lambda choices, more: {"oneOf": choices, **more},
        st.lists(parts, min_size=2, max_size=3),
        described,
    )


schemas = object_schema(
    st.recursive(
        st.one_of(
            simple, st.builds(lambda one: one | {"nullable": True}, with_words(type="number"))
        ),
        lambda parts: st.one_of(object_schema(parts), array_schema(simple), several(simple)),
        max_leaves=6,
    )
)
tools = st.lists(
    st.builds(Tool, name, text, st.one_of(st.none(), schemas)),
    max_size=3,
    unique_by=lambda tool: tool.name,
)
turns = st.lists(
    st.one_of(
        st.builds(lambda said: Message.of(Role.USER, said), text),
        st.builds(lambda said: Message.of(Role.ASSISTANT, said, Channel.FINAL), text),
        st.builds(
            lambda tool, said: Message(
                Role.ASSISTANT, (), tool_calls=(ToolCall("call_1", tool, said),)
            ),
            name,
            text,
        ),
        st.builds(lambda tool, said: Message(Role.TOOL, (TextPart(said),), name=tool), name, text),
    ),
    max_size=5,
)


def as_harmony(message: Message) -> harmony.Message:
    if message.role is Role.TOOL:
        author = harmony.Author.new(harmony.Role.TOOL, f"functions.{message.name}")
        result = harmony.Message.from_author_and_content(author, message.text)
        return result.with_recipient("assistant").with_channel("commentary")
    for call in message.tool_calls:
        written = harmony.Message.from_role_and_content(harmony.Role.ASSISTANT, call.arguments)
        written = written.with_channel("commentary").with_recipient(f"functions.{call.name}")
        return written.with_content_type("<|constrain|>json")
    written = harmony.Message.from_role_and_content(ROLES[str(message.role)], message.text)
    return written if message.channel is None else written.with_channel(str(message.channel))


def schema_of(tool: Tool) -> dict[str, Any] | None:
    return None if tool.parameters is None else dict(tool.parameters)


def expected(encoding: harmony.HarmonyEncoding, request: ChatRequest, asked: str) -> list[int]:
    system = (
        harmony.SystemContent.new()
        .with_reasoning_effort(EFFORTS[request.effort])
        .with_conversation_start_date(DAY.isoformat())
    )
    developer = harmony.DeveloperContent.new()
    if asked:
        developer = developer.with_instructions(asked)
    if request.tools:
        shown = [
            harmony.ToolDescription.new(one.name, one.description, schema_of(one))
            for one in request.tools
        ]
        developer = developer.with_function_tools(shown)
    messages = [harmony.Message.from_role_and_content(harmony.Role.SYSTEM, system)]
    if asked or request.tools:
        messages.append(harmony.Message.from_role_and_content(harmony.Role.DEVELOPER, developer))
    messages += [as_harmony(message) for message in request.messages if message.role != "system"]
    options = harmony.RenderOptions(conversation_has_function_tools=bool(request.tools))
    ids = [one for message in messages for one in encoding.render(message, options)]
    return ids + encoding.encode("<|start|>assistant", allowed_special="all")


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text, tools, turns, st.sampled_from(Effort))
def test_a_prompt_is_the_one_of_openai_harmony(
    form: HarmonyFormat,
    encoding: harmony.HarmonyEncoding,
    asked: str,
    offered: list[Tool],
    said: list[Message],
    effort: Effort,
) -> None:
    assert all(identifier(tool.name) == tool.name for tool in offered)
    instructions = (Message.of(Role.SYSTEM, asked),) if asked else ()
    request = ChatRequest((*instructions, *said), tools=tuple(offered), effort=effort, date=DAY)
    assert form.render(request).ids == expected(encoding, request, asked)

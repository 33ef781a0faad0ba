from __future__ import annotations

import json
from typing import Any

import pytest

from engine.errors import BadRequest
from engine.server.responses import convert
from engine.server.responses.wire import ResponsesRequest
from engine.server.wire import parse
from engine.types import (
    Channel,
    ChatRequest,
    Effort,
    JsonAnswer,
    Message,
    Role,
    TextDelta,
    TextPart,
    Tool,
    ToolCall,
    ToolCallDelta,
    ToolChoice,
    ToolMode,
)

FIND: Any = {"type": "function", "name": "find", "parameters": {"type": "object"}}


def body(**fields: Any) -> ResponsesRequest:
    return parse(ResponsesRequest, json.dumps({"model": "m", "input": "Hi"} | fields).encode())


def asked(**fields: Any) -> ChatRequest:
    return convert.chat_request(body(**fields))


def test_text_alone_is_a_users_message() -> None:
    assert asked() == ChatRequest((Message.of(Role.USER, "Hi"),))


def test_instructions_come_first_and_are_not_taken_over() -> None:
    earlier = (Message.of(Role.USER, "Before."), Message.of(Role.ASSISTANT, "Yes."))
    request = convert.chat_request(body(instructions="Be kind."), earlier)
    assert [message.text for message in request.messages] == ["Be kind.", "Before.", "Yes.", "Hi"]
    kept = convert.conversation(body(instructions="Be kind."), earlier)
    assert [message.text for message in kept] == ["Before.", "Yes.", "Hi"]


def test_each_kind_of_item_becomes_a_message() -> None:
    items = [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Find."}]},
        {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "Hm"}]},
        {"type": "reasoning", "summary": []},
        {"role": "assistant", "content": "I look.", "phase": "commentary"},
        {"type": "function_call", "call_id": "c1", "name": "find", "arguments": "{"},
        {"type": "function_call_output", "call_id": "c1", "output": "lost"},
        {"type": "web_search_call", "id": "w1"},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
    ]
    assert asked(input=items).messages == (
        Message.of(Role.USER, "Find."),
        Message.of(Role.ASSISTANT, "Hm", Channel.ANALYSIS),
        Message.of(Role.ASSISTANT, "I look.", Channel.COMMENTARY),
        Message(Role.ASSISTANT, (), tool_calls=(ToolCall("c1", "find", "{"),)),
        Message(Role.TOOL, (TextPart("lost"),), name="find"),
        Message.of(Role.ASSISTANT, "No."),
    )


def test_a_result_may_be_of_a_call_in_an_earlier_response() -> None:
    call = ToolCall("c1", "find", "{}")
    earlier = [Message(Role.ASSISTANT, (), tool_calls=(call,))]
    output = {"type": "function_call_output", "call_id": "c1", "output": "lost"}
    assert convert.chat_request(body(input=[output]), earlier).messages[-1].name == "find"


def test_tools_are_functions_in_namespaces_too() -> None:
    others = [{"type": "web_search"}, {"type": "namespace", "name": "n", "tools": [FIND]}]
    assert asked(tools=others).tools == (Tool("find", "", {"type": "object"}),)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("required", ToolChoice(ToolMode.REQUIRED)),
        ({"type": "function", "name": "find"}, ToolChoice(ToolMode.REQUIRED, ("find",))),
        (
            {"type": "allowed_tools", "mode": "auto", "tools": [FIND]},
            ToolChoice(ToolMode.AUTO, ("find",)),
        ),
    ],
)
def test_every_way_to_choose_a_tool_is_understood(choice: Any, expected: ToolChoice) -> None:
    assert asked(tools=[FIND], tool_choice=choice).tool_choice == expected


def test_settings_reach_the_engine() -> None:
    form = {"type": "json_schema", "name": "x", "schema": {"type": "string"}, "strict": True}
    request = asked(
        reasoning={"effort": "high"},
        text={"format": form},
        max_output_tokens=5,
        temperature=0.5,
        include=["message.output_text.logprobs"],
        top_logprobs=3,
    )
    assert request.effort is Effort.HIGH
    assert request.json_answer == JsonAnswer({"type": "string"}, "x", is_strict=True)
    assert (request.max_tokens, request.sampling.temperature, request.top_logprobs) == (5, 0.5, 3)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"background": True}, "background"),
        ({"conversation": "c1"}, "conversation"),
        ({"prompt": {"id": "p1"}}, "prompt"),
        ({"truncation": "auto"}, "truncation"),
        ({"max_tokens": 5}, "max_tokens"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"reasoning": {"effort": "huge"}}, "reasoning.effort"),
        ({"input": [{"content": "x"}]}, "input[0].role"),
        ({"input": [{"role": "user"}]}, "input[0].content"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "input[0].id"),
        ({"input": [{"type": "function_call", "call_id": "c1"}]}, "input[0].name"),
        ({"input": [{"type": "function_call_output", "call_id": "x"}]}, "input[0].call_id"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_image"}]}]},
            "input[0].content[0]",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_by_its_name(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as refused:
        asked(**fields)
    assert refused.value.field == param


def test_an_answer_is_kept_as_messages() -> None:
    call = ToolCall("c1", "find", "{}")
    said = [
        TextDelta(Channel.ANALYSIS, "H"),
        TextDelta(Channel.ANALYSIS, "m"),
        TextDelta(Channel.COMMENTARY, "I look."),
        ToolCallDelta("c1", "find", "{}"),
        call,
        TextDelta(Channel.FINAL, "Done."),
    ]
    assert [*convert.answer_messages(said)] == [
        Message.of(Role.ASSISTANT, "Hm", Channel.ANALYSIS),
        Message.of(Role.ASSISTANT, "I look.", Channel.COMMENTARY),
        Message(Role.ASSISTANT, (), tool_calls=(call,)),
        Message.of(Role.ASSISTANT, "Done.", Channel.FINAL),
    ]

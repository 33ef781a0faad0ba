from __future__ import annotations

import json
from typing import Any

import pytest

from engine.errors import BadRequest
from engine.server.responses import convert
from engine.server.responses.tools import offer_of
from engine.server.responses.wire import Item, ResponsesRequest
from engine.server.wire import parse
from engine.types import (
    Channel,
    ChatRequest,
    Effort,
    JsonAnswer,
    Message,
    Role,
    TextPart,
    ToolCall,
    ToolChoice,
    ToolMode,
)

FIND: Any = {"type": "function", "name": "find", "parameters": {"type": "object"}}


def body(**fields: Any) -> ResponsesRequest:
    return parse(ResponsesRequest, json.dumps({"model": "m", "input": "Hi"} | fields).encode())


def asked(earlier: list[Any] | None = None, **fields: Any) -> ChatRequest:
    request = body(**fields)
    items = [Item.model_validate(item) for item in earlier or ()]
    return convert.chat_request(request, offer_of(request.tools), request.input, items)


def said(*items: Any) -> tuple[Message, ...]:
    return asked(input=[*items]).messages


def test_text_alone_is_a_users_message() -> None:
    assert asked() == ChatRequest((Message.of(Role.USER, "Hi"),))


def test_instructions_come_first() -> None:
    earlier = [{"role": "user", "content": "Before."}, {"role": "assistant", "content": "Yes."}]
    request = asked(earlier, instructions="Be kind.")
    assert [message.text for message in request.messages] == ["Be kind.", "Before.", "Yes.", "Hi"]


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
    call = {"type": "function_call", "call_id": "c1", "name": "find", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "c1", "output": "lost"}
    assert asked([call], input=[output]).messages[-1].name == "find"


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
        ({"max_tokens": 5}, "max_tokens"),
        ({"tools": [{**FIND, "name": "x" * 300}]}, "tools[0].name"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"reasoning": {"effort": "huge"}}, "reasoning.effort"),
        ({"input": [{"content": "x"}]}, "input[0].role"),
        ({"input": [{"role": "user"}]}, "input[0].content"),
        ({"input": [{"type": "mesage", "role": "user", "content": "x"}]}, "input[0].type"),
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


def test_a_request_that_fits_may_ask_for_truncation() -> None:
    """Covers F11: the conversation fits, so nothing has to be dropped."""
    assert asked(truncation="auto") == asked()


@pytest.mark.parametrize(
    "fields",
    [
        {"input": [{"type": None, "role": "user", "content": "Hi"}]},
        {"text": {"format": {"type": None}}},
        {"text": {"format": None}},
        {"tools": [FIND], "tool_choice": {"type": "allowed_tools", "mode": None, "tools": [FIND]}},
        {"metadata": {"a": None}},
        {"reasoning": {"effort": None, "summary": None}},
        {"tools": None, "tool_choice": None, "include": None, "truncation": None},
    ],
)
def test_null_is_the_same_as_absent(fields: dict[str, Any]) -> None:
    """Covers F13."""
    request = asked(**fields)
    assert request.messages == (Message.of(Role.USER, "Hi"),)
    assert request.json_answer is None


@pytest.mark.parametrize(
    ("arguments", "text"), [({"city": "Köln"}, '{"city":"Köln"}'), (None, ""), ([1], "[1]")]
)
def test_arguments_may_be_the_value_itself(arguments: Any, text: str) -> None:
    """Covers C7 and F13: some clients send an object or null, which other servers give them."""
    item = {"type": "function_call", "call_id": "c1", "name": "find", "arguments": arguments}
    (message,) = said(item)
    assert message.tool_calls == (ToolCall("c1", "find", text),)


def test_numbers_and_truth_values_in_metadata_are_texts() -> None:
    """Covers C7."""
    metadata = body(metadata={"turn": 3, "share": 0.5, "is_first": True, "name": "x"}).metadata
    assert metadata == {"turn": "3", "share": "0.5", "is_first": "true", "name": "x"}
    with pytest.raises(BadRequest, match="metadata"):
        body(metadata={"nested": {}})


def test_what_an_assistant_said_in_other_ways_is_passed_over() -> None:
    """Covers C7: another model may have written thoughts, pictures or nothing."""
    spoken = {"type": "output_text", "text": "Yes."}
    other: Any = [{"type": "thinking", "thinking": "Hm"}, {"type": "output_image"}]
    assert said({"role": "assistant", "content": [*other, spoken]}) == (
        Message.of(Role.ASSISTANT, "Yes."),
    )
    assert said({"role": "assistant", "content": other}) == ()
    assert said({"role": "assistant", "content": None}) == ()


def test_what_a_model_cannot_read_in_a_result_is_a_line() -> None:
    """Covers F16: the model caused the picture, so the conversation must not end there."""
    call = {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"}
    output: Any = [
        {"type": "input_text", "text": "Done."},
        {"type": "input_image", "image_url": "data:image/png;base64,AA"},
        {"type": "input_file", "file_id": "f1"},
        {"type": "input_video"},
    ]
    result = said(call, {"type": "function_call_output", "call_id": "c1", "output": output})[-1]
    assert result.text.split("\n") == [
        "Done.",
        "[An image that this model cannot see.]",
        "[A file that this model cannot read.]",
        "[Content of type 'input_video' that this model cannot read.]",
    ]


def test_items_of_other_kinds_may_have_any_fields() -> None:
    """Covers F16's kind: items of unknown kinds use the same field names with other types."""
    shot = {"type": "computer_call_output", "call_id": "c", "output": {"type": "screenshot"}}
    shell = {"type": "shell_call_output", "call_id": "c", "output": [{"stdout": "x"}]}
    other = {"type": "compaction", "content": 5, "summary": {"a": 1}, "arguments": [], "name": 1}
    assert said(shot, shell, other, {"role": "user", "content": "Hi"}) == (
        Message.of(Role.USER, "Hi"),
    )


@pytest.mark.parametrize(
    ("fields", "thought"),
    [
        ({"summary": [{"type": "summary_text", "text": "Hm"}]}, "Hm"),
        ({"summary": [{"type": "summary_text", "text": "Hm"}], "content": []}, "Hm"),
        (
            {
                "summary": [{"type": "summary_text", "text": "Short"}],
                "content": [{"type": "reasoning_text", "text": "Long"}],
            },
            "Long",
        ),
        (
            {"summary": [{"type": "summary_text", "text": text} for text in ("One.", "Two.")]},
            "One.\n\nTwo.",
        ),
    ],
)
def test_a_summary_is_the_thought_where_there_is_no_other(fields: Any, thought: str) -> None:
    """Covers C7: clients that show summaries send only summaries back."""
    assert said({"type": "reasoning", **fields}) == (
        Message.of(Role.ASSISTANT, thought, Channel.ANALYSIS),
    )

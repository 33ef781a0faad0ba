from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from engine.errors import BadRequest
from engine.server.chat import convert
from engine.server.chat.convert import ChoiceChunks
from engine.server.chat.wire import ChatCompletionRequest
from engine.server.convert import Heading
from engine.server.stream import Answered
from engine.server.wire import parse
from engine.types import (
    Channel,
    ChatRequest,
    Finished,
    FinishReason,
    JsonAnswer,
    Message,
    ParsedEvent,
    Role,
    Sampling,
    TextDelta,
    TextPart,
    TokenLogprob,
    Tool,
    ToolCall,
    ToolCallDelta,
    ToolChoice,
    ToolMode,
    Usage,
)
from tests.engine.server.serving import question

HEADING = Heading("chatcmpl-1", 1700000000, "scripted")
SHOP: Any = {
    "type": "function",
    "function": {
        "name": "find_order",
        "description": "Finds it.",
        "parameters": {"type": "object", "properties": {"id": {"type": "string"}}},
        "strict": True,
    },
}
FINISHED = Finished(FinishReason.STOP, Usage(10, 4, 3, 0.1, 0.2))


def chat_request(**fields: Any) -> ChatRequest:
    return convert.chat_request(
        parse(ChatCompletionRequest, json.dumps(question(**fields)).encode())
    )


def refusal(**fields: Any) -> BadRequest:
    with pytest.raises(BadRequest) as refused:
        chat_request(**fields)
    return refused.value


def said(content: Any, role: str = "user") -> list[dict[str, Any]]:
    return [{"role": role, "content": content}]


def test_an_unset_field_keeps_the_engines_default() -> None:
    assert chat_request() == ChatRequest((Message.of(Role.USER, "Hi"),))


def test_every_sampling_field_reaches_the_engine() -> None:
    wanted = Sampling(0.5, 0.9, 40, 0.1, 7, 1.5, -1.5, {15: -100.0})
    assert (
        wanted
        == chat_request(
            temperature=0.5,
            top_p=0.9,
            top_k=40,
            min_p=0.1,
            seed=7,
            presence_penalty=1.5,
            frequency_penalty=-1.5,
            logit_bias={"15": -100},
        ).sampling
    )


def test_a_negative_seed_becomes_a_natural_number() -> None:
    assert chat_request(seed=-1).sampling.seed == 2**64 - 1


def test_max_completion_tokens_wins_over_its_old_name() -> None:
    assert chat_request(max_tokens=5).max_tokens == 5
    assert chat_request(max_tokens=5, max_completion_tokens=6).max_tokens == 6


def test_logprobs_alone_asks_for_the_chosen_tokens_only() -> None:
    assert chat_request(logprobs=True).top_logprobs == 0
    assert chat_request(logprobs=True, top_logprobs=3).top_logprobs == 3
    assert chat_request(logprobs=False).top_logprobs is None


def test_roles_and_parts_keep_their_order() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "refusal", "refusal": "b"}]
    messages = said("Be brief.", "developer") + said(parts, "assistant") + said("c")
    assert chat_request(messages=messages).messages == (
        Message.of(Role.DEVELOPER, "Be brief."),
        Message(Role.ASSISTANT, (TextPart("a"), TextPart("b"))),
        Message.of(Role.USER, "c"),
    )


def test_an_assistant_message_may_be_empty() -> None:
    messages = [*said("a"), {"role": "assistant"}, *said("b")]
    assert chat_request(messages=messages).messages[1] == Message(Role.ASSISTANT, ())


@pytest.mark.parametrize(
    ("fields", "param", "words"),
    [
        ({"functions": [{}]}, "functions", "use that"),
        ({"audio": {"voice": "x"}}, "audio", "cannot speak"),
        ({"modalities": ["text", "audio"]}, "modalities", "cannot speak"),
        ({"web_search_options": {"x": 1}}, "web_search_options", "searched"),
        ({"top_logprobs": 2}, "top_logprobs", "'logprobs'"),
        ({"reasoning_effort": "huge"}, "reasoning_effort", "low, medium, high"),
        ({"response_format": {"type": "json_schema"}}, "response_format", "no schema"),
        ({"tool_choice": "required"}, "tool_choice", "'tools' is empty"),
        (
            {"tools": [SHOP], "tool_choice": {"type": "function", "function": {"name": "x"}}},
            "tool_choice",
            "not among 'tools'",
        ),
        ({"messages": said("x", "tool")}, "messages[0].tool_call_id", "id of a call"),
        ({"messages": said(None)}, "messages[0].content", "missing"),
        ({"messages": said([{"type": "text"}])}, "messages[0].content[0].text", "missing"),
        ({"messages": said([{"type": "image_url"}])}, "messages[0].content[0]", "see images"),
        ({"messages": said([{"type": "input_audio"}])}, "messages[0].content[0]", "hear audio"),
        ({"messages": said([{"type": "smell"}])}, "messages[0].content[0]", "'smell'"),
    ],
)
def test_what_the_model_cannot_do_is_refused_in_words(
    fields: dict[str, Any], param: str, words: str
) -> None:
    error = refusal(**fields)
    assert error.field == param
    assert words in str(error)


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": []},
        {"tools": [{"type": "web_search"}, {"type": "custom", "custom": {"name": "x"}}]},
        {"response_format": {"type": "text"}},
        {"n": 1},
        {"reasoning_effort": "medium"},
        {"reasoning": {"effort": "medium"}},
        {"parallel_tool_calls": False, "store": True, "metadata": {"a": "b"}},
    ],
)
def test_what_asks_for_nothing_special_is_accepted(fields: dict[str, Any]) -> None:
    assert chat_request(**fields) == chat_request()


def test_tools_reach_the_engine_with_their_schema() -> None:
    request = chat_request(tools=[SHOP, {"type": "function", "function": {"name": "now"}}])
    schema = SHOP["function"]["parameters"]
    assert request.tools == (Tool("find_order", "Finds it.", schema, is_strict=True), Tool("now"))
    assert request.tool_choice == ToolChoice(ToolMode.AUTO)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("none", ToolChoice(ToolMode.NONE)),
        ("required", ToolChoice(ToolMode.REQUIRED)),
        (
            {"type": "function", "function": {"name": "find_order"}},
            ToolChoice(ToolMode.REQUIRED, ("find_order",)),
        ),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [SHOP]}},
            ToolChoice(ToolMode.AUTO, ("find_order",)),
        ),
    ],
)
def test_every_way_to_choose_a_tool_is_understood(choice: Any, expected: ToolChoice) -> None:
    assert chat_request(tools=[SHOP], tool_choice=choice).tool_choice == expected


def test_a_turn_with_thoughts_calls_and_results_keeps_its_order() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "find_order", "arguments": "{"}}
    messages = [
        *said("Where is it?"),
        {"role": "assistant", "reasoning_content": "Look.", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "lost"}]},
    ]
    assert chat_request(messages=messages).messages[1:] == (
        Message.of(Role.ASSISTANT, "Look.", Channel.ANALYSIS),
        Message(Role.ASSISTANT, (), tool_calls=(ToolCall("c1", "find_order", "{"),)),
        Message(Role.TOOL, (TextPart("lost"),), name="find_order"),
    )


def test_a_call_of_the_time_before_tools_is_one_too() -> None:
    call = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}}
    result = {"role": "function", "name": "f", "content": "5"}
    called, answered = chat_request(messages=[call, result]).messages
    assert called.tool_calls == (ToolCall("", "f", "{}"),)
    assert (answered.role, answered.name, answered.text) == (Role.TOOL, "f", "5")


def test_a_schema_for_the_answer_reaches_the_engine() -> None:
    shape = {"name": "colour", "schema": {"type": "string"}, "strict": True}
    asked = chat_request(response_format={"type": "json_schema", "json_schema": shape})
    assert asked.json_answer == JsonAnswer({"type": "string"}, "colour", is_strict=True)
    asked = chat_request(response_format={"type": "json_object"})
    assert asked.json_answer == JsonAnswer()


def test_choices_differ_by_their_seeds() -> None:
    body = parse(ChatCompletionRequest, json.dumps(question(n=2, seed=2**63 - 1)).encode())
    seeds = [request.sampling.seed for request in convert.chat_requests(body)]
    assert seeds == [2**63 - 1, 2**63]


def test_the_whole_answer_has_every_field_that_clients_read() -> None:
    deltas = [TextDelta(Channel.FINAL, "Re"), TextDelta(Channel.FINAL, "d")]
    assert convert.completion(HEADING, [Answered(deltas, FINISHED)]) == {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "scripted",
        "system_fingerprint": None,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Red", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 10,
            "completion_tokens": 3,
            "total_tokens": 13,
            "prompt_tokens_details": {"cached_tokens": 4},
            "completion_tokens_details": {"reasoning_tokens": 0},
        },
    }


def test_reasoning_goes_out_under_both_names_and_apart_from_the_content() -> None:
    deltas = [TextDelta(Channel.ANALYSIS, "Hm."), TextDelta(Channel.FINAL, "Red")]
    told = convert.choice(0, Answered(deltas, FINISHED))["message"]
    assert (told["reasoning"], told["reasoning_content"], told["content"]) == ("Hm.", "Hm.", "Red")
    assert deltas_of(deltas[0]) == [{"reasoning": "Hm.", "reasoning_content": "Hm."}]


def test_reasoning_is_kept_from_a_client_that_does_not_want_it() -> None:
    thought = TextDelta(Channel.ANALYSIS, "Hm.")
    assert list(ChoiceChunks(HEADING, 0, has_reasoning=False).of(thought)) == []
    told = convert.choice(0, Answered([thought], FINISHED), has_reasoning=False)
    assert "reasoning" not in told["message"]


def test_a_call_is_streamed_by_its_name_first_and_then_in_pieces() -> None:
    call = ToolCall("c1", "f", '{"a":1}')
    pieces = [ToolCallDelta("c1", "f", '{"a"'), ToolCallDelta("c1", "f", ":1}"), call]
    opening, *rest = [delta["tool_calls"][0] for delta in deltas_of(*pieces)]
    assert opening == {
        "index": 0,
        "id": "c1",
        "type": "function",
        "function": {"name": "f", "arguments": ""},
    }
    assert [piece["function"] for piece in rest] == [{"arguments": '{"a"'}, {"arguments": ":1}"}]


def test_a_call_is_whole_in_a_whole_answer_whatever_its_arguments_are() -> None:
    finished = Finished(FinishReason.TOOL_CALLS, FINISHED.usage)
    answer = Answered([ToolCallDelta("c1", "f", "{oops"), ToolCall("c1", "f", "{oops")], finished)
    told = convert.choice(0, answer)
    assert told["finish_reason"] == "tool_calls"
    assert told["message"]["content"] is None
    (call,) = told["message"]["tool_calls"]
    assert (call["id"], call["function"]) == ("c1", {"name": "f", "arguments": "{oops"})


def test_logprobs_carry_the_bytes_of_tokens_that_are_no_text_by_themselves() -> None:
    top = TokenLogprob(2, b"\x9f", float("-inf"))
    half = TokenLogprob(1, b"\xf0", -0.5, (top,))
    (chunk,) = ChoiceChunks(HEADING, 0).of(TextDelta(Channel.FINAL, "x", (half,)))
    assert chunk["choices"][0]["logprobs"]["content"] == [
        {
            "token": "\ufffd",
            "bytes": [240],
            "logprob": -0.5,
            "top_logprobs": [{"token": "\ufffd", "bytes": [159], "logprob": -9999.0}],
        }
    ]


def test_usage_is_null_in_all_chunks_but_the_last() -> None:
    assert "usage" not in ChoiceChunks(HEADING, 0).opening()
    asked = replace(HEADING, has_usage=True)
    chunks = ChoiceChunks(asked, 0)
    assert chunks.opening()["usage"] is chunks.closing(FINISHED)["usage"] is None
    last = convert.usage_chunk(asked, [FINISHED.usage, FINISHED.usage])
    assert (last["choices"], last["usage"]["completion_tokens"]) == ([], 6)


def deltas_of(*said: ParsedEvent) -> list[dict[str, Any]]:
    chunks = ChoiceChunks(HEADING, 0)
    return [chunk["choices"][0]["delta"] for event in said for chunk in chunks.of(event)]


def test_a_tool_in_the_other_apis_shape_is_refused() -> None:
    error = refusal(tools=[{"type": "function", "name": "f", "parameters": {}}])
    assert str(error) == "'tools[0].function' is missing."

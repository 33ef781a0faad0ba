from __future__ import annotations

import json
from typing import Any

import pytest

from engine.errors import BadRequest
from engine.server import convert
from engine.server.convert import Heading
from engine.server.wire import parse_chat_completion
from engine.types import (
    Broken,
    Channel,
    ChatRequest,
    Finished,
    FinishReason,
    Idle,
    Loading,
    Message,
    Role,
    Sampling,
    TextDelta,
    TextPart,
    TokenLogprob,
    Usage,
)
from tests.engine.server.serving import question

HEADING = Heading("chatcmpl-1", 1700000000, "scripted")
FINISHED = Finished(FinishReason.STOP, Usage(10, 4, 3, 0.1, 0.2))


def chat_request(**fields: Any) -> ChatRequest:
    return convert.chat_request(parse_chat_completion(json.dumps(question(**fields)).encode()))


def refusal(**fields: Any) -> BadRequest:
    with pytest.raises(BadRequest) as refused:
        chat_request(**fields)
    return refused.value


def said(content: Any, role: str = "user") -> list[dict[str, Any]]:
    return [{"role": role, "content": content}]


@pytest.mark.parametrize(
    "name", ["gpt-oss-20b", "openai/gpt-oss-20b", "gpt-oss:20b", "GPT-OSS-20B"]
)
def test_a_model_answers_to_its_usual_names(name: str) -> None:
    assert convert.is_name_of(name, "gpt-oss-20b")


@pytest.mark.parametrize(
    "name", ["", "gpt-oss", "gpt-oss-120b", "gpt-oss-20b/", "../gpt-oss-20b/x"]
)
def test_a_model_does_not_answer_to_other_names(name: str) -> None:
    assert not convert.is_name_of(name, "gpt-oss-20b")


def test_a_loading_model_is_already_known_by_its_id() -> None:
    assert convert.model_id(Loading("scripted")) == "scripted"
    assert convert.model_id(Idle()) is convert.model_id(Broken(ValueError())) is None


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
        ({"tools": [{}]}, "tools", "cannot use tools"),
        ({"functions": [{}]}, "functions", "cannot use tools"),
        ({"n": 2}, "n", "one answer"),
        ({"response_format": {"type": "json_object"}}, "response_format", "JSON"),
        ({"top_logprobs": 2}, "top_logprobs", "'logprobs'"),
        ({"messages": said("x", "tool")}, "messages[0].role", "cannot use tools"),
        ({"messages": said(None)}, "messages[0].content", "missing"),
        ({"messages": said([{"type": "text"}])}, "messages[0].content[0].text", "missing"),
        ({"messages": said([{"type": "image_url"}])}, "messages[0].content[0]", "see images"),
        ({"messages": said([{"type": "input_audio"}])}, "messages[0].content[0]", "hear audio"),
        ({"messages": said([{"type": "smell"}])}, "messages[0].content[0]", "'smell'"),
        (
            {"messages": [{"role": "assistant", "tool_calls": [{}]}]},
            "messages[0].tool_calls",
            "cannot use tools",
        ),
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
        {"tools": [{}], "tool_choice": "none"},
        {"response_format": {"type": "text"}},
        {"n": 1},
    ],
)
def test_what_asks_for_nothing_special_is_accepted(fields: dict[str, Any]) -> None:
    assert chat_request(**fields) == chat_request()


def test_the_whole_answer_has_every_field_that_clients_read() -> None:
    deltas = [TextDelta(Channel.FINAL, "Re"), TextDelta(Channel.FINAL, "d")]
    assert convert.completion(HEADING, deltas, FINISHED) == {
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
        },
    }


def test_reasoning_goes_out_under_both_names_and_apart_from_the_content() -> None:
    deltas = [TextDelta(Channel.ANALYSIS, "Hm."), TextDelta(Channel.FINAL, "Red")]
    message = convert.completion(HEADING, deltas, FINISHED)["choices"][0]["message"]
    assert (message["reasoning"], message["reasoning_content"]) == ("Hm.", "Hm.")
    assert message["content"] == "Red"
    chunk = convert.delta_chunk(HEADING, deltas[0])
    assert chunk["choices"][0]["delta"] == {"reasoning": "Hm.", "reasoning_content": "Hm."}


def test_logprobs_carry_the_bytes_of_tokens_that_are_no_text_by_themselves() -> None:
    top = TokenLogprob(2, b"\x9f", float("-inf"))
    half = TokenLogprob(1, b"\xf0", -0.5, (top,))
    chunk = convert.delta_chunk(HEADING, TextDelta(Channel.FINAL, "x", (half,)))
    assert chunk["choices"][0]["logprobs"]["content"] == [
        {
            "token": "\ufffd",
            "bytes": [240],
            "logprob": -0.5,
            "top_logprobs": [{"token": "\ufffd", "bytes": [159], "logprob": -9999.0}],
        }
    ]


def test_only_with_include_usage_there_is_a_last_chunk_without_choices() -> None:
    plain = list(convert.closing_chunks(HEADING, FINISHED))
    assert len(plain) == 1
    assert "usage" not in plain[0]
    asked = Heading("chatcmpl-1", 1700000000, "scripted", has_usage=True)
    closing, usage = convert.closing_chunks(asked, FINISHED)
    assert closing["usage"] is convert.opening_chunk(asked)["usage"] is None
    assert usage["choices"] == []
    assert usage["usage"]["total_tokens"] == 13

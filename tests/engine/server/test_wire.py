from __future__ import annotations

import json
from typing import Any

import pytest

from engine.errors import BadRequest
from engine.server import wire
from engine.server.chat.wire import ChatCompletionRequest
from engine.server.completions.wire import CompletionRequestBody
from tests.engine.server.serving import question


def parse(**fields: Any) -> Any:
    return wire.parse(ChatCompletionRequest, json.dumps(question(**fields)).encode())


def refusal(body: bytes) -> BadRequest:
    with pytest.raises(BadRequest) as refused:
        wire.parse(ChatCompletionRequest, body)
    return refused.value


def test_content_is_the_same_as_string_and_as_parts() -> None:
    parts = [{"type": "text", "text": "Hi"}]
    assert parse() == parse(messages=[{"role": "user", "content": parts}])


def test_one_stop_string_is_the_same_as_a_list_of_one() -> None:
    assert parse(stop="a").stop == parse(stop=["a"]).stop == ["a"]


def test_null_is_the_same_as_absent() -> None:
    names = ["temperature", "stop", "seed", "stream", "logit_bias", "tools", "max_tokens", "n"]
    assert parse(**dict.fromkeys(names)) == parse()


def test_unknown_fields_are_ignored() -> None:
    assert parse(prompt_cache_key="x", verbosity="low") == parse()


@pytest.mark.parametrize(
    ("field", "value", "param"),
    [
        ("temperature", 2.1, "temperature"),
        ("temperature", "warm", "temperature"),
        ("temperature", float("nan"), "temperature"),
        ("top_p", -0.1, "top_p"),
        ("presence_penalty", 3, "presence_penalty"),
        ("frequency_penalty", -3, "frequency_penalty"),
        ("top_logprobs", 21, "top_logprobs"),
        ("max_tokens", 0, "max_tokens"),
        ("max_completion_tokens", 1.5, "max_completion_tokens"),
        ("stop", ["a", "b", "c", "d", "e"], "stop"),
        ("seed", 2**63, "seed"),
        ("logit_bias", {"7": 101}, "logit_bias.7"),
        ("messages", [], "messages"),
        ("messages", [{"role": "robot", "content": "Hi"}], "messages[0].role"),
        ("messages", [{"role": "user", "content": 5}], "messages[0].content"),
        ("messages", [{"role": "user", "content": [{}]}], "messages[0].content[0].type"),
        ("model", None, "model"),
        ("seed", 10**4000, "seed"),
        ("tool_choice", "must", "tool_choice"),
        ("tool_choice", {"type": "mcp"}, "tool_choice"),
        ("tool_choice", {"type": "function"}, "tool_choice.function"),
        ("tool_choice", {"type": "function", "function": {}}, "tool_choice.function.name"),
        ("tools", [{"type": "function", "function": {}}], "tools[0].function.name"),
    ],
)
def test_a_value_out_of_range_is_named(field: str, value: Any, param: str) -> None:
    error = refusal(json.dumps(question(**{field: value})).encode())
    assert error.field == param
    assert f"'{param}'" in str(error)


@pytest.mark.parametrize("prompt", [5, [{}]])
def test_the_names_of_our_own_shapes_are_not_told(prompt: Any) -> None:
    with pytest.raises(BadRequest) as refused:
        wire.parse(CompletionRequestBody, json.dumps({"model": "m", "prompt": prompt}).encode())
    assert refused.value.field in ("prompt", "prompt[0]")
    assert "list[" not in str(refused.value)


def test_a_missing_field_is_named() -> None:
    error = refusal(b'{"messages": [{"role": "user", "content": "Hi"}]}')
    assert (str(error), error.field) == ("'model' is missing.", "model")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"text"', b"\xff", b"[" * 100_000, b'{"model": "\\ud800"}'],
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    assert refusal(body).field is None


def test_an_error_does_not_repeat_what_was_said() -> None:
    error = refusal(b'{"model": "m", "messages": "my secret"}')
    assert "secret" not in f"{error!r}{error.__cause__!r}"

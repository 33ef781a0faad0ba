from __future__ import annotations

import json
from typing import Any

import pytest

from engine.errors import BadRequest
from engine.server.completions import convert
from engine.server.completions.wire import CompletionRequestBody
from engine.server.wire import parse
from engine.types import Channel, CompletionRequest, TextDelta, TokenLogprob


def requests(**fields: Any) -> list[CompletionRequest]:
    body = json.dumps({"model": "scripted", "prompt": "Hi"} | fields).encode()
    return convert.completion_requests(parse(CompletionRequestBody, body))


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Hi", ["Hi"]),
        ([1, 2], [(1, 2)]),
        (["a", "b"], ["a", "b"]),
        ([[1, 2], [3]], [(1, 2), (3,)]),
    ],
)
def test_a_prompt_has_four_forms(prompt: Any, expected: list[Any]) -> None:
    assert [request.prompt for request in requests(prompt=prompt)] == expected


def test_sixteen_tokens_are_the_default() -> None:
    assert requests()[0].max_tokens == 16
    assert requests(max_tokens=3, n=2, seed=5)[1].sampling.seed == 6


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"suffix": "x"}, "suffix"),
        ({"best_of": 3}, "best_of"),
        ({"prompt": []}, "prompt"),
        ({"prompt": [1], "echo": True}, "echo"),
        ({"echo": True, "logprobs": 0}, "logprobs"),
        ({"prompt": ["a"] * 9, "n": 2}, "prompt"),
    ],
)
def test_what_cannot_be_done_is_refused(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as refused:
        requests(**fields)
    assert refused.value.field == param


def test_logprobs_are_lists_side_by_side() -> None:
    top = TokenLogprob(2, b"x", -2.0)
    deltas = [
        TextDelta(
            Channel.FINAL, "ab", tuple(TokenLogprob(1, c, -1.0, (top,)) for c in (b"a", b"b"))
        )
    ]
    told = convert.choice(0, deltas, "stop", "Hi")
    assert told["text"] == "Hiab"
    assert told["logprobs"] == {
        "tokens": ["a", "b"],
        "token_logprobs": [-1.0, -1.0],
        "top_logprobs": [{"x": -2.0}] * 2,
        "text_offset": [2, 3],
    }

"""What programs send that were written for other local servers (C7, F10, F13 to F17)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from engine.errors import BadRequest
from engine.server import wire
from engine.server.chat import wire as chat_wire
from engine.server.chat.convert import chat_request
from engine.server.chat.wire import ChatCompletionRequest
from engine.server.completions.convert import completion_requests
from engine.server.completions.wire import CompletionRequestBody
from engine.server.responses import wire as responses_wire
from engine.types import ChatRequest, Effort, JsonAnswer, Role, ToolMode
from tests.engine.server.serving import AUTHORIZED, Served, question, serving
from tests.fakes import ScriptedDecoder

TOOL = {"type": "function", "function": {"name": "now"}}
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}


def read(**fields: Any) -> ChatRequest:
    return chat_request(wire.parse(ChatCompletionRequest, json.dumps(question(**fields)).encode()))


def called(arguments: object) -> ChatRequest:
    call = {"id": "c1", "type": "function", "function": {"name": "now", "arguments": arguments}}
    return read(
        messages=[
            {"role": "user", "content": "When?"},
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "Noon."},
        ]
    )


def test_minus_one_is_no_limit() -> None:
    assert read(max_tokens=-1) == read()
    assert read(max_tokens=-1, max_completion_tokens=5).max_tokens == 5
    body = wire.parse(CompletionRequestBody, b'{"model": "m", "prompt": "x", "max_tokens": -1}')
    assert completion_requests(body)[0].max_tokens is None
    with pytest.raises(BadRequest, match="max_tokens"):
        read(max_tokens=-2)


def test_a_top_k_of_minus_one_is_off() -> None:
    assert read(top_k=-1) == replace(read(), sampling=read(top_k=0).sampling)


def test_any_is_a_call_that_must_be_made() -> None:
    assert read(tools=[TOOL], tool_choice="any").tool_choice.mode is ToolMode.REQUIRED


@pytest.mark.parametrize(
    ("arguments", "text"),
    [({"city": "Zürich"}, '{"city":"Zürich"}'), ({}, "{}"), (None, ""), ("{}", "{}")],
)
def test_arguments_of_past_calls_may_be_objects_or_null(arguments: object, text: str) -> None:
    assert called(arguments).messages[1].tool_calls[0].arguments == text


@pytest.mark.parametrize(
    "fields",
    [
        {"reasoning_effort": "high"},
        {"reasoning": {"effort": "high"}},
        {"chat_template_kwargs": {"reasoning_effort": "high"}},
        {"chat_template_kwargs": {"reasoning_effort": "high", "enable_thinking": True}},
    ],
)
def test_the_effort_has_several_names(fields: dict[str, Any]) -> None:
    assert read(**fields).effort is Effort.HIGH


@pytest.mark.parametrize("fields", [{"reasoning": True}, {"chat_template_kwargs": 5}])
def test_what_means_nothing_here_is_passed_over(fields: dict[str, Any]) -> None:
    assert read(**fields) == read()


@pytest.mark.parametrize(
    ("form", "answer"),
    [
        ({"type": "json_object", "schema": SCHEMA}, JsonAnswer(SCHEMA)),
        (
            {"type": "json_object", "schema": SCHEMA, "strict": True},
            JsonAnswer(SCHEMA, is_strict=True),
        ),
        (
            {"type": "json_object", "json_schema": {"name": "s", "strict": True, "schema": SCHEMA}},
            JsonAnswer(SCHEMA, "s", is_strict=True),
        ),
        ({"type": "json_schema", "schema": SCHEMA}, JsonAnswer(SCHEMA)),
        ({"type": "json_object"}, JsonAnswer()),
    ],
)
def test_a_schema_is_kept_wherever_it_stands(form: dict[str, Any], answer: JsonAnswer) -> None:
    assert read(response_format=form).json_answer == answer


def test_an_image_in_a_tools_result_is_a_line_of_text() -> None:
    request = read(
        messages=[
            {"role": "user", "content": "Look."},
            {"role": "assistant", "tool_calls": [{"id": "c1", **TOOL}]},
            {
                "role": "tool",
                "tool_call_id": "c1",
                "content": [{"type": "text", "text": "done"}, IMAGE],
            },
        ]
    )
    assert request.messages[-1].text == "done\n[An image that this model cannot see.]"
    with pytest.raises(BadRequest, match="cannot see images"):
        read(messages=[{"role": "user", "content": [IMAGE]}])


def test_parts_of_an_answer_that_are_not_text_are_passed_over() -> None:
    thinking = {"type": "thinking", "thinking": "Hm", "signature": "x"}
    text = {"type": "text", "text": "Hello"}
    request = read(
        messages=[
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": [thinking, text]},
            {"role": "user", "content": "Go on"},
        ]
    )
    assert [(one.role, one.text) for one in request.messages][1] == (Role.ASSISTANT, "Hello")


OF_ADDRESSES = {responses_wire.ItemsQuery}
"""Have no null."""


def shapes() -> Iterator[type[wire.Shape]]:
    left: list[type[wire.Shape]] = [wire.Shape]
    while left:
        left += (own := left.pop().__subclasses__())
        yield from own


@pytest.mark.parametrize("shape", sorted(set(shapes()) - OF_ADDRESSES, key=str), ids=str)
def test_null_is_the_same_as_absent_in_every_field_that_may_be_absent(
    shape: type[wire.Shape],
) -> None:
    """F13. Every shape of every API: `wire.py` promises it."""
    assert chat_wire.Message in set(shapes())
    assert responses_wire.Item in set(shapes())
    for name, field in shape.model_fields.items():
        if not field.is_required():
            try:
                shape.model_validate({field.alias or name: None})
            except ValidationError as error:
                wrong = {one["loc"][0] for one in error.errors()}
                assert (field.alias or name) not in wrong


@pytest.mark.parametrize(
    "path", ["//v1/chat/completions", "/v1//chat/completions", "/v1/chat/completions/"]
)
def test_doubled_and_trailing_slashes_are_forgiven(served: Served, path: str) -> None:
    """F17."""
    url = f"{served.server.url}{path}"
    assert httpx.post(url, json=question(), headers=AUTHORIZED).status_code == 200
    assert httpx.post(url, json=question()).status_code == 401
    models = httpx.get(f"{served.server.url}/v1/models/", headers=AUTHORIZED)
    assert models.json()["object"] == "list"


def test_every_event_is_one_line_for_every_reader() -> None:
    """F14: some readers end a line at U+2028, U+2029 and U+0085."""
    said = "one\u2028two\u2029three\x85four"
    with serving(ScriptedDecoder(said)) as served:
        lines = served.ask(stream=True).text.splitlines()
    data = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    text = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in data)
    assert text == said


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/completions", {"model": "scripted", "prompt": [{}] * 200_000}),
        ("/v1/completions", {"model": "scripted", "prompt": [[{}]] * 200_000}),
        ("/v1/chat/completions", question(messages=[1] * 200_000)),
        ("/v1/chat/completions", question(tools=[1] * 200_000)),
        ("/v1/chat/completions", question(modalities=[1] * 200_000)),
        ("/v1/chat/completions", question(logit_bias={f"x{n}": 0 for n in range(200_000)})),
        (
            "/v1/chat/completions",
            question(
                tool_choice={
                    "type": "allowed_tools",
                    "allowed_tools": {"mode": "auto", "tools": [1] * 200_000},
                }
            ),
        ),
        ("/v1/responses", {"model": "scripted", "input": [1] * 200_000}),
        ("/v1/responses", {"model": "scripted", "input": "x", "include": [1] * 200_000}),
        (
            "/v1/responses",
            {"model": "scripted", "input": "x", "metadata": {f"x{n}": [] for n in range(200_000)}},
        ),
        (
            "/v1/responses",
            {
                "model": "scripted",
                "input": "x",
                "tool_choice": {"type": "allowed_tools", "tools": [1] * 200_000},
            },
        ),
    ],
)
def test_of_a_million_wrong_elements_one_is_reported(
    served: Served, path: str, body: dict[str, Any]
) -> None:
    """A4: listing them all took minutes on the event loop, and gigabytes."""
    answer = served.client.post(path, json=body)
    assert answer.status_code == 400
    assert len(answer.json()["error"]["message"]) < 1_000


def test_every_list_of_objects_reports_its_first_wrong_element_only() -> None:
    """Hold the shapes to it: a list that forgets it can hold the server for minutes."""
    for shape in set(shapes()):
        for name in shape.model_fields:
            wrong = {shape.model_fields[name].alias or name: [[[]]] * 100}
            try:
                shape.model_validate(wrong)
            except ValidationError as error:
                about = [one for one in error.errors() if one["loc"][0] == next(iter(wrong))]
                assert len(about) < 10, (shape, name)


def test_a_limit_of_nothing_is_refused_in_plain_words() -> None:
    with pytest.raises(BadRequest, match=r"^'max_tokens' cannot be used\. Input should be greater"):
        read(max_tokens=0)

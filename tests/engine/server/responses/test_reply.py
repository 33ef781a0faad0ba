"""Tests /v1/responses over HTTP: kept items, references to them, and streams that wait."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import httpx
import openai
import pytest

from engine.server import stream
from engine.server.responses.reply import base
from engine.server.responses.wire import ResponsesRequest
from engine.server.wire import parse
from tests.engine.server.serving import KEY, Served, serving
from tests.fakes import ScriptedDecoder

HELLO: Any = {"role": "user", "content": "Hello!"}


@pytest.fixture(scope="module")
def served() -> Generator[Served]:
    with serving(ScriptedDecoder("Yes.")) as served:
        yield served


def post(served: Served, path: str = "", **fields: Any) -> httpx.Response:
    body = {"model": "scripted", "input": "Hi"} | fields
    return served.client.post(f"/v1/responses{path}", json=body)


def said_to(served: Served, **fields: Any) -> Any:
    answer = post(served, **fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


def reference(id: Any) -> Any:
    return {"type": "item_reference", "id": id}


def kept_input(served: Served, response: Any) -> list[Any]:
    path = f"/v1/responses/{response['id']}/input_items?order=asc"
    return served.client.get(path).json()["data"]


def test_an_item_is_sent_by_its_id(served: Served) -> None:
    """Covers C3 and F8: an answer, a question with the client's id, and one with the server's."""
    first = said_to(served, input=[HELLO, {**HELLO, "id": "msg_own"}])
    question, own = kept_input(served, first)
    assert own["id"] == "msg_own"
    ids = [question["id"], "msg_own", first["output"][0]["id"]]
    second = said_to(served, input=[*map(reference, ids), HELLO])
    *referred, _ = kept_input(served, second)
    assert [item["id"] for item in referred] == ids
    assert [item["role"] for item in referred] == ["user", "user", "assistant"]
    tokens = second["usage"]["input_tokens"]
    whole = [HELLO, HELLO, {"role": "assistant", "content": "Yes."}, HELLO]
    assert tokens == said_to(served, input=whole)["usage"]["input_tokens"]


def test_a_reference_may_leave_its_type_out(served: Served) -> None:
    """Covers C3: the type is optional in OpenAI's API reference."""
    answer = said_to(served)["output"][0]
    again = said_to(served, input=[{"id": answer["id"]}, HELLO])
    assert kept_input(served, again)[0]["id"] == answer["id"]


def test_a_reference_is_kept_as_its_item(served: Served) -> None:
    """Covers C3: a conversation keeps the item when the item's own response is deleted."""
    first = said_to(served)
    second = said_to(served, input=[reference(first["output"][0]["id"]), HELLO])
    served.client.delete(f"/v1/responses/{first['id']}")
    third = said_to(served, previous_response_id=second["id"])
    assert third["usage"]["input_tokens"] > second["usage"]["input_tokens"]


def test_an_item_sent_whole_may_have_an_id(served: Served) -> None:
    answer = said_to(served)["output"][0]
    said_to(served, input=[HELLO, answer, {**HELLO, "id": "msg_new"}])
    said_to(served, input=[HELLO, {**answer, "id": "msg_from_elsewhere"}, HELLO])


@pytest.mark.parametrize("why", ["unknown", "not stored", "deleted"])
def test_an_item_that_is_not_kept_is_not_found(served: Served, why: str) -> None:
    """Covers C3 and F8."""
    response = said_to(served, store=why != "not stored")
    id = "msg_unknown" if why == "unknown" else response["output"][0]["id"]
    if why == "deleted":
        served.client.delete(f"/v1/responses/{response['id']}")
    answer = post(served, input=[HELLO, reference(id)])
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (404, "input[1].id")
    assert error["message"].startswith(f"Item with id '{id}' not found")
    assert "Send the item itself." in error["message"]


def test_a_thought_that_is_not_kept_is_passed_over(served: Served) -> None:
    """Covers F8: the model reads only the latest thoughts anyway."""
    response = said_to(served, input=[HELLO, reference("rs_gone"), HELLO])
    assert len(kept_input(served, response)) == 2


@pytest.mark.parametrize("id", [None, "", 5])
def test_a_reference_without_an_id_is_refused(served: Served, id: Any) -> None:
    answer = post(served, input=[reference(id)])
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "input[0].id")


@pytest.mark.parametrize("path", ["/input_tokens", "/compact", "/resp_1/cancel"])
def test_what_openai_has_besides_is_not_found(served: Served, path: str) -> None:
    """Covers C7: 405 would mean that the route exists."""
    answer = post(served, path)
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "invalid_request_error")


def test_what_does_not_fit_is_refused_with_truncation_too() -> None:
    """Covers F11: the client decides what to leave out."""
    with serving(ScriptedDecoder("Hi", context_length=50)) as served:
        answer = post(served, input="x" * 60, truncation="auto")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "context_length_exceeded"


def test_a_users_own_image_is_refused(served: Served) -> None:
    """Covers F16: the user must know that the model cannot see it."""
    image = {"type": "input_image", "image_url": "data:image/png;base64,AA"}
    assert post(served, input=[{"role": "user", "content": [image]}]).status_code == 400


@pytest.mark.parametrize("metadata", [{"turn": 3}, {"is_first": True}, {"a": None}, None])
def test_metadata_comes_back_as_text(served: Served, metadata: Any) -> None:
    """Covers C7."""
    shown = said_to(served, metadata=metadata)["metadata"]
    assert all(isinstance(value, str) for value in shown.values())


def test_the_tools_are_shown_in_their_namespaces() -> None:
    """Covers C2."""
    inner = {"type": "function", "name": "search", "description": "d", "strict": None}
    tools = [
        {
            "type": "namespace",
            "name": name,
            "description": "n",
            "tools": [inner, {"type": "custom"}],
        }
        for name in ("mcp__alpha", "mcp__beta")
    ]
    asked = {"model": "m", "input": "Hi", "tools": [*tools, {"type": "web_search"}, inner]}
    shown = base(parse(ResponsesRequest, json.dumps(asked).encode()), "m")["tools"]
    whole = inner | {"parameters": None}
    assert shown == [*({**tool, "tools": [whole]} for tool in tools), whole]


def test_waiting_is_told_by_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """Covers C4: OpenAI's stream helper checks the order of the events that come while it waits."""
    monkeypatch.setattr(stream, "KEEPALIVE_SECONDS", 0.01)
    with serving(ScriptedDecoder("Yes.")) as served:
        served.decoder.gate.clear()
        url = f"{served.server.url}/v1"
        with (
            openai.OpenAI(base_url=url, api_key=KEY, max_retries=0) as client,
            client.responses.stream(model="scripted", input="Hi") as events,
        ):
            kinds = ["response.created", *["response.in_progress"] * 4]
            heard = [next(events) for _ in kinds]
            served.decoder.gate.set()
            heard += events
            final = events.get_final_response()
    assert [event.type for event in heard[: len(kinds)]] == kinds
    assert [event.sequence_number for event in heard] == [*range(len(heard))]
    assert final.output_text == "Yes."


def test_reading_the_prompt_is_told_by_events(served: Served) -> None:
    """Covers C4: there are events and no comments."""
    text = post(served, stream=True).text
    assert text.count("event: response.in_progress") > 1
    assert ": keepalive" not in text


@pytest.mark.parametrize("is_stream", [True, False])
def test_a_number_beyond_a_floats_range_is_refused(served: Served, is_stream: bool) -> None:
    """It was a 500, and in a stream the word Infinity, which JSON does not have."""
    tool = '{"type": "function", "name": "f", "parameters": {"x": [{"y": 1e999}]}}'
    stream = str(is_stream).lower()
    body = f'{{"model": "scripted", "input": "Hi", "stream": {stream}, "tools": [{tool}]}}'
    headers = {"content-type": "application/json"}
    refused = served.client.post("/v1/responses", content=body, headers=headers)
    assert refused.status_code == 400
    assert refused.json()["error"]["param"] == "tools[0].parameters"

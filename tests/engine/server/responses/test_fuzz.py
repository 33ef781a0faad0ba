"""Sends bodies with a wrong value here and there: each is answered or refused with a sentence."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import HearthError
from engine.server.asking import Asked
from engine.server.failures import failure_of
from engine.server.responses.reply import ResponsesApi
from engine.server.responses.store import ResponseStore
from engine.types import (
    Channel,
    ChatRequest,
    Finished,
    FinishReason,
    Message,
    TextDelta,
    ToolCall,
)
from tests.engine.server.serving import Served, serving
from tests.fakes import ScriptedDecoder

MANY = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
LIKELY = 60
"""How much more often one of the given values is drawn than any other value."""


def mostly(*values: Any) -> st.SearchStrategy[Any]:
    """Draw one of these values or, seldom, any value."""
    likely = [value if isinstance(value, st.SearchStrategy) else st.just(value) for value in values]
    choices = [st.one_of(likely)] * LIKELY
    return st.sampled_from(range(LIKELY + 1)).flatmap(lambda n: [*choices, ANYTHING][n])


def thing(
    *, with_: dict[str, st.SearchStrategy[Any]] | None = None, **perhaps: st.SearchStrategy[Any]
) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(with_ or {}, optional=perhaps)


NAMES = mostly("a", "b", "a__b", "b__c", "c", "msg_1", "long" * 100)
PART = thing(
    with_={
        "type": mostly("input_text", "output_text", "reasoning_text", "summary_text"),
        "text": mostly("x"),
    }
)
ODD_PART = thing(with_={"type": mostly("input_image", "thinking", "input_file")})
PARTS = mostly("text", st.lists(PART, max_size=3))
ODD_PARTS = st.lists(st.one_of(PART, ODD_PART), max_size=3)
CALL = thing(
    with_={
        "type": mostly("function_call"),
        "call_id": mostly("c1"),
        "name": NAMES,
    },
    id=NAMES,
    namespace=mostly(NAMES, None),
    arguments=mostly("{}", {"a": 1}, None),
)
ITEMS = st.one_of(
    CALL,
    thing(
        with_={"role": mostly("user", "developer"), "content": PARTS},
        type=mostly("message", None),
        id=NAMES,
    ),
    thing(
        with_={"role": mostly("assistant"), "content": st.one_of(PARTS, ODD_PARTS)},
        id=NAMES,
        phase=mostly("commentary", "final_answer"),
    ),
    thing(
        with_={
            "type": mostly("function_call_output"),
            "call_id": mostly("c1"),
            "output": st.one_of(PARTS, ODD_PARTS),
        },
        id=NAMES,
    ),
    thing(with_={"type": mostly("reasoning")}, id=NAMES, summary=PARTS, content=PARTS),
    thing(with_={"type": mostly("item_reference"), "id": mostly("rs_1", "rs_2")}),
    thing(with_={"type": mostly("web_search_call")}, content=ANYTHING, output=ANYTHING),
)
INPUTS = st.tuples(CALL, st.lists(ITEMS, max_size=4)).map(lambda given: [given[0], *given[1]])
FUNCTIONS = thing(
    with_={"type": mostly("function"), "name": NAMES}, parameters=mostly({}), strict=mostly(True)
)
TOOLS = st.one_of(
    FUNCTIONS,
    thing(with_={"type": mostly("custom", "mcp")}, parameters=ANYTHING, tools=ANYTHING),
    thing(
        with_={
            "type": mostly("namespace"),
            "name": NAMES,
            "tools": mostly(st.lists(FUNCTIONS, max_size=3)),
        }
    ),
)
CHOICES = mostly(
    "auto",
    "none",
    thing(
        with_={"type": mostly("function", "allowed_tools", "namespace"), "name": NAMES},
        namespace=NAMES,
        mode=mostly("auto", "required"),
        tools=mostly(st.lists(FUNCTIONS, max_size=2)),
    ),
)
BODIES = thing(
    with_={"model": st.just("scripted"), "input": mostly("Hi", INPUTS)},
    tools=mostly(st.lists(TOOLS, max_size=4)),
    tool_choice=CHOICES,
    metadata=mostly(st.dictionaries(st.text(max_size=3), SCALARS, max_size=3)),
    reasoning=mostly(thing(effort=mostly("low"), summary=mostly("auto"))),
    text=mostly(thing(format=mostly(thing(type=mostly("text", "json_object"))))),
    truncation=mostly("auto"),
    include=mostly(["message.output_text.logprobs"]),
    max_output_tokens=mostly(3),
    stream=mostly(True),
    instructions=mostly("Be brief."),
)


def asked_for(store: ResponseStore, body: Any) -> Asked | None:
    try:
        return ResponsesApi(store).ask(json.dumps(body).encode())
    except HearthError as error:
        failure = failure_of(error)
    assert failure.status in (400, 404)
    assert failure.message
    return None


def request_of(asked: Asked) -> ChatRequest:
    (request,) = asked.requests
    assert isinstance(request, ChatRequest)
    return request


def answer_to(asked: Asked) -> Any:
    """Return the response of a model that thinks, calls each of its tools, and answers."""
    calls = [ToolCall(f"call_{n}", t.name, "{}") for n, t in enumerate(request_of(asked).tools)]
    reply = asked.reply("scripted")
    told = [*reply.opening(), *reply.keepalive()]
    for event in (TextDelta(Channel.ANALYSIS, "Hm"), *calls, TextDelta(Channel.FINAL, "Yes.")):
        told += reply.said(0, event)
    told += reply.finished(0, Finished(FinishReason.STOP, None))
    return json.loads(told[-1].partition(b"data: ")[2])["response"]


def offered(tools: Sequence[Any]) -> list[tuple[str, str | None]]:
    names: list[tuple[str, str | None]] = []
    for tool in tools:
        inner = [(name, tool["name"] or None) for name, _ in offered(tool.get("tools", ()))]
        names += inner if "tools" in tool else [(tool["name"], None)]
    return names


@given(BODIES)
@MANY
def test_each_call_has_the_clients_own_name(body: Any) -> None:
    """Covers C2 for any names of tools and namespaces."""
    asked = asked_for(ResponseStore(), body)
    if asked is not None:
        response = answer_to(asked)
        calls = [item for item in response["output"] if item["type"] == "function_call"]
        own = [(call["name"], call.get("namespace")) for call in calls]
        assert own == offered(response["tools"])


def called(call: ToolCall) -> tuple[str, str]:
    return call.name, call.arguments


def spoken(messages: Sequence[Message]) -> list[tuple[Any, ...]]:
    """Return what can be compared: a message without a channel is on the final one."""
    return [
        (m.role, m.text, m.channel or Channel.FINAL, m.name, *map(called, m.tool_calls))
        for m in messages
    ]


@given(BODIES)
@MANY
def test_what_was_answered_can_be_continued(body: Any) -> None:
    """Covers C2 and C3: the id of the response, the ids of its items, and the whole items give the
    model the same conversation."""
    store = ResponseStore()
    asked = asked_for(store, body | {"store": True, "instructions": None})
    if asked is None:
        return
    response = answer_to(asked)
    stored = store.get(response["id"])
    assert stored is not None
    next_body = {"model": "scripted", "tools": response["tools"]}
    items = [*stored.input_items, *response["output"]]
    bye = {"role": "user", "content": "Bye"}
    by_response = {"input": [bye], "previous_response_id": response["id"]}
    whole = {"input": [*items, bye]}
    by_items = {"input": [*({"id": item["id"]} for item in items), bye]}
    ways = [by_response, whole]
    if len({item["id"] for item in items}) == len(items):
        ways.append(by_items)
    continued = [asked_for(store, next_body | way) for way in ways]
    spoken_ways = [spoken(request_of(each).messages) for each in continued if each is not None]
    assert len(spoken_ways) == len(ways)
    assert all(each == spoken_ways[0] for each in spoken_ways)


@pytest.fixture(scope="module")
def served() -> Generator[Served]:
    with serving(ScriptedDecoder("Yes.")) as served:
        yield served


@given(st.one_of(BODIES, ANYTHING, BODIES.map(lambda body: body | {"user": "\ud800"})))
@MANY
def test_no_body_fails_the_server(served: Served, body: Any) -> None:
    headers = {"content-type": "application/json"}
    answer = served.client.post("/v1/responses", content=json.dumps(body), headers=headers)
    assert answer.status_code in (200, 400, 404)
    if answer.status_code != 200:
        assert answer.json()["error"]["message"]
    assert "server_error" not in answer.text

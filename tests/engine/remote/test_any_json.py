"""Checks that any JSON leads to an answer or to one sentence (F4)."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import HearthError
from engine.remote.failures import FAILURES
from engine.remote.logprobs import LOWEST
from engine.remote.stream import Reading
from engine.remote.values import list_in, parsed
from engine.server.chat.reply import ChatReply
from engine.server.convert import new_heading
from engine.server.responses.events import ResponseEvents
from engine.types import (
    CompletionRequest,
    GenerationEvent,
    Started,
    TextDelta,
    ToolCall,
    ToolCallDelta,
)
from tests.engine.remote.scripted_server import (
    QUESTION,
    Client,
    Script,
    client_of,
    finish_of,
    scripted_server,
    stream,
    whole,
)
from tests.engine.remote.test_calls import check_order

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["stop", "length", "error", "{}", '{"a":1}', "[DONE]", "\ud83d", "a", "f"])
    | st.just(10**400)
)
ANY = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Make objects of which each field may be missing, right, or any JSON value."""
    odd = {name: value | ANY for name, value in fields.items()}
    return st.fixed_dictionaries({}, optional=odd) | st.fixed_dictionaries({}, optional=fields)


TEXT = st.text(max_size=5) | st.lists(some(text=st.text(max_size=5)), max_size=2)
FUNCTION = some(name=st.sampled_from("fg"), arguments=st.sampled_from(['{"a":', "1}", "{}", ""]))
CALL = some(index=st.integers(0, 2), id=st.sampled_from(["", "a", "b"]), function=FUNCTION)
DELTA = some(
    content=TEXT,
    reasoning=TEXT,
    reasoning_content=TEXT,
    refusal=TEXT,
    tool_calls=st.lists(CALL, max_size=3),
    function_call=FUNCTION,
)
LOGPROB = some(token=st.just("a"), logprob=st.just(-1.0), bytes=st.just([97]))
CHOICE = some(
    index=st.just(0),
    delta=DELTA,
    message=DELTA,
    text=TEXT,
    finish_reason=st.sampled_from(["stop", "tool_calls", None]),
    logprobs=some(content=st.lists(LOGPROB, max_size=2)),
)
COUNT = st.integers(0, 99)
USAGE = some(
    prompt_tokens=COUNT,
    completion_tokens=COUNT,
    prompt_tokens_details=some(cached_tokens=COUNT),
)
CHUNK = some(
    choices=st.lists(CHOICE, max_size=2),
    usage=USAGE,
    timings=some(prompt_n=COUNT, predicted_n=COUNT),
    error=st.none(),
)
CHUNKS = st.lists(CHUNK | ANY, max_size=6)


@pytest.fixture(scope="module")
def anywhere() -> Generator[Client]:
    """Serve all examples: Hypothesis does not allow a fixture with the scope of a function."""
    with scripted_server() as server, TemporaryDirectory() as folder:
        yield client_of(server, Path(folder))


@settings(deadline=None, max_examples=150)
@given(chunks=CHUNKS, end=st.sampled_from(["data: [DONE]\n\n", ""]), is_chat=st.booleans())
def test_a_stream_of_anything(
    anywhere: Client, chunks: list[object], end: str, is_chat: bool
) -> None:
    """Covers F4 over real HTTP, for both of the engine's requests."""
    request = QUESTION if is_chat else CompletionRequest("Hi")
    try:
        events = anywhere.ask(stream(*(as_data(chunk) for chunk in chunks), end=end), request)
    except HearthError as error:
        check_sentence(error)
    else:
        check_events(events)


@settings(deadline=None, max_examples=300)
@given(chunks=CHUNKS)
def test_a_reading_of_anything(chunks: list[object]) -> None:
    """Covers F4 without the connection, which is faster."""
    reading = Reading()
    events: list[GenerationEvent] = [Started(0, 0)]
    try:
        for chunk in list_in(parsed(json.dumps(chunks))):
            events += reading.read(chunk)
        events += reading.rest()
    except FAILURES:
        return
    check_events([*events, reading.finished()])


@settings(deadline=None, max_examples=100)
@given(body=ANY | CHUNK, status=st.sampled_from([200, 400, 401, 404, 422, 500]))
def test_a_body_of_anything(anywhere: Client, body: object, status: int) -> None:
    """Covers F4 for the bodies of errors and of servers that do not stream, and for /models."""
    anywhere.server.models = whole(body, status)
    for ask in (lambda: anywhere.ask(anywhere.server.models), anywhere.model.check):
        try:
            ask()
        except HearthError as error:
            check_sentence(error)


@settings(deadline=None, max_examples=100)
@given(pieces=st.lists(st.binary(max_size=20) | st.sampled_from([b"data: ", b"\n\n", b"{}"])))
def test_bytes_of_any_kind(anywhere: Client, pieces: list[bytes]) -> None:
    """Covers F4 for streams that are not even events."""
    try:
        check_events(anywhere.ask(Script(pieces)))
    except HearthError as error:
        check_sentence(error)


def as_data(chunk: object) -> str:
    return f"data: {json.dumps(chunk)}\n\n"


def check_sentence(error: HearthError) -> None:
    text = str(error)
    assert "\n" not in text
    assert text.endswith((".", "!", "?", "…"))
    assert all(word not in text for word in ("object has no", "NoneType", "Error:", "argument"))


def check_events(events: list[GenerationEvent]) -> None:
    """Check that the events keep the engine's promises and that its APIs can pass them on."""
    assert isinstance(events[0], Started)
    usage = finish_of(events).usage
    assert usage is not None
    assert 0 <= usage.prompt_tokens < 2**53
    assert 0 <= usage.completion_tokens < 2**53
    spoken = [e for e in events if isinstance(e, TextDelta | ToolCall | ToolCallDelta)]
    texts = [event for event in spoken if isinstance(event, TextDelta)]
    assert all(LOWEST <= one.logprob < 1 for text in texts for one in text.logprobs)
    assert all(call.name for call in spoken if isinstance(call, ToolCall))
    check_order(events)
    reply, response = ChatReply(new_heading("c", "m", None), 1, True), ResponseEvents({})
    for event in spoken:
        assert all(isinstance(data, bytes) for data in reply.said(0, event))
        json.dumps([*response.said(event)], ensure_ascii=False).encode()
    json.dumps([*response.finished(finish_of(events))]).encode()

from __future__ import annotations

import threading
from contextlib import suppress

import pytest

from engine.cancellation import Cancelled
from engine.server import stream
from engine.thread import Generation
from tests.engine.server.serving import PATIENCE_SECONDS, Served, question, serving
from tests.fakes import ScriptedDecoder

LONG = "x" * 2000
TOKEN_SECONDS = 0.005
FEW = 400
"""Of 2,000 tokens in ten seconds: far above 100 ms' worth, far below what nobody would stop."""


def is_cancelled_soon(generation: Generation) -> bool:
    told = threading.Event()
    with suppress(Cancelled), generation.cancellation.interrupting(told.set):
        return told.wait(PATIENCE_SECONDS)
    return True


def test_a_stream_has_the_chunks_that_clients_expect(served: Served) -> None:
    *chunks, done = served.stream(max_tokens=3)
    assert done == "[DONE]"
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks}) == 1
    assert not any("usage" in chunk for chunk in chunks)
    choices = [chunk["choices"][0] for chunk in chunks]
    assert [choice["delta"] for choice in choices] == [
        {"role": "assistant", "content": ""},
        {"content": "R"},
        {"content": "e"},
        {"content": "d"},
        {},
    ]
    assert [choice["finish_reason"] for choice in choices] == [None] * 4 + ["length"]


def test_usage_comes_only_when_asked_for_and_in_a_chunk_without_choices(served: Served) -> None:
    *chunks, last, _ = served.stream(max_tokens=3, stream_options={"include_usage": True})
    assert all(chunk["usage"] is None for chunk in chunks)
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] == 3


def test_logprobs_are_streamed_with_their_tokens(served: Served) -> None:
    chunks = served.stream(max_tokens=2, logprobs=True)
    entries = [chunk["choices"][0]["logprobs"] for chunk in chunks[1:3]]
    assert [entry["content"][0]["token"] for entry in entries] == ["R", "e"]


def test_a_stream_is_an_event_stream_that_is_not_cached(served: Served) -> None:
    answer = served.ask(stream=True)
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.headers["cache-control"] == "no-cache"


def test_a_wrong_stream_request_still_has_a_status_of_its_own(served: Served) -> None:
    assert served.ask(stream=True, model="another").status_code == 404
    assert served.ask(stream=True, tools=[{}]).status_code == 400


def test_a_failure_in_mid_stream_is_an_event_and_no_good_end() -> None:
    with serving(ScriptedDecoder("Hello", fail_at=3)) as served:
        chunks = served.stream()
    assert chunks[-1]["error"]["type"] == "server_error"
    assert "script" not in chunks[-1]["error"]["message"]
    assert "[DONE]" not in chunks
    assert not any(chunk.get("choices", [{}])[0].get("finish_reason") for chunk in chunks)


def test_reading_the_prompt_keeps_the_connection_alive(served: Served) -> None:
    lines = served.ask(stream=True).text.splitlines()
    assert lines.index(": keepalive") > 0


def test_a_silent_engine_keeps_the_connection_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "KEEPALIVE_SECONDS", 0.01)
    with serving() as served:
        served.decoder.gate.clear()
        body = question(stream=True)
        with served.client.stream("POST", "/v1/chat/completions", json=body) as answer:
            lines = answer.iter_lines()
            heard = 0
            while heard < 3:
                heard += next(lines) == ": keepalive"
            served.decoder.gate.set()
            assert "data: [DONE]" in list(lines)


def test_leaving_a_stream_stops_the_engine() -> None:
    with serving(ScriptedDecoder(LONG, TOKEN_SECONDS)) as served:
        body = question(stream=True)
        with served.client.stream("POST", "/v1/chat/completions", json=body) as answer:
            next(line for line in answer.iter_lines() if '"content":"x"' in line)
        generation = served.engine.next_submitted()
        assert generation.wait(PATIENCE_SECONDS)
        assert served.decoder.decoded < FEW


def test_leaving_before_the_whole_answer_stops_the_engine() -> None:
    with serving(ScriptedDecoder(LONG, TOKEN_SECONDS)) as served:
        with served.asking():
            generation = served.engine.next_submitted()
        assert generation.wait(PATIENCE_SECONDS)
        assert served.decoder.decoded < FEW


@pytest.mark.parametrize("is_streaming", [False, True])
def test_leaving_while_the_prompt_is_read_stops_the_engine(is_streaming: bool) -> None:
    with serving() as served:
        served.decoder.gate.clear()
        with served.asking(stream=is_streaming):
            generation = served.engine.next_submitted()
        assert generation.wait(PATIENCE_SECONDS)
        assert served.decoder.prefilled == []


@pytest.mark.parametrize("is_streaming", [False, True])
def test_leaving_the_queue_gives_up_the_place(is_streaming: bool) -> None:
    with serving() as served:
        served.decoder.gate.clear()
        with served.asking() as first:
            served.engine.next_submitted()
            with served.asking(stream=is_streaming):
                waiting = served.engine.next_submitted()
            assert is_cancelled_soon(waiting)
            served.decoder.gate.set()
            assert first.getresponse().status == 200
        assert waiting.wait(PATIENCE_SECONDS)
        assert len(served.decoder.prefilled) == 1


def test_after_a_client_has_left_the_next_one_is_answered() -> None:
    with serving(ScriptedDecoder(LONG, TOKEN_SECONDS)) as served:
        with served.asking(stream=True):
            served.engine.next_submitted()
        assert served.ask(max_tokens=2).json()["choices"][0]["message"]["content"] == "xx"


def test_an_engine_that_closes_ends_streams_with_an_error_in_words() -> None:
    with serving(ScriptedDecoder(LONG, TOKEN_SECONDS)) as served:
        body = question(stream=True)
        with served.client.stream("POST", "/v1/chat/completions", json=body) as answer:
            lines = answer.iter_lines()
            next(line for line in lines if '"content":"x"' in line)
            served.engine.close()
            assert "Hearth is shutting down." in list(lines)[-2]

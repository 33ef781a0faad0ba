"""A remote model as it is meant: served by another engine, here llama.cpp's own server.

make test-peer
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest
from openai import OpenAI

from engine.cancellation import Cancellation
from engine.errors import RemoteFailed
from engine.generate import never
from engine.loading import Opener
from engine.models.download.connections import Connections
from engine.records import Records
from engine.remote.model import RemoteModel
from engine.remote.remote import Remote, new_remote
from engine.types import (
    ChatRequest,
    CompletionRequest,
    Finished,
    FinishReason,
    GenerationEvent,
    JsonAnswer,
    Message,
    Role,
    Sampling,
    TextDelta,
)
from tests.clients.conftest import endpoint
from tests.peer.environment import peer_python

PEER_KEY, MODEL = "the-peers-key", "smollm2"
START_SECONDS = 120.0
GREEDY = Sampling(0)
DOG = Message.of(Role.USER, "I have a dog called Rex.")
QUESTION = ChatRequest((Message.of(Role.USER, "Name three primary colours."),), GREEDY)


@pytest.fixture(scope="module")
def url(starter_gguf: Path) -> Generator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = f"--host 127.0.0.1 --port {port} --api_key {PEER_KEY} --model_alias {MODEL}"
    command = [peer_python(), "-m", "llama_cpp.server", "--model", starter_gguf, *options.split()]
    quiet = subprocess.DEVNULL
    with subprocess.Popen([*command, "--n_ctx", "2048"], stdout=quiet, stderr=quiet) as server:
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()


def wait_for(port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            assert time.monotonic() < end, "llama.cpp's server does not start"
            time.sleep(0.2)


@pytest.fixture
def connections(tmp_path: Path) -> Connections:
    return Connections(tmp_path / "connections.jsonl")


@pytest.fixture
def remote(url: str, tmp_path: Path) -> Remote:
    return new_remote(tmp_path, "far", url, MODEL, 2048, has_key=True)


@pytest.fixture
def model(remote: Remote, connections: Connections) -> RemoteModel:
    return RemoteModel.open(remote, PEER_KEY, connections)


def ask(model: RemoteModel, request: ChatRequest | CompletionRequest) -> list[GenerationEvent]:
    return [*model.answer(request, Cancellation(), never)]


def text_of(events: list[GenerationEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def finish_of(events: list[GenerationEvent]) -> Finished:
    assert isinstance(events[-1], Finished)
    return events[-1]


def test_it_answers_a_piece_at_a_time(model: RemoteModel) -> None:
    events = ask(model, QUESTION)
    assert "Red" in text_of(events)
    assert len(events) > 5
    assert finish_of(events).reason is FinishReason.STOP
    usage = finish_of(events).usage
    assert usage is not None
    assert usage.completion_tokens > 5
    assert usage.decode_seconds > 0


def test_it_knows_what_was_said_before(model: RemoteModel) -> None:
    answer = Message.of(Role.ASSISTANT, "That is nice!")
    question = Message.of(Role.USER, "What is the name of my dog?")
    assert "Rex" in text_of(ask(model, ChatRequest((DOG, answer, question), GREEDY)))


def test_limits_stops_and_seeds_hold_there(model: RemoteModel) -> None:
    assert finish_of(ask(model, replace(QUESTION, max_tokens=3))).reason is FinishReason.LENGTH
    assert "," not in text_of(ask(model, replace(QUESTION, stop=(",",))))
    drawn = replace(QUESTION, sampling=Sampling(1.0, 0.95, 40, 0.05, seed=5), max_tokens=20)
    assert text_of(ask(model, drawn)) == text_of(ask(model, drawn))


def test_a_json_answer_is_asked_for(model: RemoteModel) -> None:
    request = replace(QUESTION, json_answer=JsonAnswer(), max_tokens=64)
    assert text_of(ask(model, request)).lstrip().startswith("{")


def test_what_this_server_does_not_know_is_told_in_its_words(model: RemoteModel) -> None:
    request = replace(QUESTION, json_answer=JsonAnswer({"type": "object"}))
    with pytest.raises(RemoteFailed, match=r"(?s)answers 500: .*json_schema"):
        ask(model, request)


def test_a_text_is_gone_on_with(model: RemoteModel) -> None:
    assert text_of(ask(model, CompletionRequest("The capital of France is", GREEDY, 4)))


def test_an_answer_that_it_breaks_off_is_no_empty_answer(model: RemoteModel) -> None:
    """A prompt that is too long for it: its log says so, its stream does not."""
    with pytest.raises(RemoteFailed, match="broke the answer off"):
        ask(model, ChatRequest((Message.of(Role.USER, "word " * 4000),)))


def test_a_cancelled_answer_ends_and_the_next_one_begins(model: RemoteModel) -> None:
    cancellation = Cancellation()
    events: list[GenerationEvent] = []
    for event in model.answer(replace(QUESTION, max_tokens=400), cancellation, never):
        events.append(event)
        if isinstance(event, TextDelta):
            cancellation.set()
    assert finish_of(events).reason is FinishReason.CANCELLED
    assert "Red" in text_of(ask(model, QUESTION))


def test_wrong_keys_and_names_are_said(remote: Remote, connections: Connections) -> None:
    with pytest.raises(RemoteFailed, match="does not accept the key"):
        RemoteModel.open(remote, "wrong", connections)
    with pytest.raises(RemoteFailed, match=f"has no model 'gpt-5'. It has: {MODEL}"):
        RemoteModel.open(replace(remote, model="gpt-5"), PEER_KEY, connections)


def test_our_own_api_hands_it_on(remote: Remote, connections: Connections, tmp_path: Path) -> None:
    remote.write()
    opener = Opener(lambda: connections, {"far": PEER_KEY}.get, Records(tmp_path / "records"))
    message = {"role": "user", "content": "Name three primary colours."}
    with (
        endpoint(remote, opener) as served,
        OpenAI(base_url=served.url, api_key=served.key, max_retries=0) as client,
    ):
        assert [one.id for one in client.models.list()] == ["far"]
        stream = client.chat.completions.create(
            model="far",
            messages=[message],  # type: ignore[list-item]
            temperature=0,
            stream=True,
        )
        pieces = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
    assert "Red" in "".join(pieces)

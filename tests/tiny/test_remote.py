"""A remote engine: one Hearth asks another, over real HTTP, as it would ask vLLM."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from engine.cancellation import Cancellation
from engine.errors import BadRequest, Offline, RemoteFailed
from engine.generate import never
from engine.loading import Opener
from engine.models.download.connections import Connections
from engine.models.folder import ModelFolder
from engine.records import Records
from engine.remote.model import RemoteModel
from engine.remote.remote import Remote, new_remote
from engine.thread import EngineThread
from engine.types import (
    Channel,
    ChatRequest,
    CompletionRequest,
    Failed,
    Finished,
    FinishReason,
    GenerationEvent,
    JsonAnswer,
    Message,
    Ready,
    Role,
    Sampling,
    Started,
    TextDelta,
    Tool,
    ToolCall,
    ToolCallDelta,
)
from tests.clients.conftest import Endpoint, endpoint
from tests.clients.test_gpt_oss import WEATHER
from tests.desktop.secret_service import needs_secret_service, run_in_session

ANSWER = "The capital of France is Paris."
QUESTION = ChatRequest((Message.of(Role.USER, "What is the capital of France?"),))


@pytest.fixture(scope="module")
def served(tiny_gpt_oss_folder: ModelFolder) -> Generator[Endpoint]:
    with endpoint(tiny_gpt_oss_folder) as served:
        yield served


@pytest.fixture
def connections(tmp_path: Path) -> Connections:
    return Connections(tmp_path / "connections.jsonl")


@pytest.fixture
def remote(served: Endpoint, tmp_path: Path) -> Remote:
    return new_remote(tmp_path, "far", served.url, served.model, 4096, has_key=True)


@pytest.fixture
def model(served: Endpoint, remote: Remote, connections: Connections) -> RemoteModel:
    return RemoteModel.open(remote, served.key, connections)


def ask(model: RemoteModel, request: ChatRequest | CompletionRequest) -> list[GenerationEvent]:
    return [*model.answer(request, Cancellation(), never)]


def text_of(events: list[GenerationEvent], channel: Channel = Channel.FINAL) -> str:
    return "".join(e.text for e in events if isinstance(e, TextDelta) and e.channel is channel)


def test_thoughts_and_answer_come_as_from_here(model: RemoteModel) -> None:
    events = ask(model, QUESTION)
    assert isinstance(events[0], Started)
    assert text_of(events) == ANSWER
    assert "Paris" in text_of(events, Channel.ANALYSIS)
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.reason is FinishReason.STOP
    assert finished.usage is not None
    assert 0 < finished.usage.reasoning_tokens < finished.usage.completion_tokens
    assert finished.usage.prompt_tokens > 0


def test_a_tool_is_called_and_its_result_sent_back(model: RemoteModel) -> None:
    function = WEATHER["function"]
    tool = Tool(function["name"], function["description"], function["parameters"])
    asked = Message.of(Role.USER, "What is the weather in Paris?")
    request = ChatRequest((asked,), tools=(tool,))
    events = ask(model, request)
    (call,) = [event for event in events if isinstance(event, ToolCall)]
    pieces = [event.text for event in events if isinstance(event, ToolCallDelta)]
    assert "".join(pieces) == call.arguments
    assert events[-1].reason is FinishReason.TOOL_CALLS  # type: ignore[union-attr]
    thought = Message.of(Role.ASSISTANT, text_of(events, Channel.ANALYSIS), Channel.ANALYSIS)
    called = Message(Role.ASSISTANT, (), tool_calls=(call,))
    result = replace(Message.of(Role.TOOL, "18 degrees, sunny"), name=call.name)
    again = ask(model, replace(request, messages=(asked, thought, called, result)))
    assert text_of(again) == "It is sunny in Paris, at 18 degrees."


def test_the_end_by_length_and_log_probabilities_are_told(model: RemoteModel) -> None:
    events = ask(model, replace(QUESTION, max_tokens=200, top_logprobs=2, sampling=Sampling(0)))
    logprobs = [one for e in events if isinstance(e, TextDelta) for one in e.logprobs]
    assert b"".join(one.token for one in logprobs).decode() == ANSWER
    assert all(len(one.top) == 2 for one in logprobs)
    short = ask(model, replace(QUESTION, max_tokens=2))
    assert short[-1].reason is FinishReason.LENGTH  # type: ignore[union-attr]


def test_a_text_is_gone_on_with(model: RemoteModel) -> None:
    assert text_of(ask(model, CompletionRequest("The capital", max_tokens=5)))


def test_what_the_server_refuses_is_told_in_its_words(model: RemoteModel) -> None:
    with pytest.raises(BadRequest, match=r"^127\.0\.0\.1:\d+ refuses this: .*'uniqueItems'"):
        ask(model, replace(QUESTION, json_answer=JsonAnswer({"uniqueItems": True}, is_strict=True)))


def test_a_cancel_ends_the_answer_there_too(model: RemoteModel) -> None:
    cancellation = Cancellation()
    events: list[GenerationEvent] = []
    for event in model.answer(QUESTION, cancellation, never):
        events.append(event)
        cancellation.set()
    assert events[-1].reason is FinishReason.CANCELLED  # type: ignore[union-attr]


def test_a_cancel_does_not_wait_for_a_silent_server(
    remote: Remote, connections: Connections
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert seconds_until_cancelled("http", silent, remote, connections) < 10


def test_nor_for_one_behind_tls(
    remote: Remote, connections: Connections, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    greeted = threading.Event()

    def greet(plain: socket.socket) -> None:
        with tls.wrap_socket(plain.accept()[0], server_side=True) as caller:
            greeted.set()
            while caller.recv(4096):
                pass

    with socket.create_server(("127.0.0.1", 0)) as silent:
        greeter = threading.Thread(target=greet, args=[silent])
        greeter.start()
        assert seconds_until_cancelled("https", silent, remote, connections) < 10
        greeter.join()
    assert greeted.is_set()


def seconds_until_cancelled(
    scheme: str, server: socket.socket, remote: Remote, connections: Connections
) -> float:
    url = f"{scheme}://127.0.0.1:{server.getsockname()[1]}/v1"
    model, cancellation = (
        RemoteModel(replace(remote, base_url=url), None, connections),
        Cancellation(),
    )
    threading.Timer(0.5, cancellation.set).start()
    begun = time.monotonic()
    (*_, finished) = model.answer(QUESTION, cancellation, never)
    assert finished.reason is FinishReason.CANCELLED  # type: ignore[union-attr]
    return time.monotonic() - begun


def test_a_wrong_key_and_an_unknown_model_are_said(
    served: Endpoint, remote: Remote, connections: Connections
) -> None:
    with pytest.raises(RemoteFailed, match="does not accept the key"):
        RemoteModel.open(remote, "wrong", connections)
    with pytest.raises(RemoteFailed, match=r"has no model 'other'\. It has: tiny"):
        RemoteModel.open(replace(remote, model="other"), served.key, connections)
    gone = replace(remote, base_url="http://127.0.0.1:9/v1")
    with pytest.raises(RemoteFailed, match="cannot be reached"):
        RemoteModel.open(gone, served.key, connections)


def test_every_question_is_in_the_ledger_and_none_is_asked_offline(
    model: RemoteModel, connections: Connections, remote: Remote
) -> None:
    ask(model, QUESTION)
    assert [made.host for made in connections.all()] == [remote.host] * 2
    connections.is_offline = True
    with pytest.raises(Offline):
        ask(model, QUESTION)
    assert len([*connections.all()]) == 2


def test_the_engines_thread_runs_it_like_any_model(
    served: Endpoint, remote: Remote, connections: Connections, tmp_path: Path
) -> None:
    remote.write()
    ended, heard = threading.Event(), list[GenerationEvent]()

    def hear(event: GenerationEvent) -> None:
        heard.append(event)
        if isinstance(event, Finished | Failed):
            ended.set()

    engine = EngineThread(
        Opener(lambda: connections, {"far": served.key}.get, Records(tmp_path / "records"))
    )
    try:
        engine.load(remote.path)
        engine.submit(QUESTION, hear)
        assert ended.wait(60)
        assert text_of(heard) == ANSWER
        assert isinstance(engine.state, Ready)
        assert engine.state.model.id == "far"
        assert not engine.state.model.device.is_here
    finally:
        engine.close()


IN_A_SESSION = """
import os, subprocess, sys
from desktop.home import default_home
from desktop.settings import SettingsFile
from tests.desktop.test_app import Driven
del os.environ["PYTHON_KEYRING_BACKEND"]  # which forbids the tests the keyring
url, model, key, question = sys.argv[1:]

def hearth(*arguments, given=""):
    command = [sys.executable, "-W", "error", "-m", "desktop", *arguments]
    done = subprocess.run(command, input=given, capture_output=True, text=True)
    print(done.stdout or done.stderr)

adding = ["models", "remote", "far", "--url", url, "--model", model]
hearth(*adding, given="wrong")
hearth(*adding, given=key + "\\n")
hearth(*adding, given=key)
hearth("models")
hearth("chat", question, "--model", "far")
SettingsFile(default_home().settings).change(last_model=str(default_home().models / "far.remote"))
window = Driven()
print(window.sees("welcome", "leaves this computer")["welcome"])
window.tell(ask=question)
print(window.sees("status", "tokens per second")["shown"])
window.close()
window.leave()
hearth("models", "remove", "far")
hearth("chat", question, "--model", "far")
"""


@needs_secret_service
def test_terminal_and_window_use_it_with_a_key_of_the_keyring(
    served: Endpoint, tmp_path: Path, own_home: Path
) -> None:
    question = "What is the capital of France?"
    arguments = served.url, served.model, served.key, question
    told = run_in_session(tmp_path / "session", IN_A_SESSION, *arguments)
    host = served.url.removeprefix("http://").removesuffix("/v1")
    in_turn = (
        f"{host} does not accept the key.",
        f"far is listed now. What you ask it leaves this computer, for {host}.",
        "There is a model named far already.",
        f"elsewhere  131,072 tokens  {host}",
        ANSWER,
        f"far answers on {host}. What you write leaves this computer.",
        ANSWER,
        "far is listed no more, and its key is forgotten.",
        "far",
    )
    place = 0
    for words in in_turn:
        assert words in told[place:], told
        place = told.index(words, place) + len(words)
    assert not [*own_home.rglob("*.remote")]
    assert all(served.key not in file.read_text("utf-8", "ignore") for file in files_of(own_home))


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]

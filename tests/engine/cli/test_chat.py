"""What `hearth chat` says of an answer that was stopped because it repeated itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.cli.chat import LOOP_LINE, answer_once, converse
from engine.thread import EngineThread
from engine.types import ChatRequest, Message, Role
from tests.fakes import ScriptedDecoder, scripted_model

ASKED = ChatRequest((Message.of(Role.USER, "Hi"),))
LOOP = "ha " * 1000


@pytest.fixture
def decoder() -> ScriptedDecoder:
    return ScriptedDecoder(LOOP)


@pytest.fixture
def engine(decoder: ScriptedDecoder) -> Iterator[EngineThread]:
    engine = EngineThread(lambda folder, cancellation: scripted_model(decoder))
    engine.load(Path("any"))
    yield engine
    engine.close()


def test_a_loop_is_one_line_on_standard_error(
    engine: EngineThread, capsys: pytest.CaptureFixture[str]
) -> None:
    answer_once(engine, ASKED)
    out, err = capsys.readouterr()
    assert LOOP.startswith(out.rstrip("\n"))
    assert err == f"{LOOP_LINE}\n"


def test_json_holds_the_finish_reason_stop(
    engine: EngineThread, capsys: pytest.CaptureFixture[str]
) -> None:
    answer_once(engine, ASKED, as_json=True)
    out, err = capsys.readouterr()
    assert json.loads(out)["finish_reason"] == "stop"
    assert err == f"{LOOP_LINE}\n"


def test_any_other_answer_has_no_such_line(
    decoder: ScriptedDecoder, engine: EngineThread, capsys: pytest.CaptureFixture[str]
) -> None:
    decoder.script = ScriptedDecoder("Good day.").script
    answer_once(engine, ASKED)
    assert capsys.readouterr() == ("Good day.\n", "")


def test_a_conversation_goes_on_after_a_loop(
    engine: EngineThread, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = iter(["Hi", None])
    monkeypatch.setattr("engine.cli.chat.read_question", lambda: next(questions))
    converse(engine, ASKED)
    assert capsys.readouterr().err == f"{LOOP_LINE}\n\n"

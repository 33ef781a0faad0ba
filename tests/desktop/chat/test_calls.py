"""A model that uses tools, at a desk: real Harmony around a scripted decoder."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.bridge import EngineBridge
from desktop.library.archive import read_conversation
from desktop.library.exchange import as_json, read_file
from desktop.library.manner import Manner
from desktop.library.records import Call, Status
from engine.errors import EngineBusy
from engine.formats.harmony.format import HarmonyFormat
from engine.formats.harmony.vocabulary import Vocabulary
from engine.types import ChatRequest, Ready, Role, ToolMode
from tests.desktop.chat.asking import ask, wait_for_end
from tests.desktop.conftest import ANY_FOLDER, LONG_MS, Desk, OpenWindow
from tests.fakes import ScriptedDecoder, scripted_model
from tests.harmony_oracle import load_encoding

THOUGHT, ANSWER = "I should calculate.", "It is 84."
CALLS = (
    f"<|channel|>analysis<|message|>{THOUGHT}<|end|>"
    "<|start|>assistant<|channel|>commentary to=functions.calculate <|constrain|>json"
    '<|message|>{"expression": "12*7"}<|call|>'
)
ANSWERS = f"<|channel|>final<|message|>{ANSWER}<|return|>"


@pytest.fixture(scope="module")
def vocabulary(gpt_oss_tokenizer: Path) -> Vocabulary:
    return Vocabulary.read(gpt_oss_tokenizer)


Ids = Callable[[str], list[int]]


@pytest.fixture
def ids(vocabulary: Vocabulary) -> Ids:
    encoding = load_encoding(vocabulary)
    return lambda text: encoding.encode(text, allowed_special="all")


@pytest.fixture
def decoder(ids: Ids) -> ScriptedDecoder:
    return ScriptedDecoder(ids(CALLS), vocabulary=201_088)


@pytest.fixture
def asked() -> list[ChatRequest]:
    return []


@pytest.fixture
def bridge(
    qtbot: QtBot, decoder: ScriptedDecoder, vocabulary: Vocabulary, asked: list[ChatRequest]
) -> Generator[EngineBridge]:
    form = HarmonyFormat(vocabulary)
    bridge = EngineBridge(lambda *_: scripted_model(decoder, chat_format=form, has_effort=True))
    submit = bridge.engine.submit

    def watched(request: ChatRequest, *rest: object):
        asked.append(request)
        return submit(request, *rest)  # type: ignore[arg-type]

    bridge.engine.submit = watched  # type: ignore[method-assign]
    bridge.load(ANY_FOLDER)
    qtbot.waitUntil(lambda: isinstance(bridge.state, Ready), timeout=LONG_MS)
    yield bridge
    decoder.gate.set()
    assert bridge.close(), "the engine thread did not end"


@pytest.fixture
def desk(make_window: OpenWindow) -> Desk:
    desk = make_window()
    desk.page.composer.manner.set_value(Manner(has_tools=True))
    return desk


def answer_after(desk: Desk, rounds: int, ids: Ids) -> None:
    """The script says the answer once the tools were used so many times."""
    used: list[Call] = []

    def on_called(call: Call) -> None:
        used.append(call)
        if len(used) == rounds:
            desk.decoder.script = ids(ANSWERS)

    (turn,) = desk.chat._turns.values()
    turn.called.connect(on_called)


EXPECTED = Call("calculate", '{"expression": "12*7"}', "84", len(THOUGHT))


def test_a_call_is_shown_with_its_result_and_the_answer_follows(
    qtbot: QtBot, desk: Desk, ids: Ids, asked: list[ChatRequest]
) -> None:
    ask(desk, "What is 12 times 7?")
    answer_after(desk, 1, ids)
    answer = wait_for_end(qtbot, desk)
    assert (answer.text, answer.reasoning, answer.calls) == (ANSWER, THOUGHT, (EXPECTED,))
    assert answer.end.status is Status.COMPLETE
    assert 'Tool: calculate({"expression": "12*7"}) → 84' in desk.shown_text
    assert [tool.name for tool in asked[0].tools] == ["calculate", "current_time"]
    roles = [message.role for message in asked[1].messages]
    assert roles == [Role.USER, Role.ASSISTANT, Role.ASSISTANT, Role.TOOL]
    assert asked[1].messages[-1].text == "84"


def test_it_looks_the_same_when_it_is_opened_again(qtbot: QtBot, desk: Desk, ids: Ids) -> None:
    ask(desk)
    answer_after(desk, 1, ids)
    wait_for_end(qtbot, desk)
    before = desk.shown_text.split("\n", 2)[2]
    desk.chat.new_chat()
    desk.chat.show(1)
    assert desk.shown_text.split("\n", 2)[2] == before


def test_the_next_question_goes_with_what_was_called(
    qtbot: QtBot, desk: Desk, ids: Ids, asked: list[ChatRequest]
) -> None:
    ask(desk)
    answer_after(desk, 1, ids)
    wait_for_end(qtbot, desk)
    ask(desk, "And now?")
    wait_for_end(qtbot, desk)
    roles = [message.role for message in asked[-1].messages]
    assert roles == [Role.USER, Role.ASSISTANT, Role.TOOL, Role.ASSISTANT, Role.USER]


def test_a_model_that_calls_without_end_is_told_to_answer(
    qtbot: QtBot, desk: Desk, ids: Ids, asked: list[ChatRequest]
) -> None:
    ask(desk)
    answer_after(desk, 8, ids)
    answer = wait_for_end(qtbot, desk)
    assert len(answer.calls) == 8
    modes = [request.tool_choice.mode for request in asked]
    assert modes == [ToolMode.AUTO] * 8 + [ToolMode.NONE]


def test_without_the_wish_no_tools_are_offered(
    qtbot: QtBot, desk: Desk, ids: Ids, asked: list[ChatRequest]
) -> None:
    desk.page.composer.manner.set_value(Manner())
    desk.decoder.script = ids(ANSWERS)
    ask(desk)
    wait_for_end(qtbot, desk)
    assert asked[0].tools == ()


def test_stopping_between_the_rounds_ends_it(qtbot: QtBot, desk: Desk, ids: Ids) -> None:
    ask(desk)
    (turn,) = desk.chat._turns.values()
    turn.called.connect(lambda _: desk.decoder.gate.clear())
    qtbot.waitUntil(lambda: bool(desk.store.messages(1)[-1].calls), timeout=LONG_MS)
    desk.chat.stop()
    desk.decoder.gate.set()
    answer = wait_for_end(qtbot, desk)
    assert answer.end.status is Status.STOPPED
    assert answer.calls == (EXPECTED,)


def test_an_export_keeps_calls(qtbot: QtBot, desk: Desk, ids: Ids, tmp_path: Path) -> None:
    ask(desk)
    answer_after(desk, 1, ids)
    wait_for_end(qtbot, desk)
    path = tmp_path / "kept.json"
    path.write_text(as_json([read_conversation(desk.store.database, 1)]), "utf-8")
    (kept,) = read_file(path)
    assert kept.messages[-1].calls == (EXPECTED,)


def test_an_engine_that_does_not_take_the_next_round_ends_it_in_words(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise EngineBusy(64)

    ask(desk)
    (turn,) = desk.chat._turns.values()
    turn.called.connect(lambda _: monkeypatch.setattr(desk.bridge.engine, "submit", busy))
    answer = wait_for_end(qtbot, desk)
    assert answer.end.status is Status.FAILED
    assert "64 requests are waiting" in answer.end.error
    assert answer.calls == (EXPECTED,)

"""The status line's sentences."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.library.records import AnswerEnd, Status
from desktop.status import ContextMeter, StatusLine, state_in_words, usage_in_words
from engine.errors import BadModelFolder
from engine.types import Broken, Device, EngineState, Idle, Loading, ModelInfo, Ready
from tests.desktop.conftest import ANY_FOLDER, LONG_MS, OpenWindow

MODEL = ModelInfo("m", "A model", 4096, 1000, Device("the CPU", "No other device was found."))


@pytest.fixture
def status(qtbot: QtBot) -> StatusLine:
    status = StatusLine()
    status.resize(900, 30)
    qtbot.addWidget(status)
    return status


def used(tokens: int | None, speed: float | None = None) -> AnswerEnd:
    return AnswerEnd(Status.COMPLETE, context_tokens=tokens, tokens_per_second=speed)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (Idle(), "No model is loaded."),
        (Loading("gpt-oss-20b"), "Loading gpt-oss-20b…"),
        (Ready(MODEL), "A model on the CPU: No other device was found."),
        (
            Broken(BadModelFolder("model.onnx is missing.")),
            "The model could not be loaded. model.onnx is missing.",
        ),
    ],
)
def test_each_state_of_the_engine_has_its_sentence(state: EngineState, sentence: str) -> None:
    assert state_in_words(state) == sentence


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        (None, ""),
        (used(None), ""),
        (used(1234), "1,234 of 4,096 tokens of context used"),
        (used(1234, 7.26), "7.3 tokens per second · 1,234 of 4,096 tokens of context used"),
        (used(10, 123.4), "123 tokens per second · 10 of 4,096 tokens of context used"),
    ],
)
def test_speed_and_context_are_told(end: AnswerEnd | None, sentence: str) -> None:
    assert usage_in_words(end, Ready(MODEL)) == sentence


def test_without_a_model_there_is_no_share_of_the_context() -> None:
    assert usage_in_words(used(1234), Idle()) == "1,234 tokens of context used"


def test_the_activity_comes_before_the_numbers(status: StatusLine) -> None:
    status.show_state(Ready(MODEL))
    status.show_usage(used(5))
    status.show_activity("Answering…")
    assert status.text().endswith("Answering… · 5 of 4,096 tokens of context used")
    status.show_activity("")
    assert "Answering" not in status.text()


def test_a_model_that_is_loaded_later_sets_the_share(status: StatusLine) -> None:
    status.show_usage(used(5))
    status.show_state(Ready(MODEL))
    assert "5 of 4,096 tokens" in status.text()


def test_a_long_reason_is_cut_on_screen_and_whole_for_readers(
    qtbot: QtBot, status: StatusLine
) -> None:
    reason = "Because " + "of this and that " * 30
    status.show_state(Ready(ModelInfo("m", "A model", 1, 1, Device("the CPU", reason))))
    status.show()
    long_label = status.findChildren(QLabel)[0]
    qtbot.waitUntil(lambda: long_label.text().endswith("…"), timeout=LONG_MS)
    assert long_label.accessibleName() == long_label.toolTip()
    assert reason in long_label.toolTip()
    assert status.width() == 900


def test_the_window_tells_of_loading_reading_answering_and_the_context(
    qtbot: QtBot, make_window: OpenWindow
) -> None:
    desk = make_window()
    told: list[str] = []
    desk.chat.activity_changed.connect(told.append)
    assert desk.status_text == "No model is loaded."
    desk.bridge.load(ANY_FOLDER)
    desk.chat.send("x" * 1200)
    qtbot.waitUntil(lambda: "context used" in desk.status_text, timeout=LONG_MS)
    reading = [text for text in told if text.startswith("Reading the conversation, ")]
    assert reading[0].startswith("Reading the conversation, 512 of 1,2")
    assert reading[0].endswith(" tokens…")
    assert told.index("Thinking…") < told.index("Answering…")
    assert told[-1] == ""
    assert "Scripted model on the CPU: It is a test." in desk.status_text
    assert "tokens per second · 1,2" in desk.status_text
    assert "of 4,096 tokens of context used" in desk.status_text


def test_each_conversation_shows_its_own_context(qtbot: QtBot, make_window: OpenWindow) -> None:
    desk = make_window()
    question = desk.store.add_question(None, "Q")
    desk.store.finish(question.answer_id, used(321))
    desk.chat.show(question.conversation_id)
    assert "321 tokens of context used" in desk.status_text
    desk.chat.new_chat()
    assert "context used" not in desk.status_text


def test_the_meter_shows_how_full_the_context_is(status: StatusLine) -> None:
    (meter,) = status.findChildren(ContextMeter)
    assert meter.isHidden()
    status.show_state(Ready(MODEL))
    status.show_usage(used(1024))
    assert not meter.isHidden()
    assert (meter.value(), meter.accessibleName()) == (25, "25% of the context used")
    status.show_usage(None)
    assert meter.isHidden()

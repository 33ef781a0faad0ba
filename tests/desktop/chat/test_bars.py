"""The buttons beside messages and code: which are there, where, and what they ask for."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton
from pytestqt.qtbot import QtBot

from desktop.chat.bars import Bars, CodeButton, Face, MessageBar, box_of
from desktop.chat.figures import figures_in_words
from desktop.chat.transcript import Transcript
from desktop.library.records import AnswerEnd, Status
from desktop.style.theme import LIGHT
from tests.desktop.conftest import LONG_MS

QUESTION, ANSWER = Face(1, is_question=True), Face(2, is_question=False, figures="48 tokens")
CODE = "Here:\n\n```python\nfor x in y:\n\n    print(x)\n```\n\nand\n\n```\nother\n```\n"


@pytest.fixture
def transcript(qtbot: QtBot) -> Transcript:
    transcript = Transcript(LIGHT)
    qtbot.addWidget(transcript)
    transcript.resize(700, 600)
    with qtbot.waitExposed(transcript, timeout=LONG_MS):
        transcript.show()
    return transcript


def write(
    transcript: Transcript, question: Face = QUESTION, answer: Face = ANSWER, text: str = "Yes."
) -> None:
    transcript.add_question("Is it?", question)
    transcript.begin_answer(text)
    transcript.end_answer(answer)


def bars_in(transcript: Transcript) -> list[MessageBar]:
    found = [bar for bar in transcript.findChildren(MessageBar) if bar.isVisible()]
    return sorted(found, key=lambda bar: bar.y())


def names_in(bar: MessageBar) -> list[str]:
    return [button.accessibleName() for button in bar.findChildren(QToolButton)]


def press(bar: MessageBar, name: str) -> None:
    (button,) = (one for one in bar.findChildren(QToolButton) if one.accessibleName() == name)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def point_at(transcript: Transcript, text: str) -> None:
    block = transcript.document().find(text).block()
    transcript.bars.point_at(box_of(transcript, block).center().toPoint())


def test_the_last_answer_has_its_bar_the_others_under_the_mouse(transcript: Transcript) -> None:
    write(transcript)
    (bar,) = bars_in(transcript)
    assert names_in(bar) == ["Copy the answer", "Answer again"]
    assert [one.text() for one in bar.findChildren(QLabel)] == ["48 tokens"]
    point_at(transcript, "Is it?")
    question, _ = bars_in(transcript)
    assert names_in(question) == ["Copy the question", "Edit the question"]
    point_at(transcript, "Yes.")
    assert len(bars_in(transcript)) == 1


def test_an_answer_on_its_way_has_none(transcript: Transcript) -> None:
    transcript.add_question("Is it?", QUESTION)
    transcript.begin_answer()
    transcript.feed("Perhaps")
    assert bars_in(transcript) == []


def test_bars_are_under_their_messages_and_over_nothing(transcript: Transcript) -> None:
    for number in range(0, 6, 2):
        write(
            transcript,
            Face(number, is_question=True, version=1, versions=2),
            Face(number + 1, is_question=False, version=2, versions=2),
        )
    bars = bars_in(transcript)
    assert len(bars) == 6
    blocks = [transcript.document().findBlockByNumber(number) for number in range(6)]
    tops = [box_of(transcript, block).top() for block in blocks]
    bottoms = [box_of(transcript, block).bottom() for block in blocks]
    for number, bar in enumerate(bars):
        assert bar.y() >= bottoms[number]
        if number < 5:
            assert bar.geometry().bottom() <= tops[number + 1]
    assert all(bar.x() > 300 for bar in bars[::2]), "on the questions' side"
    assert all(bar.x() < 100 for bar in bars[1::2])


def test_bars_move_with_the_text(transcript: Transcript) -> None:
    write(transcript, text="Much to say.\n\n" * 60)
    (bar,) = bars_in(transcript)
    before = bar.y()
    transcript.verticalScrollBar().setValue(transcript.verticalScrollBar().maximum() - 60)
    assert [one.y() for one in bars_in(transcript)] == [before + 60] or bars_in(transcript) == []
    transcript.verticalScrollBar().setValue(0)
    assert bars_in(transcript) == [], "out of sight"
    transcript.verticalScrollBar().setValue(transcript.verticalScrollBar().maximum())
    assert [one.y() for one in bars_in(transcript)] == [before]


def test_versions_are_counted_and_turned(qtbot: QtBot, transcript: Transcript) -> None:
    write(transcript, answer=Face(2, is_question=False, version=2, versions=3))
    (bar,) = bars_in(transcript)
    assert "Version 2 of 3" in [one.accessibleName() for one in bar.findChildren(QLabel)]
    for name, version in (("The version before", 1), ("The version after", 3)):
        with qtbot.waitSignal(transcript.bars.version_wanted, timeout=LONG_MS) as wanted:
            press(bar, name)
        assert wanted.args == [2, version]


@pytest.mark.parametrize(("version", "dead"), [(1, "The version before"), (2, "The version after")])
def test_beyond_the_ends_there_is_nothing(transcript: Transcript, version: int, dead: str) -> None:
    write(transcript, answer=Face(2, is_question=False, version=version, versions=2))
    (bar,) = bars_in(transcript)
    buttons = bar.findChildren(QToolButton)
    assert [one.accessibleName() for one in buttons if not one.isEnabled()] == [dead]


@pytest.mark.parametrize(
    ("name", "signal", "id"),
    [
        ("Copy the answer", Bars.copy_wanted, 2),
        ("Answer again", Bars.again_wanted, 2),
        ("Copy the question", Bars.copy_wanted, 1),
        ("Edit the question", Bars.edit_wanted, 1),
    ],
)
def test_each_button_asks_for_its_message(
    qtbot: QtBot, transcript: Transcript, name: str, signal: object, id: int
) -> None:
    write(transcript)
    point_at(transcript, "Is it?")
    (bar,) = (one for one in bars_in(transcript) if name in names_in(one))
    wanted = {
        Bars.copy_wanted: transcript.bars.copy_wanted,
        Bars.again_wanted: transcript.bars.again_wanted,
        Bars.edit_wanted: transcript.bars.edit_wanted,
    }[signal]  # type: ignore[index]
    with qtbot.waitSignal(wanted, timeout=LONG_MS) as asked:
        press(bar, name)
    assert asked.args == [id]


def test_code_under_the_mouse_can_be_copied_as_it_was_written(transcript: Transcript) -> None:
    write(transcript, text=CODE)
    button = transcript.findChild(CodeButton)
    assert isinstance(button, CodeButton)
    assert not button.isVisible()
    point_at(transcript, "print")
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "for x in y:\n\n    print(x)"
    point_at(transcript, "other")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "other"
    point_at(transcript, "and")
    assert not button.isVisible()


def test_the_code_button_stays_inside_its_card(transcript: Transcript) -> None:
    write(transcript, text=CODE)
    point_at(transcript, "print")
    button = transcript.findChild(CodeButton)
    assert isinstance(button, CodeButton)
    first = box_of(transcript, transcript.document().find("for x").block())
    assert first.top() - 12 <= button.y() <= first.bottom()
    assert button.geometry().right() < transcript.viewport().width()


def test_rewriting_leaves_no_bar_of_before(transcript: Transcript) -> None:
    write(transcript)
    transcript.forget()
    QTest.qWait(1)
    assert bars_in(transcript) == []
    transcript.bars.point_at(QPoint(5, 5))


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (AnswerEnd(Status.COMPLETE), ""),
        (AnswerEnd(Status.STOPPED, answer_tokens=9, reasoning_tokens=0), "9 tokens"),
        (
            AnswerEnd(Status.COMPLETE, "", 1, 34.2, 12.0, 0.84, 1200, 48),
            "1,200 tokens of thought, 48 of answer, 34 a second, the first after 0.8 s",
        ),
    ],
)
def test_figures_in_words(end: AnswerEnd, words: str) -> None:
    assert figures_in_words(end) == words


def focused(transcript: Transcript) -> str:
    widget = transcript.window().focusWidget()
    return widget.accessibleName() if widget else ""


def test_the_keyboard_goes_from_message_to_message(transcript: Transcript) -> None:
    for number in range(0, 8, 2):
        write(
            transcript,
            Face(number, is_question=True),
            Face(number + 1, is_question=False),
            "A long answer.\n\n" * 12,
        )
    transcript.bars.step(-1)
    assert focused(transcript) == "Copy the answer"
    transcript.bars.step(-1)
    assert focused(transcript) == "Copy the question"
    for _ in range(20):
        transcript.bars.step(-1)
    assert transcript.verticalScrollBar().value() < 100
    assert focused(transcript) == "Copy the question"
    transcript.bars.step(1)
    assert focused(transcript) == "Copy the answer"
    for bar in bars_in(transcript):
        assert bar.y() < transcript.viewport().height()


def test_without_messages_the_keyboard_goes_nowhere(transcript: Transcript) -> None:
    transcript.bars.step(-1)
    transcript.bars.step(1)

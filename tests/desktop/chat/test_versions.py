"""Editing a question, asking for another answer, and going between them, at a desk."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.chat.composer import Editor
from desktop.library.manner import Manner
from engine.types import ChatRequest, Effort, Role
from tests.desktop.chat.asking import ask, ask_slowly, disk_refusing, is_answering, wait_for_end
from tests.desktop.conftest import Desk
from tests.fakes import END


@pytest.fixture
def requests(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[ChatRequest]:
    """What the engine is asked."""
    asked: list[ChatRequest] = []
    submit = desk.bridge.engine.submit
    monkeypatch.setattr(
        desk.bridge.engine,
        "submit",
        lambda request, sink: asked.append(request) or submit(request, sink),
    )
    return asked


def answers(desk: Desk, text: str) -> None:
    desk.decoder.script = [*text.encode(), END]


def asked_and_answered(qtbot: QtBot, desk: Desk, question: str, answer: str) -> None:
    answers(desk, answer)
    ask(desk, question)
    wait_for_end(qtbot, desk)


def texts(request: ChatRequest) -> list[str]:
    return [message.text for message in request.messages]


def ids(desk: Desk) -> list[int]:
    return [message.id for message in desk.store.messages(1)]


def test_an_edited_question_is_answered_in_a_branch_of_its_own(
    qtbot: QtBot, desk: Desk, requests: list[ChatRequest]
) -> None:
    asked_and_answered(qtbot, desk, "One", "1")
    asked_and_answered(qtbot, desk, "Two", "2")
    desk.page.transcript.bars.edit_wanted.emit(ids(desk)[0])
    assert desk.page.composer.text() == "One"
    asked_and_answered(qtbot, desk, "Uno", "I")
    assert texts(requests[-1]) == ["Uno"]
    assert desk.shown_text == "Uno\nI"
    assert desk.page.composer.text() == ""
    desk.page.transcript.bars.version_wanted.emit(ids(desk)[0], 1)
    assert desk.shown_text == "One\n1\nTwo\n2"


def test_another_answer_stands_beside_the_first(
    qtbot: QtBot, desk: Desk, requests: list[ChatRequest]
) -> None:
    asked_and_answered(qtbot, desk, "One", "1")
    answers(desk, "one")
    desk.page.transcript.bars.again_wanted.emit(ids(desk)[1])
    wait_for_end(qtbot, desk)
    assert texts(requests[-1]) == ["One"]
    assert desk.shown_text == "One\none"
    desk.page.transcript.bars.version_wanted.emit(ids(desk)[1], 1)
    assert desk.shown_text == "One\n1"


def test_esc_gives_editing_up_and_brings_the_draft_back(qtbot: QtBot, desk: Desk) -> None:
    asked_and_answered(qtbot, desk, "One", "1")
    desk.page.composer.set_text("A draft")
    desk.page.transcript.bars.edit_wanted.emit(ids(desk)[0])
    assert desk.page.composer.text() == "One"
    editor = desk.page.composer.findChild(Editor)
    assert editor is not None
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert desk.page.composer.text() == "A draft"
    asked_and_answered(qtbot, desk, "Two", "2")
    assert desk.shown_text == "One\n1\nTwo\n2"


def test_another_conversation_ends_the_editing(qtbot: QtBot, desk: Desk) -> None:
    asked_and_answered(qtbot, desk, "One", "1")
    desk.page.composer.set_text("A draft")
    desk.page.transcript.bars.edit_wanted.emit(ids(desk)[0])
    desk.chat.new_chat()
    assert desk.page.composer.text() == "A draft"
    ask(desk, "Fresh")
    wait_for_end(qtbot, desk, 2)
    assert len(desk.store.conversations()) == 2


def test_while_it_answers_nothing_is_edited_or_turned(qtbot: QtBot, desk: Desk) -> None:
    ask_slowly(qtbot, desk, "One")
    question, answer = ids(desk)
    bars = desk.page.transcript.bars
    bars.edit_wanted.emit(question)
    bars.again_wanted.emit(answer)
    bars.version_wanted.emit(question, 1)
    assert desk.page.composer.text() == ""
    assert len(desk.store.messages(1)) == 2
    desk.chat.stop()
    wait_for_end(qtbot, desk)


@pytest.mark.parametrize("what", ["edit", "again"])
def test_a_refusal_leaves_what_was_shown_and_what_was_written(
    qtbot: QtBot, desk: Desk, what: str
) -> None:
    asked_and_answered(qtbot, desk, "One", "1")
    question, answer = ids(desk)
    if what == "edit":
        desk.page.transcript.bars.edit_wanted.emit(question)
    with disk_refusing(desk.store):
        if what == "edit":
            ask(desk, "Uno")
        else:
            desk.page.transcript.bars.again_wanted.emit(answer)
    assert "cannot be read or written" in desk.page.notice.text()
    assert desk.shown_text == "One\n1"
    assert desk.page.composer.text() == ("Uno" if what == "edit" else "")
    assert not is_answering(desk)


def test_what_is_copied_is_the_markdown(qtbot: QtBot, desk: Desk) -> None:
    asked_and_answered(qtbot, desk, "One", "It is **one**.")
    question, answer = ids(desk)
    desk.page.transcript.bars.copy_wanted.emit(answer)
    assert QGuiApplication.clipboard().text() == "It is **one**."
    desk.page.transcript.bars.copy_wanted.emit(question)
    assert QGuiApplication.clipboard().text() == "One"


def test_the_manner_goes_with_the_question_and_stays_with_the_conversation(
    qtbot: QtBot, desk: Desk, requests: list[ChatRequest]
) -> None:
    brief = Manner(Effort.LOW, "Be brief.", 0.5, 0.9)
    desk.page.composer.manner.set_value(brief)
    asked_and_answered(qtbot, desk, "One", "1")
    request = requests[-1]
    assert [(one.role, one.text) for one in request.messages] == [
        (Role.SYSTEM, "Be brief."),
        (Role.USER, "One"),
    ]
    assert (request.effort, request.sampling.temperature, request.sampling.top_p) == (
        Effort.LOW,
        0.5,
        0.9,
    )
    desk.chat.new_chat()
    assert desk.page.composer.manner.value == Manner(Effort.LOW), "the effort is a habit"
    desk.chat.show(1)
    assert desk.page.composer.manner.value == brief


def test_a_changed_manner_is_kept_at_once(qtbot: QtBot, desk: Desk) -> None:
    asked_and_answered(qtbot, desk, "One", "1")
    menu = desk.page.composer.manner.menu()
    next(action for action in menu.actions() if action.text() == "Think long").trigger()
    assert desk.store.manner(1) == Manner(Effort.HIGH)
    assert "Think long" in desk.page.composer.manner.accessibleName()

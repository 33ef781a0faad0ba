"""Keys and buttons where the user writes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from desktop.chat.composer import MAX_LINES, Composer, Editor
from tests.desktop.conftest import LONG_MS

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def composer(qtbot: QtBot) -> Composer:
    composer = Composer()
    composer.resize(500, 60)
    qtbot.addWidget(composer)
    with qtbot.waitActive(composer, timeout=LONG_MS):
        composer.show()
        composer.activateWindow()
    composer.setFocus()
    return composer


@pytest.fixture
def sent(composer: Composer) -> list[str]:
    texts: list[str] = []
    composer.sent.connect(texts.append)
    return texts


@pytest.fixture
def stops(composer: Composer) -> QSignalSpy:
    return QSignalSpy(composer.stop_wanted)


def editor_of(composer: Composer) -> Editor:
    editor = composer.findChild(Editor)
    assert editor is not None
    return editor


def button_of(composer: Composer) -> QToolButton:
    button = composer.findChild(QToolButton, "send")
    assert button is not None
    return button


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_return_sends_and_keeps_the_text(
    qtbot: QtBot, composer: Composer, sent: list[str], key: Qt.Key
) -> None:
    qtbot.keyClicks(editor_of(composer), "Hello")
    qtbot.keyClick(editor_of(composer), key)
    assert sent == ["Hello"]
    assert composer.text() == "Hello"


def test_shift_return_breaks_the_line(qtbot: QtBot, composer: Composer, sent: list[str]) -> None:
    qtbot.keyClicks(editor_of(composer), "one")
    qtbot.keyClick(editor_of(composer), Qt.Key.Key_Return, SHIFT)
    qtbot.keyClicks(editor_of(composer), "two")
    assert sent == []
    qtbot.keyClick(editor_of(composer), Qt.Key.Key_Return)
    assert sent == ["one\ntwo"]


def test_the_button_sends(qtbot: QtBot, composer: Composer, sent: list[str]) -> None:
    composer.set_text("Hello")
    qtbot.mouseClick(button_of(composer), Qt.MouseButton.LeftButton)
    assert sent == ["Hello"]


@pytest.mark.parametrize("text", ["", "  ", "\n\n"])
def test_nothing_but_space_is_not_sent(
    qtbot: QtBot, composer: Composer, sent: list[str], text: str
) -> None:
    composer.set_text(text)
    assert not button_of(composer).isEnabled()
    qtbot.keyClick(editor_of(composer), Qt.Key.Key_Return)
    assert sent == []


def test_space_around_a_message_is_left_out(
    qtbot: QtBot, composer: Composer, sent: list[str]
) -> None:
    composer.set_text("\n  Hello \n")
    qtbot.keyClick(editor_of(composer), Qt.Key.Key_Return)
    assert sent == ["Hello"]


def test_escape_stops_an_answer(qtbot: QtBot, composer: Composer, stops: QSignalSpy) -> None:
    composer.set_answering(True)
    qtbot.keyClick(editor_of(composer), Qt.Key.Key_Escape)
    assert stops.count() == 1


def test_the_button_stops_an_answer(
    qtbot: QtBot, composer: Composer, sent: list[str], stops: QSignalSpy
) -> None:
    composer.set_text("the next question")
    composer.set_answering(True)
    qtbot.mouseClick(button_of(composer), Qt.MouseButton.LeftButton)
    assert (stops.count(), sent) == (1, [])


def test_escape_without_an_answer_does_nothing(
    qtbot: QtBot, composer: Composer, stops: QSignalSpy
) -> None:
    composer.set_text("half a thought")
    qtbot.keyClick(editor_of(composer), Qt.Key.Key_Escape)
    assert (stops.count(), composer.text()) == (0, "half a thought")


def test_while_an_answer_comes_the_next_question_can_be_written_but_not_sent(
    qtbot: QtBot, composer: Composer, sent: list[str]
) -> None:
    composer.set_answering(True)
    qtbot.keyClicks(editor_of(composer), "next")
    qtbot.keyClick(editor_of(composer), Qt.Key.Key_Return)
    assert (composer.text(), sent) == ("next", [])


def test_the_button_says_what_it_does(composer: Composer) -> None:
    assert button_of(composer).accessibleName() == "Send"
    composer.set_answering(True)
    assert button_of(composer).accessibleName() == "Stop"
    assert button_of(composer).isEnabled()
    composer.set_answering(False)
    assert button_of(composer).accessibleName() == "Send"
    assert not button_of(composer).isEnabled()


def test_it_grows_by_the_line_up_to_a_limit(qtbot: QtBot, composer: Composer) -> None:
    editor = editor_of(composer)

    def height_of(lines: int) -> int:
        composer.set_text("\n".join("x" * lines))
        return editor.height()

    line = editor.fontMetrics().lineSpacing()
    first = height_of(1)
    assert height_of(3) == pytest.approx(first + 2 * line, abs=3)
    highest = height_of(MAX_LINES)
    assert height_of(MAX_LINES + 20) == pytest.approx(highest, abs=3)
    assert height_of(1) == first


def test_a_long_line_wraps_and_makes_it_higher(composer: Composer) -> None:
    low = editor_of(composer).height()
    composer.set_text("many words " * 20)
    assert editor_of(composer).height() > low


def test_it_scrolls_only_where_text_is_cut(composer: Composer) -> None:
    policy = Qt.ScrollBarPolicy
    composer.set_text("one\ntwo")
    assert editor_of(composer).verticalScrollBarPolicy() == policy.ScrollBarAlwaysOff
    composer.set_text("\n".join("x" * 30))
    assert editor_of(composer).verticalScrollBarPolicy() == policy.ScrollBarAsNeeded


def test_pasted_markup_stays_text(composer: Composer) -> None:
    assert not editor_of(composer).acceptRichText()


def test_tab_leaves_the_editor(qtbot: QtBot, composer: Composer) -> None:
    composer.set_text("x")
    qtbot.keyClick(editor_of(composer), Qt.Key.Key_Tab)
    assert composer.manner.hasFocus()
    qtbot.keyClick(composer.manner, Qt.Key.Key_Tab)
    assert button_of(composer).hasFocus()


def test_the_frame_shows_the_focus(qtbot: QtBot, composer: Composer) -> None:
    qtbot.waitUntil(lambda: composer.property("focused") is True, timeout=LONG_MS)
    editor_of(composer).clearFocus()
    assert composer.property("focused") is False

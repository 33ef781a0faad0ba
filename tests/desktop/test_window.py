"""The window as a whole: keys that work everywhere, names for those who cannot see it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.desktop.conftest import LONG_MS, Desk

CTRL = Qt.KeyboardModifier.ControlModifier


def test_a_question_is_answered(qtbot: QtBot, desk: Desk) -> None:
    qtbot.keyClicks(desk.window.focusWidget(), "Hello")
    qtbot.keyClick(desk.window.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Good day." in desk.shown_text, timeout=LONG_MS)


def test_ctrl_n_begins_a_new_chat(qtbot: QtBot, desk: Desk) -> None:
    with qtbot.waitSignal(desk.window.new_chat_wanted, timeout=LONG_MS):
        qtbot.keyClick(desk.window, Qt.Key.Key_N, CTRL)

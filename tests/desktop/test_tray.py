"""Beside the clock: what happens when the window is closed, and when something is done."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget
from pytestqt.qtbot import QtBot

from desktop.program import Program
from desktop.shell import Shell
from desktop.tray import Tray

# Qt itself, where a platform without a tray is said to have one.
pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged")

Said = list[str]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    """What a desktop with a tray was asked to show."""
    said: Said = []
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(
        QSystemTrayIcon, "showMessage", lambda self, title, text, icon: said.append(text)
    )
    return said


@pytest.fixture
def looks_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QApplication, "activeWindow", lambda: None)


@pytest.fixture
def tray(qtbot: QtBot) -> Tray:
    window = QWidget()
    qtbot.addWidget(window)
    return Tray(window)


@pytest.mark.usefixtures("looks_elsewhere")
def test_a_word_is_said_to_who_looks_elsewhere(tray: Tray, said: Said) -> None:
    tray.notify("It is done.")
    assert said == ["It is done."]
    assert tray._icon.isVisible()
    tray.look_away()
    assert not tray._icon.isVisible(), "it stood there for the word alone"


def test_nothing_is_said_to_who_looks_here(
    tray: Tray, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QApplication, "activeWindow", lambda: tray._window)
    tray.notify("It is done.")
    assert said == []


@pytest.mark.usefixtures("looks_elsewhere")
def test_without_a_tray_nothing_breaks(tray: Tray) -> None:
    tray.set_stays(True)
    tray.notify("It is done.")
    assert not tray.holds_the_program


@pytest.mark.usefixtures("said")
def test_a_click_brings_the_window_back(qtbot: QtBot, tray: Tray) -> None:
    tray.set_stays(True)
    assert tray._icon.isVisible()
    with qtbot.waitSignal(tray.shown_wanted):
        tray._icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    names = [action.text() for action in tray._menu.actions() if action.text()]
    assert names == ["Show Hearth", "New chat", "Quit"]


@pytest.fixture
def quits(make_shell: Callable[[], Shell], monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    quits: list[bool] = []
    monkeypatch.setattr(QApplication, "quit", lambda *_: quits.append(True))
    return quits


@pytest.mark.usefixtures("said")
def test_a_closed_window_goes_on_in_the_tray_and_comes_back(
    program: Program, quits: list[bool], make_shell: Callable[[], Shell]
) -> None:
    program.remember(stays_in_tray=True)
    shell = make_shell()
    shell.window.close()
    assert not shell.window.isVisible()
    assert quits == []
    shell._tray.shown_wanted.emit()
    assert shell.window.isVisible()
    shell.window.quit_wanted.emit()
    assert quits == [True]


def test_without_the_tray_closing_ends_it(
    quits: list[bool], make_shell: Callable[[], Shell]
) -> None:
    make_shell().window.close()
    assert quits == [True]


@pytest.mark.usefixtures("looks_elsewhere")
def test_notifications_can_be_turned_off(
    program: Program, said: Said, make_shell: Callable[[], Shell]
) -> None:
    shell = make_shell()
    shell._pages.happened.emit("The model is there.")
    shell._chat.took_long.emit("The answer is there.")
    program.remember(notifies=False)
    shell._chat.took_long.emit("The answer is there.")
    assert said == ["The model is there.", "The answer is there."]

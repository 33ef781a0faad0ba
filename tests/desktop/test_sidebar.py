"""The left side and its buttons."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QToolButton
from pytestqt.qtbot import QtBot

from desktop.library.panel import LibraryPanel
from desktop.library.store import Store
from desktop.sidebar import Sidebar
from desktop.style.theme import DARK, LIGHT
from tests.desktop.conftest import LONG_MS


@pytest.fixture
def sidebar(qtbot: QtBot, store: Store) -> Sidebar:
    sidebar = Sidebar(LibraryPanel(store), LIGHT)
    qtbot.addWidget(sidebar)
    with qtbot.waitExposed(sidebar, timeout=LONG_MS):
        sidebar.show()
    return sidebar


def button(sidebar: Sidebar, text: str) -> QToolButton:
    (found,) = [one for one in sidebar.findChildren(QToolButton) if one.text().strip() == text]
    return found


def test_new_chat_is_wanted_by_a_click(qtbot: QtBot, sidebar: Sidebar) -> None:
    with qtbot.waitSignal(sidebar.new_chat_wanted, timeout=LONG_MS):
        qtbot.mouseClick(button(sidebar, "New chat"), Qt.MouseButton.LeftButton)


def test_the_api_is_wanted_by_a_click(qtbot: QtBot, sidebar: Sidebar) -> None:
    with qtbot.waitSignal(sidebar.api_wanted, timeout=LONG_MS):
        qtbot.mouseClick(button(sidebar, "Local API"), Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(("is_on", "text"), [(True, "Local API is on"), (False, "Local API")])
def test_the_api_button_says_whether_it_is_on(sidebar: Sidebar, is_on: bool, text: str) -> None:
    sidebar.show_api(not is_on)
    sidebar.show_api(is_on)
    assert button(sidebar, text).accessibleName() == text


def test_the_preferences_are_wanted_by_a_click(qtbot: QtBot, sidebar: Sidebar) -> None:
    buttons = sidebar.findChildren(QToolButton)
    (found,) = [one for one in buttons if one.accessibleName().startswith("Preferences")]
    with qtbot.waitSignal(sidebar.preferences_wanted, timeout=LONG_MS):
        qtbot.mouseClick(found, Qt.MouseButton.LeftButton)


def test_the_flame_follows_the_theme(sidebar: Sidebar) -> None:
    def flame() -> QImage:
        (found,) = [one for one in sidebar.findChildren(QLabel) if not one.pixmap().isNull()]
        return found.pixmap().toImage()

    light = flame()
    sidebar.set_theme(DARK)
    assert flame() != light

"""The left side: its buttons and the choice of colours."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QLabel, QMenu, QToolButton
from pytestqt.qtbot import QtBot

from desktop.library.panel import LibraryPanel
from desktop.library.store import Store
from desktop.settings import ColourChoice
from desktop.sidebar import COLOUR_NAMES, Sidebar
from desktop.style.theme import DARK, LIGHT
from tests.desktop.conftest import LONG_MS


@pytest.fixture
def sidebar(qtbot: QtBot, store: Store) -> Sidebar:
    sidebar = Sidebar(LibraryPanel(store), LIGHT, ColourChoice.DARK)
    qtbot.addWidget(sidebar)
    with qtbot.waitExposed(sidebar, timeout=LONG_MS):
        sidebar.show()
    return sidebar


def button(sidebar: Sidebar, text: str) -> QToolButton:
    (found,) = [one for one in sidebar.findChildren(QToolButton) if one.text().strip() == text]
    return found


def colour_actions(sidebar: Sidebar) -> dict[ColourChoice, QAction]:
    menus = [one for one in sidebar.findChildren(QMenu) if one.actions()]
    (menu,) = [one for one in menus if one.actions()[0].text() in COLOUR_NAMES.values()]
    return {ColourChoice(action.data()): action for action in menu.actions()}


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


def test_the_menu_shows_the_colours_in_use(sidebar: Sidebar) -> None:
    actions = colour_actions(sidebar)
    assert {choice: action.text() for choice, action in actions.items()} == COLOUR_NAMES
    checked = [choice for choice, action in actions.items() if action.isChecked()]
    assert checked == [ColourChoice.DARK]


@pytest.mark.parametrize("choice", ColourChoice)
def test_a_choice_of_colours_is_told_and_checked(
    qtbot: QtBot, sidebar: Sidebar, choice: ColourChoice
) -> None:
    with qtbot.waitSignal(sidebar.colours_chosen, timeout=LONG_MS) as told:
        colour_actions(sidebar)[choice].trigger()
    assert told.args == [choice]
    actions = colour_actions(sidebar)
    assert [kind for kind, action in actions.items() if action.isChecked()] == [choice]


def test_the_flame_follows_the_theme(sidebar: Sidebar) -> None:
    def flame() -> QImage:
        (found,) = [one for one in sidebar.findChildren(QLabel) if not one.pixmap().isNull()]
        return found.pixmap().toImage()

    light = flame()
    sidebar.set_theme(DARK)
    assert flame() != light

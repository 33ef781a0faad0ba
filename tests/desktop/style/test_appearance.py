"""Light and dark: chosen by the user, or like the system."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.settings import ColourChoice
from desktop.style.appearance import Appearance
from desktop.style.theme import DARK, LIGHT, Theme
from tests.desktop.conftest import LONG_MS


def ground(app: QApplication) -> str:
    return app.palette().color(QPalette.ColorRole.Window).name()


def test_the_application_is_dressed_at_once(qapp: QApplication, appearance: Appearance) -> None:
    assert appearance.theme is LIGHT
    assert ground(qapp) == LIGHT.page
    assert LIGHT.sidebar in qapp.styleSheet()


def test_a_choice_is_told_when_everything_is_dressed(
    qtbot: QtBot, qapp: QApplication, appearance: Appearance
) -> None:
    grounds: list[str] = []
    appearance.changed.connect(lambda theme: grounds.append(ground(qapp)))
    with qtbot.waitSignal(appearance.changed, timeout=LONG_MS) as told:
        appearance.choose(ColourChoice.DARK)
    assert told.args == [DARK]
    assert grounds == [DARK.page]
    assert DARK.sidebar in qapp.styleSheet()


def test_a_choice_that_changes_nothing_tells_nothing(qtbot: QtBot, appearance: Appearance) -> None:
    told: list[Theme] = []
    appearance.changed.connect(told.append)
    appearance.choose(ColourChoice.LIGHT)
    assert told == []


def test_a_system_that_does_not_say_is_light(qtbot: QtBot, appearance: Appearance) -> None:
    appearance.choose(ColourChoice.DARK)
    appearance.choose(ColourChoice.SYSTEM)  # offscreen, Qt knows no colour scheme
    assert appearance.theme is LIGHT


@pytest.mark.parametrize(("choice", "theme"), [("light", LIGHT), ("dark", DARK)])
def test_the_users_choice_stands_against_the_system(
    appearance: Appearance, choice: str, theme: Theme
) -> None:
    appearance.choose(ColourChoice(choice))
    appearance._follow()  # what the system's change of colours calls
    assert appearance.theme is theme

"""The model chooser: what it offers, what it says, and by keyboard."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.chooser import ELSEWHERE, HERE, NOTHING, PAGE, SHORTCUT, Choice, ModelChooser
from engine.errors import BadModelFolder
from engine.models.folder import ModelFolder
from engine.remote.remote import Remote
from engine.types import Broken, Device, EngineState, Idle, Loading, ModelInfo, Ready
from tests.desktop.conftest import LONG_MS

FAR = Remote(Path("far.remote"), "https://gpu.office.example/v1", "gpt-oss-120b")
READY = Ready(ModelInfo("far", "far", 4096, 0, Device("gpu.office.example", "", is_here=False)))


@dataclass
class Shelf:
    """What find_models and find_remotes would find."""

    choices: list[Choice] = field(default_factory=list[Choice])

    def __call__(self) -> list[Choice]:
        return self.choices


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def chooser(qtbot: QtBot, shelf: Shelf) -> ModelChooser:
    chooser = ModelChooser(shelf)
    qtbot.addWidget(chooser)
    with qtbot.waitExposed(chooser, timeout=LONG_MS):
        chooser.show()
    return chooser


def offered(chooser: ModelChooser) -> list[str]:
    """As the user who opens the menu finds it, but for the last entry, which is always there."""
    chooser.menu().aboutToShow.emit()
    *choices, line, page = chooser.menu().actions()
    assert line.isSeparator()
    assert page.text() == PAGE
    return [action.text() for action in choices]


def test_models_here_and_elsewhere_are_told_apart(
    chooser: ModelChooser, shelf: Shelf, starter_folder: ModelFolder
) -> None:
    assert offered(chooser) == [NOTHING]
    shelf.choices = [starter_folder, FAR]
    assert offered(chooser) == [
        HERE,
        "SmolLM2 135M Instruct, 0.1 GB",
        ELSEWHERE,
        "far, on gpu.office.example",
    ]
    enabled = [action.isEnabled() for action in chooser.menu().actions()[:4]]
    assert enabled == [False, True, False, True]


@pytest.mark.parametrize("state", [Idle(), Loading("far"), READY])
def test_its_key_outlives_each_new_text(chooser: ModelChooser, state: EngineState) -> None:
    chooser.show_state(state)
    assert chooser.shortcut().toString() == SHORTCUT


def test_the_one_that_answers_is_marked_and_not_chosen_again(
    qtbot: QtBot, chooser: ModelChooser, shelf: Shelf, starter_folder: ModelFolder
) -> None:
    shelf.choices = [starter_folder, FAR]
    chooser.show_state(READY)
    offered(chooser)
    _, starter, _, far, *_ = chooser.menu().actions()
    assert (starter.isChecked(), far.isChecked()) == (False, True)
    with qtbot.assertNotEmitted(chooser.chosen):
        far.trigger()
    with qtbot.waitSignal(chooser.chosen, timeout=LONG_MS) as chosen:
        starter.trigger()
    assert chosen.args == [starter_folder]


@pytest.mark.parametrize(
    ("state", "text", "name"),
    [
        (Idle(), "Choose a model", "Choose a model"),
        (Loading("gpt-oss-20b"), "Loading gpt-oss-20b…", "Model: Loading gpt-oss-20b…"),
        (READY, "far", "Model: far"),
        (Broken(BadModelFolder("No.")), "Choose a model", "Choose a model"),
    ],
)
def test_it_says_what_the_engine_does(
    chooser: ModelChooser, state: EngineState, text: str, name: str
) -> None:
    chooser.show_state(state)
    assert (chooser.text().strip(), chooser.accessibleName()) == (text, name)


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_it_opens_and_chooses_by_keyboard(
    qtbot: QtBot, chooser: ModelChooser, shelf: Shelf, starter_folder: ModelFolder
) -> None:
    shelf.choices = [replace(starter_folder, name="One"), FAR]
    chooser.setFocus()
    menu = chooser.menu()
    menu.aboutToShow.connect(lambda: None)
    with qtbot.waitSignal(chooser.chosen, timeout=LONG_MS) as chosen:
        menu.popup(chooser.mapToGlobal(chooser.rect().bottomLeft()))
        qtbot.waitUntil(lambda: QApplication.activePopupWidget() is menu, timeout=LONG_MS)
        for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
            qtbot.keyClick(menu, key)
    assert chosen.args == [FAR]


def test_the_last_entry_leads_to_the_models_page(qtbot: QtBot, chooser: ModelChooser) -> None:
    offered(chooser)
    with qtbot.waitSignal(chooser.page_wanted, timeout=LONG_MS):
        chooser.menu().actions()[-1].trigger()

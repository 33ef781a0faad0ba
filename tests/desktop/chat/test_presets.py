"""Manners that the user has named."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QComboBox, QInputDialog, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.chat.manner import MORE, MannerButton, MannerDialog
from desktop.chat.presets import PresetRow
from desktop.library.manner import Manner
from desktop.library.presets import Preset, Presets
from desktop.library.store import Store
from desktop.style.notice import Notice
from engine.types import Effort
from tests.desktop.chat.asking import disk_refusing
from tests.desktop.conftest import LONG_MS

BRIEF = Manner(Effort.LOW, "Be brief.", 0.25, 0.9)
PIRATE = Manner(instructions="Talk like a pirate.")


@pytest.fixture
def presets(store: Store) -> Presets:
    presets = Presets(store.database)
    presets.keep(Preset("Pirate", PIRATE))
    presets.keep(Preset("brief", BRIEF))
    return presets


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    parent = QWidget()
    qtbot.addWidget(parent)
    return parent


def box_of(dialog: MannerDialog) -> QComboBox:
    return dialog.findChildren(QComboBox)[0]


def names(dialog: MannerDialog) -> list[str]:
    return [box_of(dialog).itemText(place) for place in range(box_of(dialog).count())]


def take(dialog: MannerDialog, place: int) -> None:
    box_of(dialog).setCurrentIndex(place)
    box_of(dialog).activated.emit(place)


def row_of(dialog: MannerDialog) -> PresetRow:
    return dialog.findChildren(PresetRow)[0]


def test_they_are_kept_by_name_and_the_last_one_holds(store: Store, presets: Presets) -> None:
    presets.keep(Preset("Pirate", Manner(instructions="Arr.")))
    assert [(one.name, one.manner.instructions) for one in presets.all()] == [
        ("brief", "Be brief."),
        ("Pirate", "Arr."),
    ]
    presets.remove("brief")
    assert [one.name for one in Presets(store.database).all()] == ["Pirate"]


def test_the_menu_offers_them_and_marks_the_one_in_use(
    qtbot: QtBot, presets: Presets, parent: QWidget
) -> None:
    button = MannerButton()
    button.setParent(parent)
    button.offer(presets)
    button.set_value(BRIEF)
    for _ in range(2):
        button.menu().aboutToShow.emit()
    actions = [one for one in button.menu().actions() if one.text()]
    assert [one.text() for one in actions][3:] == ["brief", "Pirate", MORE]
    assert [one.text() for one in actions if one.isChecked()] == ["Think briefly", "brief"]
    with qtbot.waitSignal(button.changed, timeout=LONG_MS) as changed:
        next(one for one in actions if one.text() == "Pirate").trigger()
    assert changed.args == [PIRATE]


def test_taking_one_fills_the_dialog(presets: Presets, parent: QWidget) -> None:
    dialog = MannerDialog(BRIEF, parent, presets)
    assert names(dialog) == ["None", "brief", "Pirate"]
    assert box_of(dialog).currentText() == "brief"
    take(dialog, 2)
    assert dialog.value() == PIRATE
    take(dialog, 0)
    assert dialog.value() == Manner()


def test_what_is_written_can_be_kept_under_a_name(
    qtbot: QtBot, presets: Presets, parent: QWidget
) -> None:
    dialog = MannerDialog(Manner(), parent, presets)
    dialog.show()
    dialog.findChildren(QPlainTextEdit)[0].setPlainText("Only questions.")
    buttons = dialog.findChildren(QPushButton)
    next(one for one in buttons if one.accessibleName() == "Save as a preset").click()
    (asking,) = dialog.findChildren(QInputDialog)
    asking.setTextValue("  Socrates ")
    asking.accept()
    assert names(dialog) == ["None", "brief", "Pirate", "Socrates"]
    assert box_of(dialog).currentText() == "Socrates"
    assert Preset("Socrates", Manner(instructions="Only questions.")) in presets.all()


def test_one_can_be_deleted_and_what_is_written_stays(presets: Presets, parent: QWidget) -> None:
    dialog = MannerDialog(BRIEF, parent, presets)
    buttons = dialog.findChildren(QPushButton)
    delete = next(one for one in buttons if one.accessibleName() == "Delete the preset")
    delete.click()
    assert names(dialog) == ["None", "Pirate"]
    assert dialog.value() == BRIEF
    assert not delete.isEnabled()


def test_a_disk_that_refuses_is_said(store: Store, presets: Presets, parent: QWidget) -> None:
    dialog = MannerDialog(BRIEF, parent, presets)
    with disk_refusing(store):
        row_of(dialog).keep("Another")
    assert "cannot be" in dialog.findChildren(Notice)[0].text()
    assert names(dialog) == ["None", "brief", "Pirate"]

"""The choice of how to answer: the menu's efforts and the dialog's numbers."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop.chat.manner import MORE, MannerButton, MannerDialog
from desktop.library.manner import Manner
from engine.types import Effort
from tests.desktop.conftest import LONG_MS

BRIEF = Manner(Effort.LOW, "Be brief.", 0.25, 0.9)


@pytest.fixture
def button(qtbot: QtBot) -> MannerButton:
    button = MannerButton()
    qtbot.addWidget(button)
    return button


def names(button: MannerButton) -> list[str]:
    return [one.text() for one in button.menu().actions() if one.text() and one.isVisible()]


def test_it_says_how_long_the_model_thinks(button: MannerButton) -> None:
    assert button.text().strip() == "Think"
    button.set_value(BRIEF)
    assert button.text().strip() == "Think briefly, with instructions"
    assert button.accessibleName() == "How to answer: Think briefly, with instructions"
    checked = [one.text() for one in button.menu().actions() if one.isChecked()]
    assert checked == ["Think briefly"]


def test_a_model_without_thoughts_offers_no_effort(button: MannerButton) -> None:
    assert names(button) == ["Think briefly", "Think", "Think long", MORE]
    button.set_has_effort(False)
    assert names(button) == [MORE]
    assert (button.text(), button.accessibleName()) == ("", "How to answer")


def test_a_chosen_effort_leaves_the_rest(qtbot: QtBot, button: MannerButton) -> None:
    button.set_value(BRIEF)
    action = next(one for one in button.menu().actions() if one.text() == "Think long")
    with qtbot.waitSignal(button.changed, timeout=LONG_MS) as changed:
        action.trigger()
    assert changed.args == [Manner(Effort.HIGH, "Be brief.", 0.25, 0.9)]


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    parent = QWidget()
    qtbot.addWidget(parent)
    return parent


@pytest.mark.parametrize("manner", [Manner(), BRIEF, Manner(top_p=0.0), Manner(has_tools=True)])
def test_the_dialog_gives_back_what_it_was_given(parent: QWidget, manner: Manner) -> None:
    assert MannerDialog(manner, parent).value() == manner


def test_what_is_written_and_switched_is_the_new_manner(parent: QWidget) -> None:
    dialog = MannerDialog(BRIEF, parent)
    dialog.findChildren(QPlainTextEdit)[0].setPlainText("  Answer in German.\n")
    tools, temperature, top_p = dialog.findChildren(QCheckBox)
    temperature.setChecked(False)
    dialog.findChildren(QDoubleSpinBox)[1].setValue(0.5)
    assert dialog.value() == Manner(Effort.LOW, "Answer in German.", None, 0.5)
    tools.setChecked(True)
    assert dialog.value().has_tools
    top_p.setChecked(False)
    assert not dialog.findChildren(QDoubleSpinBox)[1].isEnabled()

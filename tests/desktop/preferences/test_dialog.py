"""The preferences, each of which takes effect when it is chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QComboBox, QWidget
from pytestqt.qtbot import QtBot

from desktop.preferences.dialog import PreferencesDialog
from desktop.program import Program
from desktop.settings import NEVER, ColourChoice, Language, Settings, SettingsFile
from desktop.shell import ANSWERING, NEW_WINDOW, Shell
from desktop.style.notice import Notice
from desktop.style.theme import DARK, LIGHT
from desktop.style.widgets import Switch
from engine.types import Ready
from tests.desktop.conftest import LONG_MS
from tests.engine.models.test_folder import write_model


@pytest.fixture
def dialog(qtbot: QtBot) -> PreferencesDialog:
    dialog = PreferencesDialog(Settings(), has_tray=True)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def named(dialog: QWidget, name: str) -> Any:
    boxes = [*dialog.findChildren(QComboBox), *dialog.findChildren(Switch)]
    return next(one for one in boxes if one.accessibleName() == name)


def choose(dialog: QWidget, name: str, text: str) -> None:
    """As the user does: `activated` is not told of changes by the program."""
    box = named(dialog, name)
    box.setCurrentText(text)
    box.activated.emit(box.currentIndex())


def test_it_shows_what_holds(dialog: PreferencesDialog) -> None:
    dialog.show_settings(
        Settings(colours=ColourChoice.DARK, language=Language.GERMAN, rest_minutes=NEVER)
    )
    assert named(dialog, "Colours").currentText() == "Dark"
    assert named(dialog, "Language").currentText() == "Deutsch"
    assert named(dialog, "Give its memory back").currentText() == "Never"
    assert not named(dialog, "Stay in the tray").isChecked()
    assert named(dialog, "Notifications").isChecked()


def test_a_value_from_an_edited_file_is_none_of_them(dialog: PreferencesDialog) -> None:
    dialog.show_settings(Settings(rest_minutes=7))
    assert named(dialog, "Give its memory back").currentText() == ""


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("Language", "简体中文", ["language", Language.CHINESE]),
        ("Colours", "Light", ["colours", ColourChoice.LIGHT]),
        ("Give its memory back", "After 5 minutes at rest", ["rest_minutes", 5]),
    ],
)
def test_a_choice_is_told(
    qtbot: QtBot, dialog: PreferencesDialog, name: str, text: str, wanted: list[object]
) -> None:
    with qtbot.waitSignal(dialog.wanted, timeout=LONG_MS) as told:
        choose(dialog, name, text)
    assert told.args == wanted


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("Titles by the model", "writes_titles"),
        ("Local API", "api_at_start"),
        ("Stay in the tray", "stays_in_tray"),
        ("Notifications", "notifies"),
    ],
)
def test_a_switch_is_told(qtbot: QtBot, dialog: PreferencesDialog, name: str, setting: str) -> None:
    switch = named(dialog, name)
    with qtbot.waitSignal(dialog.wanted, timeout=LONG_MS) as told:
        switch.click()
    assert told.args == [setting, switch.isChecked()]


def test_without_a_tray_nothing_can_stay_in_it(qtbot: QtBot) -> None:
    dialog = PreferencesDialog(Settings(), has_tray=False)
    qtbot.addWidget(dialog)
    assert not named(dialog, "Stay in the tray").isEnabled()


@pytest.fixture
def shell(program: Program, make_shell: Callable[[], Shell]) -> Shell:
    write_model(program.home.bundled_models / "starter")
    return make_shell()


def stored(program: Program) -> Settings:
    return SettingsFile(program.home.settings).current


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_colours_change_at_once_and_are_kept(shell: Shell, program: Program) -> None:
    shell._show_preferences()
    for text, theme in (("Dark", DARK), ("Light", LIGHT)):
        choose(shell._pages.preferences, "Colours", text)
        assert shell._appearance.theme is theme
    assert stored(program).colours is ColourChoice.LIGHT


def test_the_time_of_rest_reaches_the_engine(
    qtbot: QtBot, shell: Shell, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float | None] = []
    monkeypatch.setattr(program.bridge.engine, "rest_after", asked.append)
    choose(shell._pages.preferences, "Give its memory back", "After 5 minutes at rest")
    choose(shell._pages.preferences, "Give its memory back", "Never")
    assert asked == [300.0, None]


def test_a_model_at_rest_is_said_in_the_status_line(
    qtbot: QtBot, shell: Shell, program: Program
) -> None:
    qtbot.waitUntil(lambda: isinstance(program.bridge.state, Ready), timeout=LONG_MS)
    program.bridge.engine.rest_after(0.01)
    words = "rests; your next question wakes it."
    qtbot.waitUntil(lambda: words in shell.window.status.text(), timeout=LONG_MS)
    program.bridge.engine.rest_after(None)
    shell._chat.send("Hello")
    qtbot.waitUntil(lambda: not shell._chat.is_answering, timeout=LONG_MS)
    assert words not in shell.window.status.text()


def test_a_disk_that_refuses_does_not_keep_the_user_from_choosing(
    shell: Shell, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("desktop.settings._replace_file", full)
    choose(shell._pages.preferences, "Colours", "Dark")
    assert shell._appearance.theme is DARK


def test_another_language_takes_a_new_window(
    shell: Shell, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes: list[int] = []
    monkeypatch.setattr(shell._app, "exit", codes.append)
    choose(shell._pages.preferences, "Language", "Deutsch")
    assert codes == [NEW_WINDOW]
    assert stored(program).language is Language.GERMAN


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_language_waits_for_an_answer_on_its_way(
    qtbot: QtBot, shell: Shell, program: Program, decoder: Any
) -> None:
    qtbot.waitUntil(lambda: isinstance(program.bridge.state, Ready), timeout=LONG_MS)
    decoder.gate.clear()
    shell._chat.send("Hello")
    shell._show_preferences()
    dialog = shell._pages.preferences
    choose(dialog, "Language", "Deutsch")
    assert dialog.findChildren(Notice)[0].text() == ANSWERING
    assert named(dialog, "Language").currentText() == "Like the system"
    decoder.gate.set()
    qtbot.waitUntil(lambda: not shell._chat.is_answering, timeout=LONG_MS)


def test_the_keys_open_it(shell: Shell, own_home: Path) -> None:
    shell.window.preferences_wanted.emit()
    assert shell._pages.preferences.isVisible()

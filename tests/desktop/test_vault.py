"""Whether conversations are encrypted: the key, the change, the lost keyring."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QPushButton

from desktop.app import _changed
from desktop.library.encryption import is_encrypted, new_key
from desktop.library.migrations import LibraryUnavailable
from desktop.preferences.encryption import KeyDialog, as_text, from_text
from desktop.program import Program
from desktop.secrets import LibraryKey
from desktop.shell import NEW_WINDOW, Place, Shell
from desktop.style.widgets import Switch
from desktop.vault import Vault
from engine.errors import KeyUnavailable
from tests.desktop.conftest import Windows
from tests.desktop.secret_service import needs_secret_service, run_in_session


class Drawer(KeyringBackend):
    """A keyring in memory."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.forgets = False

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if not self.forgets:
            self.kept[service, username] = password


@pytest.fixture
def drawer(monkeypatch: pytest.MonkeyPatch) -> Drawer:
    drawer = Drawer()
    monkeypatch.setattr(keyring, "get_password", drawer.get_password)
    monkeypatch.setattr(keyring, "set_password", drawer.set_password)
    return drawer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "library" / "conversations.sqlite3"


@pytest.fixture
def vault(path: Path, drawer: Drawer) -> Vault:
    """Of a library with one conversation."""
    vault = Vault(path, LibraryKey())
    store = vault.open_store(never_asked)
    store.add_question(None, "Hello")
    store.close()
    return vault


def never_asked(is_wrong: bool) -> str | None:
    raise AssertionError("The user was asked for a key.")


def titles(vault: Vault, ask: Callable[[bool], str | None] = never_asked) -> list[str]:
    store = vault.open_store(ask)
    try:
        return [one.title for one in store.conversations()]
    finally:
        store.close()


def test_there_and_back(vault: Vault) -> None:
    for wanted in (True, False):
        vault.want(wanted)
        key = vault.change()
        assert (key is not None) == wanted
        assert vault.is_encrypted == wanted
        assert titles(vault) == ["Hello"]
    assert vault.change() is None, "it was done"


def test_a_keyring_that_forgets_leaves_all_as_it_was(vault: Vault, drawer: Drawer) -> None:
    drawer.forgets = True
    vault.want(True)
    with pytest.raises(KeyUnavailable, match="does not keep"):
        vault.change()
    assert not vault.is_encrypted


def test_with_a_lost_keyring_the_kept_key_opens_it(vault: Vault, drawer: Drawer) -> None:
    vault.want(True)
    key = vault.change()
    assert key is not None
    drawer.kept.clear()
    answers = iter([(False, "nonsense"), (True, as_text(new_key())), (True, as_text(key).upper())])

    def ask(is_wrong: bool) -> str:
        expected, typed = next(answers)
        assert is_wrong is expected
        return typed

    assert titles(vault, ask) == ["Hello"]
    assert titles(vault) == ["Hello"], "it is in the keyring again"


def test_who_gives_up_reads_why(vault: Vault, drawer: Drawer) -> None:
    vault.want(True)
    vault.change()
    drawer.kept.clear()
    with pytest.raises(LibraryUnavailable, match="their key is not in"):
        titles(vault, lambda _: None)
    vault.want(False)
    with pytest.raises(LibraryUnavailable, match="their key is not in"):
        vault.change()
    assert vault.is_encrypted


def test_a_key_is_written_for_people() -> None:
    key = bytes(range(32))
    assert as_text(key).startswith("00010203-04050607-08090a0b-")
    assert from_text(as_text(key)) == key
    assert from_text(as_text(key).replace("-", "  ")) == key
    assert from_text("0001") is None
    assert from_text("") is None


@needs_secret_service
def test_the_real_keyring_keeps_it(tmp_path: Path) -> None:
    code = (
        "from desktop.secrets import LibraryKey\n"
        "keys = LibraryKey(); first = keys.get(); keys.keep(bytes(32))\n"
        "print(first, keys.get() == bytes(32))"
    )
    assert run_in_session(tmp_path, code).split() == ["None", "True"]


# in the window


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    codes: list[int] = []
    monkeypatch.setattr("PySide6.QtWidgets.QApplication.exit", lambda *said: codes.append(said[-1]))
    return codes


def says(answer: QMessageBox.StandardButton, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QMessageBox, "question", lambda *_: answer)


def switch_of(shell: Shell) -> Switch:
    switches = shell._pages.preferences.findChildren(Switch)
    return next(one for one in switches if one.accessibleName() == "Encrypt them on the disk")


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_switch_asks_and_takes_a_new_window_that_shows_the_key(
    drawer: Drawer,
    program: Program,
    make_shell: Windows,
    codes: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shell = make_shell()
    shell._store.add_question(None, "Hello")
    shell._show_preferences()
    says(QMessageBox.StandardButton.No, monkeypatch)
    switch_of(shell).click()
    assert (switch_of(shell).isChecked(), codes) == (False, [])
    says(QMessageBox.StandardButton.Yes, monkeypatch)
    switch_of(shell).click()
    assert codes == [NEW_WINDOW]
    make_shell.close()
    place = _changed(program, Place())
    assert is_encrypted(program.home.database)
    assert place.new_key is not None

    again = make_shell(place)
    (dialog,) = again.window.findChildren(KeyDialog)
    buttons = {one.text(): one for one in dialog.findChildren(QPushButton)}
    buttons["Copy the key"].click()
    assert from_text(QGuiApplication.clipboard().text()) == place.new_key
    assert [one.title for one in again._store.conversations()] == ["Hello"]
    again._show_preferences()
    assert switch_of(again).isChecked()


def test_what_keeps_it_from_happening_is_said_in_the_new_window(
    program: Program, make_shell: Windows
) -> None:
    """The tests' own keyring fails."""
    program.vault.want(True)
    place = _changed(program, Place())
    assert place.new_key is None
    shell = make_shell(place)
    assert "no keyring that Hearth can use" in shell.window.page.notice.text()
    assert not program.vault.is_encrypted

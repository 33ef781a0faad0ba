"""What the user reads and says where conversations are encrypted."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QInputDialog,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.language import tr, tr_later
from desktop.library.encryption import KEY_BYTES
from desktop.style.widgets import label

GROUP = 8
KEY_WIDTH = 700
"""Pixels, for the whole key."""
ENCRYPT = tr_later(
    "Encrypt all conversations? Their key is kept in your keyring. Who takes the disk, a copy or a "
    "backup of it reads nothing; who uses your computer while you are logged in does. What was "
    "written until now may linger in free parts of the disk and in old backups. The window closes "
    "for a moment."
)
DECRYPT = tr_later(
    "Store all conversations without encryption again? Whoever can read your disk can then read "
    "them. The window closes for a moment."
)
KEEP = tr_later(
    "If your keyring is ever lost, only this key opens your conversations. Keep it where you keep "
    "passwords; Hearth does not show it again."
)
LOST = tr_later(
    "Your conversations are encrypted, or their file is damaged, and their key is not in your "
    "keyring. Enter the key that you kept when you encrypted them."
)
WRONG = tr_later("This key does not open them.")


def is_sure(parent: QWidget, is_wanted: bool) -> bool:
    text = tr(ENCRYPT if is_wanted else DECRYPT)
    answer = QMessageBox.question(parent, tr("Conversations"), text)
    return answer is QMessageBox.StandardButton.Yes


def as_text(key: bytes) -> str:
    """For people: groups of letters and digits."""
    hexadecimal = key.hex()
    return "-".join(hexadecimal[at : at + GROUP] for at in range(0, len(hexadecimal), GROUP))


def from_text(text: str) -> bytes | None:
    """None where it is no key."""
    try:
        key = bytes.fromhex("".join(text.replace("-", " ").split()))
    except ValueError:
        return None
    return key if len(key) == KEY_BYTES else None


def ask_for_key(is_wrong: bool) -> str | None:
    """What the user types; None where they give up."""
    text = " ".join([*([tr(WRONG)] if is_wrong else []), tr(LOST)])
    typed, is_given = QInputDialog.getText(None, "Hearth", text)  # pyright: ignore[reportArgumentType]
    return typed if is_given else None


class KeyDialog(QDialog):
    """Shows a new key, once."""

    def __init__(self, key: bytes, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Your key"))
        self.setAccessibleName(tr("Your key"))
        self.setMinimumWidth(KEY_WIDTH)
        self._field = QLineEdit(as_text(key))
        self._field.setReadOnly(True)
        self._field.setAccessibleName(tr("Key"))
        self._field.setCursorPosition(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(tr("Your conversations are encrypted"), look="heading"))
        column.addWidget(label(tr(KEEP), look="muted", wraps=True))
        column.addWidget(self._field)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        copy = QPushButton(tr("Copy the key"))
        copy.clicked.connect(self._copy)
        kept = QPushButton(tr("I have kept it"))
        kept.setDefault(True)
        kept.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(copy)
        row.addWidget(kept)
        return row

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._field.text())

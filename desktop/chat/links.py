"""Which links may be opened, and asking before one is."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop.language import tr

SCHEMES = ("http", "https", "mailto")


def may_open(address: str) -> bool:
    return QUrl(address).scheme().lower() in SCHEMES


def ask_and_open(parent: QWidget, url: QUrl) -> None:
    """The model wrote the link: the user sees where it really leads before anything opens."""
    if not may_open(url.toString()):
        return
    question = QMessageBox(parent)
    question.setTextFormat(Qt.TextFormat.PlainText)
    question.setWindowTitle(tr("Open link"))
    question.setText(tr("Open this link outside Hearth?"))
    question.setInformativeText(url.toDisplayString())
    question.setStandardButtons(QMessageBox.StandardButton.Open | QMessageBox.StandardButton.Cancel)
    question.setDefaultButton(QMessageBox.StandardButton.Cancel)
    if question.exec() == QMessageBox.StandardButton.Open:
        QDesktopServices.openUrl(url)

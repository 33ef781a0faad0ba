"""A link opens only after the user has seen where it leads."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from desktop.chat.links import ask_and_open, may_open

Button = QMessageBox.StandardButton


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would have gone to the system's browser."""
    urls: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: urls.append(url.toString()))
    return urls


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    parent = QWidget()
    qtbot.addWidget(parent)
    return parent


def answering(button: Button | None) -> list[str]:
    """Press `button`, or Escape, in the next question; returns the texts it will have shown."""
    shown: list[str] = []

    def answer() -> None:
        question = QApplication.activeModalWidget()
        assert isinstance(question, QMessageBox)
        shown.append(question.informativeText())
        if button is None:
            question.reject()
        else:
            question.button(button).click()

    QTimer.singleShot(0, answer)
    return shown


def test_the_user_sees_the_address_and_opens_it(parent: QWidget, opened: list[str]) -> None:
    shown = answering(Button.Open)
    ask_and_open(parent, QUrl("https://example.org/a?b=c"))
    assert shown == ["https://example.org/a?b=c"]
    assert opened == ["https://example.org/a?b=c"]


@pytest.mark.parametrize("button", [Button.Cancel, None])
def test_nothing_opens_where_the_user_declines(
    parent: QWidget, opened: list[str], button: Button | None
) -> None:
    answering(button)
    ask_and_open(parent, QUrl("https://example.org"))
    assert opened == []


@pytest.mark.parametrize(
    "address", ["file:///etc/hostname", "javascript:alert(1)", "//host/share", "", "ftp://a.org"]
)
def test_other_schemes_open_nothing_and_ask_nothing(
    parent: QWidget, opened: list[str], address: str
) -> None:
    ask_and_open(parent, QUrl(address))  # a question would block here
    assert opened == []


@pytest.mark.parametrize("address", ["HTTPS://EXAMPLE.ORG", "MailTo:a@example.org"])
def test_the_case_of_a_scheme_does_not_matter(address: str) -> None:
    assert may_open(address)


def test_the_address_is_shown_as_plain_text(parent: QWidget, opened: list[str]) -> None:
    formats: list[Qt.TextFormat] = []

    def look_and_cancel() -> None:
        question = QApplication.activeModalWidget()
        assert isinstance(question, QMessageBox)
        formats.append(question.textFormat())
        question.reject()

    QTimer.singleShot(0, look_and_cancel)
    ask_and_open(parent, QUrl("https://example.org/<b>bold</b>"))
    assert formats == [Qt.TextFormat.PlainText]

"""A newer Hearth is looked for when the user asks, and only then; what was asked is said."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.about.dialog import NEVER_BY_ITSELF, NO_ADDRESS, AboutDialog
from desktop.about.updates import UpdateCheck, is_newer
from desktop.home import default_home
from desktop.style.text_dialog import TextDialog
from engine.models.download.connections import Connections
from tests.desktop.conftest import LONG_MS

LICENCES = default_home().licences


class Releases(HTTPServer):
    """Answers as GitHub's API does."""

    answer: object = {"tag_name": "v99.1.0", "html_url": "https://example.org/v99.1.0"}
    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/releases/latest"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        releases = self.server
        assert isinstance(releases, Releases)
        releases.asked.append(self.path)
        body = json.dumps(releases.answer).encode()
        self.send_response(releases.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def releases() -> Generator[Releases]:
    with Releases() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def ledger(tmp_path: Path) -> Connections:
    return Connections(tmp_path / "connections.jsonl")


@pytest.fixture
def dialog(qtbot: QtBot, releases: Releases, ledger: Connections) -> AboutDialog:
    dialog = AboutDialog(UpdateCheck(releases.address, ledger), LICENCES)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def said(dialog: QWidget) -> str:
    return "\n".join(one.text() for one in dialog.findChildren(QLabel))


def button(dialog: QWidget, text: str) -> QPushButton:
    return next(one for one in dialog.findChildren(QPushButton) if one.text() == text)


def click_and_wait(qtbot: QtBot, dialog: AboutDialog) -> None:
    look = button(dialog, "Check for updates")
    look.click()
    assert not look.isEnabled()
    qtbot.waitUntil(look.isEnabled, timeout=LONG_MS)


def test_nothing_is_asked_before_a_click(
    dialog: AboutDialog, releases: Releases, ledger: Connections
) -> None:
    assert NEVER_BY_ITSELF in said(dialog)
    assert not releases.asked
    assert not [*ledger.all()]


def test_a_newer_one_is_named_with_who_was_asked(
    qtbot: QtBot, dialog: AboutDialog, releases: Releases, ledger: Connections
) -> None:
    click_and_wait(qtbot, dialog)
    host = f"127.0.0.1:{releases.server_port}"
    assert f"Asked {host}. Version 99.1.0 has been published." in said(dialog)
    assert button(dialog, "Open its page").isVisible()
    assert [one.host for one in ledger.all()] == [host]
    assert releases.asked == ["/releases/latest"]


def test_the_newest_says_so(qtbot: QtBot, dialog: AboutDialog, releases: Releases) -> None:
    releases.answer = {"tag_name": "v0.0.1", "html_url": "https://example.org"}
    click_and_wait(qtbot, dialog)
    assert "This is the newest version." in said(dialog)
    assert not button(dialog, "Open its page").isVisible()


@pytest.mark.parametrize(
    ("status", "answer"), [(404, {"message": "Not Found"}), (200, ["a", "list"]), (200, {})]
)
def test_what_is_no_release_is_one_sentence(
    qtbot: QtBot, dialog: AboutDialog, releases: Releases, status: int, answer: object
) -> None:
    releases.status, releases.answer = status, answer
    click_and_wait(qtbot, dialog)
    assert f"did not name a release (it answered {status})." in said(dialog)


def test_offline_it_asks_nobody(
    qtbot: QtBot, dialog: AboutDialog, releases: Releases, ledger: Connections
) -> None:
    ledger.is_offline = True
    click_and_wait(qtbot, dialog)
    assert not releases.asked
    assert "offline" in said(dialog).lower()


def test_a_build_without_an_address_offers_no_look(qtbot: QtBot, ledger: Connections) -> None:
    dialog = AboutDialog(UpdateCheck("", ledger), LICENCES)
    qtbot.addWidget(dialog)
    dialog.show()
    assert NO_ADDRESS in said(dialog)
    assert not button(dialog, "Check for updates").isVisible()


def test_the_licences_can_be_read(dialog: AboutDialog, tmp_path: Path) -> None:
    button(dialog, "Licences").click()
    (shown,) = dialog.findChildren(TextDialog)
    (text,) = shown.findChildren(QPlainTextEdit)
    assert "GNU Lesser" in text.toPlainText()


def test_versions_are_compared_by_their_numbers() -> None:
    assert is_newer("0.10.0", "0.9.3")
    assert is_newer("1.0.0", "0.9")
    assert not is_newer("0.1.0", "0.1.0")
    assert not is_newer("0.1", "0.1.0")

"""The page of connections: the ledger as it is, and a switch that is obeyed at once."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QTreeWidget, QWidget
from pytestqt.qtbot import QtBot

from desktop.connections import NONE, ConnectionsDialog, local_time
from desktop.pages import Pages
from desktop.program import Program
from desktop.style.widgets import Switch
from engine.errors import Offline
from engine.models.download.connections import Connections
from tests.desktop.conftest import LONG_MS


@pytest.fixture
def ledger(tmp_path: Path) -> Connections:
    return Connections(tmp_path / "connections.jsonl")


@pytest.fixture
def dialog(qtbot: QtBot, ledger: Connections) -> ConnectionsDialog:
    dialog = ConnectionsDialog(ledger)
    qtbot.addWidget(dialog)
    return dialog


def rows(dialog: ConnectionsDialog) -> list[list[str]]:
    table = dialog.findChildren(QTreeWidget)[0]
    items = [table.topLevelItem(row) for row in range(table.topLevelItemCount())]
    return [[item.text(column) for column in (1, 2)] for item in items if item]


def test_what_was_made_is_there_the_newest_first(
    dialog: ConnectionsDialog, ledger: Connections
) -> None:
    ledger.permit("huggingface.co", "get gpt-oss-20b")
    ledger.permit("gpu.office.example", "ask office")
    dialog.show()
    assert rows(dialog) == [
        ["gpu.office.example", "ask office"],
        ["huggingface.co", "get gpt-oss-20b"],
    ]
    dialog.findChildren(QPushButton)[0].click()
    first, second = QGuiApplication.clipboard().text().split("\n")
    assert first.split("\t")[1:] == ["huggingface.co", "get gpt-oss-20b"]
    assert second.split("\t")[1] == "gpu.office.example"


def test_none_is_said_in_words(dialog: ConnectionsDialog) -> None:
    dialog.show()
    assert NONE in [one.text() for one in dialog.findChildren(QLabel)]
    assert rows(dialog) == []


def test_a_time_is_the_walls_and_anything_else_stays() -> None:
    assert local_time("2026-11-23T12:00:00+00:00").startswith("2026-11-2")
    assert local_time("yesterday") == "yesterday"


@pytest.fixture
def pages(qtbot: QtBot, program: Program) -> Generator[Pages]:
    window = QWidget()
    qtbot.addWidget(window)
    pages = Pages(program, window)
    yield pages
    pages.close()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_switch_forbids_at_once_and_is_told(
    qtbot: QtBot, pages: Pages, program: Program
) -> None:
    ledger = program.connections()
    pages.show_connections()
    window = pages.parent()
    assert isinstance(window, QWidget)
    dialog = window.findChildren(ConnectionsDialog)[0]
    (switch,) = dialog.findChildren(Switch)
    with qtbot.waitSignal(pages.offline_changed, timeout=LONG_MS) as changed:
        switch.click()
    assert changed.args == [True]
    with pytest.raises(Offline):
        ledger.permit("huggingface.co", "get gpt-oss-20b")
    assert rows(dialog) == [], "what was refused is no connection"
    switch.click()
    ledger.permit("huggingface.co", "get gpt-oss-20b")

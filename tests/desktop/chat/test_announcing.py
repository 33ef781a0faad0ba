"""What screen readers are told when an answer has come."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from pytestqt.qtbot import QtBot

from tests.desktop.chat.asking import ask, wait_for_end
from tests.desktop.conftest import Desk
from tests.fakes import END


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """As if a screen reader listened."""
    told: list[str] = []

    def hear(event: object) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            told.append(event.message())

    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    return told


def test_the_answer_is_announced_once_it_is_there(
    qtbot: QtBot, desk: Desk, told: list[str]
) -> None:
    ask(desk)
    wait_for_end(qtbot, desk)
    assert told == ["Answer: Good day."]


def test_of_a_long_one_the_beginning(qtbot: QtBot, desk: Desk, told: list[str]) -> None:
    desk.decoder.script = [*b"word " * 300, END]
    ask(desk)
    wait_for_end(qtbot, desk)
    assert told[0].endswith("word…")
    assert 500 < len(told[0]) < 620


def test_what_is_out_of_sight_is_not_announced(qtbot: QtBot, desk: Desk, told: list[str]) -> None:
    desk.decoder.seconds_per_token = 0.01
    ask(desk)
    desk.chat.new_chat()
    wait_for_end(qtbot, desk)
    assert told == []

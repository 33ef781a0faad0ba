"""Asking at a desk, and waiting for what it shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from desktop.library.records import Status, StoredMessage
from desktop.library.store import Store
from tests.desktop.conftest import LONG_MS, Desk
from tests.fakes import END

LONG_ANSWER = "".join(f"Paragraph {number} of a *long* answer.\n\n" for number in range(400))


def ask(desk: Desk, text: str = "Hello") -> None:
    desk.page.composer.set_text(text)
    desk.page.composer.sent.emit(text)


def wait_for(qtbot: QtBot, desk: Desk, text: str) -> None:
    qtbot.waitUntil(lambda: text in desk.shown_text, timeout=LONG_MS)


def wait_for_end(qtbot: QtBot, desk: Desk, conversation_id: int = 1) -> StoredMessage:
    def last() -> StoredMessage:
        return desk.store.messages(conversation_id)[-1]

    qtbot.waitUntil(lambda: last().end.status is not Status.STREAMING, timeout=LONG_MS)
    return last()


def ask_slowly(qtbot: QtBot, desk: Desk, text: str = "Hello") -> None:
    """An answer that is on its way when this returns, and goes on for a while."""
    desk.decoder.script, desk.decoder.seconds_per_token = [*LONG_ANSWER.encode(), END], 0.0005
    ask(desk, text)
    wait_for(qtbot, desk, "Paragraph 1")  # number 0 is whole


def button_of(desk: Desk) -> QToolButton:
    button = desk.page.composer.findChild(QToolButton, "send")
    assert button is not None
    return button


def is_answering(desk: Desk) -> bool:
    return button_of(desk).accessibleName() == "Stop"


# asking


@contextmanager
def disk_refusing(store: Store) -> Iterator[None]:
    store.database.sql.execute("PRAGMA query_only = ON")
    yield
    store.database.sql.execute("PRAGMA query_only = OFF")

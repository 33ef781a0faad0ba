"""Files at a desk: chosen, dropped, counted, taken out, sent, edited."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QToolButton
from pytestqt.qtbot import QtBot

from desktop.chat.attaching import Attaching
from desktop.chat.composer import Editor
from desktop.library.records import Attachment
from engine.types import ChatRequest
from tests.desktop.chat.asking import ask, disk_refusing, wait_for_end
from tests.desktop.conftest import LONG_MS, Desk

NOTES = Attachment("notes.txt", "Buy flour.", 10)


@pytest.fixture
def attaching(desk: Desk) -> Generator[Attaching]:
    attaching = Attaching(desk.bridge, desk.page)
    yield attaching
    attaching.close()


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    (tmp_path / "notes.txt").write_text("Buy flour.\n", "utf-8")
    return tmp_path / "notes.txt"


def attached(desk: Desk) -> tuple[Attachment, ...]:
    return desk.page.composer.attachments.value


def wait_for_files(qtbot: QtBot, desk: Desk, count: int) -> None:
    qtbot.waitUntil(lambda: len(attached(desk)) == count, timeout=LONG_MS)


def test_chosen_files_are_read_and_counted(
    qtbot: QtBot, desk: Desk, attaching: Attaching, notes: Path
) -> None:
    (button,) = (
        one
        for one in desk.page.composer.findChildren(QToolButton)
        if one.accessibleName() == "Attach a file"
    )
    button.click()
    dialog = desk.window.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    dialog.filesSelected.emit([str(notes)])
    dialog.reject()
    wait_for_files(qtbot, desk, 1)
    assert attached(desk) == (NOTES,), "a token for each byte here"
    assert desk.page.composer.attachments.isVisible()


def mime_of(path: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    return mime


def test_dropped_and_pasted_files_are_attached_and_their_paths_not_written(
    qtbot: QtBot, desk: Desk, attaching: Attaching, notes: Path
) -> None:
    mime, copy, left = mime_of(notes), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    no_keys = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPointF(5, 5).toPoint(), copy, mime, left, no_keys)
    desk.page.dragEnterEvent(enter)
    assert enter.isAccepted()
    desk.page.dropEvent(QDropEvent(QPointF(5, 5), copy, mime, left, no_keys))
    wait_for_files(qtbot, desk, 1)
    editor = desk.page.composer.findChild(Editor)
    assert editor is not None
    editor.insertFromMimeData(mime)
    wait_for_files(qtbot, desk, 2)
    assert desk.page.composer.text() == ""


def test_text_and_links_are_no_files(desk: Desk, attaching: Attaching) -> None:
    mime = QMimeData()
    mime.setText("https://example.org")
    mime.setUrls([QUrl("https://example.org")])
    editor = desk.page.composer.findChild(Editor)
    assert editor is not None
    editor.insertFromMimeData(mime)
    assert desk.page.composer.text() == "https://example.org"


def test_one_can_be_taken_out_again(desk: Desk) -> None:
    strip = desk.page.composer.attachments
    strip.set_value((NOTES, Attachment("other.txt", "x", 1)))
    (out,) = (
        one for one in strip.findChildren(QToolButton) if one.accessibleName() == "Remove notes.txt"
    )
    out.click()
    assert [one.name for one in attached(desk)] == ["other.txt"]
    strip.set_value(())
    assert not strip.isVisible()


def test_the_model_reads_the_file_before_the_question(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit, asked = desk.bridge.engine.submit, list[ChatRequest]()
    monkeypatch.setattr(
        desk.bridge.engine,
        "submit",
        lambda request, sink: asked.append(request) or submit(request, sink),
    )
    desk.page.composer.attachments.set_value((NOTES,))
    ask(desk, "What to buy?")
    wait_for_end(qtbot, desk)
    assert asked[0].messages[0].text == (
        '<file name="notes.txt">\nBuy flour.\n</file>\n\nWhat to buy?'
    )
    assert attached(desk) == ()
    shown = "notes.txt · 10 tokens\nWhat to buy?\nGood day."
    assert desk.shown_text == shown
    desk.chat.new_chat()
    desk.chat.show(1)
    assert desk.shown_text == shown


def test_editing_brings_the_files_along_and_the_draft_keeps_its_own(
    qtbot: QtBot, desk: Desk
) -> None:
    desk.page.composer.attachments.set_value((NOTES,))
    ask(desk, "What to buy?")
    wait_for_end(qtbot, desk)
    other = Attachment("other.txt", "x", 1)
    desk.page.composer.set_text("A draft")
    desk.page.composer.attachments.set_value((other,))
    bars = desk.page.transcript.bars
    bars.edit_wanted.emit(desk.store.messages(1)[0].id)
    assert attached(desk) == (NOTES,)
    ask(desk, "What else?")
    wait_for_end(qtbot, desk)
    assert desk.store.messages(1)[0].attachments == (NOTES,)
    assert (desk.page.composer.text(), attached(desk)) == ("A draft", (other,))


def test_where_the_disk_refuses_the_files_stay(desk: Desk) -> None:
    desk.page.composer.attachments.set_value((NOTES,))
    with disk_refusing(desk.store):
        ask(desk, "What to buy?")
    assert attached(desk) == (NOTES,)


def test_what_cannot_be_read_is_said(
    qtbot: QtBot, desk: Desk, attaching: Attaching, tmp_path: Path
) -> None:
    (tmp_path / "a.bin").write_bytes(b"\0\1")
    attaching.take([tmp_path / "a.bin"])
    qtbot.waitUntil(lambda: "is no text" in desk.page.notice.text(), timeout=LONG_MS)
    assert attached(desk) == ()


def test_what_the_model_can_never_read_is_refused_with_the_numbers(
    qtbot: QtBot, desk: Desk, attaching: Attaching, tmp_path: Path
) -> None:
    (tmp_path / "long.txt").write_text("x" * 5000, "utf-8")
    attaching.take([tmp_path / "long.txt"])
    qtbot.waitUntil(
        lambda: (
            desk.page.notice.text()
            == "long.txt has 5,000 tokens, and the model reads 4,096 in all. Attach a part of it."
        ),
        timeout=LONG_MS,
    )
    assert attached(desk) == ()

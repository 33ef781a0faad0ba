"""Choosing, deleting and taking back, by mouse and by key."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from desktop.library import panel as panel_module
from desktop.library.model import PINNED_ROLE
from desktop.library.panel import NOTHING_FOUND, ConversationList, LibraryPanel, UndoBar
from desktop.library.rows import bin_box
from desktop.library.store import Store

LONG_MS = 30_000


@pytest.fixture
def ids(store: Store) -> list[int]:
    """Three conversations, in the order of the rows."""
    questions = [store.add_question(None, text) for text in ("Old", "Middle", "New")]
    return [question.conversation_id for question in reversed(questions)]


@pytest.fixture
def panel(qtbot: QtBot, store: Store, ids: list[int]) -> LibraryPanel:
    panel = LibraryPanel(store)
    qtbot.addWidget(panel)
    panel.resize(260, 400)
    with qtbot.waitExposed(panel, timeout=LONG_MS):
        panel.show()
    return panel


def view(panel: LibraryPanel) -> ConversationList:
    return panel.findChildren(ConversationList)[0]


def undo_bar(panel: LibraryPanel) -> UndoBar:
    return panel.findChildren(UndoBar)[0]


def index(panel: LibraryPanel, row: int) -> QModelIndex:
    return view(panel).model().index(row, 0)


def titles(panel: LibraryPanel) -> list[str]:
    return [index(panel, row).data() for row in range(view(panel).model().rowCount())]


def click(panel: LibraryPanel, at: QPoint) -> None:
    QTest.mouseClick(view(panel).viewport(), Qt.MouseButton.LeftButton, pos=at)


def delete(panel: LibraryPanel, row: int) -> None:
    view(panel).setCurrentIndex(index(panel, row))
    QTest.keyClick(view(panel), Qt.Key.Key_Delete)


def undo(panel: LibraryPanel) -> None:
    QTest.mouseClick(undo_bar(panel).findChildren(QToolButton)[0], Qt.MouseButton.LeftButton)


def test_a_click_opens_a_conversation(qtbot: QtBot, panel: LibraryPanel, ids: list[int]) -> None:
    with qtbot.waitSignal(panel.opened, timeout=LONG_MS) as opened:
        click(panel, view(panel).visualRect(index(panel, 1)).center())
    assert opened.args == [ids[1]]


def test_return_opens_a_conversation(qtbot: QtBot, panel: LibraryPanel, ids: list[int]) -> None:
    view(panel).setCurrentIndex(index(panel, 2))
    with qtbot.waitSignal(panel.opened, timeout=LONG_MS) as opened:
        QTest.keyClick(view(panel), Qt.Key.Key_Return)
    assert opened.args == [ids[2]]


def test_the_bin_deletes_and_does_not_open(
    qtbot: QtBot, panel: LibraryPanel, ids: list[int]
) -> None:
    bin_of_first = bin_box(view(panel).visualRect(index(panel, 0))).center()
    with (
        qtbot.assertNotEmitted(panel.opened),
        qtbot.waitSignal(panel.deleted, timeout=LONG_MS) as deleted,
    ):
        click(panel, bin_of_first)
    assert deleted.args == [ids[0]]
    assert titles(panel) == ["Middle", "Old"]


def test_the_delete_key_deletes_and_says_which(panel: LibraryPanel) -> None:
    delete(panel, 1)
    assert titles(panel) == ["New", "Old"]
    assert undo_bar(panel).isVisible()
    assert "Middle" in undo_bar(panel)._text.whole_text()


def test_undo_brings_it_back_to_its_place_and_opens_it(
    qtbot: QtBot, panel: LibraryPanel, ids: list[int]
) -> None:
    delete(panel, 1)
    with qtbot.waitSignal(panel.opened, timeout=LONG_MS) as opened:
        undo(panel)
    assert opened.args == [ids[1]]
    assert titles(panel) == ["New", "Middle", "Old"]
    assert not undo_bar(panel).isVisible()


def test_undo_brings_back_the_last_of_two(panel: LibraryPanel) -> None:
    delete(panel, 0)
    delete(panel, 0)
    undo(panel)
    assert titles(panel) == ["Middle", "Old"]


def test_the_way_back_is_offered_for_a_while_only(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, store: Store, ids: list[int]
) -> None:
    monkeypatch.setattr(panel_module, "UNDO_SECONDS", 0)
    panel = LibraryPanel(store)
    qtbot.addWidget(panel)
    panel.show()
    delete(panel, 0)
    qtbot.waitUntil(lambda: not undo_bar(panel).isVisible(), timeout=LONG_MS)
    assert titles(panel) == ["Middle", "Old"]


def test_the_shown_conversation_stays_chosen_when_the_order_changes(
    panel: LibraryPanel, store: Store, ids: list[int]
) -> None:
    panel.select(ids[2])
    assert view(panel).currentIndex().row() == 2
    store.add_question(ids[2], "More")
    panel.refresh()
    assert view(panel).currentIndex().row() == 0
    panel.select(None)
    assert not view(panel).currentIndex().isValid()


def test_a_row_is_painted_chosen_and_under_the_mouse(panel: LibraryPanel, ids: list[int]) -> None:
    plain = panel.grab().toImage()
    panel.select(ids[0])
    chosen = panel.grab().toImage()
    QTest.mouseMove(view(panel).viewport(), view(panel).visualRect(index(panel, 1)).center())
    assert chosen != plain
    assert panel.grab().toImage() != chosen


def type_search(panel: LibraryPanel, words: str) -> None:
    panel.search.clear()
    QTest.keyClicks(panel.search, words)


def test_typing_finds_and_esc_shows_all_again(qtbot: QtBot, panel: LibraryPanel) -> None:
    type_search(panel, "midd")
    qtbot.waitUntil(lambda: titles(panel) == ["Middle"], timeout=LONG_MS)
    QTest.keyClick(panel.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: titles(panel) == ["New", "Middle", "Old"], timeout=LONG_MS)


def test_where_nothing_is_found_it_says_so(qtbot: QtBot, panel: LibraryPanel) -> None:
    (said,) = [one for one in panel.findChildren(QLabel) if one.text() == NOTHING_FOUND]
    assert not said.isVisible()
    type_search(panel, "nowhere")
    qtbot.waitUntil(said.isVisible, timeout=LONG_MS)


def test_the_down_key_goes_to_what_was_found_and_return_opens_it(
    qtbot: QtBot, panel: LibraryPanel, ids: list[int]
) -> None:
    type_search(panel, "ld")
    qtbot.waitUntil(lambda: titles(panel) == ["Old"], timeout=LONG_MS)
    QTest.keyClick(panel.search, Qt.Key.Key_Down)
    with qtbot.waitSignal(panel.opened, timeout=LONG_MS) as opened:
        QTest.keyClick(view(panel), Qt.Key.Key_Return)
    assert opened.args == [ids[2]]


def test_f2_renames_in_place(qtbot: QtBot, panel: LibraryPanel) -> None:
    view(panel).setCurrentIndex(index(panel, 1))
    QTest.keyClick(view(panel), Qt.Key.Key_F2)
    editor = view(panel).viewport().findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    assert editor.text() == "Middle"
    editor.setText("  The   middle one ")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: titles(panel)[1] == "The middle one", timeout=LONG_MS)


def test_an_empty_title_is_none(panel: LibraryPanel) -> None:
    assert not view(panel).model().setData(index(panel, 1), "  ")
    assert titles(panel) == ["New", "Middle", "Old"]


def trigger(panel: LibraryPanel, row: int, name: str) -> None:
    menu = view(panel).menu_of(index(panel, row))
    next(one for one in menu.actions() if one.text() == name).trigger()


def test_what_is_pinned_is_at_the_top(panel: LibraryPanel) -> None:
    trigger(panel, 2, "Pin to the top")
    assert titles(panel) == ["Old", "New", "Middle"]
    assert index(panel, 0).data(PINNED_ROLE)
    trigger(panel, 0, "Unpin")
    assert titles(panel) == ["New", "Middle", "Old"]


def test_the_menu_renames_and_deletes(panel: LibraryPanel) -> None:
    trigger(panel, 0, "Rename")
    assert view(panel).viewport().findChild(QLineEdit) is not None
    trigger(panel, 0, "Delete")
    assert titles(panel) == ["Middle", "Old"]

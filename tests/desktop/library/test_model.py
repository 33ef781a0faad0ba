"""The list of conversations, as Qt's views read it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from desktop.library.model import ID_ROLE, ConversationModel
from desktop.library.store import Store


def rows(model: ConversationModel) -> list[object]:
    return [model.index(row).data() for row in range(model.rowCount())]


def test_it_keeps_the_rules_of_qt_models(store: Store, qtmodeltester: ModelTester) -> None:
    model = ConversationModel(store)
    qtmodeltester.check(model)
    store.add_question(None, "Hi")
    model.refresh()
    qtmodeltester.check(model)


def test_it_lists_the_store_newest_first_after_a_refresh(store: Store, qtbot: QtBot) -> None:
    model = ConversationModel(store)
    store.add_question(None, "One")
    store.add_question(None, "Two")
    assert rows(model) == []
    with qtbot.waitSignal(model.modelReset):
        model.refresh()
    assert rows(model) == ["Two", "One"]


def test_a_row_has_a_title_a_tooltip_and_an_id(store: Store) -> None:
    question = store.add_question(None, "Hi")
    model = ConversationModel(store)  # an index does not keep its model alive
    index = model.index(0)
    assert index.data() == index.data(Qt.ItemDataRole.ToolTipRole) == "Hi"
    assert index.data(ID_ROLE) == question.conversation_id
    assert index.data(Qt.ItemDataRole.DecorationRole) is None


def test_a_conversation_is_found_by_its_id(store: Store) -> None:
    first = store.add_question(None, "One")
    store.add_question(None, "Two")
    model = ConversationModel(store)
    assert model.index_of(first.conversation_id).row() == 1
    assert not model.index_of(999).isValid()
    assert not model.index_of(None).isValid()


def test_a_row_has_no_rows_of_its_own(store: Store) -> None:
    store.add_question(None, "Hi")
    model = ConversationModel(store)
    assert model.rowCount(model.index(0)) == 0
    assert model.data(QModelIndex()) is None

"""The conversations as a Qt list model, newest first."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot

from desktop.library.records import Conversation
from desktop.library.store import Store

Index = QModelIndex | QPersistentModelIndex
ID_ROLE = Qt.ItemDataRole.UserRole.value


class ConversationModel(QAbstractListModel):
    """A copy of the store's list; `refresh` takes a new one."""

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._conversations: list[Conversation] = []
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        self.beginResetModel()
        self._conversations = self._store.conversations()
        self.endResetModel()

    def index_of(self, conversation_id: int | None) -> QModelIndex:
        """Invalid where it is not in the list."""
        for row, conversation in enumerate(self._conversations):
            if conversation.id == conversation_id:
                return self.index(row)
        return QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, Qt's own default
        return 0 if parent.isValid() else len(self._conversations)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        conversation = self._conversations[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return conversation.title
        return conversation.id if role == ID_ROLE else None

"""The conversations as a Qt list model, newest first."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)

from desktop.library.records import Conversation
from desktop.library.search import find, snippet
from desktop.library.store import Store

Index = QModelIndex | QPersistentModelIndex
ID_ROLE = Qt.ItemDataRole.UserRole.value
PINNED_ROLE, SNIPPET_ROLE, FOUND_ROLE = ID_ROLE + 1, ID_ROLE + 2, ID_ROLE + 3


class ConversationModel(QAbstractListModel):
    """A copy of the store's list, or of what a search finds in it; `refresh` takes a new one."""

    renamed = Signal()

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._conversations: list[Conversation] = []
        self._wanted = ""
        self._snippets: dict[int, str] = {}
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        found = (
            find(self._store.database, self._wanted)
            if self._wanted
            else self._store.conversations()
        )
        self.beginResetModel()
        self._conversations = found
        self._snippets.clear()
        self.endResetModel()

    def search(self, words: str) -> None:
        """All of them for no words. Raises LibraryUnavailable."""
        self._wanted = words.strip()
        self.refresh()

    @property
    def is_search(self) -> bool:
        return bool(self._wanted)

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
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return conversation.title
            case Qt.ItemDataRole.ToolTipRole:
                return self._snippet(conversation) or conversation.title
            case int(kind) if kind == SNIPPET_ROLE:
                return self._snippet(conversation)
            case _:
                return {
                    ID_ROLE: conversation.id,
                    PINNED_ROLE: conversation.is_pinned,
                    FOUND_ROLE: self.is_search,
                }.get(role)

    def _snippet(self, conversation: Conversation) -> str:
        """Looked up when the row is seen: for two hundred at once it takes a quarter second."""
        if not self.is_search:
            return ""
        if conversation.id not in self._snippets:
            told = snippet(self._store.database, conversation, self._wanted)
            self._snippets[conversation.id] = told
        return self._snippets[conversation.id]

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.isValid() else flags

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """A new title."""
        if role != Qt.ItemDataRole.EditRole or not isinstance(value, str) or not value.strip():
            return False
        self._store.rename(self._conversations[index.row()].id, value)
        self.renamed.emit()
        return True

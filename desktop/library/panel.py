"""The list of conversations: choose one, delete one, and take that back."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.library.model import ID_ROLE, ConversationModel
from desktop.library.rows import RowDelegate, bin_box
from desktop.library.store import Store
from desktop.style.widgets import ElidedLabel

UNDO_SECONDS = 12


class ConversationList(QListView):
    """`delete_wanted` comes from the Delete key, the context menu and the row's bin."""

    opened = Signal(object)
    delete_wanted = Signal(object)

    def __init__(self, model: ConversationModel) -> None:
        super().__init__()
        self.setObjectName("conversations")
        self.setAccessibleName("Conversations")
        self.setModel(model)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.setItemDelegate(RowDelegate(self))
        self.clicked.connect(self._open)
        self.activated.connect(self._open)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Delete) and self.currentIndex().isValid():
            self._want_delete(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        index = self.indexAt(at)
        if index.isValid() and bin_box(self.visualRect(index)).contains(at):
            self._want_delete(index)  # and no click that would open it
        else:
            super().mousePressEvent(event)

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(index.data(ID_ROLE))

    def _want_delete(self, index: QModelIndex) -> None:
        self.delete_wanted.emit(index.data(ID_ROLE))

    @Slot(QPoint)
    def _show_menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if not index.isValid():
            return
        menu = QMenu(self)
        delete = menu.addAction("Delete")
        if menu.exec(self.viewport().mapToGlobal(at)) is delete:
            self._want_delete(index)


class UndoBar(QFrame):
    """“Deleted”, and for a few seconds the way back."""

    undone = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("undo")
        self._text = ElidedLabel()
        undo = QToolButton()
        undo.setText("Undo")
        undo.setObjectName("link")
        undo.setAccessibleName("Undo the deletion")
        undo.clicked.connect(self.undone)
        self._timer = QTimer(self, interval=UNDO_SECONDS * 1000, singleShot=True)
        self._timer.timeout.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 4, 4)
        row.addWidget(self._text, 1)
        row.addWidget(undo)
        self.hide()

    def offer(self, title: str) -> None:
        self._text.set_whole_text(f"Deleted “{title}”")
        self.show()
        self._timer.start()


class LibraryPanel(QWidget):
    """Owns the list's model and the last deletion."""

    opened = Signal(object)
    deleted = Signal(object)

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._model = ConversationModel(store, self)
        self._shown: int | None = None
        self._last_deleted: int | None = None
        self._list = ConversationList(self._model)
        self._undo = UndoBar()
        self._list.opened.connect(self.opened)
        self._list.delete_wanted.connect(self._delete)
        self._undo.undone.connect(self._restore)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._list, 1)
        column.addWidget(self._undo)

    @Slot()
    def refresh(self) -> None:
        self._model.refresh()
        self._list.setCurrentIndex(self._model.index_of(self._shown))

    @Slot(object)
    def select(self, conversation_id: int | None) -> None:
        self._shown = conversation_id
        self._list.setCurrentIndex(self._model.index_of(conversation_id))

    @Slot(object)
    def _delete(self, conversation_id: int) -> None:
        title = self._model.index_of(conversation_id).data()
        self._store.delete(conversation_id)
        self._last_deleted = conversation_id
        self.deleted.emit(conversation_id)
        self.refresh()
        self._undo.offer(title)

    @Slot()
    def _restore(self) -> None:
        self._undo.hide()
        if self._last_deleted is not None:
            self._store.restore(self._last_deleted)
            self.refresh()
            self.opened.emit(self._last_deleted)

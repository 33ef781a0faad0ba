"""The list of conversations: find one, open one, rename, pin, export and delete one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.language import tr, tr_later
from desktop.library.files import ConversationFiles
from desktop.library.model import ID_ROLE, PINNED_ROLE, ConversationModel
from desktop.library.rows import RowDelegate, bin_box
from desktop.library.store import Store
from desktop.style.widgets import ElidedLabel, IconButton, label
from engine.errors import HearthError

UNDO_SECONDS = 12
SEARCH_MS = 120
"""After the last key: who types a word wants to find that word."""
NOTHING_FOUND = tr_later("No conversation has these words.")


class ConversationList(QListView):
    """`delete_wanted` comes from the Delete key, the context menu and the row's bin."""

    opened = Signal(object)
    delete_wanted = Signal(object)
    pin_wanted = Signal(object, bool)
    export_wanted = Signal(object, str)
    """A conversation's id, and what the file is to be: md or json."""

    def __init__(self, model: ConversationModel) -> None:
        super().__init__()
        self.setObjectName("conversations")
        self.setAccessibleName(tr("Conversations"))
        self.setModel(model)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QListView.EditTrigger.EditKeyPressed)
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

    def menu_of(self, index: QModelIndex) -> QMenu:
        """What can be done with a conversation."""
        menu, id = QMenu(self), index.data(ID_ROLE)
        menu.setAccessibleName(index.data())
        is_pinned = bool(index.data(PINNED_ROLE))
        menu.addAction(tr("Rename"), partial(self.edit, index))
        name = tr("Unpin") if is_pinned else tr("Pin to the top")
        menu.addAction(name, partial(self.pin_wanted.emit, id, not is_pinned))
        export = menu.addMenu(tr("Export"))
        export.addAction(tr("As Markdown…"), partial(self.export_wanted.emit, id, "md"))
        export.addAction(tr("As JSON…"), partial(self.export_wanted.emit, id, "json"))
        menu.addSeparator()
        menu.addAction(tr("Delete"), partial(self.delete_wanted.emit, id))
        return menu

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(index.data(ID_ROLE))

    def _want_delete(self, index: QModelIndex) -> None:
        self.delete_wanted.emit(index.data(ID_ROLE))

    @Slot(QPoint)
    def _show_menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if index.isValid():
            menu = self.menu_of(index)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.viewport().mapToGlobal(at))


class UndoBar(QFrame):
    """“Deleted”, and for a few seconds the way back."""

    undone = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("undo")
        self._text = ElidedLabel()
        undo = QToolButton()
        undo.setText(tr("Undo"))
        undo.setObjectName("link")
        undo.setAccessibleName(tr("Undo the deletion"))
        undo.clicked.connect(self.undone)
        self._timer = QTimer(self, interval=UNDO_SECONDS * 1000, singleShot=True)
        self._timer.timeout.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 4, 4)
        row.addWidget(self._text, 1)
        row.addWidget(undo)
        self.hide()

    def offer(self, title: str) -> None:
        self._text.set_whole_text(tr("Deleted “{title}”", title=title))
        self.show()
        self._timer.start()


class SearchField(QLineEdit):
    """Esc empties it, the down key goes to what was found."""

    wanted = Signal(str)
    left_downwards = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("search")
        self.setAccessibleName(tr("Search the conversations"))
        self.setPlaceholderText(tr("Search"))
        self.setClearButtonEnabled(True)
        for button in self.findChildren(QToolButton):  # Qt leaves it without a name
            button.setAccessibleName(tr("Clear the search"))
        self._timer = QTimer(self, interval=SEARCH_MS, singleShot=True)
        self._timer.timeout.connect(lambda: self.wanted.emit(self.text()))
        self.textChanged.connect(self._timer.start)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape:
                self.clear()
            case Qt.Key.Key_Down | Qt.Key.Key_Return:
                self.left_downwards.emit()
            case _:
                super().keyPressEvent(event)


class LibraryPanel(QWidget):
    """Owns the list's model and the last deletion."""

    opened = Signal(object)
    deleted = Signal(object)
    told = Signal(str)
    """A sentence for the user."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._model = ConversationModel(store, self)
        self._model.renamed.connect(self.refresh, Qt.ConnectionType.QueuedConnection)
        self._files = ConversationFiles(store.database, self)
        self._files.came.connect(self.refresh)
        self._files.told.connect(self.told)
        self._shown: int | None = None
        self._last_deleted: int | None = None
        self.search = SearchField()
        self.search.wanted.connect(self._search)
        self.search.left_downwards.connect(self._enter_list)
        self._nothing = label(tr(NOTHING_FOUND), look="muted", wraps=True)
        self._nothing.hide()
        self._list = ConversationList(self._model)
        self._undo = UndoBar()
        self._list.opened.connect(self.opened)
        self._list.delete_wanted.connect(self._delete)
        self._list.pin_wanted.connect(self._pin)
        self._list.export_wanted.connect(self._files.export)
        self._undo.undone.connect(self._restore)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._top())
        column.addWidget(self._nothing)
        column.addWidget(self._list, 1)
        column.addWidget(self._undo)

    @Slot()
    def refresh(self) -> None:
        self._model.refresh()
        self._nothing.setVisible(self._model.is_search and not self._model.rowCount())
        self._list.setCurrentIndex(self._model.index_of(self._shown))

    @Slot(object)
    def select(self, conversation_id: int | None) -> None:
        self._shown = conversation_id
        self._list.setCurrentIndex(self._model.index_of(conversation_id))

    def _top(self) -> QHBoxLayout:
        more = IconButton("more", tr("More about conversations"))
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(more)
        menu.setAccessibleName(more.accessibleName())
        menu.addAction(tr("Import conversations…"), self._files.ask_what_to_import)
        menu.addAction(tr("Export all…"), self._files.export_all)
        more.setMenu(menu)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.search, 1)
        row.addWidget(more)
        return row

    @Slot(str)
    def _search(self, words: str) -> None:
        self._do(lambda: self._model.search(words))
        self.refresh()

    @Slot()
    def _enter_list(self) -> None:
        if self._model.rowCount():
            self._list.setCurrentIndex(self._model.index(0))
            self._list.setFocus()

    @Slot(object)
    def _delete(self, conversation_id: int) -> None:
        title = self._model.index_of(conversation_id).data()
        self._store.delete(conversation_id)
        self._last_deleted = conversation_id
        self.deleted.emit(conversation_id)
        self.refresh()
        self._undo.offer(title)

    @Slot(object, bool)
    def _pin(self, conversation_id: int, is_pinned: bool) -> None:
        self._do(lambda: self._store.pin(conversation_id, is_pinned))
        self.refresh()

    @Slot()
    def _restore(self) -> None:
        self._undo.hide()
        if self._last_deleted is not None:
            self._store.restore(self._last_deleted)
            self.refresh()
            self.opened.emit(self._last_deleted)

    def _do(self, act: Callable[[], None]) -> None:
        try:
            act()
        except HearthError as error:
            self.told.emit(str(error))

"""The window: the sidebar beside the chat, the model above it, the status line below; its keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from desktop.chat.page import ChatPage
from desktop.chooser import ModelChooser
from desktop.sidebar import Sidebar
from desktop.status import StatusLine

SIZE = (1120, 780)
MINIMUM_SIZE = (800, 480)


class MainWindow(QMainWindow):
    """Arranges the parts, which app.py makes and connects. To a screen reader only a QMainWindow
    is a window.
    """

    new_chat_wanted = Signal()
    preferences_wanted = Signal()
    quit_wanted = Signal()
    closed = Signal()
    became_active = Signal()

    def __init__(
        self, sidebar: Sidebar, chooser: ModelChooser, page: ChatPage, status: StatusLine
    ) -> None:
        super().__init__()
        self.setWindowTitle("Hearth")
        self.setAccessibleName("Hearth")
        self.setMinimumSize(*MINIMUM_SIZE)
        self.resize(*SIZE)
        self.sidebar = sidebar
        self.chooser = chooser
        self.page = page
        self.status = status
        sidebar.new_chat_wanted.connect(self.new_chat_wanted)
        self._arrange()
        self._add_key(QKeySequence(QKeySequence.StandardKey.New), self.new_chat_wanted.emit)
        self._add_key(QKeySequence("Ctrl+L"), page.composer.setFocus)
        self._add_key(QKeySequence("Ctrl+K"), sidebar.library.search.setFocus)
        bars = page.transcript.bars
        self._add_key(QKeySequence("Alt+Up"), lambda: bars.step(-1))
        self._add_key(QKeySequence("Alt+Down"), lambda: bars.step(1))
        self._add_key(QKeySequence("Ctrl+,"), self.preferences_wanted.emit)
        self._add_key(QKeySequence("Ctrl+Q"), self.quit_wanted.emit)
        self._add_key(QKeySequence("Esc"), page.composer.stop)
        page.composer.setFocus()

    @Slot()
    def come_forward(self) -> None:
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow():
            self.became_active.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()

    def _arrange(self) -> None:
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 10)
        right.setSpacing(10)
        right.addLayout(self._top())
        right.addWidget(self.page, 1)
        right.addWidget(self.status)
        inside = QWidget()
        self.setCentralWidget(inside)
        row = QHBoxLayout(inside)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sidebar)
        row.addLayout(right, 1)

    def _top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(14, 10, 14, 0)
        row.addWidget(self.chooser)
        row.addStretch(1)
        return row

    def _add_key(self, keys: QKeySequence, action: object) -> None:
        QShortcut(keys, self).activated.connect(action)

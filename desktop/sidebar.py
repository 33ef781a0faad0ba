"""The left side: New chat, the conversations, the local API, light and dark."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
)

from desktop.language import tr
from desktop.library.panel import LibraryPanel
from desktop.style.icons import pixmap
from desktop.style.metrics import SIDEBAR_WIDTH
from desktop.style.theme import Theme
from desktop.style.widgets import IconButton, label

FLAME_PX = 24


class Sidebar(QFrame):
    new_chat_wanted = Signal()
    api_wanted = Signal()
    connections_wanted = Signal()
    preferences_wanted = Signal()

    def __init__(self, library: LibraryPanel, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("sidebar")
        self.setFixedWidth(SIDEBAR_WIDTH)
        self.library = library
        self._flame = QLabel()
        self._flame.setAccessibleName("Hearth")
        self._connections = IconButton("online", tr("Connections"))
        self._connections.setFixedSize(QSize(38, 36))
        self._connections.clicked.connect(self.connections_wanted)
        self._api = IconButton("api", tr("Local API"), text=tr("Local API"))
        self._api.clicked.connect(self.api_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 14, 12, 12)
        column.setSpacing(10)
        column.addLayout(self._brand())
        column.addWidget(self._new_chat())
        column.addWidget(library, 1)
        column.addLayout(self._footer())
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        scale = self.devicePixelRatioF()
        self._flame.setPixmap(pixmap("flame", QColor(theme.accent), FLAME_PX, scale))

    @Slot(bool)
    def show_api(self, is_on: bool) -> None:
        name = tr("Local API is on") if is_on else tr("Local API")
        self._api.set_label(name)
        self._api.setAccessibleName(name)

    @Slot(bool)
    def show_offline(self, is_offline: bool) -> None:
        face = (
            ("offline", tr("Connections: offline")) if is_offline else ("online", tr("Connections"))
        )
        self._connections.set_face(*face)

    def _brand(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 0, 4)
        row.setSpacing(8)
        row.addWidget(self._flame)
        row.addWidget(label("Hearth", look="brand"))
        row.addStretch(1)
        return row

    def _new_chat(self) -> QToolButton:
        button = IconButton("new_chat", tr("New chat (Ctrl+N)"), text=tr("New chat"))
        button.setObjectName("new_chat")
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(self.new_chat_wanted)
        return button

    def _footer(self) -> QHBoxLayout:
        preferences = IconButton("preferences", tr("Preferences (Ctrl+,)"))
        preferences.setFixedSize(QSize(38, 36))
        preferences.clicked.connect(self.preferences_wanted)
        self._api.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout()
        row.addWidget(self._api, 1)
        row.addWidget(self._connections)
        row.addWidget(preferences, 0, Qt.AlignmentFlag.AlignRight)
        return row

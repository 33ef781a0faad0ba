"""The left side: New chat, the conversations, the local API, light and dark."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QColor
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.language import tr, tr_later
from desktop.library.panel import LibraryPanel
from desktop.settings import ColourChoice
from desktop.style.icons import pixmap
from desktop.style.metrics import SIDEBAR_WIDTH
from desktop.style.theme import Theme
from desktop.style.widgets import IconButton, label

FLAME_PX = 24
COLOUR_NAMES = {
    ColourChoice.SYSTEM: tr_later("Like the system"),
    ColourChoice.LIGHT: tr_later("Light"),
    ColourChoice.DARK: tr_later("Dark"),
}


class Sidebar(QFrame):
    new_chat_wanted = Signal()
    api_wanted = Signal()
    connections_wanted = Signal()
    colours_chosen = Signal(object)
    """A ColourChoice."""

    def __init__(self, library: LibraryPanel, theme: Theme, colours: ColourChoice) -> None:
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
        column.addLayout(self._footer(colours))
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

    def _footer(self, colours: ColourChoice) -> QHBoxLayout:
        button = IconButton("colours", tr("Light or dark"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(self._colours_menu(button, colours))
        button.setFixedSize(QSize(38, 36))
        self._api.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout()
        row.addWidget(self._api, 1)
        row.addWidget(self._connections)
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignRight)
        return row

    def _colours_menu(self, parent: QWidget, current: ColourChoice) -> QMenu:
        menu = QMenu(parent)
        group = QActionGroup(menu)
        for choice, name in COLOUR_NAMES.items():
            action = menu.addAction(tr(name))
            action.setCheckable(True)
            action.setChecked(choice is current)
            action.setData(choice.value)
            group.addAction(action)
        group.triggered.connect(self._choose_colours)
        return menu

    @Slot(QAction)
    def _choose_colours(self, action: QAction) -> None:
        self.colours_chosen.emit(ColourChoice(action.data()))

"""A sentence that the user should read, until it is dismissed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from desktop.language import tr
from desktop.style.widgets import IconButton, label


class Notice(QFrame):
    def __init__(self, parent: QWidget | None = None, can_be_dismissed: bool = True) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._text = label(wraps=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        self._action = QToolButton()
        self._action.setObjectName("link")
        self._action.setAccessibleName(tr("Details"))
        self._action.clicked.connect(lambda: self._act())
        self._act: Callable[[], None] = self.hide
        row.addWidget(self._text, 1)
        row.addWidget(self._action, 0, Qt.AlignmentFlag.AlignTop)
        if can_be_dismissed:
            close = IconButton("close", tr("Dismiss"))
            close.clicked.connect(self.hide)
            row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_sentence(self, text: str) -> None:
        self._action.hide()
        self._text.setText(text)
        self.setAccessibleName(text)
        self.show()

    def offer(self, text: str, action: str, act: Callable[[], None]) -> None:
        """With a button that leads on."""
        self.show_sentence(text)
        self._action.setText(action)
        self._action.setAccessibleName(action)
        self._act = act
        self._action.show()

    def text(self) -> str:
        return self._text.text()

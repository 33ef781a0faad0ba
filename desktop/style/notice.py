"""A sentence that the user should read, until it is dismissed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

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
        row.addWidget(self._text, 1)
        if can_be_dismissed:
            close = IconButton("close", tr("Dismiss"))
            close.clicked.connect(self.hide)
            row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_sentence(self, text: str) -> None:
        self._text.setText(text)
        self.setAccessibleName(text)
        self.show()

    def text(self) -> str:
        return self._text.text()

"""What went wrong, to be read and copied by the user. Nothing is sent."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.language import tr, tr_later
from desktop.style.metrics import code_families
from desktop.style.widgets import label

SIZE = (760, 520)
ABOUT = tr_later(
    "This is what Hearth knows about it. It stays on this computer; if you ask for help, you may "
    "copy it. It holds the names of files and folders, and none of your conversations."
)


class ReportDialog(QDialog):
    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("What went wrong"))
        self.setAccessibleName(tr("What went wrong"))
        self.resize(*SIZE)
        self._text = QPlainTextEdit(text)
        self._text.setAccessibleName(tr("Report"))
        self._text.setReadOnly(True)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        font = self._text.font()
        font.setFamilies(code_families())
        self._text.setFont(font)
        self._text.setTabChangesFocus(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(tr("What went wrong"), look="heading"))
        column.addWidget(label(tr(ABOUT), look="muted", wraps=True))
        column.addWidget(self._text, 1)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        copy = QPushButton(tr("Copy all"))
        copy.clicked.connect(self._copy)
        close = QPushButton(tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(copy)
        row.addWidget(close)
        return row

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())

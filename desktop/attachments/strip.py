"""The files that go with the next question, above the words: each with its tokens and a way out."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from desktop.language import tr
from desktop.library.records import Attachment
from desktop.style.flow import FlowLayout
from desktop.style.widgets import SmallButton, label


class AttachmentStrip(QWidget):
    """Owns the attachments of the question that is being written."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._attachments: list[Attachment] = []
        self._row = FlowLayout(self)
        self.hide()

    @property
    def value(self) -> tuple[Attachment, ...]:
        return tuple(self._attachments)

    def set_value(self, attachments: tuple[Attachment, ...]) -> None:
        self._attachments = list(attachments)
        self._show()

    def add(self, attachment: Attachment) -> None:
        self._attachments.append(attachment)
        self._show()

    def _show(self) -> None:
        self._row.clear()
        for attachment in self._attachments:
            self._row.addWidget(self._chip(attachment))
        self.setVisible(bool(self._attachments))
        self.changed.emit()

    def _chip(self, attachment: Attachment) -> QFrame:
        chip = QFrame()
        chip.setObjectName("chip")
        out = SmallButton("close", tr("Remove {name}", name=attachment.name))
        out.clicked.connect(lambda: self._remove(attachment))
        row = QHBoxLayout(chip)
        row.setContentsMargins(10, 2, 4, 2)
        row.setSpacing(4)
        row.addWidget(label(attachment.in_words()))
        row.addWidget(out)
        return chip

    def _remove(self, attachment: Attachment) -> None:
        self._attachments.remove(attachment)
        self._show()

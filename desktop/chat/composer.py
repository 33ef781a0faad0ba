"""Where the user writes: Return sends, Shift+Return breaks the line, Esc stops the answer."""

from __future__ import annotations

from math import ceil
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from desktop.attachments.strip import AttachmentStrip
from desktop.chat.manner import MannerButton
from desktop.language import tr
from desktop.style.metrics import BODY_PX, ui_font
from desktop.style.widgets import IconButton

MAX_LINES = 8
BUTTON_PX = 34


class Editor(QTextEdit):
    """Plain text, as high as its lines up to MAX_LINES."""

    files_came = Signal(object)
    return_pressed = Signal()
    escape_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("editor")
        self.setAccessibleName(tr("Message"))
        self.setAccessibleDescription(tr("Return sends, Shift and Return break the line."))
        self.setPlaceholderText(tr("Ask anything"))
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setFont(ui_font(BODY_PX))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(2)
        self.document().documentLayout().documentSizeChanged.connect(self._fit_height)
        self._fit_height()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return bool(files_in(source)) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Pasted or dropped: files are attached, all else is text."""
        if paths := files_in(source):
            self.files_came.emit(paths)
        else:
            super().insertFromMimeData(source)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_return and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.return_pressed.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.escape_pressed.emit()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _fit_height(self) -> None:
        margins = round(2 * self.document().documentMargin())
        line = ceil(QFontMetricsF(self.font()).lineSpacing())  # as the layout rounds it
        wanted = round(self.document().size().height())
        self.setFixedHeight(max(line + margins, min(wanted, MAX_LINES * line + margins)))
        is_cut = wanted > self.height()
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAsNeeded
            if is_cut
            else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )


def files_in(source: QMimeData) -> list[Path]:
    """Of this computer."""
    return [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()]


class Composer(QFrame):
    """The text stays until `clear`: who takes it decides that it is safe."""

    sent = Signal(str)
    stop_wanted = Signal()
    answer_now_wanted = Signal()
    attach_wanted = Signal()
    files_came = Signal(object)
    """Paths that were dropped or pasted."""
    given_up = Signal()
    """Esc, where there is nothing to stop."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("composer")
        self._is_answering = False
        self._editor = Editor()
        self._editor.installEventFilter(self)
        self._editor.return_pressed.connect(self._send)
        self._editor.escape_pressed.connect(self.stop)
        self._editor.files_came.connect(self.files_came)
        self._editor.textChanged.connect(self._show_state)
        self._button = IconButton("send", tr("Send"), tint=QPalette.ColorRole.BrightText)
        self._button.setObjectName("send")
        self._button.setFixedSize(QSize(BUTTON_PX, BUTTON_PX))
        self._button.clicked.connect(self._press)
        self.setFocusProxy(self._editor)
        self.manner = MannerButton()
        self._answer_now = QPushButton(tr("Answer now"))
        self._answer_now.setObjectName("answer_now")
        self._answer_now.setAccessibleName(tr("Answer now"))
        self._answer_now.setToolTip(tr("Let the model end its thoughts and answer"))
        self._answer_now.clicked.connect(self.answer_now_wanted)
        self._answer_now.hide()
        self.attachments = AttachmentStrip()
        attach = IconButton("attach", tr("Attach a file"), tint=QPalette.ColorRole.PlaceholderText)
        attach.setObjectName("manner")
        attach.clicked.connect(self.attach_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 6, 6)
        column.setSpacing(6)
        column.addWidget(self.attachments)
        row = QHBoxLayout()
        row.setSpacing(4)
        column.addLayout(row)
        row.addWidget(attach, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self._editor, 1, Qt.AlignmentFlag.AlignVCenter)
        for widget in (self._answer_now, self.manner, self._button):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignBottom)
        self._show_state()

    def text(self) -> str:
        return self._editor.toPlainText()

    def set_text(self, text: str) -> None:
        self._editor.setPlainText(text)

    def clear(self) -> None:
        self._editor.clear()
        self.attachments.set_value(())

    def set_answering(self, is_answering: bool) -> None:
        self._is_answering = is_answering
        self._button.set_face(*(("stop", tr("Stop")) if is_answering else ("send", tr("Send"))))
        self._show_state()

    def set_thinking(self, is_thinking: bool) -> None:
        """While the model thinks, it can be told to answer."""
        self._answer_now.setVisible(is_thinking)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.setProperty("focused", event.type() == QEvent.Type.FocusIn)
            self.style().polish(self)  # QSS looks at properties only then
        return super().eventFilter(watched, event)

    @Slot()
    def stop(self) -> None:
        if self._is_answering:
            self.stop_wanted.emit()
        else:
            self.given_up.emit()

    @Slot()
    def _press(self) -> None:
        if self._is_answering:
            self.stop()
        else:
            self._send()

    @Slot()
    def _send(self) -> None:
        if self.text().strip() and not self._is_answering:
            self.sent.emit(self.text().strip())

    @Slot()
    def _show_state(self) -> None:
        self._button.setEnabled(self._is_answering or bool(self.text().strip()))

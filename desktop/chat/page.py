"""The chat's widgets: a welcome or the transcript, a notice, the composer."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.chat.composer import Composer, files_in
from desktop.chat.transcript import Transcript
from desktop.language import tr, tr_later
from desktop.library.records import Attachment
from desktop.style.icons import pixmap
from desktop.style.metrics import COLUMN_MARGIN, COLUMN_WIDTH
from desktop.style.notice import Notice
from desktop.style.theme import Theme
from desktop.style.widgets import label

FLAME_PX = 56
WELCOME_WIDTH = 600
MODELS = tr_later("Find a model that fits this machine")


class ChatPage(QWidget):
    editing_given_up = Signal()
    models_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.transcript = Transcript(theme)
        self.composer = Composer()
        self.notice = Notice()
        self._editing = EditingBar()
        self._editing.given_up.connect(self.editing_given_up)
        self.composer.given_up.connect(self._give_up_editing)
        self._draft: tuple[str, tuple[Attachment, ...]] = ("", ())
        self.setAcceptDrops(True)
        self._welcome = Welcome(theme)
        self._welcome.models.clicked.connect(self.models_wanted)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._welcome)
        self._stack.addWidget(self.transcript)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._stack, 1)
        column.addLayout(self._bottom())

    def set_theme(self, theme: Theme) -> None:
        self.transcript.set_theme(theme)
        self._welcome.set_theme(theme)

    def set_welcome(self, text: str, offers_models: bool = False) -> None:
        """What is said under the greeting, in words; and the way to a model that fits."""
        self._welcome.set_text(text)
        self._welcome.models.setVisible(offers_models)

    def show_welcome(self) -> None:
        self._stack.setCurrentWidget(self._welcome)

    def show_transcript(self) -> None:
        self._stack.setCurrentWidget(self.transcript)

    def begin_editing(self, text: str, attachments: tuple[Attachment, ...]) -> None:
        """The composer has the earlier question now; what was in it comes back at the end."""
        if not self._editing.isVisible():
            self._draft = (self.composer.text(), self.composer.attachments.value)
        self._editing.show()
        self._fill_composer(text, attachments)
        self.composer.setFocus()

    def end_editing(self) -> None:
        if self._editing.isVisible():
            self._editing.hide()
            self._fill_composer(*self._draft)

    def _fill_composer(self, text: str, attachments: tuple[Attachment, ...]) -> None:
        self.composer.set_text(text)
        self.composer.attachments.set_value(attachments)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if files_in(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.composer.files_came.emit(files_in(event.mimeData()))
        event.acceptProposedAction()

    @Slot()
    def _give_up_editing(self) -> None:
        if self._editing.isVisible():
            self.editing_given_up.emit()

    def _bottom(self) -> QVBoxLayout:
        bottom = QVBoxLayout()
        bottom.setContentsMargins(COLUMN_MARGIN, 0, COLUMN_MARGIN, 0)
        bottom.setSpacing(8)
        for widget in (self.notice, self._editing, self.composer):
            bottom.addLayout(_centred(widget, COLUMN_WIDTH))
        return bottom


class EditingBar(QFrame):
    """Says that the composer holds a question that was asked before, and leads back."""

    given_up = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("undo")
        back = QToolButton()
        back.setText(tr("Cancel"))
        back.setObjectName("link")
        back.setAccessibleName(tr("Cancel editing"))
        back.clicked.connect(self.given_up)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 4, 4)
        row.addWidget(
            label(tr("You are editing an earlier question. What followed it is kept.")), 1
        )
        row.addWidget(back)
        self.hide()


class Welcome(QWidget):
    """What a new chat shows."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._flame = QLabel()
        self._flame.setAccessibleName("Hearth")
        self._text = label(look="muted", wraps=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addStretch(4)
        for widget in (self._flame, label(tr("What is on your mind?"), look="title"), self._text):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addLayout(_centred(widget, WELCOME_WIDTH))
        self.models = QPushButton(tr(MODELS))
        self.models.setAccessibleName(tr(MODELS))
        self.models.hide()
        column.addWidget(self.models, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(5)
        self.set_text("")
        self.set_theme(theme)

    def set_text(self, text: str) -> None:
        self._text.setText(text)
        self._text.setVisible(bool(text))

    def set_theme(self, theme: Theme) -> None:
        scale = self.devicePixelRatioF()
        self._flame.setPixmap(pixmap("flame", QColor(theme.accent), FLAME_PX, scale))


def _centred(widget: QWidget, width: int) -> QHBoxLayout:
    """As wide as there is room, up to `width`."""
    widget.setMaximumWidth(width)
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(widget, width)
    row.addStretch(1)
    return row

"""One conversation as one text document, so that a selection runs across messages.

Owns the document, the scroll position and the selection. It knows no store and no engine: it is
told what to show, and shows it in the colours of one theme.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QMimeData, Qt, QUrl, Signal, Slot
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from desktop.chat.bars import Bars, Face
from desktop.chat.cards import write_lines
from desktop.chat.decorations import paint_decorations
from desktop.chat.formulas import OBJECT, OBJECT_TYPE, FormulaObject, with_sources
from desktop.chat.links import ask_and_open
from desktop.chat.looks import (
    CARD_PADDING_X,
    CARD_PADDING_Y,
    LIST_INDENT,
    MESSAGE_GAP,
    PARAGRAPH_GAP,
    BlockProperty,
    Card,
    Looks,
)
from desktop.chat.stream import StreamingMarkdown, writable
from desktop.chat.thoughts import FOLD, Thoughts
from desktop.language import tr
from desktop.style.metrics import BODY_PX, COLUMN_MARGIN, COLUMN_WIDTH, ui_font
from desktop.style.theme import Theme
from desktop.style.widgets import SMALL_BUTTON_PX

EARLIER = "hearth:earlier"
MAX_QUESTION_SHARE = 0.82
"""Of the column; shorter questions get a card as wide as their text."""
AT_BOTTOM_PX = 8


class Transcript(QTextBrowser):
    """Append only: questions, answers that grow, notes. `rewriting` begins anew."""

    earlier_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._looks = Looks(theme)
        self._answer: StreamingMarkdown | None = None
        self._answer_start = 0
        self._thoughts: Thoughts | None = None
        self._folds: dict[str, Thoughts] = {}
        self._is_following = True
        self.bars = Bars(self)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName(tr("Conversation"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setIndentWidth(LIST_INDENT)
        self.document().setDefaultFont(ui_font(BODY_PX))
        self._formulas = FormulaObject(self)  # Qt keeps no reference
        self.document().documentLayout().registerHandler(OBJECT_TYPE, self._formulas)
        self.anchorClicked.connect(self._open_link)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.verticalScrollBar().rangeChanged.connect(self._on_range_changed)

    def set_theme(self, theme: Theme) -> None:
        """For what is written from now on: formats carry their colours."""
        self._looks = Looks(theme)

    @contextmanager
    def rewriting(self, keep_place: bool = False) -> Iterator[None]:
        """Empty it, and show in one go what is written inside; at the end of it, or as far above
        the end as the reader was."""
        below = self.verticalScrollBar().maximum() - self.verticalScrollBar().value()
        was_following = self._is_following
        self._answer = self._thoughts = None
        self._folds.clear()
        with self.bars.waiting():
            self.bars.clear()
            self.document().setLayoutEnabled(False)
            try:
                self.document().clear()
                self._centre_column()
                yield
            finally:
                self.document().setLayoutEnabled(True)
                self._is_following = was_following or not keep_place
                end = self.verticalScrollBar().maximum()
                self.verticalScrollBar().setValue(end if self._is_following else end - below)

    def forget(self) -> None:
        with self.rewriting():
            pass

    # what it shows

    def add_earlier_link(self, count: int) -> None:
        char = self._looks.muted()
        self._looks.make_link(char, EARLIER)
        block = self._looks.paragraph()
        block.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._open_block(block, char).insertText(
            tr("Show {count} earlier messages", count=count), char
        )

    def add_question(
        self, text: str, face: Face | None = None, attachments: Sequence[str] = ()
    ) -> None:
        """With a line for each attachment above the text."""
        self._is_following = True
        char, quiet = self._looks.body(), self._looks.muted()
        cursor = self._open_block(self._looks.card_block(Card.QUESTION, MESSAGE_GAP), char)
        first = cursor.block()
        names = [(f"{writable(name)}\n", quiet) for name in attachments]
        write_lines(cursor, [*names, (writable(text), char)])
        self.bars.begin(first, face)
        self._fit_question(first)  # only now: writing it may bring the scroll bar and a resize

    def begin_answer(self, text: str = "") -> None:
        cursor = self._open_block(self._looks.paragraph(), self._looks.body())
        self.bars.begin(cursor.block(), None)
        self._begin_text(cursor)
        if text:
            self.feed(text)

    def _begin_text(self, cursor: QTextCursor) -> None:
        self._answer_start = cursor.position()
        self._answer = StreamingMarkdown(self.document(), self._looks, self._answer_start)

    def feed_thoughts(self, text: str) -> None:
        """Before the answer's text; open while they come."""
        with self._selection_kept():
            if self._thoughts is None:
                self._answer = None
                header = self._cursor_at_end()
                header.setPosition(self._answer_start, QTextCursor.MoveMode.KeepAnchor)
                header.removeSelectedText()
                self._thoughts = Thoughts(self.document(), self._looks, header)
                self._folds[self._thoughts.address] = self._thoughts
            self._thoughts.feed(text)
        self.viewport().update()

    def end_thoughts(self, seconds: float | None) -> None:
        """Fold them; the answer's text follows."""
        if self._thoughts is None:
            return
        with self._selection_kept():
            self._thoughts.finish(seconds)
            self._thoughts = None
            cursor = self._cursor_at_end()
            cursor.insertBlock(self._looks.paragraph(), self._looks.body())
            self._begin_text(cursor)
        self.viewport().update()

    def show_activity(self, text: str) -> None:
        """In place of an answer that has no text yet."""
        if self._thoughts is not None or self._answer is None:
            return
        with self._selection_kept():
            cursor = self._cursor_at_end()
            cursor.setPosition(self._answer_start, QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText(text, self._looks.muted())

    def feed(self, text: str) -> None:
        """Add to the answer. What is selected stays selected."""
        if self._answer is not None:
            with self._selection_kept():
                self._answer.feed(text)
            self.viewport().update()  # a card reaches beyond the blocks that changed

    def end_answer(self, face: Face | None = None) -> None:
        self.end_thoughts(None)
        self.bars.set_last(face)
        if self._answer is not None:
            with self._selection_kept():
                self._answer.finish()
            self._answer = None
            self.viewport().update()

    def add_note(self, text: str) -> None:
        """A quiet remark on the answer above."""
        char = self._looks.muted()
        char.setFontItalic(True)
        self._open_block(self._looks.paragraph(), char).insertText(writable(text), char)

    def add_mark(self, text: str) -> None:
        """A line between two messages."""
        char = self._looks.muted()
        block = self._looks.paragraph(MESSAGE_GAP)
        block.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        cursor = self._open_block(block, char)
        self.bars.begin(cursor.block(), None)
        cursor.insertText(writable(text), char)

    def add_error(self, text: str) -> None:
        char = self._looks.danger()
        block = self._looks.card_block(Card.ERROR, PARAGRAPH_GAP)
        write_lines(self._open_block(block, char), [(writable(text), char)])

    # Qt's virtuals

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Nothing is ever loaded. An image, because Qt would ask again for None at each paint."""
        return QImage(1, 1, QImage.Format.Format_ARGB32)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        paint_decorations(painter, self, self._looks.theme)
        painter.end()
        super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._centre_column()
        self._fit_questions()
        super().resizeEvent(event)
        self.bars.place()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self.bars.point_at(event.position().toPoint())

    def createMimeDataFromSelection(self) -> QMimeData:
        """What is folded is not copied, and of formulas their LaTeX."""
        cursor = self.textCursor()
        document = self.document()
        blocks = list(_blocks_between(document, cursor.selectionStart(), cursor.selectionEnd()))
        if not all(block.isVisible() for block in blocks):
            seen = [_selected(block, cursor) for block in blocks if block.isVisible()]
            data = QMimeData()
            data.setText("\n".join(seen))
            return data
        if OBJECT not in cursor.selectedText():
            return super().createMimeDataFromSelection()
        passage = with_sources(cursor.selection())
        data = QMimeData()
        data.setText(passage.toPlainText())
        data.setHtml(passage.toHtml())
        return data

    # inside

    def _open_block(self, block: QTextBlockFormat, char: QTextCharFormat) -> QTextCursor:
        """A new block at the end, or the last one if nothing is in it."""
        cursor = self._cursor_at_end()
        if cursor.block().length() == 1:
            cursor.setBlockFormat(block)
            cursor.setBlockCharFormat(char)
        else:
            cursor.insertBlock(block, char)
        return cursor

    def _cursor_at_end(self) -> QTextCursor:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        return cursor

    @contextmanager
    def _selection_kept(self) -> Iterator[None]:
        """Writing moves the view's own cursor, and setting it back would scroll to it."""
        before = self.textCursor()
        anchor, position = before.anchor(), before.position()
        yield
        after = self.textCursor()
        if (after.anchor(), after.position()) == (anchor, position):
            return
        place = self.verticalScrollBar().value()
        end = self.document().characterCount() - 1
        after.setPosition(min(anchor, end))
        after.setPosition(min(position, end), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(after)
        self.verticalScrollBar().setValue(place)

    def _column_width(self) -> float:
        return min(COLUMN_WIDTH, self.width() - 2 * COLUMN_MARGIN)

    def _centre_column(self) -> None:
        """In the whole widget, so that the scroll bar does not move it."""
        frame = self.document().rootFrame()
        look = frame.frameFormat()
        left = round((self.width() - self._column_width()) / 2)
        look.setLeftMargin(left)
        look.setRightMargin(max(0, self.viewport().width() - left - self._column_width()))
        look.setTopMargin(COLUMN_MARGIN + CARD_PADDING_Y)
        look.setBottomMargin(COLUMN_MARGIN + SMALL_BUTTON_PX)
        frame.setFrameFormat(look)

    def _question_margin(self, text_width: float) -> float:
        column = self._column_width()
        width = min(text_width, MAX_QUESTION_SHARE * column - 2 * CARD_PADDING_X)
        return max(CARD_PADDING_X, column - CARD_PADDING_X - width)

    def _fit_questions(self) -> None:
        block = self.document().begin()
        while block.isValid():
            block = self._fit_question(block) if _is_question(block) else block.next()

    def _fit_question(self, first: QTextBlock) -> QTextBlock:
        """Returns the block after the question."""
        lines = [first]
        while _is_question(beyond := lines[-1].next()) and not _is_card_start(beyond):
            lines.append(beyond)
        font = self.document().defaultFont()
        margin = self._question_margin(max(_widest_line(line.text(), font) for line in lines))
        for line in lines:
            look = line.blockFormat()
            if look.leftMargin() != margin:
                look.setLeftMargin(margin)
                QTextCursor(line).setBlockFormat(look)
        return beyond

    @Slot(QUrl)
    def _open_link(self, url: QUrl) -> None:
        address = url.toString()
        if address == EARLIER:
            self.earlier_wanted.emit()
        elif address.startswith(FOLD):
            self._turn_fold(address)
        else:
            ask_and_open(self, url)

    def _turn_fold(self, address: str) -> None:
        place, thoughts = self.verticalScrollBar().value(), self._folds[address]
        self._is_following = False
        with self._selection_kept():
            thoughts.set_open(not thoughts.is_open)
        self.verticalScrollBar().setValue(place)
        self.viewport().update()
        self.bars.place()

    @Slot(int)
    def _on_scrolled(self, value: int) -> None:
        self._is_following = value >= self.verticalScrollBar().maximum() - AT_BOTTOM_PX

    @Slot(int, int)
    def _on_range_changed(self, low: int, high: int) -> None:
        if self._is_following:
            self.verticalScrollBar().setValue(high)


def _blocks_between(document: QTextDocument, start: int, end: int) -> Iterator[QTextBlock]:
    block = document.findBlock(start)
    while block.isValid() and block.position() <= end:
        yield block
        block = block.next()


def _selected(block: QTextBlock, cursor: QTextCursor) -> str:
    part = QTextCursor(block)
    part.setPosition(max(cursor.selectionStart(), block.position()))
    end = min(cursor.selectionEnd(), block.position() + block.length() - 1)
    part.setPosition(max(part.position(), end), QTextCursor.MoveMode.KeepAnchor)
    return with_sources(part.selection()).toPlainText()


def _is_question(block: QTextBlock) -> bool:
    return block.blockFormat().property(BlockProperty.CARD) == Card.QUESTION.value


def _is_card_start(block: QTextBlock) -> bool:
    return block.blockFormat().hasProperty(BlockProperty.CARD_START)


def _widest_line(text: str, font: QFont) -> float:
    """In pixels; a little more than measured, so that rounding breaks no line."""
    measure = QFontMetricsF(font)
    return 2 + max(measure.horizontalAdvance(line) for line in text.split("\n"))

"""Cards, bars and rules, painted behind the blocks whose format asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QTextBlock, QTextBlockFormat
from PySide6.QtWidgets import QTextEdit

from desktop.chat.looks import (
    CARD_PADDING_X,
    CARD_PADDING_Y,
    LIST_INDENT,
    QUOTE_INDENT,
    BlockProperty,
    Card,
)
from desktop.style.metrics import CARD_RADIUS, CODE_RADIUS
from desktop.style.theme import Theme

BAR_WIDTH = 3.0


@dataclass(frozen=True, slots=True)
class _CardLook:
    colour: str
    border: str | None
    radius: float


def paint_decorations(painter: QPainter, view: QTextEdit, theme: Theme) -> None:
    """Onto the view's viewport, before its text."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    cards = _card_looks(theme)
    boxes = _Boxes(view)
    for block in boxes.visible_blocks():
        look = block.blockFormat()
        if look.hasProperty(BlockProperty.CARD_START):
            card = cards[Card(str(look.property(BlockProperty.CARD)))]
            _paint_card(painter, boxes.card_from(block), card)
        if look.hasProperty(BlockProperty.THOUGHT):
            painter.fillRect(boxes.thought_bar_of(block), QColor(theme.border))
        if look.hasProperty(BlockProperty.QUOTES):
            _paint_bars(painter, boxes.bars_of(block), theme)
        if look.hasProperty(BlockProperty.RULE):
            painter.fillRect(boxes.rule_of(block), QColor(theme.border))


def _card_looks(theme: Theme) -> dict[Card, _CardLook]:
    return {
        Card.QUESTION: _CardLook(theme.card, None, CARD_RADIUS),
        Card.CODE: _CardLook(theme.code, theme.border, CODE_RADIUS),
        Card.ERROR: _CardLook(theme.danger_card, None, CODE_RADIUS),
    }


def _paint_card(painter: QPainter, box: QRectF, look: _CardLook) -> None:
    painter.setPen(QColor(look.border) if look.border else Qt.PenStyle.NoPen)
    painter.setBrush(QColor(look.colour))
    painter.drawRoundedRect(box, look.radius, look.radius)


def _paint_bars(painter: QPainter, bars: Iterator[QRectF], theme: Theme) -> None:
    for bar in bars:
        painter.fillRect(bar, QColor(theme.scroll_handle))


class _Boxes:
    """Where blocks are, in the coordinates of the viewport."""

    def __init__(self, view: QTextEdit) -> None:
        self._view = view
        self._layout = view.document().documentLayout()
        self._scrolled = view.verticalScrollBar().value()
        frame = view.document().rootFrame().frameFormat()
        self._left = frame.leftMargin()
        self._right = view.document().textWidth() - frame.rightMargin()

    def visible_blocks(self) -> Iterator[QTextBlock]:
        """From the first block of a card that reaches into the viewport. A folded block says that
        it is at the document's beginning, wherever it is."""
        block = self._view.cursorForPosition(QPoint(0, 0)).block()
        while block.previous().isValid() and (
            not block.isVisible() or _is_inside_card(block) or self._box(block).top() > 0
        ):
            block = block.previous()
        bottom = self._view.viewport().height() + CARD_PADDING_Y
        while block.isValid() and (not block.isVisible() or self._box(block).top() < bottom):
            if block.isVisible():
                yield block
            block = block.next()

    def card_from(self, first: QTextBlock) -> QRectF:
        last, beyond = first, first.next()
        while _is_inside_card(beyond):
            last, beyond = beyond, beyond.next()
        top, bottom = self._box(first).top(), self._box(last).bottom()
        look = first.blockFormat()
        left = self._text_left(look) - CARD_PADDING_X
        right = self._right - look.rightMargin() + CARD_PADDING_X
        box = QRectF(left, top - CARD_PADDING_Y, right - left, bottom - top + 2 * CARD_PADDING_Y)
        return box.adjusted(0.5, 0.5, -0.5, -0.5)

    def bars_of(self, block: QTextBlock) -> Iterator[QRectF]:
        look, box = block.blockFormat(), self._box(block)
        base = self._left + LIST_INDENT * look.intProperty(BlockProperty.QUOTE_LISTS)
        beyond = block.next()
        quotes_beyond = beyond.blockFormat().intProperty(BlockProperty.QUOTES)
        for depth in range(look.intProperty(BlockProperty.QUOTES)):
            goes_on = depth < quotes_beyond and self._box(beyond).top() > box.top()
            bottom = self._box(beyond).top() if goes_on else box.bottom()
            left = base + depth * QUOTE_INDENT
            yield QRectF(left, box.top(), BAR_WIDTH, bottom - box.top())

    def thought_bar_of(self, block: QTextBlock) -> QRectF:
        """As far as the next line of the same thoughts."""
        box, beyond = self._box(block), block.next()
        goes_on = beyond.blockFormat().hasProperty(BlockProperty.THOUGHT)
        bottom = ceil(self._box(beyond).top() if goes_on else box.bottom())
        return QRectF(self._left, floor(box.top()), BAR_WIDTH, bottom - floor(box.top()))

    def rule_of(self, block: QTextBlock) -> QRectF:
        box = self._box(block)
        left = self._text_left(block.blockFormat())
        return QRectF(left, round(box.center().y()), self._right - left, 1)

    def _box(self, block: QTextBlock) -> QRectF:
        return self._layout.blockBoundingRect(block).translated(0, -self._scrolled)

    def _text_left(self, look: QTextBlockFormat) -> float:
        return self._left + LIST_INDENT * look.indent() + look.leftMargin()


def _is_inside_card(block: QTextBlock) -> bool:
    look = block.blockFormat()
    return (
        block.isValid()
        and look.hasProperty(BlockProperty.CARD)
        and not look.hasProperty(BlockProperty.CARD_START)
    )

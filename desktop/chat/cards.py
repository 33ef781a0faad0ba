"""Text of many lines on one card: a block per line, so that a card that grows is laid out line by
line."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor

from desktop.chat.looks import BlockProperty


def write_lines(cursor: QTextCursor, runs: Iterable[tuple[str, QTextCharFormat]]) -> None:
    """Into the card's last block, which the cursor is at the end of."""
    first = cursor.block()
    look = first.blockFormat()
    inner = _inner_line(look)
    for text, char in runs:
        for number, line in enumerate(text.split("\n")):
            if number:
                cursor.insertBlock(inner, char)
            cursor.insertText(line, char)
    if cursor.block() != first:
        cursor.setBlockFormat(_last_line(look))
        QTextCursor(first).setBlockFormat(_first_line(look))


def _first_line(card: QTextBlockFormat) -> QTextBlockFormat:
    block = QTextBlockFormat(card)
    block.setBottomMargin(0)
    return block


def _inner_line(card: QTextBlockFormat) -> QTextBlockFormat:
    block = _last_line(card)
    block.setBottomMargin(0)
    return block


def _last_line(card: QTextBlockFormat) -> QTextBlockFormat:
    block = QTextBlockFormat(card)
    block.setTopMargin(0)
    block.clearProperty(BlockProperty.CARD_START)
    return block

"""The formats of all that the transcript shows, for one theme.

A block that is painted on a card, beside a bar or as a rule says so by a property, which
`decorations` reads.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QTextBlockFormat,
    QTextCharFormat,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTableCellFormat,
    QTextTableFormat,
)

from desktop.style.metrics import CODE_PX, HEADINGS_PX, THOUGHT_PX, code_families
from desktop.style.theme import Theme

LINE_HEIGHT_PERCENT = 122.0
PARAGRAPH_GAP = 12.0
ITEM_GAP = 5.0
MESSAGE_GAP = 34.0
"""Room for the bar of the message above."""
CARD_PADDING_X = 16.0
CARD_PADDING_Y = 11.0
QUOTE_INDENT = 18.0
LIST_INDENT = 28.0
MARKER_GAP = 4.0
THOUGHT_GAP = 6.0
HEADING_GAPS = (24.0, 22.0, 20.0, 18.0, 18.0, 18.0)


class BlockProperty(IntEnum):
    CARD = QTextFormat.Property.UserProperty.value + 1
    CARD_START = QTextFormat.Property.UserProperty.value + 2
    """On the first block of a card, so that two cards in a row stay two."""
    QUOTES = QTextFormat.Property.UserProperty.value + 3
    """How many quotes the block is in."""
    QUOTE_LISTS = QTextFormat.Property.UserProperty.value + 4
    """In how many lists the outermost quote is."""
    RULE = QTextFormat.Property.UserProperty.value + 5
    THOUGHT = QTextFormat.Property.UserProperty.value + 6
    """A line of reasoning, beside a bar."""


class Card(StrEnum):
    QUESTION = "question"
    CODE = "code"
    ERROR = "error"


class Looks:
    """Makes formats; each call a new one that the caller may change."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self._code_families = code_families()

    # characters

    def body(self) -> QTextCharFormat:
        char = QTextCharFormat()
        char.setForeground(QColor(self.theme.text))
        return char

    def muted(self) -> QTextCharFormat:
        char = QTextCharFormat()
        char.setForeground(QColor(self.theme.muted))
        return char

    def danger(self) -> QTextCharFormat:
        char = QTextCharFormat()
        char.setForeground(QColor(self.theme.danger))
        return char

    def heading(self, level: int) -> QTextCharFormat:
        char = self.body()
        char.setFontWeight(QFont.Weight.DemiBold)
        _set_pixel_size(char, HEADINGS_PX[level - 1])
        return char

    def list_marker(self) -> QTextCharFormat:
        """Qt leaves one space between a marker and its text: too little."""
        char = self.body()
        char.setFontWordSpacing(MARKER_GAP)
        return char

    def code(self) -> QTextCharFormat:
        char = self.body()
        char.setFontFamilies(self._code_families)
        _set_pixel_size(char, CODE_PX)
        return char

    def make_inline_code(self, char: QTextCharFormat) -> None:
        char.setFontFamilies(self._code_families)
        char.setBackground(QColor(self.theme.card))
        _set_pixel_size(char, CODE_PX)

    def make_quiet_link(self, char: QTextCharFormat, address: str) -> None:
        """In the text's own colour."""
        char.setAnchor(True)
        char.setAnchorHref(address)

    def make_link(self, char: QTextCharFormat, address: str) -> None:
        char.setAnchor(True)
        char.setAnchorHref(address)
        char.setToolTip(address)
        char.setForeground(QColor(self.theme.link))
        char.setFontUnderline(True)

    # blocks

    def paragraph(self, gap: float = PARAGRAPH_GAP) -> QTextBlockFormat:
        block = QTextBlockFormat()
        block.setTopMargin(gap)
        block.setBottomMargin(gap)
        block.setLineHeight(
            LINE_HEIGHT_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
        )
        return block

    def heading_block(self, level: int) -> QTextBlockFormat:
        block = self.paragraph()
        block.setHeadingLevel(level)
        block.setTopMargin(HEADING_GAPS[level - 1])
        block.setBottomMargin(8)
        return block

    def display_block(self, paragraph: QTextBlockFormat) -> QTextBlockFormat:
        """For a formula in its middle, whose height has no need of room between lines."""
        block = QTextBlockFormat(paragraph)
        block.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        block.setLineHeight(0, QTextBlockFormat.LineHeightTypes.SingleHeight.value)
        return block

    def rule_block(self) -> QTextBlockFormat:
        block = self.paragraph()
        block.setProperty(BlockProperty.RULE, True)
        return block

    def card_block(self, card: Card, gap: float) -> QTextBlockFormat:
        """A block alone on a card, `gap` away from what is above and below."""
        block = self.paragraph(gap + CARD_PADDING_Y)
        block.setLeftMargin(CARD_PADDING_X)
        block.setRightMargin(CARD_PADDING_X)
        block.setProperty(BlockProperty.CARD, card.value)
        block.setProperty(BlockProperty.CARD_START, True)
        return block

    # tables

    def table(self, indent: float) -> QTextTableFormat:
        table = QTextTableFormat()
        table.setBorder(0)
        table.setCellPadding(7)
        table.setCellSpacing(0)
        table.setBorderCollapse(True)
        table.setHeaderRowCount(1)
        table.setTopMargin(0)  # the empty block above it is gap enough
        table.setBottomMargin(PARAGRAPH_GAP)
        table.setLeftMargin(indent)
        table.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        return table

    def table_cell(self, is_header: bool) -> QTextTableCellFormat:
        cell = QTextTableCellFormat()
        cell.setBottomBorder(2 if is_header else 1)
        cell.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        cell.setBottomBorderBrush(QBrush(QColor(self.theme.border)))
        return cell

    def table_text(self, alignment: Qt.AlignmentFlag) -> QTextBlockFormat:
        block = self.paragraph(0)
        block.setAlignment(alignment)
        return block


class ThoughtLooks(Looks):
    """The same, quieter and beside a bar."""

    def body(self) -> QTextCharFormat:
        char = self.muted()
        _set_pixel_size(char, THOUGHT_PX)
        return char

    def paragraph(self, gap: float = PARAGRAPH_GAP) -> QTextBlockFormat:
        block = super().paragraph(min(gap, THOUGHT_GAP))
        block.setLeftMargin(QUOTE_INDENT)
        block.setProperty(BlockProperty.THOUGHT, True)
        return block

    def card_block(self, card: Card, gap: float) -> QTextBlockFormat:
        block = super().card_block(card, gap)
        block.setLeftMargin(QUOTE_INDENT + CARD_PADDING_X)
        return block


def _set_pixel_size(char: QTextCharFormat, pixels: int) -> None:
    char.setProperty(QTextFormat.Property.FontPixelSize, pixels)

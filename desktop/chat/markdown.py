"""Markdown into the end of a text document: markdown-it's tokens written by a QTextCursor.

Qt's own setMarkdown works on whole documents only, its insertMarkdown corrupts formats, and
neither highlights code. Raw HTML is plain text, an image is its alternative text, and only
links that may be opened are links: nothing is ever loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token
from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QFont,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextList,
    QTextListFormat,
)

from desktop.chat.cards import write_lines
from desktop.chat.code import CodeLooks, highlighted
from desktop.chat.formulas import drawing_of
from desktop.chat.inline import write_inline
from desktop.chat.looks import (
    ITEM_GAP,
    LIST_INDENT,
    PARAGRAPH_GAP,
    QUOTE_INDENT,
    BlockProperty,
    Card,
    Looks,
)
from desktop.chat.maths import is_display, maths_plugin, parts_of

BULLETS = (
    QTextListFormat.Style.ListDisc,
    QTextListFormat.Style.ListCircle,
    QTextListFormat.Style.ListSquare,
)


def markdown_parser() -> MarkdownIt:
    """CommonMark with tables and strikethrough, and without link reference definitions: one that
    comes late would change text that is already written."""
    parser = MarkdownIt("commonmark", {"html": False})
    parser.enable(["table", "strikethrough"]).disable("reference")
    return parser.use(maths_plugin)


@dataclass(slots=True)
class _List:
    look: QTextListFormat
    made: QTextList | None = None


@dataclass(slots=True)
class _Cell:
    alignment: Qt.AlignmentFlag
    is_header: bool
    inline: Token | None = None


class MarkdownWriter:
    """Replaces the end of a document. One method per token that writes something."""

    def __init__(self, document: QTextDocument, looks: Looks, parser: MarkdownIt) -> None:
        self._document = document
        self._looks = looks
        self._code_looks = CodeLooks(looks)
        self._parser = parser
        self._writers: dict[str, Callable[[Token], None]] = {
            "paragraph_open": self._open_paragraph,
            "heading_open": self._open_heading,
            "heading_close": self._close_heading,
            "bullet_list_open": self._open_bullet_list,
            "bullet_list_close": self._close_list,
            "ordered_list_open": self._open_ordered_list,
            "ordered_list_close": self._close_list,
            "list_item_open": self._open_item,
            "list_item_close": self._close_item,
            "blockquote_open": self._open_quote,
            "blockquote_close": self._close_quote,
            "fence": self._write_code,
            "code_block": self._write_code,
            "hr": self._write_rule,
            "table_open": self._open_table,
            "tr_open": self._open_row,
            "th_open": self._open_cell,
            "td_open": self._open_cell,
            "table_close": self._close_table,
            "inline": self._write_inline,
        }
        self._begin()

    def rewrite(self, position: int, source: str) -> dict[int, int]:
        """Replace all from `position` on by `source`.

        Returns where its top-level blocks are: source line -> position.
        """
        self._begin()
        self._cursor.beginEditBlock()
        self._clear_from(position)
        for token in self._parser.parse(source):
            if token.level == 0 and token.nesting >= 0 and token.map:
                self._line = token.map[0]
            if write := self._writers.get(token.type):
                write(token)
        self._cursor.endEditBlock()
        return self._starts

    def append_code(self, text: str) -> None:
        """Let the code card at the end of the document grow, not highlighted."""
        self._cursor.beginEditBlock()
        self._cursor.movePosition(QTextCursor.MoveOperation.End)
        write_lines(self._cursor, [(text, self._code_looks.plain)])
        self._cursor.endEditBlock()

    def _begin(self) -> None:
        self._cursor = QTextCursor(self._document)
        self._lists: list[_List] = []
        self._quotes = 0
        self._quote_lists = 0
        self._rows: list[list[_Cell]] | None = None
        self._char = self._looks.body()
        self._line: int | None = None
        self._starts: dict[int, int] = {}
        self._is_block_unused = True
        self._is_item_waiting = False  # the block is a list item that has no text yet

    def _clear_from(self, position: int) -> None:
        self._cursor.setPosition(position)
        self._cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        self._cursor.removeSelectedText()
        if owner := self._cursor.currentList():
            owner.remove(self._cursor.block())
        self._cursor.setBlockFormat(QTextBlockFormat())

    def _open_block(self, block: QTextBlockFormat, indent: int | None = None) -> None:
        block.setIndent(len(self._lists) if indent is None else indent)
        block.setLeftMargin(block.leftMargin() + QUOTE_INDENT * self._quotes)
        if self._quotes:
            block.setProperty(BlockProperty.QUOTES, self._quotes)
            block.setProperty(BlockProperty.QUOTE_LISTS, self._quote_lists)
        if self._is_block_unused:
            self._cursor.setBlockFormat(block)
            self._cursor.setBlockCharFormat(self._char)
            self._cursor.setCharFormat(self._char)
        else:
            self._cursor.insertBlock(block, self._char)
        self._is_block_unused = self._is_item_waiting = False
        if self._line is not None:
            self._starts[self._line] = self._cursor.block().position()
            self._line = None

    # paragraphs and headings

    def _open_paragraph(self, token: Token) -> None:
        if self._is_item_waiting:
            self._is_item_waiting = False
        elif self._rows is None:
            self._open_block(self._looks.paragraph(ITEM_GAP if self._lists else PARAGRAPH_GAP))

    def _open_heading(self, token: Token) -> None:
        level = int(token.tag[1])
        self._char = self._looks.heading(level)
        if self._is_item_waiting:
            self._is_item_waiting = False
            self._make_item_heading(level)
        else:
            self._open_block(self._looks.heading_block(level))

    def _make_item_heading(self, level: int) -> None:
        """A heading beside the item's bullet, as a paragraph would be."""
        block = self._cursor.blockFormat()
        block.setHeadingLevel(level)
        self._cursor.setBlockFormat(block)
        self._cursor.setBlockCharFormat(self._char)
        self._cursor.setCharFormat(self._char)

    def _close_heading(self, token: Token) -> None:
        self._char = self._looks.body()

    def _write_rule(self, token: Token) -> None:
        self._open_block(self._looks.rule_block())

    # lists

    def _open_bullet_list(self, token: Token) -> None:
        self._open_list(BULLETS[min(len(self._lists), len(BULLETS) - 1)])

    def _open_ordered_list(self, token: Token) -> None:
        self._open_list(QTextListFormat.Style.ListDecimal, int(token.attrs.get("start", 1)))

    def _open_list(self, style: QTextListFormat.Style, start: int = 1) -> None:
        look = QTextListFormat()
        look.setStyle(style)
        look.setStart(start)
        look.setIndent(len(self._lists) + 1)
        self._lists.append(_List(look))

    def _close_list(self, token: Token) -> None:
        self._lists.pop()

    def _open_item(self, token: Token) -> None:
        self._open_block(self._looks.paragraph(ITEM_GAP), indent=0)
        current = self._lists[-1]
        if current.made is None:
            current.made = self._cursor.createList(current.look)
        else:
            current.made.add(self._cursor.block())
        self._cursor.setBlockCharFormat(self._looks.list_marker())
        self._is_item_waiting = True

    def _close_item(self, token: Token) -> None:
        self._is_item_waiting = False

    # quotes

    def _open_quote(self, token: Token) -> None:
        if not self._quotes:
            self._quote_lists = len(self._lists)
        self._quotes += 1

    def _close_quote(self, token: Token) -> None:
        self._quotes -= 1

    # code

    def _write_code(self, token: Token) -> None:
        self._open_block(self._looks.card_block(Card.CODE, PARAGRAPH_GAP))
        self._cursor.setBlockCharFormat(self._code_looks.plain)
        language = (token.info.split() or [""])[0]
        code = token.content.rstrip("\n")
        write_lines(self._cursor, highlighted(code, language, self._code_looks))

    # tables

    def _open_table(self, token: Token) -> None:
        self._open_block(QTextBlockFormat())  # Qt hides the empty block before a table
        self._rows = []

    def _open_row(self, token: Token) -> None:
        assert self._rows is not None
        self._rows.append([])

    def _open_cell(self, token: Token) -> None:
        assert self._rows is not None
        alignment = _alignment(str(token.attrs.get("style", "")))
        self._rows[-1].append(_Cell(alignment, token.type == "th_open"))

    def _close_table(self, token: Token) -> None:
        assert self._rows is not None
        indent = LIST_INDENT * len(self._lists) + QUOTE_INDENT * self._quotes
        look = self._looks.table(indent)
        table = self._cursor.insertTable(len(self._rows), len(self._rows[0]), look)
        for number, row in enumerate(self._rows):
            for column, cell in enumerate(row):
                place = table.cellAt(number, column)
                place.setFormat(self._looks.table_cell(cell.is_header))
                self._cursor = place.firstCursorPosition()
                self._write_cell(cell)
        self._cursor.movePosition(QTextCursor.MoveOperation.End)
        self._rows = None
        self._is_block_unused = True

    def _write_cell(self, cell: _Cell) -> None:
        char = self._looks.body()
        if cell.is_header:
            char.setFontWeight(QFont.Weight.DemiBold)
        self._cursor.setBlockFormat(self._looks.table_text(cell.alignment))
        if cell.inline is not None:
            write_inline(self._cursor, cell.inline.children or (), char, self._looks)

    # text

    def _write_inline(self, token: Token) -> None:
        if self._rows is not None:
            self._rows[-1][-1].inline = token
        elif self._cursor.blockFormat().headingLevel():
            self._write_part(token.children or [])
        else:
            self._write_parts(token.children or [])

    def _write_parts(self, children: list[Token]) -> None:
        """Text and display formulas, each in a block of its own."""
        gap = ITEM_GAP if self._lists else PARAGRAPH_GAP
        for number, part in enumerate(parts_of(children)):
            if number:
                self._open_block(self._looks.paragraph(gap))
            if is_display(part[0]) and drawing_of(part[0].content):
                self._make_display()
            self._write_part(part)

    def _make_display(self) -> None:
        """Beside an item's bullet it stays on the left, as the item's text would."""
        if self._cursor.currentList() is None:
            self._cursor.setBlockFormat(self._looks.display_block(self._cursor.blockFormat()))

    def _write_part(self, children: list[Token]) -> None:
        write_inline(self._cursor, children, QTextCharFormat(self._char), self._looks)


def _alignment(style: str) -> Qt.AlignmentFlag:
    if "right" in style:
        return Qt.AlignmentFlag.AlignRight
    if "center" in style:
        return Qt.AlignmentFlag.AlignHCenter
    return Qt.AlignmentFlag.AlignLeft

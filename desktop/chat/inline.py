"""Markdown inside a line: emphasis, code, links, breaks."""

from __future__ import annotations

from collections.abc import Iterable

from markdown_it.token import Token
from PySide6.QtGui import QFont, QTextCharFormat, QTextCursor

from desktop.chat.formulas import write_formula
from desktop.chat.links import may_open
from desktop.chat.looks import Looks
from desktop.chat.maths import MATH

LINE_SEPARATOR = "\u2028"
BREAKS = {"softbreak": " ", "hardbreak": LINE_SEPARATOR}


def write_inline(
    cursor: QTextCursor, children: Iterable[Token], char: QTextCharFormat, looks: Looks
) -> None:
    """Write an "inline" token's children, in `char` where they say nothing else."""
    formats = [char]
    for child in children:
        if child.nesting == 1:
            formats.append(_format_inside(formats[-1], child, looks))
        elif child.nesting == -1:
            formats.pop()
        elif child.type == "code_inline":
            cursor.insertText(child.content, _format_inside(formats[-1], child, looks))
        elif child.type == MATH:
            write_formula(cursor, child.content, formats[-1], looks)
            cursor.insertText(child.info, formats[-1])
        else:  # an image's content is its alternative text
            cursor.insertText(BREAKS.get(child.type, child.content), formats[-1])


def _format_inside(outer: QTextCharFormat, token: Token, looks: Looks) -> QTextCharFormat:
    char = QTextCharFormat(outer)
    match token.type:
        case "strong_open":
            char.setFontWeight(QFont.Weight.Bold)
        case "em_open":
            char.setFontItalic(True)
        case "s_open":
            char.setFontStrikeOut(True)
        case "code_inline":
            looks.make_inline_code(char)
        case "link_open" if may_open(address := str(token.attrs["href"])):
            looks.make_link(char, address)
    return char

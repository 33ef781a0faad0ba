"""Highlighted code: Pygments' tokens as runs of text, each in one format."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from pygments import lex
from pygments.lexers import get_lexer_by_name
from pygments.token import (
    Comment,
    Generic,
    Keyword,
    Name,
    Number,
    Operator,
    String,
    Token,
    _TokenType,
)
from pygments.util import ClassNotFound
from PySide6.QtGui import QColor, QFont, QTextCharFormat

from desktop.chat.looks import Looks

MAX_HIGHLIGHTED_CHARACTERS = 20_000
"""Pygments takes 25 ms for 10,000: beyond this the window would stand still."""

Run = tuple[str, QTextCharFormat]


class CodeLooks:
    """Formats by kind of token; a kind without its own has its parent's."""

    def __init__(self, looks: Looks) -> None:
        self._looks = looks

    @cached_property
    def plain(self) -> QTextCharFormat:
        return self._looks.code()

    def of(self, kind: _TokenType) -> QTextCharFormat:
        walk: _TokenType | None = kind
        while walk is not None:
            if walk in self._formats:
                return self._formats[walk]
            walk = walk.parent
        return self.plain

    @cached_property
    def _formats(self) -> dict[_TokenType, QTextCharFormat]:
        colours = self._looks.theme.syntax
        return {
            Keyword: self._format(colours.keyword, weight=QFont.Weight.DemiBold),
            Keyword.Constant: self._format(colours.number),
            Keyword.Type: self._format(colours.type),
            Operator.Word: self._format(colours.keyword, weight=QFont.Weight.DemiBold),
            String: self._format(colours.string),
            Number: self._format(colours.number),
            Comment: self._format(colours.comment, italic=True),
            Name.Function: self._format(colours.name),
            Name.Class: self._format(colours.type),
            Name.Tag: self._format(colours.keyword),
            Name.Attribute: self._format(colours.name),
            Name.Decorator: self._format(colours.type),
            Name.Builtin: self._format(colours.name),
            Generic.Deleted: self._format(self._looks.theme.danger),
            Generic.Inserted: self._format(colours.string),
            Generic.Heading: self._format(colours.name),
        }

    def _format(
        self, colour: str, weight: QFont.Weight = QFont.Weight.Normal, italic: bool = False
    ) -> QTextCharFormat:
        char = QTextCharFormat(self.plain)
        char.setForeground(QColor(colour))
        char.setFontWeight(weight)
        char.setFontItalic(italic)
        return char


def highlighted(code: str, language: str, looks: CodeLooks) -> Iterator[Run]:
    """One plain run where the language is unknown or the code is very long."""
    for kind, text in _tokens(code, language):
        yield text, looks.of(kind)


def _tokens(code: str, language: str) -> Iterator[tuple[_TokenType, str]]:
    if not language or len(code) > MAX_HIGHLIGHTED_CHARACTERS:
        return iter([(Token, code)])
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return iter([(Token, code)])
    return lex(code, lexer)

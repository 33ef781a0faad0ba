"""What a document shows, as values that tests compare."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtGui import QTextBlock, QTextCharFormat, QTextCursor, QTextDocument

from desktop.chat.formulas import SOURCE
from desktop.chat.looks import BlockProperty


def blocks_of(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def appearance_of(document: QTextDocument) -> tuple[object, ...]:
    """All that is visible: Qt's HTML has the text, formats, lists and tables, but not ours."""
    own = [_own_properties(block) for block in blocks_of(document)]
    return document.toHtml(), own, formulas_in(document)


def formulas_in(document: QTextDocument) -> list[str]:
    """Their sources."""
    looks = [char for char in formats_in(document) if char.hasProperty(SOURCE)]
    return [str(char.property(SOURCE)) for char in looks]


def formats_in(document: QTextDocument) -> Iterator[QTextCharFormat]:
    """Of each run of characters that share one."""
    for block in blocks_of(document):
        runs = block.begin()
        while not runs.atEnd():
            yield runs.fragment().charFormat()
            runs += 1


def char_at(document: QTextDocument, text: str) -> QTextCharFormat:
    """The format of the first character of `text`, which must be there."""
    found = document.find(text, 0, QTextDocument.FindFlag.FindCaseSensitively)
    assert not found.isNull(), f"{text!r} is not shown"
    first = QTextCursor(document)
    first.setPosition(found.selectionStart() + 1)
    return first.charFormat()


def colour_at(document: QTextDocument, text: str) -> str:
    return char_at(document, text).foreground().color().name()


def links_in(document: QTextDocument) -> set[str]:
    return {char.anchorHref() for char in formats_in(document) if char.isAnchor()}


def cards_in(document: QTextDocument) -> list[str]:
    """The cards from top to bottom, one entry per card."""
    looks = [block.blockFormat() for block in blocks_of(document)]
    return [
        str(look.property(BlockProperty.CARD))
        for look in looks
        if look.hasProperty(BlockProperty.CARD_START)
    ]


def _own_properties(block: QTextBlock) -> tuple[object, ...]:
    look = block.blockFormat()
    return tuple(look.property(kind) for kind in BlockProperty)

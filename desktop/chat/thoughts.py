"""A model's reasoning in the transcript: a line that says for how long, and text that folds."""

from __future__ import annotations

from PySide6.QtGui import QTextBlock, QTextCursor, QTextDocument

from desktop.chat.looks import BlockProperty, Looks, ThoughtLooks
from desktop.chat.stream import StreamingMarkdown
from desktop.language import tr, tr_later

FOLD = "hearth:fold/"
OPEN, FOLDED = "▾", "▸"
"""Of equal length: the places of what is written below must not move."""
THINKING = tr_later("Thinking…")


class Thoughts:
    """Written at the end of a document; open while they are written."""

    def __init__(self, document: QTextDocument, looks: Looks, header: QTextCursor) -> None:
        """`header` is at the end, in an empty block."""
        self._document = document
        self._looks = looks
        self._header = header.blockNumber()
        self._is_open = True
        self._write_header(tr(THINKING))
        cursor = QTextCursor(document)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        thought = ThoughtLooks(looks.theme)
        cursor.insertBlock(thought.paragraph(), thought.body())
        self._text = StreamingMarkdown(document, thought, cursor.position(), has_tables=False)

    @property
    def address(self) -> str:
        return f"{FOLD}{self._header}"

    @property
    def is_open(self) -> bool:
        return self._is_open

    def feed(self, text: str) -> None:
        self._text.feed(text)

    def finish(self, seconds: float | None) -> None:
        """Fold them; a header that is longer moves what is below, so nothing may be written yet."""
        self._text.finish()
        self._write_header(in_words(seconds))
        self.set_open(False)

    def set_open(self, is_open: bool) -> None:
        self._is_open = is_open
        self._turn_arrow()
        block = self._document.findBlockByNumber(self._header).next()
        first = block
        while block.isValid() and block.blockFormat().hasProperty(BlockProperty.THOUGHT):
            block.setVisible(is_open)
            block = block.next()
        end = block.position() if block.isValid() else self._document.characterCount()
        self._document.markContentsDirty(first.position(), end - first.position())

    def _write_header(self, words: str) -> None:
        char = self._looks.muted()
        self._looks.make_quiet_link(char, self.address)
        cursor = QTextCursor(self._block())
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(f"{OPEN if self._is_open else FOLDED} {words}", char)

    def _turn_arrow(self) -> None:
        cursor = QTextCursor(self._block())
        char = self._looks.muted()
        self._looks.make_quiet_link(char, self.address)
        cursor.movePosition(
            QTextCursor.MoveOperation.NextCharacter, QTextCursor.MoveMode.KeepAnchor
        )
        cursor.insertText(OPEN if self._is_open else FOLDED, char)

    def _block(self) -> QTextBlock:
        return self._document.findBlockByNumber(self._header)


def in_words(seconds: float | None) -> str:
    if seconds is None:
        return tr("Thoughts")
    if seconds < 1:
        return tr("Thought for a moment")
    minutes, rest = divmod(round(seconds), 60)
    return (
        tr("Thought for {minutes} min {seconds} s", minutes=minutes, seconds=rest)
        if minutes
        else tr("Thought for {seconds} s", seconds=rest)
    )

"""Markdown that grows at the end of a document, block by block.

Only the open top-level block is written again when text comes; closed blocks stay as they are.
A block counts as closed only on the evidence of complete lines: after "1. a" and an empty line,
"2" looks like a paragraph until it becomes "2. b" of the same list. So any chunking of a text
gives the document of a one-shot rendering (tests/desktop/chat/test_stream.py).
"""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.token import Token
from PySide6.QtGui import QTextDocument

from desktop.chat.looks import Looks
from desktop.chat.markdown import MarkdownWriter, markdown_parser

# QTextCursor.insertText would make paragraphs, frames or objects of these.
UNWRITABLE = str.maketrans(
    {
        "\r": None,
        "\u2029": "\n",
        "\x00": "\ufffd",
        "\ufdd0": "\ufffd",
        "\ufdd1": "\ufffd",
        "\ufffc": "\ufffd",
    }
)


def writable(text: str) -> str:
    return text.translate(UNWRITABLE)


class StreamingMarkdown:
    """From `position` on the document is this stream's."""

    def __init__(
        self, document: QTextDocument, looks: Looks, position: int, has_tables: bool = True
    ) -> None:
        self._parser: MarkdownIt = markdown_parser()
        if not has_tables:
            self._parser.disable("table")
        self._writer = MarkdownWriter(document, looks, self._parser)
        self._position = position
        self._source = ""  # of the open block
        self._open_fence = ""  # the marker of a top-level fence that is still open
        self._shown_code = 0  # characters of that fence in the document

    def feed(self, text: str) -> None:
        text = writable(text)
        self._source += text
        if self._open_fence and self._open_fence[0] not in text:
            self._grow_code()
        else:
            self._rewrite()

    def finish(self) -> None:
        self._rewrite()

    def _rewrite(self) -> None:
        starts = self._writer.rewrite(self._position, self._source)
        last = self._last_block_of_complete_lines()
        line = last.map[0] if last is not None and last.map else 0
        if line in starts:
            self._position = starts[line]
            self._source = self._source.split("\n", line)[line]
        self._open_fence = self._marker_if_open(last)
        self._shown_code = len(self._code()) if self._open_fence else 0

    def _last_block_of_complete_lines(self) -> Token | None:
        complete = self._source[: self._source.rfind("\n") + 1]
        blocks = [t for t in self._parser.parse(complete) if t.level == 0 and t.nesting >= 0]
        return blocks[-1] if blocks else None

    def _marker_if_open(self, block: Token | None) -> str:
        if block is None or block.type != "fence" or not self._source.startswith(block.markup):
            return ""
        is_closed = self._parser.parse(self._source + "\n\nx")[-1].type == "paragraph_close"
        return "" if is_closed else block.markup

    def _code(self) -> str:
        return self._source.partition("\n")[2].rstrip("\n")

    def _grow_code(self) -> None:
        """An open fence grows as plain text and is highlighted once, when it closes:
        highlighting 9 kB at every flush takes 20 ms."""
        code = self._code()
        self._writer.append_code(code[self._shown_code :])
        self._shown_code = len(code)

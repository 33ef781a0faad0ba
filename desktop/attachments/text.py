"""The text of a file: of plain text in any of today's encodings, of PDF, of Word."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from desktop.language import tr
from engine.errors import HearthError

LARGEST_BYTES = 32 << 20
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
FALLBACK_ENCODING = "cp1252"
"""Of old Windows files; nearly every sequence of bytes is a text in it."""


class CannotAttach(HearthError):
    """A file that has no text to give."""


def text_of(path: Path) -> str:
    """Slow for a PDF of many pages. Raises CannotAttach."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise CannotAttach(
                tr("{name} is larger than {limit} MB.", name=path.name, limit=LARGEST_BYTES >> 20)
            )
        content = path.read_bytes()
    except OSError as error:
        raise CannotAttach(
            tr("{name} cannot be read: {strerror}.", name=path.name, strerror=error.strerror)
        ) from error
    text = READERS.get(path.suffix.lower(), _plain_text)(path.name, content).strip()
    if not text:
        raise CannotAttach(tr("There is no text in {name}.", name=path.name))
    return text


def _plain_text(name: str, content: bytes) -> str:
    mark = next((mark for mark in BYTE_ORDER_MARKS if content.startswith(mark)), None)
    if mark is None and b"\0" in content:
        raise CannotAttach(
            tr("{name} is no text: Hearth reads text, source code, CSV, PDF and DOCX.", name=name)
        )
    for encoding in (BYTE_ORDER_MARKS[mark],) if mark else ("utf-8", FALLBACK_ENCODING):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CannotAttach(tr("{name} is in an encoding that Hearth does not know.", name=name))


def _pdf_text(name: str, content: bytes) -> str:
    from pypdf import PdfReader  # these libraries take a while, and most questions need none
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise CannotAttach(tr("{name} is locked with a password.", name=name))
        text = "\n\n".join(page.extract_text() for page in reader.pages)
    except CannotAttach:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError, OSError) as error:
        raise CannotAttach(tr("{name} is damaged, or no PDF.", name=name)) from error
    if not text.strip():
        raise CannotAttach(
            tr("{name} holds pictures of pages only, which Hearth cannot read.", name=name)
        )
    return text


def _word_text(name: str, content: bytes) -> str:
    from zipfile import BadZipFile

    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError
    from docx.table import Table
    from lxml.etree import LxmlError

    def lines() -> Iterator[str]:
        for part in Document(io.BytesIO(content)).iter_inner_content():
            if isinstance(part, Table):
                yield from (" | ".join(cell.text for cell in row.cells) for row in part.rows)
            else:
                yield part.text

    try:
        return "\n".join(lines())
    except (BadZipFile, PackageNotFoundError, LxmlError, KeyError, ValueError) as error:
        raise CannotAttach(tr("{name} is damaged, or no Word document.", name=name)) from error


READERS: Mapping[str, Callable[[str, bytes], str]] = {".pdf": _pdf_text, ".docx": _word_text}

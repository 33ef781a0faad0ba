"""Real files of every kind that is read, and of kinds that are not."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from docx import Document
from pypdf import PdfReader, PdfWriter

from desktop.attachments import text as text_module
from desktop.attachments.text import CannotAttach, text_of

PDF = """%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R
 /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >> endobj
4 0 obj << /Length {length} >> stream
{stream}
endstream endobj
trailer << /Root 1 0 R /Size 5 >>
startxref
0
%%EOF
"""


def write_pdf(path: Path, words: str) -> Path:
    stream = f"BT /F1 18 Tf 20 100 Td ({words}) Tj ET" if words else "0 0 m"
    path.write_text(PDF.format(length=len(stream), stream=stream), "latin-1")
    return path


def write_word(path: Path) -> Path:
    document = Document()
    document.add_heading("Minutes", 1)
    document.add_paragraph("We met in Köln.")
    table = document.add_table(2, 2)
    for row, cells in zip(table.rows, (("Who", "What"), ("Ada", "Engines")), strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_paragraph("The end.")
    document.save(str(path))
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "Grüße".encode()),
        ("a.md", b"\xef\xbb\xbf" + "Grüße".encode()),
        ("a.csv", "Grüße".encode("utf-16")),
        ("a.py", "Grüße".encode("cp1252")),
        ("Makefile", "\n\n Grüße \n".encode()),
    ],
)
def test_plain_text_in_todays_encodings(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert text_of(tmp_path / name) == "Grüße"


def test_a_pdf_gives_its_words(tmp_path: Path) -> None:
    assert text_of(write_pdf(tmp_path / "a.PDF", "Hello from a page")) == "Hello from a page"


def test_a_word_document_gives_paragraphs_and_tables_in_their_order(tmp_path: Path) -> None:
    assert text_of(write_word(tmp_path / "a.docx")) == (
        "Minutes\nWe met in Köln.\nWho | What\nAda | Engines\nThe end."
    )


def locked(tmp_path: Path) -> Path:
    writer = PdfWriter(clone_from=PdfReader(write_pdf(tmp_path / "open.pdf", "Secret")))
    writer.encrypt("a password", algorithm="RC4-128")
    writer.write(tmp_path / "locked.pdf")
    return tmp_path / "locked.pdf"


def test_a_locked_pdf_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotAttach, match=r"^locked\.pdf is locked with a password\.$"):
        text_of(locked(tmp_path))


def test_a_pdf_of_pictures_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotAttach, match="pictures of pages only"):
        text_of(write_pdf(tmp_path / "scan.pdf", ""))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.bin", b"\x00\x01\x02", "a.bin is no text"),
        ("a.txt", b"", "There is no text in a.txt."),
        ("a.txt", b" \n\t", "There is no text in a.txt."),
        ("a.txt", b"\xff\xfe\x00", "in an encoding that Hearth does not know"),
        ("a.pdf", b"My shopping list", "a.pdf is damaged, or no PDF."),
        ("a.pdf", b"%PDF-1.7\n" + b"\xff" * 500, "a.pdf is damaged, or no PDF."),
        ("a.docx", b"My shopping list", "a.docx is damaged, or no Word document."),
        ("a.docx", b"PK\x03\x04" + b"\xff" * 500, "a.docx is damaged, or no Word document."),
    ],
)
def test_what_has_no_text_is_a_sentence(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CannotAttach) as told:
        text_of(tmp_path / name)
    assert sentence in str(told.value)


def test_a_missing_a_large_and_a_folder_are_sentences(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CannotAttach, match="cannot be read: No such file"):
        text_of(tmp_path / "none.txt")
    with pytest.raises(CannotAttach, match="cannot be read: Is a directory"):
        text_of(tmp_path)
    monkeypatch.setattr(text_module, "LARGEST_BYTES", 4 << 20)
    with (tmp_path / "large.txt").open("wb") as file:
        file.truncate(5 << 20)
    with pytest.raises(CannotAttach, match="larger than 4 MB"):
        text_of(tmp_path / "large.txt")


@pytest.mark.parametrize("cut", [10, 100, 200, 300, 400])
def test_a_file_that_was_cut_off_never_raises_anything_else(tmp_path: Path, cut: int) -> None:
    for path in (write_pdf(tmp_path / "a.pdf", "Words"), write_word(tmp_path / "a.docx")):
        path.write_bytes(path.read_bytes()[:cut])
        with suppress(CannotAttach):
            text_of(path)

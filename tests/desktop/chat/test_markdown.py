"""What each kind of markdown looks like in the document."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QTextCursor, QTextDocument, QTextListFormat, QTextTable

from desktop.chat.looks import BlockProperty, Looks
from desktop.chat.markdown import MarkdownWriter, markdown_parser
from desktop.style.theme import LIGHT
from tests.desktop.chat.looking import blocks_of, cards_in, char_at, formats_in, links_in

pytestmark = pytest.mark.usefixtures("qapp")


def written(source: str) -> QTextDocument:
    document = QTextDocument()
    MarkdownWriter(document, Looks(LIGHT), markdown_parser()).rewrite(0, source)
    return document


def list_styles(document: QTextDocument) -> list[QTextListFormat.Style | None]:
    lists = [block.textList() for block in blocks_of(document)]
    return [found.format().style() if found else None for found in lists]


def tables_in(document: QTextDocument) -> list[QTextTable]:
    frames = document.rootFrame().childFrames()
    return [frame for frame in frames if isinstance(frame, QTextTable)]


def cell_text(table: QTextTable, row: int, column: int) -> str:
    cell = table.cellAt(row, column)
    cursor = QTextCursor(cell.firstCursorPosition())
    cursor.setPosition(cell.lastCursorPosition().position(), QTextCursor.MoveMode.KeepAnchor)
    return cursor.selectedText()


def test_emphasis_sets_weight_slant_and_a_line_through() -> None:
    document = written("**bold** *slanted* ~~struck~~ plain")
    assert char_at(document, "bold").fontWeight() == QFont.Weight.Bold
    assert char_at(document, "slanted").fontItalic()
    assert char_at(document, "struck").fontStrikeOut()
    plain = char_at(document, "plain")
    assert (plain.fontItalic(), plain.fontStrikeOut()) == (False, False)
    assert plain.fontWeight() != QFont.Weight.Bold


def test_emphasis_nests() -> None:
    document = written("***both** slanted*")
    both = char_at(document, "both")
    assert both.fontItalic()
    assert both.fontWeight() == QFont.Weight.Bold


def test_markers_of_half_open_emphasis_are_shown() -> None:
    assert written("half **open and `code").toPlainText() == "half **open and `code"


def test_headings_have_levels_and_shrink() -> None:
    document = written("# One\n\n## Two\n\nbody")
    levels = [block.blockFormat().headingLevel() for block in blocks_of(document)]
    assert levels == [1, 2, 0]
    sizes = [char_at(document, text).font().pixelSize() for text in ("One", "Two")]
    assert sizes[0] > sizes[1]


def test_a_single_line_break_is_a_space_and_a_hard_one_a_line() -> None:
    assert written("a\nb").toPlainText() == "a b"
    assert written("a  \nb").toPlainText() == "a\nb"


def test_lists_nest_with_their_own_bullets_and_numbers() -> None:
    document = written("- a\n  - b\n    1. c\n")
    style = QTextListFormat.Style
    assert list_styles(document) == [style.ListDisc, style.ListCircle, style.ListDecimal]
    indents = [block.textList().format().indent() for block in blocks_of(document)]
    assert indents == [1, 2, 3]


def test_numbered_lists_start_where_they_say() -> None:
    numbers = [block.textList().itemText(block) for block in blocks_of(written("7. a\n8. b\n"))]
    assert numbers == ["7.", "8."]


def test_a_second_paragraph_of_an_item_is_indented_without_a_bullet() -> None:
    document = written("- a\n\n  b\n")
    assert list_styles(document) == [QTextListFormat.Style.ListDisc, None]
    assert document.lastBlock().blockFormat().indent() == 1


def test_a_heading_that_opens_an_item_has_the_items_bullet() -> None:
    document = written("- # Title\n- plain\n")
    assert document.toPlainText() == "Title\nplain"
    assert list_styles(document) == [QTextListFormat.Style.ListDisc] * 2
    assert document.begin().blockFormat().headingLevel() == 1


def test_quotes_count_their_depth() -> None:
    blocks = blocks_of(written("> a\n> > b\n\nc\n"))
    depths = [block.blockFormat().intProperty(BlockProperty.QUOTES) for block in blocks]
    assert depths == [1, 2, 0]


def test_a_rule_is_an_empty_block_with_a_line() -> None:
    blocks = list(blocks_of(written("a\n\n---\n\nb")))
    assert blocks[1].text() == ""
    assert blocks[1].blockFormat().hasProperty(BlockProperty.RULE)


def test_code_blocks_are_cards_and_two_in_a_row_stay_two() -> None:
    document = written("```\na\n\nb\n```\n```\nc\n```\n")
    assert document.toPlainText() == "a\n\nb\nc"
    assert cards_in(document) == ["code", "code"]


def test_a_table_has_cells_alignment_and_a_header() -> None:
    (table,) = tables_in(written("| a | b |\n|:-:|--:|\n| 1 | **2** |\n"))
    assert (table.rows(), table.columns()) == (2, 2)
    assert [cell_text(table, 0, 0), cell_text(table, 1, 1)] == ["a", "2"]
    header = table.cellAt(0, 0).firstCursorPosition()
    assert header.blockFormat().alignment() == Qt.AlignmentFlag.AlignHCenter
    header.movePosition(QTextCursor.MoveOperation.NextCharacter)
    assert header.charFormat().fontWeight() == QFont.Weight.DemiBold
    assert table.cellAt(1, 0).format().toTableCellFormat().bottomBorder() > 0
    assert table.cellAt(1, 1).firstCursorPosition().blockFormat().alignment() == (
        Qt.AlignmentFlag.AlignRight
    )


def test_text_after_a_table_follows_without_an_empty_line() -> None:
    document = written("| a |\n|---|\n| 1 |\n\nafter")
    assert document.lastBlock().text() == "after"
    assert len(tables_in(document)) == 1


def test_raw_html_is_text() -> None:
    source = "<b>bold</b> <img src='file:///x.png'>\n\n<div>\nblock\n</div>"
    document = written(source)
    assert document.toPlainText() == "<b>bold</b> <img src='file:///x.png'>\n<div> block </div>"
    assert char_at(document, "bold").fontWeight() != QFont.Weight.Bold


def test_an_image_is_its_alternative_text() -> None:
    document = written("![a cat](https://example.org/x.png) and ![](/etc/x.png)")
    assert document.toPlainText() == "a cat and "
    assert not any(char.isImageFormat() for char in formats_in(document))


def test_an_image_from_a_file_stays_as_it_was_typed() -> None:
    source = "![a cat](file:///cat.png)"
    assert written(source).toPlainText() == source


@pytest.mark.parametrize(
    "address", ["http://example.org/a", "https://example.org/a", "mailto:a@example.org"]
)
def test_links_that_may_be_opened_are_links_and_show_where_they_lead(address: str) -> None:
    document = written(f"[text]({address})")
    assert links_in(document) == {address}
    assert char_at(document, "text").toolTip() == address


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/hostname",
        "//host/share",
        "javascript:alert(1)",
        "data:text/html,x",
        "ssh://example.org",
        "hearth:earlier",
        "relative/path",
        "#fragment",
    ],
)
def test_other_links_are_text(address: str) -> None:
    document = written(f"[text]({address})")
    assert "text" in document.toPlainText()
    assert links_in(document) == set()


def test_a_bare_address_in_angle_brackets_is_a_link() -> None:
    assert links_in(written("<https://example.org>")) == {"https://example.org"}


def test_rewriting_the_end_leaves_the_beginning() -> None:
    document = QTextDocument()
    writer = MarkdownWriter(document, Looks(LIGHT), markdown_parser())
    starts = writer.rewrite(0, "kept\n\n- old\n- list\n")
    writer.rewrite(starts[2], "new")
    assert document.toPlainText() == "kept\nnew"
    assert list_styles(document) == [None, None]

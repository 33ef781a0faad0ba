"""One document of questions and answers: what it shows, where it scrolls, what stays selected."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QImage, QPixmap, QTextCursor, QTextDocument
from pytestqt.qtbot import QtBot

from desktop.chat import transcript as module
from desktop.chat.looks import Card
from desktop.chat.transcript import EARLIER, Transcript
from desktop.style.theme import DARK, LIGHT, Theme
from tests.desktop.chat.looking import cards_in, colour_at, formats_in, links_in
from tests.desktop.conftest import LONG_MS

LINES = "\n\n".join(f"Paragraph {number}." for number in range(60))


@pytest.fixture
def transcript(qtbot: QtBot) -> Transcript:
    return shown(qtbot, LIGHT)


def shown(qtbot: QtBot, theme: Theme) -> Transcript:
    transcript = Transcript(theme)
    transcript.resize(700, 400)
    qtbot.addWidget(transcript)
    with qtbot.waitExposed(transcript, timeout=LONG_MS):
        transcript.show()
    return transcript


def select(transcript: Transcript, text: str) -> None:
    found = transcript.document().find(text)
    assert not found.isNull()
    transcript.setTextCursor(found)


def place(transcript: Transcript) -> int:
    return transcript.verticalScrollBar().value()


def bottom(transcript: Transcript) -> int:
    return transcript.verticalScrollBar().maximum()


# what it shows


def test_questions_and_answers_follow_each_other(transcript: Transcript) -> None:
    transcript.add_question("One?")
    transcript.begin_answer("**One**.")
    transcript.end_answer()
    transcript.add_question("Two?")
    transcript.begin_answer()
    transcript.feed("Two")
    transcript.feed(".")
    transcript.end_answer()
    assert transcript.toPlainText() == "One?\nOne.\nTwo?\nTwo."
    assert cards_in(transcript.document()) == [Card.QUESTION.value] * 2


@pytest.mark.parametrize("paragraphs", range(1, 16))
def test_a_question_that_brings_the_scroll_bar_keeps_its_width(
    transcript: Transcript, paragraphs: int
) -> None:
    transcript.begin_answer("\n\n".join(["A paragraph."] * paragraphs))
    transcript.end_answer()
    transcript.add_question("Write a long story about a lighthouse.")
    assert transcript.document().lastBlock().layout().lineCount() == 1


def test_a_question_is_shown_as_it_was_typed(transcript: Transcript) -> None:
    question = "# not a heading\n\n  *not* <b>bold</b> [no](https://example.org)"
    transcript.add_question(question)
    assert transcript.toPlainText() == question
    assert links_in(transcript.document()) == set()
    assert cards_in(transcript.document()) == [Card.QUESTION.value]


def test_an_answer_takes_the_place_of_the_activity(transcript: Transcript) -> None:
    transcript.add_question("Q")
    transcript.begin_answer()
    transcript.show_activity("Waiting…")
    transcript.show_activity("Thinking…")
    assert transcript.toPlainText() == "Q\nThinking…"
    transcript.feed("A")
    assert transcript.toPlainText() == "Q\nA"
    assert colour_at(transcript.document(), "A") == LIGHT.text


def test_an_activity_is_muted(qtbot: QtBot, theme: Theme) -> None:
    transcript = shown(qtbot, theme)
    transcript.begin_answer()
    transcript.show_activity("Thinking…")
    assert colour_at(transcript.document(), "Thinking") == theme.muted


def test_an_answer_that_ends_without_text_leaves_no_activity(transcript: Transcript) -> None:
    transcript.add_question("Q")
    transcript.begin_answer()
    transcript.show_activity("Thinking…")
    transcript.end_answer()
    transcript.add_note("You stopped this answer.")
    assert transcript.toPlainText() == "Q\nYou stopped this answer."


def test_a_note_is_quiet_and_an_error_is_a_card(qtbot: QtBot, theme: Theme) -> None:
    transcript = shown(qtbot, theme)
    transcript.begin_answer("Half an")
    transcript.end_answer()
    transcript.add_note("Stopped.")
    transcript.add_error("It broke.\nTry again.")
    assert transcript.toPlainText() == "Half an\nStopped.\nIt broke.\nTry again."
    assert colour_at(transcript.document(), "Stopped") == theme.muted
    assert colour_at(transcript.document(), "It broke") == theme.danger
    assert cards_in(transcript.document()) == [Card.ERROR.value]


@pytest.mark.parametrize("last", ["```\ncode\n```", "- item", "> quote", "| a |\n|---|\n| 1 |"])
def test_a_note_and_a_question_do_not_join_the_block_above(
    transcript: Transcript, last: str
) -> None:
    transcript.begin_answer(last)
    transcript.end_answer()
    transcript.add_note("A note.")
    transcript.add_question("Q")
    note = transcript.document().find("A note.")
    assert note.currentList() is None
    assert note.currentTable() is None
    assert cards_in(transcript.document())[-1] == Card.QUESTION.value
    assert transcript.toPlainText().endswith("A note.\nQ")


def test_code_is_highlighted_in_the_colours_of_the_theme(qtbot: QtBot, theme: Theme) -> None:
    transcript = shown(qtbot, theme)
    transcript.begin_answer("```python\nreturn 1\n```\n")
    transcript.end_answer()
    assert colour_at(transcript.document(), "return") == theme.syntax.keyword


@pytest.mark.parametrize("text", ["", "plain", "\n", "\u2028", "\x00\ufffc", "👩‍👩‍👧"])
def test_any_text_can_be_shown(transcript: Transcript, text: str) -> None:
    transcript.add_question(text)
    transcript.begin_answer(text)
    transcript.end_answer()
    transcript.add_note(text)
    transcript.add_error(text)
    transcript.repaint()


def test_everything_is_painted_without_a_complaint_of_qt(qtbot: QtBot, theme: Theme) -> None:
    transcript = shown(qtbot, theme)
    transcript.add_question("Q\nof two lines")
    transcript.begin_answer("> quote\n\n---\n\n```\na\nb\n```\n\n| a |\n|---|\n| 1 |\n")
    transcript.end_answer()
    transcript.add_error("E")
    page = transcript.grab().toImage()
    colours = {page.pixelColor(x, y).name() for x in range(page.width()) for y in range(0, 400, 2)}
    assert {theme.card, theme.code} <= colours


# nothing is loaded, nothing opens by itself


def a_picture(folder: Path) -> Path:
    file = folder / "picture.png"
    picture = QPixmap(40, 40)
    picture.fill(Qt.GlobalColor.red)
    assert picture.save(str(file))
    return file


def test_no_file_is_ever_loaded(transcript: Transcript, tmp_path: Path) -> None:
    url = QUrl.fromLocalFile(str(a_picture(tmp_path)))
    for kind in QTextDocument.ResourceType:
        loaded = transcript.document().resource(kind.value, url)
        assert isinstance(loaded, QImage)
        assert loaded.size().width() == 1


def test_markup_that_names_a_file_asks_for_nothing(
    transcript: Transcript, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(transcript, "loadResource", lambda kind, name: asked.append(name))
    url = QUrl.fromLocalFile(str(a_picture(tmp_path))).toString()
    markup = f"![x]({url}) ![y](https://example.org/y.png) <img src='{url}'>\n\n<img src='{url}'>"
    transcript.add_question(markup)
    transcript.begin_answer(markup)
    transcript.end_answer()
    transcript.grab()
    assert asked == []
    assert not any(char.isImageFormat() for char in formats_in(transcript.document()))


def test_a_clicked_link_is_asked_for_and_the_page_stays(
    qtbot: QtBot, transcript: Transcript, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(module, "ask_and_open", lambda parent, url: asked.append(url.toString()))
    transcript.begin_answer("[text](https://example.org/)")
    transcript.end_answer()
    click_on(qtbot, transcript, "text")
    assert asked == ["https://example.org/"]
    assert transcript.toPlainText() == "text"


def click_on(qtbot: QtBot, transcript: Transcript, text: str) -> None:
    found = transcript.document().find(text)
    found.setPosition(found.selectionStart() + 1)
    at = transcript.cursorRect(found).center() + QPoint(2, 0)
    qtbot.mouseClick(transcript.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_the_link_to_earlier_messages_asks_for_them(qtbot: QtBot, transcript: Transcript) -> None:
    transcript.add_earlier_link(50)
    assert links_in(transcript.document()) == {EARLIER}
    with qtbot.waitSignal(transcript.earlier_wanted, timeout=LONG_MS):
        click_on(qtbot, transcript, "earlier")


# scrolling


def test_it_follows_an_answer_at_the_bottom(transcript: Transcript) -> None:
    transcript.begin_answer()
    for paragraph in LINES.split("\n\n"):
        transcript.feed(paragraph + "\n\n")
        assert place(transcript) == bottom(transcript)
    assert bottom(transcript) > 0


def test_it_stays_where_the_reader_went_and_follows_again_at_the_bottom(
    transcript: Transcript,
) -> None:
    transcript.begin_answer(LINES)
    transcript.verticalScrollBar().setValue(100)
    transcript.feed(LINES)
    assert place(transcript) == 100
    transcript.verticalScrollBar().setValue(bottom(transcript))
    transcript.feed(LINES)
    assert place(transcript) == bottom(transcript)


def test_a_new_question_goes_to_the_bottom(transcript: Transcript) -> None:
    transcript.begin_answer(LINES)
    transcript.end_answer()
    transcript.verticalScrollBar().setValue(0)
    transcript.add_question("Next?\n" * 5)
    assert place(transcript) == bottom(transcript)


def test_long_lines_do_not_scroll_sideways(transcript: Transcript) -> None:
    transcript.begin_answer("```\n" + "x" * 2000 + "\n```\n\n" + "y" * 2000)
    transcript.end_answer()
    assert transcript.horizontalScrollBar().maximum() == 0


# selecting


def test_a_selection_in_what_is_closed_survives_streaming(transcript: Transcript) -> None:
    transcript.add_question("Q")
    transcript.begin_answer("First paragraph.\n\n")
    select(transcript, "First")
    for character in "Second *paragraph* and\n\n- a\n- list\n\nthe end":
        transcript.feed(character)
        assert transcript.textCursor().selectedText() == "First"
    transcript.end_answer()
    assert transcript.textCursor().selectedText() == "First"


def test_a_selection_in_the_paragraph_that_grows_survives(transcript: Transcript) -> None:
    transcript.begin_answer("This is selected")
    select(transcript, "selected")
    transcript.feed(", and more comes")
    transcript.end_answer()
    assert transcript.textCursor().selectedText() == "selected"


def test_a_selection_across_messages_survives(transcript: Transcript) -> None:
    transcript.add_question("Question")
    transcript.begin_answer("Answer")
    cursor = QTextCursor(transcript.document())
    cursor.setPosition(2)
    cursor.setPosition(len("Question\nAns"), QTextCursor.MoveMode.KeepAnchor)
    transcript.setTextCursor(cursor)
    transcript.feed(" that grows")
    assert transcript.textCursor().selectedText() == "estion\u2029Ans"


def test_nothing_is_selected_where_nothing_was(transcript: Transcript) -> None:
    transcript.begin_answer()
    for character in "Some *text* comes":
        transcript.feed(character)
    assert not transcript.textCursor().hasSelection()


def test_a_selection_does_not_pull_the_view_to_it(transcript: Transcript) -> None:
    transcript.begin_answer(LINES)
    select(transcript, "Paragraph 59")
    transcript.verticalScrollBar().setValue(50)
    transcript.feed(" and more\n\nand more")
    assert place(transcript) == 50


# writing anew


def test_rewriting_forgets_what_was_there(transcript: Transcript) -> None:
    transcript.add_question("old")
    transcript.begin_answer("- old")
    with transcript.rewriting():
        transcript.add_question("new")
    assert transcript.toPlainText() == "new"
    transcript.feed("an answer that is not open any more")
    assert transcript.toPlainText() == "new"


def test_rewriting_shows_the_end(transcript: Transcript) -> None:
    with transcript.rewriting():
        transcript.begin_answer(LINES)
    assert place(transcript) == bottom(transcript) > 0


def test_rewriting_can_keep_the_readers_place(transcript: Transcript) -> None:
    transcript.begin_answer(LINES)
    transcript.verticalScrollBar().setValue(77)
    with transcript.rewriting(keep_place=True):
        transcript.begin_answer(LINES)
    assert place(transcript) == 77


def test_the_same_text_in_another_theme_has_its_colours(transcript: Transcript) -> None:
    def write() -> None:
        transcript.add_question("Q")
        transcript.begin_answer("Text\n\n```python\nreturn 1\n```\n")
        transcript.end_answer()

    write()
    before = transcript.toPlainText()
    transcript.set_theme(DARK)
    with transcript.rewriting(keep_place=True):
        write()
    assert transcript.toPlainText() == before
    colours = {char.foreground().color().name() for char in formats_in(transcript.document())}
    assert colours == {DARK.text, DARK.syntax.keyword, DARK.syntax.number}


# the column


@pytest.mark.parametrize("width", [300, 700, 1600])
def test_the_column_is_centred_and_not_too_wide(transcript: Transcript, width: int) -> None:
    transcript.resize(width, 400)
    look = transcript.document().rootFrame().frameFormat()
    column = transcript.viewport().width() - look.leftMargin() - look.rightMargin()
    assert 0 < column <= module.COLUMN_WIDTH
    assert look.leftMargin() == pytest.approx((width - column) / 2, abs=1)


def test_a_short_question_keeps_to_the_right_when_the_window_is_resized(
    transcript: Transcript,
) -> None:
    transcript.add_question("Hi")
    margins: list[float] = []
    for width in (1000, 500):
        transcript.resize(width, 400)
        margins.append(transcript.document().begin().blockFormat().leftMargin())
    assert margins[0] > margins[1] > 100

"""Cards, bars and rules are where their text is."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage, QTextCursor
from pytestqt.qtbot import QtBot

from desktop.chat.transcript import Transcript
from desktop.style.theme import DARK, LIGHT, Theme
from tests.desktop.conftest import LONG_MS


@pytest.fixture
def transcript(qtbot: QtBot) -> Transcript:
    transcript = Transcript(LIGHT)
    transcript.resize(700, 500)
    qtbot.addWidget(transcript)
    with qtbot.waitExposed(transcript, timeout=LONG_MS):
        transcript.show()
    return transcript


def picture_of(transcript: Transcript) -> QImage:
    return transcript.viewport().grab().toImage()


def rows_in(picture: QImage, colour: str) -> list[int]:
    """The rows where a pixel has that colour."""
    plain = picture.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(plain.constBits(), np.uint32).reshape(plain.height(), plain.width())
    found = (pixels & 0xFFFFFF) == int(colour.removeprefix("#"), 16)
    return [int(row) for row in np.flatnonzero(found.any(axis=1))]


def top_of(transcript: Transcript, text: str) -> int:
    found = transcript.document().find(text)
    assert not found.isNull()
    return transcript.cursorRect(QTextCursor(found)).top()


def answer(transcript: Transcript, text: str) -> None:
    transcript.begin_answer(text)
    transcript.end_answer()


def test_a_card_reaches_around_all_its_lines(transcript: Transcript) -> None:
    answer(transcript, "above\n\n```\nfirst\n\nlast\n```\n\nbelow")
    rows = rows_in(picture_of(transcript), LIGHT.code)
    assert rows == list(range(rows[0], rows[-1] + 1)), "there is a gap in the card"
    assert top_of(transcript, "above") < rows[0] < top_of(transcript, "first")
    assert top_of(transcript, "last") < rows[-1] < top_of(transcript, "below") + 10


def test_two_cards_in_a_row_stay_apart(transcript: Transcript) -> None:
    answer(transcript, "```\none\n```\n```\ntwo\n```\n")
    rows = rows_in(picture_of(transcript), LIGHT.code)
    assert len(rows) < rows[-1] - rows[0]


def test_a_card_whose_top_is_scrolled_away_is_still_painted(transcript: Transcript) -> None:
    answer(transcript, "```\n" + "line\n" * 200 + "```\n")
    transcript.verticalScrollBar().setValue(transcript.verticalScrollBar().maximum() // 2)
    picture = picture_of(transcript)
    assert len(rows_in(picture, LIGHT.code)) == picture.height()


def test_a_quote_has_a_bar_beside_its_lines(transcript: Transcript) -> None:
    answer(transcript, "above\n\n> one\n>\n> two\n\nbelow")
    rows = rows_in(picture_of(transcript), LIGHT.scroll_handle)
    assert top_of(transcript, "above") < rows[0] <= top_of(transcript, "one")
    assert top_of(transcript, "two") < rows[-1] < top_of(transcript, "below")


def test_a_rule_is_one_line(transcript: Transcript) -> None:
    answer(transcript, "above\n\n---\n\nbelow")
    (row,) = rows_in(picture_of(transcript), LIGHT.border)
    assert top_of(transcript, "above") < row < top_of(transcript, "below")


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_each_kind_of_card_has_the_colour_of_the_theme(
    transcript: Transcript, theme: Theme
) -> None:
    transcript.set_theme(theme)
    with transcript.rewriting():
        transcript.add_question("Q")
        transcript.begin_answer("```\ncode\n```")
        transcript.end_answer()
        transcript.add_error("E")
    picture = picture_of(transcript)
    for colour in (theme.card, theme.code, theme.danger_card):
        assert len(rows_in(picture, colour)) > 20

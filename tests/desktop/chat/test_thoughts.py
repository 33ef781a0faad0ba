"""Reasoning in the transcript: live, folded, opened again, and never copied unseen."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextBlock
from pytestqt.qtbot import QtBot

from desktop.chat.looks import BlockProperty
from desktop.chat.thoughts import in_words
from desktop.chat.transcript import Transcript
from desktop.style.theme import LIGHT, Theme
from tests.desktop.chat.looking import appearance_of, blocks_of, colour_at, links_in
from tests.desktop.conftest import LONG_MS

THOUGHTS = (
    "The user asks.\n\n1. First\n2. Second\n\n```python\nx = 1\n```\n\n| a | b |\n|---|---|\n"
)
ANSWER = "It is **so**."


@pytest.fixture
def transcript(qtbot: QtBot) -> Transcript:
    return shown(qtbot, LIGHT)


def shown(qtbot: QtBot, theme: Theme) -> Transcript:
    transcript = Transcript(theme)
    qtbot.addWidget(transcript)
    transcript.resize(700, 500)
    with qtbot.waitExposed(transcript, timeout=LONG_MS):
        transcript.show()
    return transcript


def write(transcript: Transcript, thoughts: list[str], seconds: float = 12.0) -> None:
    transcript.add_question("Why?")
    transcript.begin_answer()
    transcript.show_activity("Thinking…")
    for piece in thoughts:
        transcript.feed_thoughts(piece)
    transcript.end_thoughts(seconds)
    transcript.feed(ANSWER)
    transcript.end_answer()


def thought_lines(transcript: Transcript) -> list[QTextBlock]:
    return [
        block
        for block in blocks_of(transcript.document())
        if block.blockFormat().hasProperty(BlockProperty.THOUGHT)
    ]


def seen(transcript: Transcript) -> str:
    return "\n".join(one.text() for one in blocks_of(transcript.document()) if one.isVisible())


def turn_fold(transcript: Transcript) -> None:
    (address,) = (link for link in links_in(transcript.document()) if "fold" in link)
    transcript.anchorClicked.emit(QUrl(address))


def test_they_are_live_while_they_come_and_folded_afterwards(transcript: Transcript) -> None:
    transcript.add_question("Why?")
    transcript.begin_answer()
    transcript.show_activity("Reading…")
    transcript.feed_thoughts("The user ")
    transcript.feed_thoughts("asks.")
    assert seen(transcript) == "Why?\n▾ Thinking…\nThe user asks."
    transcript.end_thoughts(12.3)
    transcript.feed(ANSWER)
    assert seen(transcript) == "Why?\n▸ Thought for 12 s\nIt is so."
    turn_fold(transcript)
    assert seen(transcript) == "Why?\n▾ Thought for 12 s\nThe user asks.\nIt is so."
    turn_fold(transcript)
    transcript.feed(" Indeed.")
    assert seen(transcript) == "Why?\n▸ Thought for 12 s\nIt is so. Indeed."


def test_folding_takes_their_room_away(transcript: Transcript) -> None:
    write(transcript, [THOUGHTS])
    folded = transcript.document().size().height()
    turn_fold(transcript)
    opened = transcript.document().size().height()
    assert opened > folded + 100
    turn_fold(transcript)
    assert transcript.document().size().height() == folded


def test_they_are_quieter_than_the_answer(qtbot: QtBot, theme: Theme) -> None:
    transcript = shown(qtbot, theme)
    write(transcript, [THOUGHTS])
    assert colour_at(transcript.document(), "asks") == theme.muted
    assert colour_at(transcript.document(), "so") == theme.text


@pytest.mark.parametrize("seed", range(8))
def test_any_pieces_show_the_same(qtbot: QtBot, seed: int) -> None:
    whole, pieces = shown(qtbot, LIGHT), shown(qtbot, LIGHT)
    draw, rest, cut = random.Random(seed), THOUGHTS, list[str]()
    while rest:
        size = draw.randrange(1, 12)
        cut.append(rest[:size])
        rest = rest[size:]
    write(whole, [THOUGHTS])
    write(pieces, cut)
    assert appearance_of(pieces.document()) == appearance_of(whole.document())


def test_a_table_in_them_is_text_and_folds_like_it(transcript: Transcript) -> None:
    write(transcript, [THOUGHTS])
    assert "| a | b |" in thought_lines(transcript)[-1].text()
    assert not any(block.isVisible() for block in thought_lines(transcript))


def test_what_is_folded_is_not_copied(transcript: Transcript) -> None:
    write(transcript, [THOUGHTS])
    transcript.selectAll()
    assert transcript.createMimeDataFromSelection().text() == seen(transcript)
    turn_fold(transcript)
    transcript.selectAll()
    assert "The user asks." in transcript.createMimeDataFromSelection().text()


def test_two_folds_open_by_themselves(transcript: Transcript) -> None:
    write(transcript, ["First thoughts."])
    write(transcript, ["Second thoughts."])
    first, second = sorted(
        (link for link in links_in(transcript.document()) if "fold" in link),
        key=lambda link: int(link.rpartition("/")[2]),
    )
    transcript.anchorClicked.emit(QUrl(second))
    assert "Second thoughts." in seen(transcript)
    assert "First thoughts." not in seen(transcript)
    transcript.anchorClicked.emit(QUrl(first))
    assert "First thoughts." in seen(transcript)


def test_an_answer_that_ends_in_mid_thought_keeps_them_folded(transcript: Transcript) -> None:
    transcript.begin_answer()
    transcript.feed_thoughts("Half a thou")
    transcript.end_answer()
    transcript.add_note("You stopped this answer.")
    assert seen(transcript).split("\n")[0] == "▸ Thoughts"
    assert "Half a thou" not in seen(transcript)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "Thoughts"),
        (0.4, "Thought for a moment"),
        (12.3, "Thought for 12 s"),
        (89.4, "Thought for 1 min 29 s"),
        (119.7, "Thought for 2 min 0 s"),
        (125.0, "Thought for 2 min 5 s"),
    ],
)
def test_how_long_in_words(seconds: float | None, words: str) -> None:
    assert in_words(seconds) == words

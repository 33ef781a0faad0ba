"""How answers end before their time: by the user, by a fault, by the end of the program."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.chat.looks import Card
from desktop.chat.writing import NOTES
from desktop.library.records import Status
from desktop.library.store import Store
from engine.repetition import SHORTEST_LOOP
from tests.desktop.chat.asking import (
    LONG_ANSWER,
    ask,
    ask_slowly,
    button_of,
    disk_refusing,
    is_answering,
    wait_for,
    wait_for_end,
)
from tests.desktop.chat.looking import cards_in
from tests.desktop.conftest import Desk, OpenWindow
from tests.fakes import END


def test_escape_stops_and_keeps_what_came(qtbot: QtBot, desk: Desk) -> None:
    ask_slowly(qtbot, desk)
    qtbot.keyClick(desk.page.composer.focusProxy(), Qt.Key.Key_Escape)
    answer = wait_for_end(qtbot, desk)
    assert answer.end.status is Status.STOPPED
    assert answer.text.startswith("Paragraph 0")
    assert desk.shown_text.endswith(NOTES[Status.STOPPED])
    assert not is_answering(desk)


def test_escape_stops_wherever_the_focus_is(qtbot: QtBot, desk: Desk) -> None:
    ask_slowly(qtbot, desk)
    desk.page.transcript.setFocus()
    qtbot.keyClick(desk.page.transcript, Qt.Key.Key_Escape)
    assert wait_for_end(qtbot, desk).end.status is Status.STOPPED


def test_the_button_stops(qtbot: QtBot, desk: Desk) -> None:
    ask_slowly(qtbot, desk)
    assert is_answering(desk)
    qtbot.mouseClick(button_of(desk), Qt.MouseButton.LeftButton)
    assert wait_for_end(qtbot, desk).end.status is Status.STOPPED


def test_what_has_not_begun_stops_at_once(qtbot: QtBot, desk: Desk) -> None:
    desk.decoder.gate.clear()
    ask(desk)
    desk.chat.stop()
    assert desk.store.messages(1)[-1].end.status is Status.STOPPED
    assert desk.shown_text == f"Hello\n{NOTES[Status.STOPPED]}"
    assert not is_answering(desk)
    desk.decoder.gate.set()
    ask(desk, "Again")
    wait_for(qtbot, desk, "Good day.")


def test_after_a_stop_the_next_question_is_answered(qtbot: QtBot, desk: Desk) -> None:
    ask_slowly(qtbot, desk)
    desk.chat.stop()
    wait_for_end(qtbot, desk)
    desk.decoder.script, desk.decoder.seconds_per_token = [*b"Second answer.", END], 0
    ask(desk, "Second")
    wait_for(qtbot, desk, "Second answer.")


# other ends


def test_a_failure_is_shown_and_kept(qtbot: QtBot, desk: Desk) -> None:
    desk.decoder.fail_at = 4
    ask(desk)
    answer = wait_for_end(qtbot, desk)
    sentence = "The model stopped on the CPU: the script says so."
    assert answer.end.status is Status.FAILED
    assert answer.end.error == sentence
    assert desk.shown_text == f"Hello\nGood\n{sentence}"
    assert cards_in(desk.page.transcript.document()) == [Card.QUESTION.value, Card.ERROR.value]
    assert not is_answering(desk)
    desk.chat.show(None)
    desk.chat.show(1)
    assert desk.shown_text == f"Hello\nGood\n{sentence}"


def test_a_conversation_that_is_too_long_says_so(qtbot: QtBot, desk: Desk) -> None:
    ask(desk, "x" * 5000)
    assert wait_for_end(qtbot, desk).end.status is Status.FAILED
    assert "Start a new chat or shorten it." in desk.shown_text


def test_a_full_context_cuts_the_answer_and_says_so(qtbot: QtBot, desk: Desk) -> None:
    desk.decoder.script = [*LONG_ANSWER.encode()]
    ask(desk, "Tell me everything")
    assert wait_for_end(qtbot, desk).end.status is Status.CUT
    assert desk.shown_text.endswith(NOTES[Status.CUT])


def test_an_answer_that_repeats_itself_is_stopped_and_says_so(qtbot: QtBot, desk: Desk) -> None:
    desk.decoder.script = [*b"I hope you enjoy it. " * 200]
    ask(desk)
    answer = wait_for_end(qtbot, desk)
    assert answer.end.status is Status.REPEATED
    assert answer.end.answer_tokens == SHORTEST_LOOP
    note = "The answer was stopped because it repeated itself."
    assert desk.shown_text.endswith(f"\n{note}")
    desk.chat.show(None)
    desk.chat.show(1)
    assert desk.shown_text.endswith(f"\n{note}")


def test_closing_keeps_what_came_and_marks_it_as_unfinished(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    ask_slowly(qtbot, desk)
    desk.chat.close()
    answer = desk.store.messages(1)[-1]
    assert answer.end.status is Status.INTERRUPTED
    assert answer.text.startswith("Paragraph 0")
    desk.chat.show(1)
    assert desk.shown_text.startswith("Hello\nParagraph 0 of a long answer.\n")
    assert desk.shown_text.endswith(NOTES[Status.INTERRUPTED])


def test_an_answer_that_a_kill_cut_off_is_marked(
    make_window: OpenWindow, store: Store, tmp_path: Path
) -> None:
    question = store.add_question(None, "Q")
    store.append(question.answer_id, "Half an ans")
    Store(tmp_path / "conversations.sqlite3").close()  # the next start
    desk = make_window()
    desk.chat.show(question.conversation_id)
    assert desk.shown_text == f"Q\nHalf an ans\n{NOTES[Status.INTERRUPTED]}"


def test_a_disk_that_fails_in_mid_answer_ends_it_in_words(qtbot: QtBot, desk: Desk) -> None:
    ask_slowly(qtbot, desk)
    with disk_refusing(desk.store):
        wait_for(qtbot, desk, "The conversations cannot be read or written")
    assert not is_answering(desk)

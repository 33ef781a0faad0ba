"""Several conversations, long ones, and what is shown of them."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from desktop.chat.composer import Editor
from desktop.chat.controller import FIRST_SHOWN
from desktop.library.records import AnswerEnd, Status
from desktop.library.store import Store
from desktop.settings import ColourChoice
from desktop.style.theme import DARK
from tests.desktop.chat.asking import (
    ask,
    ask_slowly,
    is_answering,
    wait_for,
    wait_for_end,
)
from tests.desktop.chat.looking import formats_in
from tests.desktop.conftest import LONG_MS, Desk, OpenWindow
from tests.fakes import END


def test_an_answer_goes_on_while_another_conversation_is_shown(qtbot: QtBot, desk: Desk) -> None:
    other = desk.store.add_question(None, "Another")
    desk.store.append(other.answer_id, "Its answer")
    desk.store.finish(other.answer_id, AnswerEnd(Status.COMPLETE))
    ask_slowly(qtbot, desk)
    (first,) = {c.id for c in desk.store.conversations()} - {other.conversation_id}
    desk.chat.show(other.conversation_id)
    assert not is_answering(desk)
    before = len(desk.store.messages(first)[-1].text)
    qtbot.waitUntil(lambda: len(desk.store.messages(first)[-1].text) > before, timeout=LONG_MS)
    assert desk.shown_text == "Another\nIts answer"
    desk.chat.show(first)
    assert is_answering(desk)
    seen = len(desk.shown_text)
    qtbot.waitUntil(lambda: len(desk.shown_text) > seen, timeout=LONG_MS)
    desk.chat.stop()
    answer = wait_for_end(qtbot, desk, first)
    assert desk.shown_text.count("Paragraph 0 ") == 1
    assert answer.end.status is Status.STOPPED


def test_an_answer_that_ends_elsewhere_is_whole_when_it_is_shown_again(
    qtbot: QtBot, desk: Desk
) -> None:
    desk.decoder.gate.clear()
    ask(desk)
    desk.chat.new_chat()
    assert not is_answering(desk)
    desk.decoder.gate.set()
    wait_for_end(qtbot, desk)
    assert not desk.page.transcript.isVisible()
    desk.chat.show(1)
    assert desk.shown_text == "Hello\nGood day."


def test_two_conversations_can_wait_for_the_model(qtbot: QtBot, desk: Desk) -> None:
    desk.decoder.gate.clear()
    ask(desk, "One")
    desk.chat.new_chat()
    ask(desk, "Two")
    desk.decoder.gate.set()
    wait_for(qtbot, desk, "Good day.")
    assert desk.shown_text == "Two\nGood day."
    desk.chat.show(1)
    assert desk.shown_text == "One\nGood day."


def test_deleting_the_conversation_ends_its_answer(qtbot: QtBot, desk: Desk) -> None:
    ask_slowly(qtbot, desk)
    desk.store.delete(1)
    desk.chat.forget(1)
    assert not is_answering(desk)
    assert not desk.page.transcript.isVisible()
    assert wait_for_end(qtbot, desk).end.status is Status.STOPPED


def test_a_new_chat_keeps_what_is_being_written(desk: Desk) -> None:
    desk.page.composer.set_text("half a thought")
    desk.chat.new_chat()
    assert desk.page.composer.text() == "half a thought"
    assert desk.window.focusWidget() is desk.page.composer.findChild(Editor)


# long ones, and other colours


def many_messages(store: Store, questions: int) -> int:
    first = store.add_question(None, "Question 0")
    store.finish(first.answer_id, AnswerEnd(Status.COMPLETE))
    for number in range(1, questions):
        question = store.add_question(first.conversation_id, f"Question {number}")
        store.append(question.answer_id, f"Answer {number}")
        store.finish(question.answer_id, AnswerEnd(Status.COMPLETE))
    return first.conversation_id


def test_of_a_long_conversation_the_last_messages_are_shown_first(
    make_window: OpenWindow, store: Store
) -> None:
    conversation = many_messages(store, FIRST_SHOWN)
    desk = make_window()
    desk.chat.show(conversation)
    assert desk.shown_text.startswith(f"Show {FIRST_SHOWN} earlier messages\nQuestion 25\n")
    desk.page.transcript.earlier_wanted.emit()
    assert desk.shown_text.startswith("Question 0\n")


def test_earlier_messages_come_above_what_the_reader_sees(
    make_window: OpenWindow, store: Store
) -> None:
    conversation = many_messages(store, FIRST_SHOWN)
    desk = make_window()
    desk.chat.show(conversation)
    bar = desk.page.transcript.verticalScrollBar()
    bar.setValue(0)
    below = bar.maximum()
    desk.page.transcript.earlier_wanted.emit()
    assert bar.maximum() - bar.value() == below


def test_another_theme_writes_the_same_text_in_its_colours(qtbot: QtBot, desk: Desk) -> None:
    desk.decoder.script = [*b"Text\n\n```python\nreturn 1\n```\n\n- a\n- b", END]
    ask(desk)
    wait_for_end(qtbot, desk)
    before = desk.shown_text
    desk.appearance.choose(ColourChoice.DARK)
    assert desk.shown_text == before
    document = desk.page.transcript.document()
    colours = {char.foreground().color().name() for char in formats_in(document)}
    assert colours <= {DARK.text, DARK.syntax.keyword, DARK.syntax.number}


def test_another_theme_in_mid_answer_loses_nothing(qtbot: QtBot, desk: Desk) -> None:
    ask_slowly(qtbot, desk)
    before = desk.shown_text
    desk.appearance.choose(ColourChoice.DARK)
    assert desk.shown_text == before
    wait_for(qtbot, desk, "Paragraph 5 of")
    desk.chat.stop()
    wait_for_end(qtbot, desk)
    lines = desk.shown_text.splitlines()
    numbers = [line.split()[1] for line in lines if line.startswith("Paragraph ")]
    assert numbers[:6] == ["0", "1", "2", "3", "4", "5"]
    assert len(numbers) == len(set(numbers))

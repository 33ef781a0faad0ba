"""From the key press to the disk, the engine and the screen; only the decoder is a fake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from desktop.bridge import EngineBridge
from desktop.chat.composer import Editor
from desktop.chat.controller import FIRST_SHOWN, NOTES
from desktop.chat.looks import Card
from desktop.library.records import AnswerEnd, Status, StoredMessage
from desktop.library.store import Store
from desktop.settings import ColourChoice
from desktop.style.theme import DARK
from engine.thread import Generation
from engine.types import ChatRequest, Role, Sink
from tests.desktop.chat.looking import cards_in, formats_in
from tests.desktop.conftest import LONG_MS, Desk, OpenWindow
from tests.fakes import END

LONG_ANSWER = "".join(f"Paragraph {number} of a *long* answer.\n\n" for number in range(400))


def ask(desk: Desk, text: str = "Hello") -> None:
    desk.page.composer.set_text(text)
    desk.page.composer.sent.emit(text)


def wait_for(qtbot: QtBot, desk: Desk, text: str) -> None:
    qtbot.waitUntil(lambda: text in desk.shown_text, timeout=LONG_MS)


def wait_for_end(qtbot: QtBot, desk: Desk, conversation_id: int = 1) -> StoredMessage:
    def last() -> StoredMessage:
        return desk.store.messages(conversation_id)[-1]

    qtbot.waitUntil(lambda: last().end.status is not Status.STREAMING, timeout=LONG_MS)
    return last()


def ask_slowly(qtbot: QtBot, desk: Desk, text: str = "Hello") -> None:
    """An answer that is on its way when this returns, and goes on for a while."""
    desk.decoder.script, desk.decoder.seconds_per_token = [*LONG_ANSWER.encode(), END], 0.0005
    ask(desk, text)
    wait_for(qtbot, desk, "Paragraph 1")  # number 0 is whole


def button_of(desk: Desk) -> QToolButton:
    button = desk.page.composer.findChild(QToolButton)
    assert button is not None
    return button


def is_answering(desk: Desk) -> bool:
    return button_of(desk).accessibleName() == "Stop"


# asking


def test_the_question_is_on_disk_before_the_engine_has_it(
    qtbot: QtBot, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = desk.bridge.engine.submit
    on_disk: list[tuple[Role, str]] = []

    def spied(request: ChatRequest, sink: Sink) -> Generation:
        for message in read_by_another_process(tmp_path):
            on_disk.append((message.role, message.text))
        return submit(request, sink)

    monkeypatch.setattr(desk.bridge.engine, "submit", spied)
    ask(desk, "Is it kept?")
    assert on_disk == [(Role.USER, "Is it kept?"), (Role.ASSISTANT, "")]
    wait_for_end(qtbot, desk)


def read_by_another_process(folder: Path) -> list[StoredMessage]:
    """From a copy, because opening a store settles what it takes for interrupted."""
    copies = folder / "copy"
    copies.mkdir()
    for file in folder.glob("conversations.sqlite3*"):
        (copies / file.name).write_bytes(file.read_bytes())
    copy = Store(copies / "conversations.sqlite3")
    messages = copy.messages(1)
    copy.close()
    return messages


def test_the_question_and_the_answer_are_shown_and_kept(qtbot: QtBot, desk: Desk) -> None:
    desk.decoder.script = [*b"A **bold** answer.", END]
    ask(desk, "A question?")
    assert desk.shown_text.startswith("A question?\n")
    answer = wait_for_end(qtbot, desk)
    assert desk.shown_text == "A question?\nA bold answer."
    assert (answer.text, answer.end.status) == ("A **bold** answer.", Status.COMPLETE)
    assert desk.page.composer.text() == ""


def test_the_composer_keeps_the_text_where_the_engine_refuses(make_window: OpenWindow) -> None:
    desk = make_window()  # without a model
    ask(desk, "Do not lose me")
    assert desk.page.composer.text() == "Do not lose me"
    assert desk.page.notice.isVisible()
    assert desk.page.notice.text() == "No model is loaded."
    assert desk.store.conversations() == []
    assert not is_answering(desk)


def test_a_refusal_leaves_the_conversation_as_it_was(
    qtbot: QtBot, make_window: OpenWindow, store: Store
) -> None:
    question = store.add_question(None, "Old")
    store.finish(question.answer_id, AnswerEnd(Status.COMPLETE))
    desk = make_window()
    desk.chat.show(question.conversation_id)
    ask(desk, "New")
    assert [message.text for message in store.messages(question.conversation_id)] == ["Old", ""]
    assert "New" not in desk.shown_text


@contextmanager
def disk_refusing(store: Store) -> Iterator[None]:
    store._sql.execute("PRAGMA query_only = ON")
    yield
    store._sql.execute("PRAGMA query_only = OFF")


def test_the_composer_keeps_the_text_where_the_disk_refuses(desk: Desk) -> None:
    with disk_refusing(desk.store):
        ask(desk, "Do not lose me")
    assert desk.page.composer.text() == "Do not lose me"
    assert "cannot be read or written" in desk.page.notice.text()
    assert not is_answering(desk)


def test_the_notice_goes_with_the_next_question(qtbot: QtBot, desk: Desk) -> None:
    desk.page.notice.show_sentence("Something went wrong.")
    ask(desk)
    assert not desk.page.notice.isVisible()
    wait_for_end(qtbot, desk)


def test_the_model_is_told_the_conversation_so_far_without_empty_answers(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = desk.store.add_question(None, "One")
    desk.store.finish(stopped.answer_id, AnswerEnd(Status.STOPPED))
    submit = desk.bridge.engine.submit
    requests: list[ChatRequest] = []
    monkeypatch.setattr(
        desk.bridge.engine,
        "submit",
        lambda request, sink: requests.append(request) or submit(request, sink),
    )
    desk.chat.show(stopped.conversation_id)
    ask(desk, "Two")
    wait_for_end(qtbot, desk)
    ask(desk, "Three")
    wait_for_end(qtbot, desk)
    said = [(message.role, message.text) for message in requests[-1].messages]
    assert said == [
        (Role.USER, "One"),
        (Role.USER, "Two"),
        (Role.ASSISTANT, "Good day."),
        (Role.USER, "Three"),
    ]


def test_a_second_question_waits_for_the_answer(qtbot: QtBot, desk: Desk) -> None:
    ask_slowly(qtbot, desk)
    ask(desk, "Too early")
    assert desk.page.composer.text() == "Too early"
    assert len(desk.store.messages(1)) == 2
    desk.chat.stop()
    wait_for_end(qtbot, desk)


# the answer on its way


def test_text_is_on_disk_before_it_is_on_the_screen_and_only_grows(
    qtbot: QtBot, desk: Desk
) -> None:
    shown: list[str] = []

    def look() -> None:
        _, _, answer = desk.shown_text.partition("\n")
        stored = desk.store.messages(1)[-1].text
        if stored:
            assert stored.startswith(answer)
            shown.append(answer)

    desk.decoder.script = [*("0123456789" * 30).encode(), END]
    desk.decoder.seconds_per_token = 0.001
    desk.page.transcript.textChanged.connect(look)
    ask(desk)
    wait_for_end(qtbot, desk)
    assert len(shown) > 2, "it did not stream"
    assert shown == sorted(shown, key=len)
    assert shown[-1] == "0123456789" * 30


def test_the_activity_is_shown_until_the_answer_comes(qtbot: QtBot, desk: Desk) -> None:
    desk.decoder.gate.clear()
    ask(desk)
    wait_for(qtbot, desk, "Reading the conversation…")
    assert "Reading the conversation…" in desk.status_text
    desk.decoder.gate.set()
    wait_for(qtbot, desk, "Good day.")
    assert desk.shown_text == "Hello\nGood day."


def test_a_question_can_be_asked_while_the_model_loads(
    qtbot: QtBot, make_window: OpenWindow, bridge: EngineBridge
) -> None:
    desk = make_window()
    bridge.load(Path("any"))
    ask(desk)
    wait_for(qtbot, desk, "Good day.")


# stopping


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
    desk.decoder.script = [*b"a b " * 2000]
    ask(desk, "Tell me everything")
    assert wait_for_end(qtbot, desk).end.status is Status.CUT
    assert desk.shown_text.endswith(NOTES[Status.CUT])


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


# more than one conversation


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

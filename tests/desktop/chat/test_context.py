"""A conversation that outgrows the model's context goes on, and says what is left out."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from desktop.chat.context import Context
from desktop.chat.request import request_for
from desktop.chat.writing import LEFT_OUT
from desktop.library.manner import Manner
from desktop.library.records import COMPLETED, AnswerEnd, Status, StoredMessage
from desktop.library.store import Store
from engine.errors import BadRequest
from engine.types import ChatRequest, Role
from tests.desktop.chat.asking import ask, wait_for_end
from tests.desktop.conftest import Desk

WAITING = AnswerEnd(Status.STREAMING)


def turns(*texts: str, used: int | None = None, first_read: int | None = None):
    """Questions and answers in turn, the last question with its empty answer; ids from 1."""
    said: list[StoredMessage] = []
    for number, text in enumerate(texts, 1):
        is_answer = number % 2 == 0
        role = Role.ASSISTANT if is_answer else Role.USER
        end = AnswerEnd(Status.COMPLETE, context_tokens=used) if is_answer else COMPLETED
        said.append(StoredMessage(number, role, text, end, first_read=first_read))
    return [*said, StoredMessage(len(texts) + 1, Role.ASSISTANT, "", WAITING)]


def context(length: int) -> Context:
    """A token is a character."""
    return Context(length, len)


def test_what_fits_is_read_from_the_beginning() -> None:
    assert context(1000).first_read(turns("a" * 100, "b" * 100, "c" * 100)) == 0


def test_the_oldest_are_left_out_and_a_question_comes_first() -> None:
    said = turns("a" * 300, "b" * 300, "c" * 50, "d" * 100, "e" * 100)
    assert context(1000).first_read(said) == 2


def test_what_the_model_counted_decides() -> None:
    said = turns("a", "b", "c", "d", "e", used=740)
    assert context(1000).first_read(said) == 0
    assert context(900).first_read(turns("a" * 200, "b" * 200, "e", used=700)) == 2


def test_a_question_alone_is_always_read() -> None:
    """The engine says in words that it does not fit."""
    assert context(1000).first_read(turns("a" * 400, "b" * 300, "c" * 2000)) == 2


def test_what_was_left_out_stays_left_out() -> None:
    said = turns("a" * 100, "b", "c", "d", "e", first_read=3)
    assert context(1000).first_read(said) == 2


def test_instructions_take_their_room() -> None:
    said = turns("a" * 600, "b" * 100, "c" * 60, "d" * 60, "e" * 100)
    assert context(1000).first_read(said) == 2
    assert context(1000).first_read(said, "i" * 200) == 4


def test_without_a_model_that_counts_it_is_guessed() -> None:
    guessing = Context(1000, lambda text: None)
    assert guessing.first_read(turns("a" * 100, "b", "c")) == 0
    assert guessing.first_read(turns("a" * 3000, "b", "c")) == 2


def test_what_no_model_can_read_is_guessed_too() -> None:
    def refuse(text: str) -> int:
        raise BadRequest("Too long without a break.")

    assert Context(1000, refuse).first_read(turns("a" * 3000, "b", "c")) == 2


# at a desk


@pytest.fixture
def asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[ChatRequest]:
    """What the engine was asked."""
    asked: list[ChatRequest] = []
    submit = desk.bridge.engine.submit

    def watched(request: ChatRequest, *rest: object):
        asked.append(request)
        return submit(request, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.bridge.engine, "submit", watched)
    return asked


def test_a_line_says_from_where_on_the_model_reads(
    qtbot: QtBot, desk: Desk, asked: list[ChatRequest]
) -> None:
    for letter in "abcd":
        ask(desk, letter * 750)
        wait_for_end(qtbot, desk)
    assert [len(one.messages) for one in asked] == [1, 3, 5, 3]
    assert desk.shown_text.count(LEFT_OUT) == 1
    before, after = desk.shown_text.split(LEFT_OUT)
    assert "b" * 750 in before
    assert "c" * 750 in after
    desk.chat.new_chat()
    desk.chat.show(1)
    assert desk.shown_text.count(LEFT_OUT) == 1
    ask(desk, "e")
    wait_for_end(qtbot, desk)
    assert len(asked[-1].messages) == 5, "what was left out stays so"


def test_the_place_is_on_disk(store: Store) -> None:
    first = store.add_question(None, "One")
    second = store.add_question(first.conversation_id, "Two")
    store.set_first_read(second.answer_id, second.question_id)
    said = store.messages(first.conversation_id)
    assert [message.first_read for message in said] == [None, None, None, second.question_id]
    assert len(request_for(said, Manner()).messages) == 2


def test_a_long_text_is_counted_by_samples() -> None:
    """F1: to count a megabyte would hold the window for half a second."""
    counted: list[str] = []

    def count(text: str) -> int:
        counted.append(text)
        return len(text) // 4

    said = turns("a" * 300, "b" * 300, "c" * 1_000_000)
    assert Context(400_000, count).first_read(said) == 0
    assert Context(300_000, count).first_read(said) == 2
    assert max(map(len, counted)) <= 1024

"""Conversations on a real disk: what is there at each moment, read by another connection."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from desktop.library.migrations import LibraryUnavailable
from desktop.library.records import AnswerEnd, Question, Status
from desktop.library.store import Store
from engine.types import Role

DATABASE = "conversations.sqlite3"


def on_disk(tmp_path: Path, query: str) -> list[tuple[object, ...]]:
    """What another program reads, while the store is open."""
    with closing(sqlite3.connect(tmp_path / DATABASE)) as other:
        return other.execute(query).fetchall()


def reopened(tmp_path: Path) -> Store:
    """As after a kill: the first one was not closed."""
    return Store(tmp_path / DATABASE)


def answer(store: Store, question: Question, text: str) -> None:
    store.append(question.answer_id, text)
    store.finish(question.answer_id, AnswerEnd(Status.COMPLETE))


def texts(store: Store, conversation_id: int) -> list[tuple[Role, str]]:
    return [(message.role, message.text) for message in store.messages(conversation_id)]


def titles(store: Store) -> list[str]:
    return [conversation.title for conversation in store.conversations()]


def test_the_log_is_written_ahead(store: Store, tmp_path: Path) -> None:
    assert on_disk(tmp_path, "PRAGMA journal_mode") == [("wal",)]


def test_a_question_is_on_disk_before_its_answer(store: Store, tmp_path: Path) -> None:
    store.add_question(None, "Why is the sky blue?")
    assert on_disk(tmp_path, "SELECT role, text, status FROM messages") == [
        ("user", "Why is the sky blue?", "complete"),
        ("assistant", "", "streaming"),
    ]


def test_each_piece_of_an_answer_is_on_disk_at_once(store: Store, tmp_path: Path) -> None:
    question = store.add_question(None, "Hi")
    for piece in ("Good ", "day", "."):
        store.append(question.answer_id, piece)
        assert on_disk(tmp_path, "SELECT text FROM pieces ORDER BY id DESC LIMIT 1") == [(piece,)]
        assert texts(store, question.conversation_id)[-1][1].endswith(piece)
    assert texts(store, question.conversation_id)[-1] == (Role.ASSISTANT, "Good day.")


def test_a_finished_answer_is_one_text_with_its_figures(store: Store, tmp_path: Path) -> None:
    question = store.add_question(None, "Hi")
    store.append(question.answer_id, "Good ")
    store.append(question.answer_id, "day.")
    end = AnswerEnd(Status.CUT, context_tokens=4096, tokens_per_second=12.5)
    store.finish(question.answer_id, end)
    assert on_disk(tmp_path, "SELECT * FROM pieces") == []
    stored = store.messages(question.conversation_id)[-1]
    assert (stored.text, stored.end) == ("Good day.", end)


def test_an_error_is_kept_with_the_answer_that_it_ended(store: Store) -> None:
    question = store.add_question(None, "Hi")
    store.finish(question.answer_id, AnswerEnd(Status.FAILED, "The model stopped."))
    assert store.messages(question.conversation_id)[-1].end.error == "The model stopped."


def test_two_answers_grow_side_by_side(store: Store) -> None:
    first, second = store.add_question(None, "One"), store.add_question(None, "Two")
    for piece in "ab":
        store.append(first.answer_id, piece)
        store.append(second.answer_id, piece.upper())
    store.finish(first.answer_id, AnswerEnd(Status.COMPLETE))
    store.append(second.answer_id, "C")
    assert texts(store, first.conversation_id)[-1][1] == "ab"
    assert texts(store, second.conversation_id)[-1][1] == "ABC"


def test_messages_stand_in_the_order_in_which_they_were_said(store: Store) -> None:
    first = store.add_question(None, "One")
    answer(store, first, "1")
    answer(store, store.add_question(first.conversation_id, "Two"), "2")
    assert texts(store, first.conversation_id) == [
        (Role.USER, "One"),
        (Role.ASSISTANT, "1"),
        (Role.USER, "Two"),
        (Role.ASSISTANT, "2"),
    ]


def test_the_conversation_written_to_last_comes_first(store: Store) -> None:
    first = store.add_question(None, "One")
    store.add_question(None, "Two")
    assert titles(store) == ["Two", "One"]
    store.add_question(first.conversation_id, "Three")
    assert titles(store) == ["One", "Two"]


def test_any_text_comes_back_as_it_was_written(store: Store) -> None:
    text = "'; DROP TABLE messages; --\n\t„Grüße“ 😀 \u202e\n\n"
    question = store.add_question(None, text)
    answer(store, question, text)
    assert texts(store, question.conversation_id) == [(Role.USER, text), (Role.ASSISTANT, text)]


def test_a_question_taken_back_leaves_no_empty_conversation(store: Store) -> None:
    store.take_back(store.add_question(None, "Hi"))
    assert titles(store) == []


def test_a_question_taken_back_leaves_the_others(store: Store) -> None:
    first = store.add_question(None, "One")
    store.take_back(store.add_question(first.conversation_id, "Two"))
    assert texts(store, first.conversation_id) == [(Role.USER, "One"), (Role.ASSISTANT, "")]


def test_a_deleted_conversation_comes_back_whole(store: Store) -> None:
    question = store.add_question(None, "Hi")
    answer(store, question, "Good day.")
    store.delete(question.conversation_id)
    assert titles(store) == []
    store.restore(question.conversation_id)
    assert titles(store) == ["Hi"]
    assert texts(store, question.conversation_id)[-1] == (Role.ASSISTANT, "Good day.")


@pytest.mark.parametrize("is_killed", [False, True], ids=["closed", "killed"])
def test_what_was_deleted_is_gone_after_the_next_start(tmp_path: Path, is_killed: bool) -> None:
    store = Store(tmp_path / DATABASE)
    question = store.add_question(None, "A secret")
    store.append(question.answer_id, "and its answer")
    store.delete(question.conversation_id)
    if not is_killed:
        store.close()
    reopened(tmp_path).close()
    for table in ("conversations", "messages", "pieces"):
        assert on_disk(tmp_path, f"SELECT * FROM {table}") == []


def test_an_answer_that_a_kill_cut_off_is_kept_and_marked(store: Store, tmp_path: Path) -> None:
    done = store.add_question(None, "One")
    answer(store, done, "1")
    cut = store.add_question(done.conversation_id, "Two")
    store.append(cut.answer_id, "It is ")
    store.append(cut.answer_id, "tw")
    other = reopened(tmp_path)
    messages = other.messages(done.conversation_id)
    other.close()
    assert [message.text for message in messages] == ["One", "1", "Two", "It is tw"]
    assert [message.end.status for message in messages] == [
        Status.COMPLETE,
        Status.COMPLETE,
        Status.COMPLETE,
        Status.INTERRUPTED,
    ]


def test_a_disk_that_is_full_is_a_sentence_and_keeps_what_was_there(tmp_path: Path) -> None:
    store = Store(tmp_path / DATABASE)
    question = store.add_question(None, "Hi")
    store.append(question.answer_id, "Good")
    (pages,) = store.database.sql.execute("PRAGMA page_count").fetchone()
    store.database.sql.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LibraryUnavailable, match=r"^The conversations cannot be .* full\.$"):
        store.append(question.answer_id, "x" * 100_000)
    with pytest.raises(LibraryUnavailable):
        store.add_question(question.conversation_id, "x" * 100_000)
    assert texts(store, question.conversation_id) == [(Role.USER, "Hi"), (Role.ASSISTANT, "Good")]
    store.close()


def test_a_database_that_another_program_holds_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.library.database.BUSY_TIMEOUT_SECONDS", 0.05)
    store = Store(tmp_path / DATABASE)
    with closing(sqlite3.connect(tmp_path / DATABASE)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LibraryUnavailable, match="locked"):
            store.add_question(None, "Hi")
    store.add_question(None, "Hi again")
    assert titles(store) == ["Hi again"]
    store.close()

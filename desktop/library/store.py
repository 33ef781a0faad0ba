"""The conversations in SQLite. One connection, used by the main thread only.

In WAL mode with synchronous=NORMAL a commit is a write to the WAL without waiting for the disk:
what was committed survives the death of the process. Only a checkpoint waits for the disk, so it
is taken between answers, never within one.

An answer that grows is kept in pieces until it ends. Appending to one text would write the whole
of it each time: 64 MB of WAL for an answer of 30 kB at 16 characters a flush.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from desktop.library.manner import USUAL, Manner
from desktop.library.migrations import LibraryUnavailable, migrate
from desktop.library.records import (
    AnswerEnd,
    Conversation,
    Question,
    Status,
    StoredMessage,
    title_of,
)
from engine.types import Role

BUSY_TIMEOUT_SECONDS = 2.0


def _whole(column: str, is_reasoning: int) -> str:
    """With the pieces that have not been joined to it yet."""
    return (
        f"{column} || coalesce((SELECT group_concat(text, '') FROM (SELECT text FROM pieces "
        f"WHERE message_id = messages.id AND is_reasoning = {is_reasoning} ORDER BY id)), '')"
    )


WHOLE_TEXT, WHOLE_REASONING = _whole("text", 0), _whole("reasoning", 1)
END_COLUMNS = ", ".join(field.name for field in fields(AnswerEnd))
BRANCH = """
    WITH RECURSIVE branch (id, depth) AS (
        SELECT leaf_id, 0 FROM conversations WHERE id = ?
        UNION ALL
        SELECT parent_id, depth + 1 FROM messages JOIN branch USING (id)
        WHERE parent_id IS NOT NULL
    )
"""
BESIDE = (
    "beside.conversation_id = messages.conversation_id AND beside.parent_id IS messages.parent_id"
)
VERSION = f"(SELECT count(*) FROM messages AS beside WHERE {BESIDE} AND beside.id <= messages.id)"
VERSIONS = f"(SELECT count(*) FROM messages AS beside WHERE {BESIDE})"
LAST_BELOW = """
    WITH RECURSIVE below (id) AS (
        SELECT ? UNION ALL SELECT messages.id FROM messages JOIN below ON parent_id = below.id
    )
    SELECT max(id) FROM below
"""
"""The message of a branch that was written last has nothing after it."""


class Store:
    """Every method raises LibraryUnavailable, in words, where SQLite cannot do it."""

    def __init__(self, path: Path) -> None:
        with _errors_in_words(), ExitStack() as on_failure:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._sql = sqlite3.connect(path, BUSY_TIMEOUT_SECONDS, isolation_level=None)
            on_failure.callback(self._sql.close)  # else a failed migration keeps its lock
            for pragma in (
                "journal_mode = WAL",
                "synchronous = NORMAL",
                "foreign_keys = ON",
                "wal_autocheckpoint = 0",
            ):
                self._sql.execute(f"PRAGMA {pragma}")
            migrate(self._sql)
            self._settle()
            on_failure.pop_all()

    def close(self) -> None:
        with _errors_in_words():
            self.purge_deleted()
            self._sql.close()

    # reading

    def conversations(self) -> list[Conversation]:
        """Newest first."""
        with _errors_in_words():
            rows = self._sql.execute(
                "SELECT id, title FROM conversations WHERE deleted_at IS NULL "
                "ORDER BY updated_at DESC, id DESC"
            )
            return [Conversation(*row) for row in rows]

    def messages(self, conversation_id: int) -> list[StoredMessage]:
        """Of the branch that is shown, oldest first."""
        with _errors_in_words():
            rows = self._sql.execute(
                f"{BRANCH} SELECT id, role, {WHOLE_TEXT}, {WHOLE_REASONING}, {VERSION}, "
                f"{VERSIONS}, {END_COLUMNS} FROM messages JOIN branch USING (id) "
                "ORDER BY depth DESC",
                (conversation_id,),
            )
            return [
                StoredMessage(
                    number,
                    Role(role),
                    text,
                    AnswerEnd(Status(status), *rest),
                    reasoning,
                    version,
                    versions,
                )
                for number, role, text, reasoning, version, versions, status, *rest in rows
            ]

    def manner(self, conversation_id: int) -> Manner:
        with _errors_in_words():
            query = "SELECT manner FROM conversations WHERE id = ?"
            return Manner.from_json(self._one(query, (conversation_id,))[0])

    # writing

    def set_manner(self, conversation_id: int, manner: Manner) -> None:
        with _errors_in_words():
            self._sql.execute(
                "UPDATE conversations SET manner = ? WHERE id = ?",
                (manner.as_json(), conversation_id),
            )

    def add_question(
        self, conversation_id: int | None, text: str, manner: Manner = USUAL
    ) -> Question:
        """Store a user's message at the end, and an empty answer; None begins a conversation, whose
        `manner` this is."""
        now = time.time()
        with self._transaction():
            if conversation_id is None:
                conversation_id = self._insert(
                    "INSERT INTO conversations (title, created_at, updated_at, manner) "
                    "VALUES (?, ?, ?, ?)",
                    (title_of(text), now, now, manner.as_json()),
                )
            return self._add_turn(conversation_id, self._leaf(conversation_id), text, now)

    def ask_instead(self, question_id: int, text: str) -> Question:
        """Store another version of a user's message, and an empty answer to it."""
        with self._transaction():
            conversation_id, parent = self._place(question_id)
            return self._add_turn(conversation_id, parent, text, time.time())

    def answer_again(self, answer_id: int) -> Question:
        """Store an empty answer beside this one."""
        with self._transaction():
            conversation_id, question_id = self._place(answer_id)
            assert question_id is not None  # an answer has a question
            leaf = self._leaf(conversation_id)
            answer = self._add_answer(conversation_id, question_id, time.time())
        return Question(conversation_id, question_id, answer, is_new=False, replaced_leaf=leaf)

    def show_version(self, message_id: int, version: int) -> None:
        """Show the branch through that version of the message, to where it was written last."""
        with self._transaction():
            conversation_id, parent = self._place(message_id)
            (chosen,) = self._one(
                "SELECT id FROM messages WHERE conversation_id = ? AND parent_id IS ? "
                "ORDER BY id LIMIT 1 OFFSET ?",
                (conversation_id, parent, version - 1),
            )
            (leaf,) = self._one(LAST_BELOW, (chosen,))
            self._set_leaf(conversation_id, leaf)

    def take_back(self, question: Question) -> None:
        """Forget a question that the engine did not take, and a conversation left empty."""
        with self._transaction():
            self._set_leaf(question.conversation_id, question.replaced_leaf)
            first = question.question_id if question.is_new else question.answer_id
            self._sql.execute("DELETE FROM messages WHERE id = ?", (first,))
            self._sql.execute(
                "DELETE FROM conversations WHERE id = ? AND NOT EXISTS "
                "(SELECT 1 FROM messages WHERE conversation_id = conversations.id)",
                (question.conversation_id,),
            )

    def append(self, answer_id: int, text: str, is_reasoning: bool = False) -> None:
        """Add to an answer or its reasoning; once this returns, the death of the process does not
        lose it."""
        with _errors_in_words():
            self._sql.execute(
                "INSERT INTO pieces (message_id, text, is_reasoning) VALUES (?, ?, ?)",
                (answer_id, text, is_reasoning),
            )

    def finish(self, answer_id: int, end: AnswerEnd) -> None:
        with self._transaction():
            self._join_pieces()
            self._sql.execute(
                f"UPDATE messages SET ({END_COLUMNS}) = ({_marks(END_COLUMNS)}) WHERE id = ?",
                (*astuple(end), answer_id),
            )
        with _errors_in_words():
            self._sql.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def delete(self, conversation_id: int) -> None:
        """Hide it; `restore` brings it back until `purge_deleted`."""
        self._set_deleted(conversation_id, time.time())

    def restore(self, conversation_id: int) -> None:
        self._set_deleted(conversation_id, None)

    def purge_deleted(self) -> None:
        with _errors_in_words():
            self._sql.execute("DELETE FROM conversations WHERE deleted_at IS NOT NULL")

    def _set_deleted(self, conversation_id: int, at: float | None) -> None:
        with _errors_in_words():
            self._sql.execute(
                "UPDATE conversations SET deleted_at = ? WHERE id = ?", (at, conversation_id)
            )

    def _settle(self) -> None:
        """After a kill: mark what was being written, and purge what was deleted."""
        with self._transaction():
            self._join_pieces()
            self._sql.execute(
                "UPDATE messages SET status = ? WHERE status = ?",
                (Status.INTERRUPTED, Status.STREAMING),
            )
        self.purge_deleted()

    def _join_pieces(self) -> None:
        self._sql.execute(
            f"UPDATE messages SET text = {WHOLE_TEXT}, reasoning = {WHOLE_REASONING} "
            "WHERE id IN (SELECT message_id FROM pieces)"
        )
        self._sql.execute("DELETE FROM pieces")

    def _leaf(self, conversation_id: int) -> int | None:
        return self._one("SELECT leaf_id FROM conversations WHERE id = ?", (conversation_id,))[0]

    def _set_leaf(self, conversation_id: int, message_id: int | None) -> None:
        self._sql.execute(
            "UPDATE conversations SET leaf_id = ? WHERE id = ?", (message_id, conversation_id)
        )

    def _place(self, message_id: int) -> tuple[int, int | None]:
        """The conversation, and the message before this one."""
        query = "SELECT conversation_id, parent_id FROM messages WHERE id = ?"
        return self._one(query, (message_id,))

    def _add_turn(
        self, conversation_id: int, parent: int | None, text: str, now: float
    ) -> Question:
        leaf = self._leaf(conversation_id)
        question = self._insert(
            "INSERT INTO messages (conversation_id, parent_id, role, text, status, created_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (conversation_id, parent, Role.USER, text, Status.COMPLETE, now),
        )
        answer = self._add_answer(conversation_id, question, now)
        return Question(conversation_id, question, answer, replaced_leaf=leaf)

    def _add_answer(self, conversation_id: int, question_id: int, now: float) -> int:
        answer = self._insert(
            "INSERT INTO messages (conversation_id, parent_id, role, text, status, created_at) "
            "VALUES (?, ?, ?, '', ?, ?)",
            (conversation_id, question_id, Role.ASSISTANT, Status.STREAMING, now),
        )
        self._set_leaf(conversation_id, answer)
        self._sql.execute(
            "UPDATE conversations SET updated_at = ? WHERE id = ?", (now, conversation_id)
        )
        return answer

    def _one(self, query: str, values: tuple[object, ...]) -> Any:
        """The only row, which is there."""
        return self._sql.execute(query, values).fetchone()

    def _insert(self, statement: str, values: tuple[object, ...]) -> int:
        number = self._sql.execute(statement, values).lastrowid
        assert number is not None  # sqlite3 sets it after every INSERT
        return number

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _errors_in_words():
            self._sql.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._sql.execute("COMMIT")
            except BaseException:
                if self._sql.in_transaction:  # SQLite rolls back by itself on a full disk
                    self._sql.execute("ROLLBACK")
                raise


def _marks(columns: str) -> str:
    return ", ".join("?" for _ in columns.split(","))


@contextmanager
def _errors_in_words() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise LibraryUnavailable(
            f"The conversations cannot be read or written: {error}."
        ) from error

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
from pathlib import Path

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

WHOLE_TEXT = (
    "text || coalesce((SELECT group_concat(text, '') FROM "
    "(SELECT text FROM pieces WHERE message_id = messages.id ORDER BY id)), '')"
)


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
        """Oldest first."""
        with _errors_in_words():
            rows = self._sql.execute(
                f"SELECT id, role, {WHOLE_TEXT}, status, error, context_tokens, tokens_per_second "
                "FROM messages WHERE conversation_id = ? ORDER BY id",
                (conversation_id,),
            )
            return [
                StoredMessage(number, Role(role), text, AnswerEnd(Status(status), *rest))
                for number, role, text, status, *rest in rows
            ]

    # writing

    def add_question(self, conversation_id: int | None, text: str) -> Question:
        """Store a user's message and an empty answer; None begins a conversation."""
        now = time.time()
        with self._transaction():
            if conversation_id is None:
                conversation_id = self._insert(
                    "INSERT INTO conversations (title, created_at, updated_at) VALUES (?, ?, ?)",
                    (title_of(text), now, now),
                )
            else:
                self._sql.execute(
                    "UPDATE conversations SET updated_at = ? WHERE id = ?", (now, conversation_id)
                )
            question = self._add_message(conversation_id, Role.USER, text, Status.COMPLETE, now)
            answer = self._add_message(conversation_id, Role.ASSISTANT, "", Status.STREAMING, now)
        return Question(conversation_id, question, answer)

    def take_back(self, question: Question) -> None:
        """Forget a question that the engine did not take, and a conversation left empty."""
        with self._transaction():
            self._sql.execute(
                "DELETE FROM messages WHERE id IN (?, ?)",
                (question.question_id, question.answer_id),
            )
            self._sql.execute(
                "DELETE FROM conversations WHERE id = ? AND NOT EXISTS "
                "(SELECT 1 FROM messages WHERE conversation_id = conversations.id)",
                (question.conversation_id,),
            )

    def append(self, answer_id: int, text: str) -> None:
        """Add to an answer; once this returns, the death of the process does not lose it."""
        with _errors_in_words():
            self._sql.execute(
                "INSERT INTO pieces (message_id, text) VALUES (?, ?)", (answer_id, text)
            )

    def finish(self, answer_id: int, end: AnswerEnd) -> None:
        with self._transaction():
            self._join_pieces()
            self._sql.execute(
                "UPDATE messages SET status = ?, error = ?, context_tokens = ?, "
                "tokens_per_second = ? WHERE id = ?",
                (end.status, end.error, end.context_tokens, end.tokens_per_second, answer_id),
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
            f"UPDATE messages SET text = {WHOLE_TEXT} WHERE id IN (SELECT message_id FROM pieces)"
        )
        self._sql.execute("DELETE FROM pieces")

    def _add_message(
        self, conversation_id: int, role: Role, text: str, status: Status, now: float
    ) -> int:
        return self._insert(
            "INSERT INTO messages (conversation_id, role, text, status, created_at) "
            "VALUES (?, ?, ?, ?, ?)",
            (conversation_id, role, text, status, now),
        )

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


@contextmanager
def _errors_in_words() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise LibraryUnavailable(
            f"The conversations cannot be read or written: {error}."
        ) from error

"""The conversations: a tree of messages each, of which one branch is shown.

An answer that grows is kept in pieces until it ends. Appending to one text would write the whole
of it each time: 64 MB of WAL for an answer of 30 kB at 16 characters a flush.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path

from desktop.library.attached import attach, attachments_of
from desktop.library.called import add_calls, calls_of
from desktop.library.database import Database
from desktop.library.manner import USUAL, Manner
from desktop.library.migrations import LibraryUnavailable
from desktop.library.records import (
    AnswerEnd,
    Attachment,
    Call,
    Conversation,
    Question,
    Status,
    StoredMessage,
    title_of,
)
from engine.types import Role


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

    def __init__(self, path: Path, key: bytes | None = None) -> None:
        """`key` is that of an encrypted library."""
        self.database = Database(path, key)
        try:
            self._settle()
        except LibraryUnavailable:
            self.database.close()
            raise

    def close(self) -> None:
        self.purge_deleted()
        self.database.close()

    # reading

    def conversations(self) -> list[Conversation]:
        """The pinned ones first, and newest first."""
        rows = self.database.all(
            "SELECT id, title, is_pinned FROM conversations WHERE deleted_at IS NULL "
            "ORDER BY is_pinned DESC, updated_at DESC, id DESC"
        )
        return [Conversation(number, title, bool(pinned)) for number, title, pinned in rows]

    def messages(self, conversation_id: int) -> list[StoredMessage]:
        """Of the branch that is shown, oldest first."""
        rows = self.database.all(
            f"{BRANCH} SELECT id, role, {WHOLE_TEXT}, {WHOLE_REASONING}, {VERSION}, "
            f"{VERSIONS}, first_read_id, {END_COLUMNS} FROM messages JOIN branch USING (id) "
            "ORDER BY depth DESC",
            (conversation_id,),
        )
        attached = attachments_of(self.database, conversation_id)
        called = calls_of(self.database, conversation_id)
        return [
            StoredMessage(
                number,
                Role(role),
                text,
                AnswerEnd(Status(status), *rest),
                reasoning,
                version,
                versions,
                tuple(attached.get(number, ())),
                first_read,
                tuple(called.get(number, ())),
            )
            for number, role, text, reasoning, version, versions, first_read, status, *rest in rows
        ]

    def last_figures(self, conversation_id: int) -> AnswerEnd | None:
        """Of the last answer of the branch shown that has any."""
        rows = self.database.all(
            f"{BRANCH} SELECT {END_COLUMNS} FROM messages JOIN branch USING (id) "
            "WHERE context_tokens IS NOT NULL ORDER BY depth LIMIT 1",
            (conversation_id,),
        )
        return AnswerEnd(Status(rows[0][0]), *rows[0][1:]) if rows else None

    def manner(self, conversation_id: int) -> Manner:
        query = "SELECT manner FROM conversations WHERE id = ?"
        return Manner.from_json(self.database.one(query, (conversation_id,))[0])

    # writing

    def set_manner(self, conversation_id: int, manner: Manner) -> None:
        self._change(conversation_id, manner=manner.as_json())

    def rename(self, conversation_id: int, title: str) -> None:
        """Nothing but white space leaves the title as it is."""
        if title.strip():
            self._change(conversation_id, title=" ".join(title.split()))

    def name_by_model(self, conversation_id: int, title: str) -> bool:
        """Unless the user has named it meanwhile: only what is still its first words changes."""
        rows = self.database.all(
            "SELECT title, (SELECT text FROM messages WHERE conversation_id = conversations.id "
            "ORDER BY id LIMIT 1) FROM conversations WHERE id = ? AND deleted_at IS NULL",
            (conversation_id,),
        )
        is_free = bool(rows) and rows[0][0] == title_of(rows[0][1] or "")
        if is_free:
            self.rename(conversation_id, title)
        return is_free

    def pin(self, conversation_id: int, is_pinned: bool) -> None:
        self._change(conversation_id, is_pinned=is_pinned)

    def add_question(
        self,
        conversation_id: int | None,
        text: str,
        manner: Manner = USUAL,
        attachments: Iterable[Attachment] = (),
    ) -> Question:
        """Store a user's message at the end, and an empty answer; None begins a conversation, whose
        `manner` this is."""
        now = time.time()
        with self.database.transaction():
            if conversation_id is None:
                conversation_id = self.database.insert(
                    "conversations",
                    title=title_of(text),
                    created_at=now,
                    updated_at=now,
                    manner=manner.as_json(),
                )
            parent = self._leaf(conversation_id)
            return self._add_turn(conversation_id, parent, text, attachments, now)

    def ask_instead(
        self, question_id: int, text: str, attachments: Iterable[Attachment] = ()
    ) -> Question:
        """Store another version of a user's message, and an empty answer to it."""
        with self.database.transaction():
            conversation_id, parent = self._place(question_id)
            return self._add_turn(conversation_id, parent, text, attachments, time.time())

    def answer_again(self, answer_id: int) -> Question:
        """Store an empty answer beside this one."""
        with self.database.transaction():
            conversation_id, question_id = self._place(answer_id)
            assert question_id is not None  # an answer has a question
            leaf = self._leaf(conversation_id)
            answer = self._add_answer(conversation_id, question_id, time.time())
        return Question(conversation_id, question_id, answer, is_new=False, replaced_leaf=leaf)

    def show_version(self, message_id: int, version: int) -> None:
        """Show the branch through that version of the message, to where it was written last."""
        with self.database.transaction():
            conversation_id, parent = self._place(message_id)
            (chosen,) = self.database.one(
                "SELECT id FROM messages WHERE conversation_id = ? AND parent_id IS ? "
                "ORDER BY id LIMIT 1 OFFSET ?",
                (conversation_id, parent, version - 1),
            )
            (leaf,) = self.database.one(LAST_BELOW, (chosen,))
            self._change(conversation_id, leaf_id=leaf)

    def set_first_read(self, answer_id: int, message_id: int) -> None:
        """The model reads nothing before that message for this answer."""
        self.database.update("messages", answer_id, first_read_id=message_id)

    def take_back(self, question: Question) -> None:
        """Forget a question that the engine did not take, and a conversation left empty."""
        with self.database.transaction():
            self._change(question.conversation_id, leaf_id=question.replaced_leaf)
            first = question.question_id if question.is_new else question.answer_id
            self.database.do("DELETE FROM messages WHERE id = ?", (first,))
            self.database.do(
                "DELETE FROM conversations WHERE id = ? AND NOT EXISTS "
                "(SELECT 1 FROM messages WHERE conversation_id = conversations.id)",
                (question.conversation_id,),
            )

    def append(self, answer_id: int, text: str, is_reasoning: bool = False) -> None:
        """Add to an answer or its reasoning; once this returns, the death of the process does not
        lose it."""
        self.database.insert("pieces", message_id=answer_id, text=text, is_reasoning=is_reasoning)

    def add_call(self, answer_id: int, call: Call) -> None:
        add_calls(self.database, answer_id, [call])

    def finish(self, answer_id: int, end: AnswerEnd) -> None:
        with self.database.transaction():
            self._join_pieces()
            self.database.update("messages", answer_id, **asdict(end))
        self.database.do("PRAGMA wal_checkpoint(PASSIVE)")

    def delete(self, conversation_id: int) -> None:
        """Hide it; `restore` brings it back until `purge_deleted`."""
        self._change(conversation_id, deleted_at=time.time())

    def restore(self, conversation_id: int) -> None:
        self._change(conversation_id, deleted_at=None)

    def purge_deleted(self) -> None:
        self.database.do("DELETE FROM conversations WHERE deleted_at IS NOT NULL")

    def _change(self, conversation_id: int, **values: object) -> None:
        self.database.update("conversations", conversation_id, **values)

    def _settle(self) -> None:
        """After a kill: mark what was being written, and purge what was deleted."""
        with self.database.transaction():
            self._join_pieces()
            self.database.do(
                "UPDATE messages SET status = ? WHERE status = ?",
                (Status.INTERRUPTED, Status.STREAMING),
            )
        self.purge_deleted()

    def _join_pieces(self) -> None:
        self.database.do(
            f"UPDATE messages SET text = {WHOLE_TEXT}, reasoning = {WHOLE_REASONING} "
            "WHERE id IN (SELECT message_id FROM pieces)"
        )
        self.database.do("DELETE FROM pieces")

    def _leaf(self, conversation_id: int) -> int | None:
        query = "SELECT leaf_id FROM conversations WHERE id = ?"
        return self.database.one(query, (conversation_id,))[0]

    def _place(self, message_id: int) -> tuple[int, int | None]:
        """The conversation, and the message before this one."""
        query = "SELECT conversation_id, parent_id FROM messages WHERE id = ?"
        return self.database.one(query, (message_id,))

    def _add_turn(
        self,
        conversation_id: int,
        parent: int | None,
        text: str,
        attachments: Iterable[Attachment],
        now: float,
    ) -> Question:
        leaf = self._leaf(conversation_id)
        question = self.database.insert(
            "messages",
            conversation_id=conversation_id,
            parent_id=parent,
            role=Role.USER,
            text=text,
            status=Status.COMPLETE,
            created_at=now,
        )
        attach(self.database, question, attachments)
        answer = self._add_answer(conversation_id, question, now)
        return Question(conversation_id, question, answer, replaced_leaf=leaf)

    def _add_answer(self, conversation_id: int, question_id: int, now: float) -> int:
        answer = self.database.insert(
            "messages",
            conversation_id=conversation_id,
            parent_id=question_id,
            role=Role.ASSISTANT,
            text="",
            status=Status.STREAMING,
            created_at=now,
        )
        self._change(conversation_id, leaf_id=answer, updated_at=now)
        return answer

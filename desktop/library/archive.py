"""Whole conversations, every branch of them, out of the library and into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields

from desktop.library.attached import attach, attachments_of
from desktop.library.called import add_calls, calls_of
from desktop.library.database import Database
from desktop.library.manner import USUAL, Manner
from desktop.library.records import COMPLETED, AnswerEnd, Attachment, Call, Status
from engine.types import Role

END_COLUMNS = ", ".join(field.name for field in fields(AnswerEnd))


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """`parent` is the number of the message before it, None for a first one. Seconds since 1970."""

    number: int
    parent: int | None
    role: Role
    text: str
    created_at: float
    reasoning: str = ""
    end: AnswerEnd = COMPLETED
    attachments: tuple[Attachment, ...] = ()
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptConversation:
    """`messages` have their parents before them; `leaf` is the last one of the branch shown."""

    title: str
    created_at: float
    updated_at: float
    messages: tuple[KeptMessage, ...]
    leaf: int | None
    is_pinned: bool = False
    manner: Manner = USUAL

    def branch(self) -> list[KeptMessage]:
        """What is shown, oldest first."""
        by_number = {message.number: message for message in self.messages}
        shown: list[KeptMessage] = []
        number = self.leaf
        while number is not None:
            shown.append(by_number[number])
            number = by_number[number].parent
        return shown[::-1]


def read_conversation(database: Database, conversation_id: int) -> KeptConversation:
    """Raises LibraryUnavailable."""
    title, created_at, updated_at, leaf, is_pinned, manner = database.one(
        "SELECT title, created_at, updated_at, leaf_id, is_pinned, manner FROM conversations "
        "WHERE id = ?",
        (conversation_id,),
    )
    rows = database.all(
        f"SELECT id, parent_id, role, text, created_at, reasoning, {END_COLUMNS} FROM messages "
        "WHERE conversation_id = ? ORDER BY id",
        (conversation_id,),
    )
    attached = attachments_of(database, conversation_id)
    called = calls_of(database, conversation_id)
    messages = tuple(
        KeptMessage(
            number,
            parent,
            Role(role),
            text,
            at,
            reasoning,
            AnswerEnd(Status(status), *rest),
            tuple(attached.get(number, ())),
            tuple(called.get(number, ())),
        )
        for number, parent, role, text, at, reasoning, status, *rest in rows
    )
    return KeptConversation(
        title, created_at, updated_at, messages, leaf, bool(is_pinned), Manner.from_json(manner)
    )


def add_conversations(database: Database, kept: Iterable[KeptConversation]) -> None:
    """All of them or none. Raises LibraryUnavailable."""
    with database.transaction():
        for conversation in kept:
            _add(database, conversation)
    database.do("PRAGMA wal_checkpoint(PASSIVE)")


def _add(database: Database, kept: KeptConversation) -> None:
    owner = database.insert(
        "conversations",
        title=kept.title,
        created_at=kept.created_at,
        updated_at=kept.updated_at,
        is_pinned=kept.is_pinned,
        manner=kept.manner.as_json(),
    )
    numbers: dict[int, int] = {}
    for message in kept.messages:
        numbers[message.number] = _add_message(database, owner, message, numbers)
    leaf = None if kept.leaf is None else numbers[kept.leaf]
    database.update("conversations", owner, leaf_id=leaf)


def _add_message(
    database: Database, owner: int, message: KeptMessage, numbers: Mapping[int, int]
) -> int:
    number = database.insert(
        "messages",
        conversation_id=owner,
        parent_id=None if message.parent is None else numbers[message.parent],
        role=message.role,
        text=message.text,
        reasoning=message.reasoning,
        created_at=message.created_at,
        **asdict(message.end),
    )
    attach(database, number, message.attachments)
    add_calls(database, number, message.calls)
    return number

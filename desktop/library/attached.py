"""The attachments' table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from desktop.library.database import Database
from desktop.library.records import Attachment


def attach(database: Database, message_id: int, attachments: Iterable[Attachment]) -> None:
    for attachment in attachments:
        database.insert("attachments", message_id=message_id, **asdict(attachment))


def attachments_of(database: Database, conversation_id: int) -> Mapping[int, list[Attachment]]:
    """By the messages that they go with."""
    found: dict[int, list[Attachment]] = {}
    rows = database.all(
        "SELECT message_id, name, attachments.text, tokens FROM attachments "
        "JOIN messages ON messages.id = message_id WHERE conversation_id = ? "
        "ORDER BY attachments.id",
        (conversation_id,),
    )
    for message_id, *values in rows:
        found.setdefault(message_id, []).append(Attachment(*values))
    return found

"""The table of what tools were asked and said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from desktop.library.database import Database
from desktop.library.records import Call


def add_calls(database: Database, message_id: int, calls: Iterable[Call]) -> None:
    for call in calls:
        database.insert("calls", message_id=message_id, **asdict(call))


def calls_of(database: Database, conversation_id: int) -> Mapping[int, list[Call]]:
    """By the answers that they belong to, in their order."""
    found: dict[int, list[Call]] = {}
    rows = database.all(
        "SELECT message_id, name, arguments, result, place FROM calls "
        "JOIN messages ON messages.id = message_id WHERE conversation_id = ? ORDER BY calls.id",
        (conversation_id,),
    )
    for message_id, *values in rows:
        found.setdefault(message_id, []).append(Call(*values))
    return found

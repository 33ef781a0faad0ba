"""The schema as an append-only list: entry n brings a database from version n to n + 1."""

from __future__ import annotations

import sqlite3

from engine.errors import HearthError

MIGRATIONS = (
    """
    CREATE TABLE conversations (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        title TEXT NOT NULL,
        created_at REAL NOT NULL,
        updated_at REAL NOT NULL,
        deleted_at REAL
    );
    CREATE INDEX conversations_by_update ON conversations (updated_at);
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        conversation_id INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
        role TEXT NOT NULL,
        text TEXT NOT NULL,
        status TEXT NOT NULL,
        error TEXT NOT NULL DEFAULT '',
        context_tokens INTEGER,
        tokens_per_second REAL,
        created_at REAL NOT NULL
    );
    CREATE INDEX messages_by_conversation ON messages (conversation_id);
    CREATE TABLE pieces (
        id INTEGER PRIMARY KEY,
        message_id INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
        text TEXT NOT NULL
    );
    """,
)


class LibraryUnavailable(HearthError):
    """The conversations cannot be read or written."""


def migrate(connection: sqlite3.Connection) -> None:
    """Each step with its version in one transaction. Raises LibraryUnavailable if it is newer."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise LibraryUnavailable(
            "Your conversations were written by a newer version of Hearth. Install that version "
            "to open them."
        )
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        connection.executescript(f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;")

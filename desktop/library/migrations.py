"""The schema as an append-only list: entry n brings a database from version n to n + 1."""

from __future__ import annotations

import sqlite3

from desktop.language import tr
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
    # Messages become a tree: an edited question and another answer stand beside the first ones.
    # `leaf_id` is the end of the branch that is shown.
    """
    ALTER TABLE messages ADD COLUMN parent_id INTEGER REFERENCES messages ON DELETE CASCADE;
    UPDATE messages SET parent_id = (
        SELECT max(earlier.id) FROM messages AS earlier
        WHERE earlier.conversation_id = messages.conversation_id AND earlier.id < messages.id
    );
    CREATE INDEX messages_by_parent ON messages (parent_id);
    ALTER TABLE messages ADD COLUMN reasoning TEXT NOT NULL DEFAULT '';
    ALTER TABLE messages ADD COLUMN reasoning_seconds REAL;
    ALTER TABLE messages ADD COLUMN first_token_seconds REAL;
    ALTER TABLE messages ADD COLUMN reasoning_tokens INTEGER;
    ALTER TABLE messages ADD COLUMN answer_tokens INTEGER;
    ALTER TABLE pieces ADD COLUMN is_reasoning INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE conversations ADD COLUMN leaf_id INTEGER;
    UPDATE conversations SET leaf_id = (
        SELECT max(id) FROM messages WHERE conversation_id = conversations.id
    );
    ALTER TABLE conversations ADD COLUMN manner TEXT NOT NULL DEFAULT '{}';
    """,
    # An index of every three letters in a row: it finds parts of words, in any language.
    """
    ALTER TABLE conversations ADD COLUMN is_pinned INTEGER NOT NULL DEFAULT 0;
    CREATE VIRTUAL TABLE words USING fts5 (
        text, content = 'messages', content_rowid = 'id', tokenize = 'trigram'
    );
    INSERT INTO words (words) VALUES ('rebuild');
    CREATE TRIGGER words_come AFTER INSERT ON messages BEGIN
        INSERT INTO words (rowid, text) VALUES (new.id, new.text);
    END;
    CREATE TRIGGER words_go AFTER DELETE ON messages BEGIN
        INSERT INTO words (words, rowid, text) VALUES ('delete', old.id, old.text);
    END;
    CREATE TRIGGER words_change AFTER UPDATE OF text ON messages BEGIN
        INSERT INTO words (words, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO words (rowid, text) VALUES (new.id, new.text);
    END;
    """,
    """
    CREATE TABLE attachments (
        id INTEGER PRIMARY KEY,
        message_id INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
        name TEXT NOT NULL,
        text TEXT NOT NULL,
        tokens INTEGER
    );
    CREATE INDEX attachments_by_message ON attachments (message_id);
    """,
    # `first_read_id` is the first message that the model read for an answer; NULL: all of them.
    """
    ALTER TABLE messages ADD COLUMN first_read_id INTEGER;
    CREATE TABLE presets (name TEXT PRIMARY KEY, manner TEXT NOT NULL);
    """,
    # `place` is how many characters of the answer's reasoning came before the call.
    """
    CREATE TABLE calls (
        id INTEGER PRIMARY KEY,
        message_id INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
        name TEXT NOT NULL,
        arguments TEXT NOT NULL,
        result TEXT NOT NULL,
        place INTEGER NOT NULL
    );
    CREATE INDEX calls_by_message ON calls (message_id);
    """,
)


class LibraryUnavailable(HearthError):
    """The conversations cannot be read or written."""


def migrate(connection: sqlite3.Connection) -> None:
    """Each step with its version in one transaction. Raises LibraryUnavailable if it is newer."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise LibraryUnavailable(
            tr(
                "Your conversations were written by a newer version of Hearth. Install that "
                "version to open them."
            )
        )
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        connection.executescript(f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;")

"""Conversations by the words in their titles and messages; parts of words count."""

from __future__ import annotations

from desktop.library.database import Database
from desktop.library.records import Conversation

SHORTEST_INDEXED = 3
"""Letters: of fewer the index knows nothing, and all texts are read."""
MOST_FOUND = 200
SNIPPET_TOKENS = 40

IN_TITLE = "has(title, :{word})"
IN_INDEX = (
    "conversations.id IN (SELECT conversation_id FROM messages WHERE id IN "
    "(SELECT rowid FROM words WHERE words MATCH :{word}_quoted))"
)
IN_TEXT = (
    "conversations.id IN (SELECT conversation_id FROM messages WHERE has(messages.text, :{word}))"
)
SNIPPET = """
    SELECT snippet(words, 0, '', '', '…', ?) FROM words JOIN messages ON messages.id = words.rowid
    WHERE words MATCH ? AND conversation_id = ? LIMIT 1
"""


def find(database: Database, text: str) -> list[Conversation]:
    """Those that have every word of `text`, newest first; none for white space. Raises
    LibraryUnavailable."""
    words = [word.casefold() for word in text.split()]
    if not words:
        return []
    database.sql.create_function("has", 2, _has, deterministic=True)
    values: dict[str, object] = {"most": MOST_FOUND}
    conditions: list[str] = []
    for number, word in enumerate(words):
        name = f"word{number}"
        values |= {name: word, f"{name}_quoted": _quoted(word)}
        in_messages = IN_INDEX if len(word) >= SHORTEST_INDEXED else IN_TEXT
        conditions.append(f"({IN_TITLE} OR {in_messages})".format(word=name))
    rows = database.all(
        "SELECT id, title, is_pinned FROM conversations WHERE deleted_at IS NULL AND "
        f"{' AND '.join(conditions)} ORDER BY updated_at DESC, id DESC LIMIT :most",
        values,
    )
    return [Conversation(number, title, bool(is_pinned)) for number, title, is_pinned in rows]


def snippet(database: Database, conversation: Conversation, text: str) -> str:
    """Where a message has the longest word of `text`, on one line; empty where the title has it."""
    word = max(text.casefold().split(), key=len, default="")
    if len(word) < SHORTEST_INDEXED or _has(conversation.title, word):
        return ""
    found = database.all(SNIPPET, (SNIPPET_TOKENS, _quoted(word), conversation.id))
    return " ".join(found[0][0].split()) if found else ""


def _has(text: str, word: str) -> bool:
    return word in text.casefold()


def _quoted(word: str) -> str:
    """As FTS5 writes a string: nothing in it means anything."""
    return '"' + word.replace('"', '""') + '"'

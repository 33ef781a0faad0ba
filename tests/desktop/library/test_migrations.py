"""Databases of every age become today's, or stay as they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from desktop.library import migrations
from desktop.library.migrations import MIGRATIONS, LibraryUnavailable
from desktop.library.store import Store

TODAY = len(MIGRATIONS)
TABLES = {"conversations", "messages", "pieces", "words", "attachments", "presets", "calls"}
NEXT = "ALTER TABLE conversations ADD COLUMN colour INTEGER NOT NULL DEFAULT 0;"


@contextmanager
def opened(path: Path) -> Generator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection, connection:
        yield connection


def version(path: Path) -> int:
    with opened(path) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


def tables(path: Path) -> set[str]:
    with opened(path) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name for (name,) in rows if not name.startswith(("sqlite_", "words_"))}


def write_database(path: Path, version: int) -> None:
    with opened(path) as connection:
        for script in MIGRATIONS[:version]:
            connection.executescript(script)
        connection.execute(f"PRAGMA user_version = {version}")


def write_conversation(path: Path) -> None:
    store = Store(path)
    store.add_question(None, "What is rust?")
    store.close()


def titles(path: Path) -> list[str]:
    store = Store(path)
    found = [conversation.title for conversation in store.conversations()]
    store.close()
    return found


@pytest.mark.parametrize("age", range(TODAY + 1))
def test_a_database_of_every_age_opens_with_the_schema_of_today(tmp_path: Path, age: int) -> None:
    path = tmp_path / "old.sqlite3"
    write_database(path, age)
    assert titles(path) == []
    assert version(path) == TODAY
    assert tables(path) == TABLES


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    assert titles(tmp_path / "new" / "folder" / "it.sqlite3") == []


def test_the_next_migration_keeps_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "it.sqlite3"
    write_conversation(path)
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, NEXT))
    assert titles(path) == ["What is rust?"]
    assert version(path) == TODAY + 1


def test_a_migration_that_fails_half_way_leaves_no_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "it.sqlite3"
    write_conversation(path)
    broken = f"{NEXT} INSERT INTO nowhere VALUES (1);"
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, broken))
        with pytest.raises(LibraryUnavailable, match="nowhere"):
            Store(path)
    assert version(path) == TODAY
    assert titles(path) == ["What is rust?"]


def test_a_newer_schema_is_one_sentence_and_nothing_is_touched(tmp_path: Path) -> None:
    path = tmp_path / "it.sqlite3"
    write_conversation(path)
    with opened(path) as connection:
        connection.execute(f"PRAGMA user_version = {TODAY + 1}")
    before = path.read_bytes()
    with pytest.raises(LibraryUnavailable, match=r"^Your conversations .* newer version of Hearth"):
        Store(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_one_sentence_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "it.sqlite3"
    path.write_bytes(b"My shopping list: eggs, flour, milk. " * 100)
    before = path.read_bytes()
    with pytest.raises(LibraryUnavailable, match=r"^The conversations cannot be .* not a database"):
        Store(path)
    assert path.read_bytes() == before


def test_a_damaged_database_is_one_sentence_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "it.sqlite3"
    write_conversation(path)
    pages = bytearray(path.read_bytes())
    pages[100:] = b"\xff" * len(pages[100:])  # behind the header, which still says SQLite
    path.write_bytes(pages)
    with pytest.raises(LibraryUnavailable, match=r"^The conversations cannot be .* malformed"):
        Store(path)
    assert path.read_bytes() == pages


def test_a_folder_in_the_place_of_the_database_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(LibraryUnavailable, match=r"^The conversations cannot be"):
        Store(tmp_path)

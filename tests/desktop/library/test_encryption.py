"""Encryption at rest: what lies on the disk, and what happens when things go wrong."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from desktop.library import encryption
from desktop.library.attached import Attachment
from desktop.library.encryption import decrypt, encrypt, fits, is_encrypted, new_key
from desktop.library.migrations import MIGRATIONS, LibraryUnavailable
from desktop.library.records import COMPLETED
from desktop.library.search import find, snippet
from desktop.library.store import Store

WORD = "ultramarine"
KEY = new_key()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A library with one conversation, closed."""
    path = tmp_path / "conversations.sqlite3"
    store = Store(path)
    question = store.add_question(
        None, f"Is {WORD} a colour?", attachments=[Attachment("a.txt", f"{WORD} text", 3)]
    )
    store.append(question.answer_id, f"Yes, {WORD} is.")
    store.finish(question.answer_id, COMPLETED)
    store.close()
    return path


def said(path: Path, key: bytes | None = None) -> list[str]:
    store = Store(path, key)
    try:
        return [message.text for message in store.messages(1)]
    finally:
        store.close()


SAID = [f"Is {WORD} a colour?", f"Yes, {WORD} is."]


def on_disk(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.iterdir() if file.is_file())


def test_a_library_is_plain_until_it_is_encrypted(path: Path, tmp_path: Path) -> None:
    assert not is_encrypted(path)
    assert not is_encrypted(tmp_path / "none")
    assert WORD.encode() in on_disk(path)


def test_nothing_of_it_can_be_read_without_the_key(path: Path) -> None:
    encrypt(path, KEY)
    assert is_encrypted(path)
    assert said(path, KEY) == SAID
    store = Store(path, KEY)
    store.add_question(1, f"And {WORD} again?")  # which lies in the log that is written ahead
    files = {file.name: WORD.encode() in file.read_bytes() for file in path.parent.iterdir()}
    store.close()
    assert files == {path.name: False, f"{path.name}-wal": False, f"{path.name}-shm": False}
    assert b"CREATE TABLE" not in on_disk(path)
    with closing(sqlite3.connect(path)) as other, pytest.raises(sqlite3.DatabaseError):
        other.execute("SELECT * FROM messages")


def test_it_can_be_searched(path: Path) -> None:
    encrypt(path, KEY)
    store = Store(path, KEY)
    (found,) = find(store.database, "marine is")
    assert snippet(store.database, found, "yes") == f"Yes, {WORD} is."
    assert find(store.database, "no such word") == []
    store.close()


def test_there_and_back_it_is_as_it_was(path: Path) -> None:
    encrypt(path, KEY)
    decrypt(path, KEY)
    assert not is_encrypted(path)
    assert said(path) == SAID
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        plain.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")


@pytest.mark.parametrize("key", [None, new_key()])
def test_without_its_key_it_is_refused_in_words_and_stays(path: Path, key: bytes | None) -> None:
    encrypt(path, KEY)
    before = path.read_bytes()
    with pytest.raises(LibraryUnavailable, match=r"^The conversations cannot be read"):
        Store(path, key)
    assert path.read_bytes() == before
    assert said(path, KEY) == SAID


def test_a_key_fits_or_does_not(path: Path) -> None:
    encrypt(path, KEY)
    assert fits(path, KEY)
    assert not fits(path, new_key())


def test_a_key_of_another_length_is_none(path: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        encryption.connect(path, b"short", 0)


def broken_at(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(encryption, name, fail)


@pytest.mark.parametrize("step", ["_export", "_check", "_sync"])
@pytest.mark.parametrize("change", [encrypt, decrypt])
def test_where_it_breaks_off_all_is_as_it_was(
    path: Path, step: str, change: Callable[[Path, bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    if change is decrypt:
        encrypt(path, KEY)
    was_encrypted, key = is_encrypted(path), KEY if change is decrypt else None
    with monkeypatch.context() as broken:
        broken_at(step, broken)
        with pytest.raises(LibraryUnavailable, match="are as they were: No space left"):
            change(path, KEY)
    assert is_encrypted(path) is was_encrypted
    assert said(path, key) == SAID
    change(path, KEY)  # over what the first one left
    assert is_encrypted(path) is not was_encrypted


HOLDS = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("BEGIN IMMEDIATE")
other.execute("UPDATE conversations SET title = 'x'")
print("open", flush=True)
sys.stdin.read()
"""


def test_another_program_that_writes_keeps_it(path: Path) -> None:
    command = [sys.executable, "-c", HOLDS, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(LibraryUnavailable, match="Another program"):
            encrypt(path, KEY)
        other.communicate("")
    assert said(path) == SAID

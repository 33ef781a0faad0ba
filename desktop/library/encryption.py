"""Encryption at rest by SQLCipher. Whether a library is encrypted, its file says itself: there is
no setting that could disagree.

Chosen among the ciphers for SQLite because it alone has sqlite3's interface, is kept up, and has a
wheel for every system that Hearth runs on (tests/bench/LOG.md, "Encryption at rest").
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from desktop.language import tr
from desktop.library.migrations import LibraryUnavailable

KEY_BYTES = 32
PLAIN_START = b"SQLite format 3\0"
CACHE_KIB = 65536
"""What was read once is not deciphered again: a search for a common word takes 30 instead of 240
ms."""
CIPHER = "sqlcipher3.dbapi2"


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def is_encrypted(path: Path) -> bool:
    """A file that is not there yet, or empty, is plain."""
    with suppress(OSError), path.open("rb") as file:
        start = file.read(len(PLAIN_START))
        return bool(start) and start != PLAIN_START
    return False


def sql_errors() -> tuple[type[Exception], ...]:
    """SQLCipher's errors are none of sqlite3's."""
    cipher = sys.modules.get(CIPHER)
    return (sqlite3.Error, cipher.Error) if cipher else (sqlite3.Error,)


def connect(path: Path, key: bytes | None, timeout_seconds: float) -> Any:
    """A connection as sqlite3 has them. Raises what `sql_errors` names; with a wrong key too."""
    if key is None:
        return sqlite3.connect(path, timeout_seconds, isolation_level=None)
    sql = _cipher().connect(str(path), timeout_seconds, isolation_level=None)
    try:
        _unlock(sql, key)
    except BaseException:
        sql.close()  # else it keeps its locks
        raise
    return sql


def fits(path: Path, key: bytes) -> bool:
    """Whether the key opens that library."""
    try:
        connect(path, key, 0).close()
    except sql_errors():
        return False
    return True


def encrypt(path: Path, key: bytes) -> None:
    """The library, which nobody has open. Whatever happens, a whole one is there afterwards. Raises
    LibraryUnavailable."""
    _convert(path, None, key)


def decrypt(path: Path, key: bytes) -> None:
    """As `encrypt`."""
    _convert(path, key, None)


def _convert(path: Path, before: bytes | None, after: bytes | None) -> None:
    beside = path.with_name(path.name + ".new")
    with _errors_in_words():
        beside.unlink(missing_ok=True)
        _export(path, before, beside, after)
        _check(path, before, beside, after)
        _sync(beside)
        for rest in ("-wal", "-shm"):  # empty since the checkpoint, and of another cipher now
            path.with_name(path.name + rest).unlink(missing_ok=True)
        beside.replace(path)
        _sync(path.parent)


def _export(path: Path, before: bytes | None, beside: Path, after: bytes | None) -> None:
    with closing(_open(path, before)) as sql:
        (is_busy, *_) = sql.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if is_busy:
            raise LibraryUnavailable(tr("Another program has the conversations open."))
        (version,) = sql.execute("PRAGMA user_version").fetchone()
        sql.execute("ATTACH ? AS made KEY ?", (str(beside), _as_text(after)))
        sql.execute("SELECT sqlcipher_export('made')")
        sql.execute(f"PRAGMA made.user_version = {version}")
        sql.execute("DETACH made")


def _check(path: Path, before: bytes | None, beside: Path, after: bytes | None) -> None:
    with closing(_open(path, before)) as old, closing(_open(beside, after)) as new:
        is_sound = new.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        if not is_sound or _counts(old) != _counts(new):
            raise LibraryUnavailable(tr("The new file of conversations is not as the old one."))


def _counts(sql: Any) -> list[tuple[str, int]]:
    """How many rows each table has."""
    tables = sql.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    names = [name for (name,) in tables.fetchall()]
    return [(name, *sql.execute(f'SELECT count(*) FROM "{name}"').fetchone()) for name in names]


def _open(path: Path, key: bytes | None) -> Any:
    """By SQLCipher, which reads plain files too."""
    if key is not None:
        return connect(path, key, 0)
    return _cipher().connect(str(path), 0, isolation_level=None)


def _unlock(sql: Any, key: bytes) -> None:
    if len(key) != KEY_BYTES:  # SQLCipher would take it for a password, in silence
        raise ValueError(f"A key has {KEY_BYTES} bytes.")
    sql.execute("PRAGMA cipher_log_level = NONE")
    sql.execute(f'PRAGMA key = "{_as_text(key)}"')
    sql.execute("SELECT count(*) FROM sqlite_master")  # a wrong key shows here
    sql.execute(f"PRAGMA cache_size = -{CACHE_KIB}")


def _as_text(key: bytes | None) -> str:
    return "" if key is None else f"x'{key.hex()}'"


def _cipher() -> Any:
    return import_module(CIPHER)


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows has no such thing for folders
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _errors_in_words() -> Iterator[None]:
    try:
        yield
    except (*sql_errors(), OSError, ImportError) as error:
        raise _in_words(error) from error
    except Exception as error:
        if isinstance(error, sql_errors()):  # SQLCipher was not there when this began
            raise _in_words(error) from error
        raise


def _in_words(error: Exception) -> LibraryUnavailable:
    return LibraryUnavailable(
        tr("The conversations are as they were: {error}.", error=str(error).rstrip("."))
    )

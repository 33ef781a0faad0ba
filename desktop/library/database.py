"""The library's SQLite file: one connection, used by the main thread only.

In WAL mode with synchronous=NORMAL a commit is a write to the WAL without waiting for the disk:
what was committed survives the death of the process. Only a checkpoint waits for the disk, so it
is taken between answers, never within one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from desktop.language import tr
from desktop.library.encryption import connect, sql_errors
from desktop.library.migrations import LibraryUnavailable, migrate

Values = Sequence[object] | Mapping[str, object]
BUSY_TIMEOUT_SECONDS = 2.0
PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "foreign_keys = ON",
    "wal_autocheckpoint = 0",
)


class Database:
    """Every method raises LibraryUnavailable, in words, where SQLite cannot do it."""

    def __init__(self, path: Path, key: bytes | None = None) -> None:
        """`key` is that of an encrypted library."""
        with _errors_in_words(), ExitStack() as on_failure:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.sql = connect(path, key, BUSY_TIMEOUT_SECONDS)
            on_failure.callback(self.sql.close)  # else a failed migration keeps its lock
            for pragma in PRAGMAS:
                self.sql.execute(f"PRAGMA {pragma}")
            migrate(self.sql)
            on_failure.pop_all()

    def close(self) -> None:
        with _errors_in_words():
            self.sql.close()

    def all(self, query: str, values: Values = ()) -> list[Any]:
        with _errors_in_words():
            return self.sql.execute(query, values).fetchall()

    def one(self, query: str, values: Sequence[object] = ()) -> Any:
        """The only row, which is there."""
        with _errors_in_words():
            return self.sql.execute(query, values).fetchone()

    def do(self, statement: str, values: Sequence[object] = ()) -> None:
        with _errors_in_words():
            self.sql.execute(statement, values)

    def insert(self, table: str, **values: object) -> int:
        """The new row's number."""
        columns, marks = ", ".join(values), ", ".join("?" for _ in values)
        with _errors_in_words():
            number = self.sql.execute(
                f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(values.values())
            ).lastrowid
        assert number is not None  # sqlite3 sets it after every INSERT
        return number

    def update(self, table: str, number: int, **values: object) -> None:
        changes = ", ".join(f"{column} = ?" for column in values)
        self.do(f"UPDATE {table} SET {changes} WHERE id = ?", (*values.values(), number))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.do("BEGIN IMMEDIATE")
        try:
            yield
            self.do("COMMIT")
        except BaseException:
            if self.sql.in_transaction:  # SQLite rolls back by itself on a full disk
                self.do("ROLLBACK")
            raise


@contextmanager
def _errors_in_words() -> Iterator[None]:
    try:
        yield
    except (*sql_errors(), OSError) as error:
        raise LibraryUnavailable(
            tr("The conversations cannot be read or written: {error}.", error=error)
        ) from error

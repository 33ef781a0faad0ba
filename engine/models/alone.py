"""One Hearth at a time at a piece of work, among all that run."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from engine.errors import CannotWrite


@contextmanager
def alone(folder: Path, work: str) -> Generator[None]:
    """Nobody else has `folder`, which need not be there, meanwhile.

    Raises CannotWrite, which says what is being done.
    """
    lock = FileLock(folder.with_name(f"{folder.name}.lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise CannotWrite(f"Another Hearth is {work} already.") from None
    try:
        yield
    finally:
        lock.release()
        with suppress(OSError):  # Windows keeps it where another one waits
            Path(lock.lock_file).unlink()

"""One Hearth at a time at a piece of work, among all that run."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from engine.errors import AlreadyAtWork


@contextmanager
def alone(folder: Path, work: str, patience_seconds: float = 0) -> Generator[None]:
    """Nobody else has `folder`, which need not be there, meanwhile.

    Raises AlreadyAtWork, which says what is being done.
    """
    lock = FileLock(folder.with_name(f"{folder.name}.lock"), timeout=patience_seconds)
    try:
        lock.acquire()
    except Timeout:
        raise AlreadyAtWork(work) from None
    try:
        yield
    finally:
        lock.release()
        with suppress(OSError):  # Windows keeps it where another one waits
            Path(lock.lock_file).unlink()

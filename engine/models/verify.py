"""Whether a model folder holds what it should: sizes and hashes, at the speed of the disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from engine.cancellation import Cancellation
from engine.models.manifest import FileFacts, Hash, Manifest

PIECE_BYTES = 1 << 20
WORKERS = 4
"""Hashing leaves Python's lock, so that each has a core, and the disk a queue."""

OnProgress = Callable[[int, int], None]
"""Bytes that were read, and all of them."""


def damaged_files(
    folder: Path, manifest: Manifest, on_progress: OnProgress, cancellation: Cancellation
) -> list[FileFacts]:
    """Those that are missing or wrong. Raises Cancelled, and OSError where the disk fails."""
    told = _Told(on_progress, manifest.size_bytes)

    def is_whole(file: FileFacts) -> bool:
        path = folder / file.path
        if not path.is_file() or path.stat().st_size != file.size:
            told.add(file.size)
            return False
        return file.is_digest_of(hashed(path, file.new_hash(), told.add, cancellation))

    largest_first = sorted(manifest.files, key=lambda file: -file.size)
    with ThreadPoolExecutor(min(WORKERS, os.cpu_count() or 1)) as pool:
        verdicts = [*pool.map(is_whole, largest_first)]
    return [file for file, is_good in zip(largest_first, verdicts, strict=True) if not is_good]


def hashed(
    path: Path, into: Hash, on_bytes: Callable[[int], None], cancellation: Cancellation
) -> Hash:
    for piece in pieces(path):
        cancellation.check()
        into.update(piece)
        on_bytes(len(piece))
    return into


def pieces(path: Path) -> Iterator[memoryview]:
    """Each one is overwritten by the next."""
    buffer = memoryview(bytearray(PIECE_BYTES))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            yield buffer[:count]


class _Told:
    """Adds up what all workers have read."""

    def __init__(self, on_progress: OnProgress, total: int) -> None:
        self._on_progress = on_progress
        self._total = total
        self._done = 0
        self._lock = Lock()

    def add(self, count: int) -> None:
        with self._lock:
            self._done += count
            self._on_progress(self._done, self._total)

"""Where an OnnxWriter's weights go: into one file that outlives a kill, or nowhere, to be counted.

Beside the data file lies a journal. A weight is in the journal only when all of its bytes are on
the disk, so that a conversion that was killed goes on after the last one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Slices = Callable[[], Iterable[Sequence[Array]]]
"""Makes, slice by slice, the next piece of each of some weights that are made together."""
OnBytes = Callable[[int], None]
"""Called between slices with the bytes so far; what it raises ends the conversion there."""

ALIGNMENT_BYTES = 4096
"""External data at page boundaries can be mapped instead of read."""


@dataclass(frozen=True, slots=True)
class Weight:
    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def size_bytes(self) -> int:
        return prod(self.shape) * self.dtype.itemsize


class WeightStore(Protocol):
    def put(self, weights: Sequence[Weight], slices: Slices) -> list[int]:
        """Store weights that are made together; returns their offsets."""
        ...


class PlannedWeights:
    """Knows what a file would hold, without making it."""

    def __init__(self) -> None:
        self.size_bytes = 0

    def put(self, weights: Sequence[Weight], slices: Slices) -> list[int]:
        offsets = offsets_of(weights, self.size_bytes)
        self.size_bytes = offsets[-1] + weights[-1].size_bytes
        return offsets


class WeightFile:
    """Writes weights one after the other, each at a page boundary."""

    def __init__(
        self, path: Path, journal: Journal | None = None, on_bytes: OnBytes = lambda done: None
    ) -> None:
        self._journal = journal
        self._on_bytes = on_bytes
        self._file = path.open("r+b" if journal and journal.end else "wb")
        self._file.truncate(journal.end if journal else 0)
        self._end = 0

    def __enter__(self) -> WeightFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def put(self, weights: Sequence[Weight], slices: Slices) -> list[int]:
        offsets = offsets_of(weights, self._end)
        end = offsets[-1] + weights[-1].size_bytes
        if self._journal is None or end > self._journal.end:
            self._write(weights, offsets, slices)
            if self._journal is not None:
                self._sync()
                self._journal.add(end)
        self._end = end
        return offsets

    def _write(self, weights: Sequence[Weight], offsets: Sequence[int], slices: Slices) -> None:
        cursors, done = list(offsets), self._end
        for pieces in slices():
            for n, piece in enumerate(pieces):
                self._file.seek(cursors[n])
                self._file.write(np.ascontiguousarray(piece).view(np.uint8).data)
                cursors[n] += piece.nbytes
                done += piece.nbytes
            self._on_bytes(done)
        for weight, offset, cursor in zip(weights, offsets, cursors, strict=True):
            if cursor != offset + weight.size_bytes:
                raise ValueError(f"{weight.name}: {cursor - offset} of {weight.size_bytes} bytes")

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())


class Journal:
    """How far a data file is whole. Its first line says what is being made, and by which version.

    A journal of something else, or one whose data file is shorter than it says, counts for nothing.
    """

    def __init__(self, path: Path, data: Path, identity: dict[str, Any]) -> None:
        self._path = path
        self.end = self._read(data, identity)
        """Bytes of the data file that are certain."""
        if not self.end:
            path.write_text(json.dumps(identity) + "\n", "utf-8")

    def add(self, end: int) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{end}\n")
            file.flush()
            os.fsync(file.fileno())

    def _read(self, data: Path, identity: dict[str, Any]) -> int:
        try:
            lines = self._path.read_text("utf-8").splitlines(keepends=True)
            size = data.stat().st_size
        except (OSError, ValueError):
            return 0
        whole = [line for line in lines if line.endswith("\n")]
        if not whole or whole[0] != json.dumps(identity) + "\n":
            return 0
        ends = [int(line) for line in whole[1:] if line.strip().isdigit()]
        return max((end for end in ends if end <= size), default=0)


def offsets_of(weights: Sequence[Weight], end: int) -> list[int]:
    """Where weights lie that follow `end` bytes."""
    offsets: list[int] = []
    for weight in weights:
        offsets.append(end + -end % ALIGNMENT_BYTES)
        end = offsets[-1] + weight.size_bytes
    return offsets

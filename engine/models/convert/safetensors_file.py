"""A safetensors file, checked from its header to its last byte, read in slices.

Slices are read into memory of their own: a mapped file would count as this process's memory for as
long as it is looked at. Layout: 8 bytes of length, a JSON header, then the tensors' bytes
(github.com/huggingface/safetensors).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, cast

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from engine.errors import BadCheckpoint

LENGTH_BYTES = 8
LONGEST_HEADER_BYTES = 100_000_000
"""What the safetensors library itself accepts."""

DTYPES: Mapping[str, np.dtype[Any]] = {
    "BF16": np.dtype(ml_dtypes.bfloat16),
    "U8": np.dtype(np.uint8),
}
"""Those of a gpt-oss checkpoint. A tensor of another one is listed, but cannot be read."""


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """`offset` counts from the beginning of the file; `dtype` is safetensors' own word."""

    file: Path
    dtype: str
    shape: tuple[int, ...]
    offset: int

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Rows start..stop of the first axis. Raises BadCheckpoint if the file has changed."""
        dtype, inner = DTYPES[self.dtype], self.shape[1:]
        count, row_bytes = (stop - start) * prod(inner), prod(inner) * dtype.itemsize
        try:
            values = np.fromfile(self.file, dtype, count, offset=self.offset + start * row_bytes)
        except OSError as error:
            raise BadCheckpoint(f"{self.file.name} cannot be read: {error.strerror}.") from None
        if values.size != count:
            raise BadCheckpoint(f"{self.file.name} has become shorter since it was opened.")
        return values.reshape(stop - start, *inner)


@dataclass(frozen=True, slots=True)
class SafetensorsFile:
    path: Path
    header: bytes
    size_bytes: int
    tensors: Mapping[str, StoredTensor]

    @classmethod
    def open(cls, path: Path) -> SafetensorsFile:
        """Raises BadCheckpoint where the file is missing, truncated or no such file."""
        try:
            size = path.stat().st_size
            header = _header(path, size)
            entries = cast("dict[str, Any]", json.loads(header))
            tensors = dict(_tensors(path, LENGTH_BYTES + len(header), entries))
        except FileNotFoundError:
            raise BadCheckpoint(f"The checkpoint lacks its file {path.name}.") from None
        except OSError as error:
            raise BadCheckpoint(f"{path.name} cannot be read: {error.strerror}.") from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BadCheckpoint(f"{path.name} is not a whole safetensors file: {error}.") from None
        _check_end(path, size, LENGTH_BYTES + len(header), entries)
        return cls(path, header, size, tensors)


def _header(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(LENGTH_BYTES), "little")
        if not 0 < length <= min(LONGEST_HEADER_BYTES, size - LENGTH_BYTES):
            raise ValueError(f"it has {size:,} bytes, and its header should take {length:,}")
        return file.read(length)


def _tensors(path: Path, begin: int, entries: dict[str, Any]) -> list[tuple[str, StoredTensor]]:
    found: list[tuple[str, StoredTensor]] = []
    for name, entry in entries.items():
        if name == "__metadata__":
            continue
        shape = tuple(int(size) for size in entry["shape"])
        first, last = (int(place) for place in entry["data_offsets"])
        tensor = StoredTensor(path, str(entry["dtype"]), shape, begin + first)
        known = DTYPES.get(tensor.dtype)
        if first < 0 or (known and last - first != prod(shape) * known.itemsize):
            raise ValueError(f"{name} has {last - first} bytes")
        found.append((name, tensor))
    return found


def _check_end(path: Path, size: int, begin: int, entries: dict[str, Any]) -> None:
    places = [entry["data_offsets"][1] for key, entry in entries.items() if key != "__metadata__"]
    expected = begin + max(places, default=0)
    if size < expected:
        raise BadCheckpoint(
            f"{path.name} is truncated: it has {size:,} of {expected:,} bytes. Fetch it again."
        )

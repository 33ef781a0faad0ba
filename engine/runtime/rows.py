"""The keys and values of the layers that see all tokens, as the graph wants their buffers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.runtime.memory import Memory
from engine.runtime.tensor import Tensor

FIRST_CAPACITY_TOKENS = 1024

Place = tuple[int, str]
"""A layer, and "key" or "value"."""


class Rows(Protocol):
    """One row for each token; which of them are filled, the owner of the tokens knows."""

    @property
    def capacity(self) -> int: ...

    def reserve(self, tokens: int, filled: int) -> bool:
        """Make room for `tokens`, keeping the first `filled`. True if the buffers are new ones."""
        ...

    def values(self) -> Iterator[tuple[Place, Tensor, Tensor]]:
        """Where the next run reads, and where it writes."""
        ...

    def read(self, tokens: int) -> tuple[NDArray[Any], ...]:
        """A copy of the first rows of each buffer, of shape [kv_heads, tokens, head_size]."""
        ...

    def write(self, rows: Sequence[NDArray[Any]], tokens: int) -> None:
        """Bring back what `read` gave earlier: buffers never shrink, so there is room."""
        ...


class SharedRows:
    """Rows whose buffers are past and present both: GroupQueryAttention appends in place.

    They double, so that a short chat does not take a long one's memory.
    """

    def __init__(
        self, places: Sequence[Place], empty: NDArray[Any], max_tokens: int, memory: Memory
    ) -> None:
        """`empty` has shape [1, kv_heads, 0, head_size]."""
        self._places = places
        self._empty = empty
        self._max_tokens = max_tokens
        self._memory = memory
        self._buffers: dict[Place, Tensor] = {}
        self._capacity = 0

    @property
    def capacity(self) -> int:
        return self._capacity

    def reserve(self, tokens: int, filled: int) -> bool:
        if tokens <= self._capacity:
            return False
        capacity = max(FIRST_CAPACITY_TOKENS, 1 << (tokens - 1).bit_length())
        self._capacity = min(capacity, self._max_tokens)
        for place in self._places:
            self._buffers[place] = self._grown(self._buffers.pop(place, None), filled)
        return True

    def values(self) -> Iterator[tuple[Place, Tensor, Tensor]]:
        return ((place, tensor, tensor) for place, tensor in self._buffers.items())

    def read(self, tokens: int) -> tuple[NDArray[Any], ...]:
        return tuple(tensor.read()[0, :, :tokens].copy() for tensor in self._buffers.values())

    def write(self, rows: Sequence[NDArray[Any]], tokens: int) -> None:
        for tensor, some in zip(self._buffers.values(), rows, strict=True):
            array = zeros_like(self._empty, self._capacity)
            array[0, :, :tokens] = some
            tensor.write(array)

    def _grown(self, old: Tensor | None, filled: int) -> Tensor:
        new = zeros_like(self._empty, self._capacity)
        if old is not None:
            new[:, :, :filled] = old.read()[:, :, :filled]
        return Tensor.on(self._memory, new)


class ConcatenatedRows:
    """Rows whose past and present lie apart: the graph writes both, one behind the other, into
    buffers of exactly their size, as those of transformers' exports do.

    After a run that ended well the filled rows are those of the present; after one that did not,
    and where the conversation goes back, the past has them.
    """

    def __init__(self, places: Sequence[Place], empty: NDArray[Any], memory: Memory) -> None:
        self._empty = empty
        self._memory = memory
        self._past = {place: Tensor.on(memory, empty) for place in places}
        self._present = self._past

    @property
    def capacity(self) -> int:
        return rows_in(self._present)

    def reserve(self, tokens: int, filled: int) -> bool:
        self._keep(filled)
        shape = (*self._empty.shape[:2], tokens, self._empty.shape[3])
        self._present = {
            place: Tensor.empty(self._memory, shape, self._empty.dtype) for place in self._past
        }
        return True

    def values(self) -> Iterator[tuple[Place, Tensor, Tensor]]:
        return ((place, past, self._present[place]) for place, past in self._past.items())

    def read(self, tokens: int) -> tuple[NDArray[Any], ...]:
        self._keep(tokens)
        return tuple(tensor.read()[0].copy() for tensor in self._past.values())

    def write(self, rows: Sequence[NDArray[Any]], tokens: int) -> None:
        self._past = {
            place: Tensor.on(self._memory, some[np.newaxis])
            for place, some in zip(self._past, rows, strict=True)
        }

    def _keep(self, filled: int) -> None:
        """Make the first `filled` rows the past."""
        source = self._past if filled <= rows_in(self._past) else self._present
        is_whole = filled == rows_in(source)
        self._past = source if is_whole else {p: self._cut(t, filled) for p, t in source.items()}

    def _cut(self, tensor: Tensor, rows: int) -> Tensor:
        return Tensor.on(self._memory, np.ascontiguousarray(tensor.read()[:, :, :rows]))


def rows_in(buffers: Mapping[Place, Tensor]) -> int:
    return next(tensor.shape[2] for tensor in buffers.values())


def zeros_like(empty: NDArray[Any], rows: int) -> NDArray[Any]:
    batch, heads, _, size = empty.shape
    return np.zeros((batch, heads, rows, size), empty.dtype)

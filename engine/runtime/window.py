"""The layers with sliding attention: their buffers, and the places to which they can go back.

The layout of a buffer is GroupQueryAttention's with `sliding_window_cache` (ONNX Runtime,
docs/ContribOperators.md): of T tokens, rows [0, L) hold the last L in order, and L follows from T
alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from engine.models.folder import Window
from engine.runtime.memory import Memory
from engine.runtime.rows import Place, zeros_like
from engine.runtime.tensor import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class WindowRows:
    """A copy of the rows of positions [first, end) of every sliding layer's keys and values.

    Each array has shape [kv_heads, end - first, head_size].
    """

    first: int
    end: int
    rows: tuple[NDArray[Any], ...]

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for array in self.rows)

    def reach(self, limit: int, window: Window) -> int:
        return restorable(self.first, self.end, limit, window)


class SlidingRows:
    """Buffers of shape [1, kv_heads, capacity, head_size], which never grow.

    They hold the rows of positions [first, end): `end` tokens have run, and the rows before
    `first` were dropped, or are not known to be right.
    """

    def __init__(
        self,
        places: Sequence[Place],
        empty: NDArray[Any],
        window: Window,
        capacity: int,
        memory: Memory,
    ) -> None:
        """`empty` has shape [1, kv_heads, 0, head_size]."""
        self._empty = empty
        self._window = window
        self._capacity = capacity
        self._buffers = {place: Tensor.on(memory, zeros_like(empty, capacity)) for place in places}
        self.first = self.end = 0

    def values(self) -> Iterator[tuple[Place, Tensor]]:
        return iter(self._buffers.items())

    def append(self, tokens: int) -> None:
        """Count tokens whose rows the graph has written."""
        self.end += tokens
        self.first = max(self.first, self._base(self.end))

    def distrust(self) -> None:
        """Take none of the rows for right: some layers may be ahead of others."""
        if self._buffers:
            self.first = self.end

    def clear(self) -> None:
        self.first = self.end = 0

    def reach(self, limit: int) -> int:
        """The most tokens, up to `limit`, to which `cut` can go back."""
        return restorable(self.first, self.end, limit, self._window)

    def cut(self, tokens: int) -> None:
        """Go back to `tokens`, which `reach` has named."""
        if self._base(tokens) == self._base(self.end):
            self.end = tokens
        else:
            self.restore(self.copy(), tokens)

    def copy(self) -> WindowRows:
        return self._copy(self.first)

    def copy_window(self) -> WindowRows:
        """Copy only what the next token looks at."""
        return self._copy(max(self.first, self.end - self._window.size))

    def restore(self, saved: WindowRows, tokens: int) -> None:
        """Lay the buffers out as after `tokens` tokens, from rows that reach them."""
        base = self._base(tokens)
        self.first, self.end = max(saved.first, base), tokens
        for tensor, rows in zip(self._buffers.values(), saved.rows, strict=True):
            array = zeros_like(self._empty, self._capacity)
            source = rows[:, self.first - saved.first : tokens - saved.first]
            array[0, :, self.first - base : tokens - base] = source
            tensor.write(array)

    def _copy(self, first: int) -> WindowRows:
        start = first - self._base(self.end)
        rows = (
            tensor.read()[0, :, start : start + self.end - first].copy()
            for tensor in self._buffers.values()
        )
        return WindowRows(first, self.end, tuple(rows))

    def _base(self, tokens: int) -> int:
        """The position of a buffer's first row after `tokens` tokens."""
        return tokens - resident(tokens, self._window.size, self._capacity)


def resident(tokens: int, window: int, capacity: int) -> int:
    """L: how many of `tokens` are in buffers of `capacity` rows, at least as many as `window`."""
    if tokens <= capacity:
        return tokens
    room = capacity - window + 1
    return tokens - room * -(-(tokens - capacity) // room)


def restorable(first: int, end: int, limit: int, window: Window) -> int:
    """The most tokens, up to `limit`, that rows of [first, end) can bring back; 0 always can.

    The next token after `n` looks at positions n - size + 1 to n - 1, so these must be there.
    """
    tokens = min(limit, end)
    return tokens if first <= max(0, tokens - window.size + 1) else 0


def thin_out(ends: Iterable[int], most: int) -> list[int]:
    """Choose which places to keep: of those that are close together, the earlier ones go first."""
    kept = sorted(ends)
    while len(kept) > most:
        gaps = [(kept[n] - kept[n - 1] if n else kept[0], n) for n in range(len(kept) - 1)]
        del kept[min(gaps)[1]]
    return kept

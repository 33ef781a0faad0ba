"""The keys and values of the tokens seen so far, one pair of buffers a layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import DTypeLike, NDArray

from engine.models.folder import Window
from engine.runtime.memory import HOST, Memory
from engine.runtime.rows import ConcatenatedRows, Place, Rows, SharedRows
from engine.runtime.tensor import Tensor
from engine.runtime.window import WindowRows, resident

PARTS = ("key", "value")


@dataclass(frozen=True, slots=True)
class CacheShape:
    """`max_tokens` is the model's context length; `window_capacity` counts rows; `is_shared` says
    that the graph updates buffers in place, which are past and present both."""

    layers: int
    kv_heads: int
    head_size: int
    max_tokens: int
    dtype: DTypeLike
    window: Window
    window_capacity: int
    is_shared: bool = True

    def is_window(self, layer: int) -> bool:
        return layer in self.window.layers


@dataclass(frozen=True, slots=True)
class SavedCache:
    """The keys and values of the first `tokens` tokens, on the host.

    `full` has shape [kv_heads, tokens, head_size] for each of the full layers' buffers.
    """

    tokens: int
    full: tuple[NDArray[Any], ...]
    window: WindowRows

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for array in self.full) + self.window.nbytes


class KVCache:
    """Buffers of shape [1, kv_heads, rows, head_size]. How many rows are filled, the owner of the
    tokens knows. Sliding layers' buffers never grow."""

    def __init__(self, shape: CacheShape, memory: Memory = HOST) -> None:
        self._shape = shape
        self._memory = memory
        self._full = self._full_rows()
        self._window = {
            place: Tensor.on(memory, self._zeros(shape.window_capacity))
            for place in self._places(is_window=True)
        }

    @property
    def capacity(self) -> int:
        """The rows of the full layers' buffers."""
        return self._full.capacity

    def reserve(self, tokens: int, filled: int) -> bool:
        """Make room for `tokens`, keeping the first `filled`. True if the buffers are new ones."""
        return self._full.reserve(tokens, filled)

    def values(self) -> Iterator[tuple[Place, ort.OrtValue, ort.OrtValue]]:
        """Past and present of every buffer, for binding; no copies."""
        for place, past, present in self._full.values():
            yield place, past.value, present.value
        for place, tensor in self._window.items():
            yield place, tensor.value, tensor.value

    def first_resident(self, tokens: int) -> int:
        """The oldest position that the sliding layers hold after `tokens` tokens."""
        shape = self._shape
        return tokens - resident(tokens, shape.window.size, shape.window_capacity)

    def can_cut(self, tokens: int, fewer: int) -> bool:
        """Whether the buffers as they lie are those of `fewer` tokens too."""
        return not self._window or self.first_resident(tokens) == self.first_resident(fewer)

    def window_rows(self, tokens: int, oldest: int, all_of_it: bool = False) -> WindowRows:
        """A copy of the window of `tokens` tokens, which the buffers hold now from `oldest` on.

        With `all_of_it` also what they hold beyond the window.
        """
        first = oldest if all_of_it else max(oldest, tokens - self._shape.window.size)
        start = first - self.first_resident(tokens)
        rows = (
            tensor.read()[0, :, start : start + tokens - first].copy()
            for tensor in self._window.values()
        )
        return WindowRows(first, tokens, tuple(rows))

    def restore_window(self, saved: WindowRows, tokens: int) -> None:
        """Lay the sliding layers' buffers out as after `tokens` tokens, from rows that cover it."""
        base = self.first_resident(tokens)
        first = max(saved.first, base)
        for tensor, rows in zip(self._window.values(), saved.rows, strict=True):
            array = self._zeros(self._shape.window_capacity)
            source = rows[:, first - saved.first : tokens - saved.first]
            array[0, :, first - base : tokens - base] = source
            tensor.write(array)

    def save(self, tokens: int, oldest: int) -> SavedCache:
        """A copy of all that `tokens` tokens need; the buffers hold exactly these."""
        full = self._full.read(tokens)
        return SavedCache(tokens, full, self.window_rows(tokens, oldest))

    def restore(self, saved: SavedCache) -> bool:
        """Bring a saved cache back. True if the buffers are new ones."""
        is_new = self._full.write(saved.full, saved.tokens)
        self.restore_window(saved.window, saved.tokens)
        return is_new

    def _full_rows(self) -> Rows:
        shape, places = self._shape, self._places(is_window=False)
        if not shape.is_shared:
            return ConcatenatedRows(places, self._zeros(0), self._memory)
        return SharedRows(places, self._zeros(0), shape.max_tokens, self._memory)

    def _places(self, is_window: bool) -> list[Place]:
        layers = range(self._shape.layers)
        return [
            (n, part) for n in layers for part in PARTS if self._shape.is_window(n) == is_window
        ]

    def _zeros(self, rows: int) -> NDArray[Any]:
        shape = self._shape
        return np.zeros((1, shape.kv_heads, rows, shape.head_size), shape.dtype)

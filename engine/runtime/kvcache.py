"""The keys and values of all tokens seen so far, one pair of buffers a layer, updated in place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

FIRST_CAPACITY_TOKENS = 1024


@dataclass(frozen=True, slots=True)
class CacheShape:
    """`max_tokens` is the model's context length."""

    layers: int
    kv_heads: int
    head_size: int
    max_tokens: int


class KVCache:
    """Buffers of shape [1, kv_heads, capacity, head_size], float32, bound as past and present both.

    ONNX Runtime appends at the end of the filled part; which part that is, the owner of the tokens
    knows. Full buffers double, so that a short chat does not take a long one's memory.
    """

    def __init__(self, shape: CacheShape) -> None:
        self._shape = shape
        self._arrays: list[NDArray[np.float32]] = []
        self._capacity = 0

    def reserve(self, tokens: int, filled: int) -> bool:
        """Make room for `tokens`, keeping the first `filled`. True if the buffers are new ones."""
        if tokens <= self._capacity:
            return False
        capacity = max(FIRST_CAPACITY_TOKENS, 1 << (tokens - 1).bit_length())
        self._capacity = min(capacity, self._shape.max_tokens)
        self._arrays = [
            self._grown(old, filled) for old in self._arrays or repeat(None, 2 * self._shape.layers)
        ]
        return True

    def values(self) -> Iterator[tuple[str, int, ort.OrtValue]]:
        """("key" or "value", layer, buffer) of every buffer, for binding; no copies."""
        for number, array in enumerate(self._arrays):
            part = "value" if number % 2 else "key"
            yield part, number // 2, ort.OrtValue.ortvalue_from_numpy(array)

    def _grown(self, old: NDArray[np.float32] | None, filled: int) -> NDArray[np.float32]:
        shape = self._shape
        new = np.zeros((1, shape.kv_heads, self._capacity, shape.head_size), np.float32)
        if old is not None:
            new[:, :, :filled] = old[:, :, :filled]
        return new

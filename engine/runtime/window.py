"""Sliding attention layers keep the last rows only; what that leaves to come back to.

The layout is GroupQueryAttention's with `sliding_window_cache` (ONNX Runtime, docs/ContribOperators
.md): of T tokens, rows [0, L) hold the L last ones in order, and L follows from T alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from engine.models.folder import Window


def resident(tokens: int, window: int, capacity: int) -> int:
    """L: how many of `tokens` are in buffers of `capacity` rows, at least as many as `window`."""
    if tokens <= capacity:
        return tokens
    room = capacity - window + 1
    return tokens - room * -(-(tokens - capacity) // room)


@dataclass(frozen=True, slots=True)
class WindowRows:
    """The rows of positions [first, end) of every sliding layer's keys and values.

    Each array has shape [kv_heads, end - first, head_size].
    """

    first: int
    end: int
    rows: tuple[NDArray[Any], ...]

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for array in self.rows)


def restorable(first: int, end: int, limit: int, window: Window) -> int:
    """The most tokens, up to `limit`, that rows of [first, end) can bring back; 0 is always one.

    The next token after `n` looks at positions n - size + 1 to n - 1, so these must be there.
    """
    tokens = min(limit, end)
    return tokens if first <= max(0, tokens - window.size + 1) else 0


def thin_out(ends: Iterable[int], most: int) -> list[int]:
    """Of the places to come back to, those to keep: the ones that are close together go first."""
    kept = sorted(ends)
    while len(kept) > most:
        gaps = [(kept[n] - kept[n - 1] if n else kept[0], n) for n in range(len(kept) - 1)]
        del kept[min(gaps)[1]]
    return kept

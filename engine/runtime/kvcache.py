"""The keys and values of one sequence of tokens, and the places to which it can go back.

The cache alone knows which tokens its buffers hold. Whoever runs the graph reserves rows, runs, and
appends the ids; whoever has another prompt asks how much of it is shared, and truncates to that.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import DTypeLike, NDArray

from engine.models.folder import Window
from engine.runtime.memory import HOST, Memory
from engine.runtime.rows import ConcatenatedRows, Place, Rows, SharedRows
from engine.runtime.window import SlidingRows, WindowRows, thin_out

PARTS = ("key", "value")
MOST_SNAPSHOTS = 16
"""Of the 20b each takes 6 MB in float32 and 3 MB in float16."""


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

    def places(self, are_sliding: bool) -> list[Place]:
        layers = (n for n in range(self.layers) if (n in self.window.layers) is are_sliding)
        return [(n, part) for n in layers for part in PARTS]

    def empty(self) -> NDArray[Any]:
        return np.zeros((1, self.kv_heads, 0, self.head_size), self.dtype)


@dataclass(frozen=True, slots=True, eq=False)
class SavedSequence:
    """A copy of a cache on the host, which answers for itself: what it promises, it holds.

    `full` has shape [kv_heads, len(tokens), head_size] for each buffer of the full layers.
    `windows` are the rows of the sliding layers at the end, then the snapshots.
    """

    tokens: Sequence[int]
    full: tuple[NDArray[Any], ...]
    windows: tuple[WindowRows, ...]
    window: Window

    def shared_with(self, prompt: Sequence[int]) -> int:
        """As KVCache.shared_with, once it is restored."""
        limit = sharable(self.tokens, prompt)
        return max(rows.reach(limit, self.window) for rows in self.windows)

    @property
    def nbytes(self) -> int:
        return sum(one.nbytes for one in (*self.full, *self.windows))


class KVCache:
    """Buffers of shape [1, kv_heads, rows, head_size], and the ids of the tokens in them.

    A snapshot keeps the sliding layers' rows as they are at a turn, since later tokens push them
    out; the other layers keep every row, so that a place is a number of tokens.
    """

    def __init__(self, shape: CacheShape, memory: Memory = HOST) -> None:
        self._window = shape.window
        self._tokens: list[int] = []
        self._snapshots: dict[int, WindowRows] = {}
        self._full: Rows = (
            SharedRows(shape.places(False), shape.empty(), shape.max_tokens, memory)
            if shape.is_shared
            else ConcatenatedRows(shape.places(False), shape.empty(), memory)
        )
        self._sliding = SlidingRows(
            shape.places(True), shape.empty(), shape.window, shape.window_capacity, memory
        )

    @property
    def tokens(self) -> Sequence[int]:
        """The ids in the cache, oldest first."""
        return self._tokens

    @property
    def capacity(self) -> int:
        """The rows of the full layers' buffers."""
        return self._full.capacity

    def values(self) -> Iterator[tuple[Place, ort.OrtValue, ort.OrtValue]]:
        """Past and present of every buffer, for binding; no copies."""
        for place, past, present in self._full.values():
            yield place, past.value, present.value
        for place, tensor in self._sliding.values():
            yield place, tensor.value, tensor.value

    def reserve(self, more: int) -> bool:
        """Make room for so many more tokens. True if the buffers are new ones."""
        filled = len(self._tokens)
        return self._full.reserve(filled + more, filled)

    def append(self, ids: Iterable[int]) -> None:
        """Count in the tokens of a run that ended well."""
        before = len(self._tokens)
        self._tokens += ids
        self._sliding.append(len(self._tokens) - before)

    def mend(self) -> None:
        """Go back to what is certain after a run that did not end."""
        self._sliding.distrust()
        self.truncate(self._reach(len(self._tokens)))

    def take_snapshot(self) -> None:
        """Make this a place to go back to, however many tokens follow."""
        if self._window.layers:
            rows = self._sliding.copy_window()
            self._snapshots[rows.end] = rows
            kept = thin_out(self._snapshots, MOST_SNAPSHOTS)
            self._snapshots = {end: self._snapshots[end] for end in kept}

    def shared_with(self, prompt: Sequence[int]) -> int:
        """How many leading ids of `prompt` need not run again; one at least is always left."""
        return self._reach(sharable(self._tokens, prompt))

    def truncate(self, tokens: int) -> None:
        """Drop all but the first `tokens`. Raises ValueError if the rows for that are gone."""
        if self._reach(tokens) != tokens:
            raise ValueError(f"the cache of {len(self._tokens)} tokens cannot go back to {tokens}")
        if tokens == 0:
            self._sliding.clear()
        elif self._sliding.reach(tokens) == tokens:
            self._sliding.cut(tokens)
        else:
            self._sliding.restore(self._snapshot_for(tokens), tokens)
        del self._tokens[tokens:]
        self._snapshots = {end: rows for end, rows in self._snapshots.items() if end <= tokens}

    def clear(self) -> None:
        self.truncate(0)

    def save(self) -> SavedSequence:
        full = self._full.read(len(self._tokens))
        windows = (self._sliding.copy_window(), *self._snapshots.values())
        return SavedSequence([*self._tokens], full, windows, self._window)

    def restore(self, saved: SavedSequence) -> None:
        """Hold a sequence instead that this cache has saved."""
        last, *snapshots = saved.windows
        self._full.write(saved.full, len(saved.tokens))
        self._sliding.restore(last, len(saved.tokens))
        self._tokens = [*saved.tokens]
        self._snapshots = {rows.end: rows for rows in snapshots}

    @contextmanager
    def undisturbed(self) -> Generator[None]:
        """Undo what the runs inside write: rows beyond the end, and the sliding layers' moves."""
        rows = self._sliding.copy()
        yield
        self._sliding.restore(rows, rows.end)

    def _reach(self, limit: int) -> int:
        """The most tokens, up to `limit`, to which the cache can go back."""
        snapshots = (rows.reach(limit, self._window) for rows in self._snapshots.values())
        return max((self._sliding.reach(limit), *snapshots))

    def _snapshot_for(self, tokens: int) -> WindowRows:
        return next(
            rows for rows in self._snapshots.values() if rows.reach(tokens, self._window) == tokens
        )


def sharable(tokens: Sequence[int], prompt: Sequence[int]) -> int:
    """How many leading ids are equal, but never all of `prompt`: its last one must run."""
    return min(common_prefix(tokens, prompt), len(prompt) - 1)


def common_prefix(a: Sequence[int], b: Sequence[int]) -> int:
    """How many leading ids are equal."""
    pairs = zip(a, b, strict=False)
    return next((n for n, (x, y) in enumerate(pairs) if x != y), min(len(a), len(b)))

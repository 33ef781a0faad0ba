"""Which tokens the KV cache holds, and to which places in them it can come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.models.folder import Window
from engine.runtime.window import WindowRows, restorable, thin_out

MOST_SNAPSHOTS = 16
"""Of the 20b each takes 6 MB in float32 and 3 MB in float16."""


def no_tokens() -> list[int]:
    return []


def no_snapshots() -> dict[int, WindowRows]:
    return {}


@dataclass(slots=True)
class History:
    """The ids in the cache, oldest first, and snapshots of the sliding layers by token count.

    `oldest` is the first position whose rows the sliding layers hold for certain.
    """

    tokens: list[int] = field(default_factory=no_tokens)
    snapshots: dict[int, WindowRows] = field(default_factory=no_snapshots)
    oldest: int = 0

    def remember(self, rows: WindowRows) -> None:
        self.snapshots[rows.end] = rows
        kept = thin_out(self.snapshots, MOST_SNAPSHOTS)
        self.snapshots = {end: self.snapshots[end] for end in kept}

    def live(self, limit: int, window: Window) -> int:
        """The most tokens up to `limit` to which the cache can be cut as it stands."""
        return restorable(self.oldest, len(self.tokens), limit, window)

    def snapshot_for(self, limit: int, window: Window) -> tuple[int, WindowRows | None]:
        """The most tokens up to `limit` that a snapshot brings back, and which one does."""
        best: tuple[int, WindowRows | None] = 0, None
        for rows in self.snapshots.values():
            tokens = restorable(rows.first, rows.end, limit, window)
            if tokens > best[0]:
                best = tokens, rows
        return best

    def shared_with(self, prompt: Sequence[int], window: Window) -> int:
        """How much of `prompt` need not be run again; one token at least is always left."""
        limit = min(common_prefix(self.tokens, prompt), len(prompt) - 1)
        return max(self.live(limit, window), self.snapshot_for(limit, window)[0])

    def cut(self, tokens: int) -> None:
        del self.tokens[tokens:]
        self.snapshots = {end: rows for end, rows in self.snapshots.items() if end <= tokens}

    def copy(self) -> History:
        return History(list(self.tokens), dict(self.snapshots), self.oldest)

    @property
    def nbytes(self) -> int:
        return sum(rows.nbytes for rows in self.snapshots.values())


def common_prefix(a: Sequence[int], b: Sequence[int]) -> int:
    """How many leading ids are equal."""
    pairs = zip(a, b, strict=False)
    return next((n for n, (x, y) in enumerate(pairs) if x != y), min(len(a), len(b)))

"""Sequences that wait on the host, so that two conversations need not evict each other."""

from __future__ import annotations

from collections.abc import Sequence

from engine.runtime.kvcache import SavedSequence


class SavedSequences:
    """Keeps as many as fit into `budget` bytes; the least recently saved go first."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._saved: list[SavedSequence] = []

    def put(self, saved: SavedSequence) -> None:
        """Keep it, unless it is larger than the whole budget."""
        self._saved.append(saved)
        while self._saved and sum(one.nbytes for one in self._saved) > self._budget:
            del self._saved[0]

    def take(self, prompt: Sequence[int], beyond: int) -> SavedSequence | None:
        """Remove and return the one that shares most with `prompt`, if it is more than `beyond`
        tokens."""
        shared = [one.shared_with(prompt) for one in self._saved]
        most = max(shared, default=0)
        return self._saved.pop(shared.index(most)) if most > beyond else None

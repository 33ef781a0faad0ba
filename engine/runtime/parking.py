"""Conversations that wait: their KV caches on the host, so that two clients need not evict each
other. The least recently used go first when the budget is full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.models.folder import Window
from engine.runtime.history import History
from engine.runtime.kvcache import SavedCache


@dataclass(frozen=True, slots=True)
class Parked:
    history: History
    cache: SavedCache

    @property
    def nbytes(self) -> int:
        return self.history.nbytes + self.cache.nbytes


class Parking:
    """`budget` in bytes; what is larger than all of it is not kept."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._parked: list[Parked] = []

    def put(self, parked: Parked) -> None:
        self._parked.append(parked)
        while self._parked and sum(one.nbytes for one in self._parked) > self._budget:
            del self._parked[0]

    def best(self, prompt: Sequence[int], window: Window) -> tuple[int, Parked | None]:
        """The one that saves `prompt` the most tokens, and how many; (0, None) if none does."""
        best: tuple[int, Parked | None] = 0, None
        for parked in self._parked:
            shared = parked.history.shared_with(prompt, window)
            if shared > best[0]:
                best = shared, parked
        return best

    def take(self, parked: Parked) -> None:
        """It goes back into use."""
        self._parked.remove(parked)

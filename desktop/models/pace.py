"""How fast bytes come and how long the rest takes, by the last seconds alone."""

from __future__ import annotations

from collections import deque

WINDOW_SECONDS = 10.0
SHORTEST_SECONDS = 1.0
"""Before that nobody can tell."""


class Pace:
    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def add(self, done: int, now: float) -> None:
        """`now` in seconds of a clock that never goes back. Fewer bytes than before begin anew."""
        if self._seen and done < self._seen[-1][1]:
            self._seen.clear()
        self._seen.append((now, done))
        while self._seen[0][0] < now - WINDOW_SECONDS:
            self._seen.popleft()

    @property
    def bytes_per_second(self) -> float | None:
        if not self._seen:
            return None
        (begun, first), (now, last) = self._seen[0], self._seen[-1]
        return (last - first) / (now - begun) if now - begun >= SHORTEST_SECONDS else None

    def seconds_left(self, total: int) -> float | None:
        speed = self.bytes_per_second
        return (total - self._seen[-1][1]) / speed if speed else None

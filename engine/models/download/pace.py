"""How fast a long work goes and how long it still takes, told honestly: by the last seconds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

SECONDS = 10.0


class Pace:
    """Fed with what is done. A standstill is seen as one; what was there before does not count."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._marks: deque[tuple[float, int]] = deque()

    def note(self, done: int) -> None:
        now = self._clock()
        if self._marks and done < self._marks[-1][1]:  # it had to begin anew
            self._marks.clear()
        self._marks.append((now, done))
        self._forget(now)

    def per_second(self) -> float:
        """Over the last ten seconds, or since the first note."""
        if len(self._marks) < 2:
            return 0.0
        now = self._clock()
        self._forget(now)
        (begun, before), (_, done) = self._marks[0], self._marks[-1]
        return (done - before) / (now - begun) if now > begun else 0.0

    def seconds_left(self, total: int) -> float | None:
        """None while it cannot be known."""
        speed = self.per_second()
        return (total - self._marks[-1][1]) / speed if speed > 0 else None

    def _forget(self, now: float) -> None:
        """All marks before the last ten seconds but one, which they are measured from."""
        while len(self._marks) > 2 and self._marks[1][0] < now - SECONDS:
            self._marks.popleft()

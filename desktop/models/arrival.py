"""How far long work on a model is, told a few times a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from desktop.models.pace import Pace

TELL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Arrival:
    """How far it is: bytes, bytes a second, seconds. `trouble` is why it waits, or empty."""

    stage: str
    done: int
    total: int
    bytes_per_second: float | None = None
    seconds_left: float | None = None
    trouble: str = ""


class Reporter:
    def __init__(self, tell: Callable[[Arrival], None]) -> None:
        self._tell = tell
        self._pace = Pace()
        self._stage = ""
        self._last = 0.0
        self._trouble = ""

    def show(self, stage: str, done: int, total: int) -> None:
        """`stage` in English, as the engine says it."""
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._pace = stage, Pace()
        self._pace.add(done, now)
        if now - self._last < TELL_SECONDS and done < total:
            return
        if self._pace.bytes_per_second:
            self._trouble = ""
        self._last = now
        speed, left = self._pace.bytes_per_second, self._pace.seconds_left(total)
        self._tell(Arrival(stage, done, total, speed, left, self._trouble))

    def trouble(self, sentence: str) -> None:
        self._trouble = sentence

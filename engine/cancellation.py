"""A request to stop, given on any thread and seen by the one that works."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager


class Cancelled(Exception):
    """Raised inside the engine where work was given up; never reaches a sink."""


class Cancellation:
    """Set once, for ever. While native code runs, `interrupting` lets it be told at once."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._interrupt: Callable[[], None] | None = None

    @property
    def is_set(self) -> bool:
        return self._event.is_set()

    def set(self) -> None:
        with self._lock:
            self._event.set()
            if self._interrupt is not None:
                self._interrupt()

    def check(self) -> None:
        if self.is_set:
            raise Cancelled

    def wait(self, seconds: float) -> None:
        """As long as that. Raises Cancelled at once when it is set."""
        if self._event.wait(seconds):
            raise Cancelled

    @contextmanager
    def interrupting(self, interrupt: Callable[[], None]) -> Generator[None]:
        """`interrupt` is called from the cancelling thread if that happens inside this block."""
        with self._lock:
            self.check()
            self._interrupt = interrupt
        try:
            yield
        finally:
            with self._lock:
                self._interrupt = None

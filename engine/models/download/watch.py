"""Who watches a fetch: hears how far it is and what holds it up, and may end it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.cancellation import Cancellation

OnProgress = Callable[[int, int], None]
"""Bytes that are there, and all of them; there may be fewer than before."""
OnTrouble = Callable[[str], None]
"""Why it waits before it tries again."""


def unheard(*_: object) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Watch:
    """The two are called on any thread, and must return at once."""

    on_progress: OnProgress = unheard
    on_trouble: OnTrouble = unheard
    cancellation: Cancellation = field(default_factory=Cancellation)

"""Stop strings: an answer ends before the first one, and no part of one is ever shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeGuard

from engine.types import Channel, ParsedEvent, TextDelta, TokenLogprob


class StopStrings:
    """Passes deltas of one answer through, holding back what may still become a stop string.

    Only the final channel is searched: a stop string is about the answer, not the thinking.
    """

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self._held_logprobs: tuple[TokenLogprob, ...] = ()
        self.found = False

    def through(self, events: Iterable[ParsedEvent]) -> Iterator[ParsedEvent]:
        for event in events:
            if not self._stops or not is_answer(event):
                yield event
            elif not self.found:
                yield from self._search(event)

    def rest(self) -> Iterator[TextDelta]:
        """What was held back, when the answer ended without a stop string."""
        if not self.found and (self._held or self._held_logprobs):
            yield TextDelta(Channel.FINAL, self._held, self._held_logprobs)

    def _search(self, delta: TextDelta) -> Iterator[TextDelta]:
        text = self._held + delta.text
        logprobs = self._held_logprobs + delta.logprobs
        at = min((i for stop in self._stops if (i := text.find(stop)) >= 0), default=-1)
        self.found = at >= 0
        shown = at if self.found else len(text) - self._longest_beginning(text)
        self._held, self._held_logprobs = text[shown:], logprobs
        if shown:
            self._held_logprobs = ()
            yield replace(delta, text=text[:shown], logprobs=logprobs)

    def _longest_beginning(self, text: str) -> int:
        """Length of the longest end of `text` with which a stop string begins."""
        longest = max(map(len, self._stops)) - 1
        return next(
            (
                length
                for length in range(min(longest, len(text)), 0, -1)
                if any(stop.startswith(text[-length:]) for stop in self._stops)
            ),
            0,
        )


def is_answer(event: ParsedEvent) -> TypeGuard[TextDelta]:
    return isinstance(event, TextDelta) and event.channel is Channel.FINAL

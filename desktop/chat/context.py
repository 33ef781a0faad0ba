"""What of a conversation the model reads. When its context is full, the oldest messages are left
out, and the transcript says from where on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desktop.chat.request import text_with_files
from desktop.library.records import StoredMessage
from engine.errors import BadRequest
from engine.types import Role

QUESTION_SHARE = 0.75
"""Of the context, for what is asked; the rest is for thoughts and the answer."""
KEPT_SHARE = 0.4
"""What stays where something must go: to leave out a little at each question would have the model
read all the rest anew each time."""
MESSAGE_TOKENS = 8
"""Around each message: its role, its beginning and end."""
SAMPLES, SAMPLE_CHARACTERS = 16, 1024
BYTES_PER_TOKEN = 3
"""A cautious guess where no model is there to count."""


@dataclass(frozen=True, slots=True)
class Context:
    """`length` in tokens; `count` gives those of a text, None where nobody can tell."""

    length: int
    count: Callable[[str], int | None]

    def first_read(self, said: Sequence[StoredMessage], instructions: str = "") -> int:
        """The place in `said` from which on the model reads it. `said` ends with a question and its
        empty answer."""
        known = _last_first_read(said)
        if self._used(said, known) <= QUESTION_SHARE * self.length:
            return known
        room = KEPT_SHARE * self.length - self._tokens(instructions)
        question = len(said) - 2
        first = question
        for place in range(question, known - 1, -1):
            room -= self._tokens_of(said[place])
            if room < 0:
                break
            if said[place].role is Role.USER:
                first = place
        return first

    def _used(self, said: Sequence[StoredMessage], known: int) -> int:
        """By the question in all, with what the model counted at its last answer."""
        question = len(said) - 2
        for place in range(question - 1, known - 1, -1):
            if (tokens := said[place].end.context_tokens) is not None:
                known = place + 1
                break
        else:
            tokens = 0
        return tokens + sum(self._tokens_of(said[place]) for place in range(known, question + 1))

    def _tokens_of(self, message: StoredMessage) -> int:
        return MESSAGE_TOKENS + self._tokens(text_with_files(message))

    def _tokens(self, text: str) -> int:
        """Count a long text by samples: all of it would hold the window for half a second."""
        if len(text) <= SAMPLES * SAMPLE_CHARACTERS:
            return self._counted(text)
        starts = range(0, len(text), -(-len(text) // SAMPLES))
        sampled = [self._counted(text[at : at + SAMPLE_CHARACTERS]) for at in starts]
        return sum(sampled) * len(text) // (len(sampled) * SAMPLE_CHARACTERS)

    def _counted(self, text: str) -> int:
        try:
            counted = self.count(text)
        except BadRequest:  # what no model can read, the engine says in words
            counted = None
        return len(text.encode()) // BYTES_PER_TOKEN if counted is None else counted


def _last_first_read(said: Sequence[StoredMessage]) -> int:
    ids = [message.id for message in said]
    for message in reversed(said):
        if message.first_read in ids:
            return ids.index(message.first_read)
    return 0

"""The very ids of messages that the model has written.

A client sends an answer back as text. Encoded anew it need not give the same ids: the model may
split words otherwise, and it writes the header of a call in another order than openai-harmony does.
Each such difference would end the prefix that the KV cache still holds.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Sequence

from engine.formats.harmony.vocabulary import CALL, END, LOGITS
from engine.types import Channel

MOST_IDS = 1 << 20
"""Four megabytes: some hundred long conversations."""

Key = tuple[Channel, str, str]
"""Channel, the called tool's own name or nothing, text."""


class WrittenMessages:
    """Ids of the assistant's messages by what a client sends back; the oldest go first."""

    def __init__(self, most_ids: int = MOST_IDS) -> None:
        self._most_ids = most_ids
        self._count = 0
        self._ids: OrderedDict[Key, array[int]] = OrderedDict()

    def remember(self, key: Key, ids: Sequence[int]) -> None:
        """`ids` follow on START and "assistant"; whatever ended the message, history ends it so.

        Of the same text written twice the first ids stay: prompts that hold them go on unchanged.
        """
        can_be_written = all(0 <= number < LOGITS for number in ids)
        if can_be_written and self.find(key) is None:
            end = CALL if key[1] else END
            self._ids[key] = array("i", [*ids[:-1], end])
            self._count += len(ids)
        while self._count > self._most_ids:
            self._forget(next(iter(self._ids)))

    def find(self, key: Key) -> list[int] | None:
        if key not in self._ids:
            return None
        self._ids.move_to_end(key)
        return self._ids[key].tolist()

    def _forget(self, key: Key) -> None:
        self._count -= len(self._ids.pop(key, ()))

"""The responses that clients may come back to: in memory, the latest ones, gone with the server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.server.stream import Json
from engine.types import Message

MAX_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Stored:
    """`conversation` is what a next request goes on from: all that was said, and the answer."""

    response: Json
    input_items: Sequence[Json]
    conversation: tuple[Message, ...]
    size_bytes: int = field(default=0)


class ResponseStore:
    """Drops those that were not used for longest, once all of them are larger than `max_bytes`."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._stored: dict[str, Stored] = {}
        self._bytes = 0

    def put(
        self, response: Json, input_items: Sequence[Json], conversation: tuple[Message, ...]
    ) -> None:
        size = len(json.dumps([response, input_items]))
        size += sum(len(message.text) for message in conversation)
        self._stored[response["id"]] = Stored(response, input_items, conversation, size)
        self._bytes += size
        while self._bytes > self._max_bytes and len(self._stored) > 1:
            self.delete(next(iter(self._stored)))

    def get(self, id: str) -> Stored | None:
        stored = self._stored.pop(id, None)
        if stored is not None:
            self._stored[id] = stored  # used last
        return stored

    def delete(self, id: str) -> bool:
        stored = self._stored.pop(id, None)
        self._bytes -= stored.size_bytes if stored else 0
        return stored is not None

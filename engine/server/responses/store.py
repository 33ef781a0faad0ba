"""Keeps the latest responses in memory, for clients that refer to them later."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.server.stream import Json

MAX_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Stored:
    """Holds a response and its conversation.

    `conversation` has all items from its beginning to this answer. `items` has those of this
    request and this answer by their ids.
    """

    response: Json
    input_items: Sequence[Json]
    conversation: Sequence[Json]
    items: Mapping[str, Json]
    size_bytes: int


def stored(response: Json, input_items: Sequence[Json], earlier: Sequence[Json]) -> Stored:
    own = (*input_items, *response["output"])
    items = {item["id"]: item for item in own}
    size = len(json.dumps([response, input_items, earlier]))
    return Stored(response, input_items, (*earlier, *own), items, size)


class ResponseStore:
    """Drops the least recently used responses once all of them are larger than `max_bytes`.

    Any thread may call it: long bodies are read beside the event loop.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._stored: dict[str, Stored] = {}
        self._holders: dict[str, dict[str, None]] = {}
        """Maps each item to the responses that have it, the latest last. Clients send the same
        item with several requests."""
        self._bytes = 0
        self._lock = threading.RLock()

    def put(
        self, response: Json, input_items: Sequence[Json], earlier: Sequence[Json] = ()
    ) -> None:
        new = stored(response, input_items, earlier)
        with self._lock:
            self._stored[response["id"]] = new
            for id in new.items:
                self._holders.setdefault(id, {})[response["id"]] = None
            self._bytes += new.size_bytes
            while self._bytes > self._max_bytes and len(self._stored) > 1:
                self.delete(next(iter(self._stored)))

    def get(self, id: str) -> Stored | None:
        with self._lock:
            found = self._stored.pop(id, None)
            if found is not None:
                self._stored[id] = found  # used last
            return found

    def item(self, id: str) -> Json | None:
        """Find an item by its id. If several responses have one, return the latest response's."""
        with self._lock:
            holder = next(reversed(self._holders.get(id, {})), None)
            found = None if holder is None else self.get(holder)
            return None if found is None else found.items[id]

    def delete(self, id: str) -> bool:
        with self._lock:
            found = self._stored.pop(id, None)
            if found is None:
                return False
            self._bytes -= found.size_bytes
            for item in found.items:
                self._holders[item].pop(id)
                if not self._holders[item]:
                    del self._holders[item]
            return True

"""The ledger of all connections that Hearth has made, and the switch that forbids them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from engine.errors import Offline

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Connection:
    """`at` is the time in UTC as ISO 8601 writes it."""

    at: str
    host: str
    purpose: str


class Connections:
    """Asked before every connection; the answer is a line in the ledger, or Offline.

    `ledger` is a file of one JSON object a line, which is only ever added to.
    """

    def __init__(self, ledger: Path, is_offline: bool = False) -> None:
        self._ledger = ledger
        self._lock = Lock()
        self.is_offline = is_offline

    def permit(self, host: str, purpose: str) -> None:
        """Raises Offline, and OSError where the ledger cannot be written: what cannot be told of
        is not done."""
        if self.is_offline:
            raise Offline(purpose)
        made = Connection(datetime.now(UTC).isoformat(timespec="seconds"), host, purpose)
        with self._lock:
            self._ledger.parent.mkdir(parents=True, exist_ok=True)
            with self._ledger.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(made)) + "\n")

    def all(self) -> Iterator[Connection]:
        """Oldest first. A line that a crash cut off is passed over."""
        if not self._ledger.exists():
            return
        for line in self._ledger.read_text("utf-8").splitlines():
            try:
                yield Connection(**json.loads(line))
            except (ValueError, TypeError):
                log.warning("A line of %s cannot be read", self._ledger)

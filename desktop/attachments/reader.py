"""Reads files in a thread of its own, one after another, and counts their tokens."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.attachments.text import text_of
from desktop.library.records import Attachment
from engine.errors import HearthError

CountTokens = Callable[[str], int | None]
"""None where nobody can tell. Raises HearthError for a text that the model cannot read."""
JOIN_SECONDS = 5.0


class AttachmentReader(QObject):
    read = Signal(object)
    """An Attachment. From its thread."""
    failed = Signal(str)
    """A sentence for the user."""

    def __init__(self, count_tokens: CountTokens) -> None:
        super().__init__()
        self._count_tokens = count_tokens
        self._paths: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def take(self, path: Path) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="attachments", daemon=True)
            self._thread.start()
        self._paths.put(path)

    def close(self) -> None:
        if self._thread is not None:
            self._paths.put(None)
            self._thread.join(JOIN_SECONDS)

    def _work(self) -> None:
        while (path := self._paths.get()) is not None:
            try:
                text = text_of(path)
                self.read.emit(Attachment(path.name, text, self._count_tokens(text)))
            except HearthError as error:
                self.failed.emit(str(error))

"""The engine as the window sees it. The only module of desktop that touches engine.thread.

The objects here live in the main thread, so that signals emitted on the engine thread arrive in
the main thread. Connect first, then start: what is emitted before a connection is lost.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from engine.thread import EngineThread, Generation
from engine.types import ChatRequest, EngineState, Failed, Finished, GenerationEvent

if TYPE_CHECKING:  # would import numpy before the window is up
    from engine.model import ModelOpener


class AnswerSource(QObject):
    """One answer's events, in the main thread. Deletes itself after the last one."""

    told = Signal(object)
    """A GenerationEvent. Signal(object) keeps its identity."""

    def __init__(self, engine: EngineThread, parent: QObject) -> None:
        super().__init__(parent)
        self._engine = engine
        self._generation: Generation | None = None
        self.told.connect(self._leave_after_last)

    def start(self, request: ChatRequest) -> None:
        """Raises EngineError at once if the engine does not take it."""
        self._generation = self._engine.submit(request, self.told.emit)

    def cancel(self) -> None:
        if self._generation is not None:
            self._generation.cancel()

    @Slot(object)
    def _leave_after_last(self, event: GenerationEvent) -> None:
        if isinstance(event, Finished | Failed):
            self.deleteLater()


class EngineBridge(QObject):
    """Owns the engine thread."""

    state_changed = Signal(object)
    """An EngineState."""

    def __init__(self, open_model: ModelOpener) -> None:
        super().__init__()
        self.engine = EngineThread(open_model, self.state_changed.emit)

    @property
    def state(self) -> EngineState:
        return self.engine.state

    def load(self, folder: Path) -> None:
        self.engine.load(folder)

    def answer_source(self) -> AnswerSource:
        """Owned by the bridge: the engine may tell of an answer after nobody waits for it."""
        return AnswerSource(self.engine, self)

    def close(self) -> bool:
        """Cancel everything and end the thread. True if it ended."""
        return self.engine.close()

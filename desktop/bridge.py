"""The engine as the window sees it. The only module of desktop that touches engine.thread.

The objects here live in the main thread, so that signals emitted on the engine thread arrive in
the main thread. Connect first, then start: what is emitted before a connection is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from desktop.language import tr
from engine.errors import EngineError
from engine.thread import EngineThread, Generation
from engine.types import ChatRequest, EngineState, Failed, Finished, GenerationEvent

if TYPE_CHECKING:  # would import numpy before the window is up
    from engine.model import ModelOpener
    from engine.models.fit import Machine
    from engine.models.folder import ModelFolder
    from engine.models.needs import Target
    from engine.records import Records


class AnswerSource(QObject):
    """One answer's events, in the main thread."""

    told = Signal(object)
    """A GenerationEvent. Signal(object) keeps its identity."""

    def __init__(self, engine: EngineThread, send: SendToMainThread, parent: QObject) -> None:
        super().__init__(parent)
        self._engine = engine
        self._send = send
        self._generation: Generation | None = None

    def start(self, request: ChatRequest) -> None:
        """Raises EngineError at once if the engine does not take it."""
        try:
            self._generation = self._engine.submit(request, partial(self._send, self))
        except EngineError:
            self.deleteLater()  # there will be no last event
            raise

    def cancel(self) -> None:
        if self._generation is not None:
            self._generation.cancel()

    def answer_now(self) -> None:
        """End the model's thoughts."""
        if self._generation is not None:
            self._generation.answer_now()


SendToMainThread = Callable[[AnswerSource, GenerationEvent], None]


class EngineBridge(QObject):
    """Owns the engine thread.

    Only the bridge's own signals are emitted on it: an object that is deleted while the engine
    thread emits its signal loses the event for the receivers that were not reached yet.
    """

    state_changed = Signal(object)
    """An EngineState."""
    _event_came = Signal(object, object)

    def __init__(self, open_model: ModelOpener) -> None:
        super().__init__()
        self._event_came.connect(self._pass_on)
        self.engine = EngineThread(open_model, self.state_changed.emit)

    @property
    def state(self) -> EngineState:
        return self.engine.state

    def count_tokens(self, text: str) -> int | None:
        """As the engine's; from any thread."""
        return self.engine.count_tokens(text)

    def machine(self, place: Path) -> Machine:
        """What there is for models that are kept at `place`. Two seconds; from any thread."""
        from engine.runtime.machine import this_machine

        return this_machine(place)

    def device_of(self, model: ModelFolder, records: Records) -> str:
        """Which device it will run on and why, or why it cannot run here. From any thread."""
        from engine.firstload import device_of

        try:
            device = device_of(model, records)
        except EngineError as error:
            return str(error)
        return tr("It runs on {device}: {reason}", device=tr(device.name), reason=tr(device.reason))

    def conversion_target(self) -> Target:
        """What OpenAI's weights are best converted for here. From any thread."""
        from engine.models.needs import Target
        from engine.runtime.devices import cuda_problem

        return Target.CPU if cuda_problem() else Target.CUDA

    def tell_state(self) -> None:
        """To a window that came later."""
        self.state_changed.emit(self.state)

    def rest_after(self, minutes: int) -> None:
        """Without a question for so long, the model gives its memory back; 0 keeps it."""
        self.engine.rest_after(60.0 * minutes if minutes else None)

    def load(self, folder: Path) -> None:
        self.engine.load(folder)

    def answer_source(self) -> AnswerSource:
        """Lives until its last event has been told."""
        return AnswerSource(self.engine, self._event_came.emit, self)

    def close(self) -> bool:
        """Cancel everything and end the thread. True if it ended."""
        return self.engine.close()

    @Slot(object, object)
    def _pass_on(self, source: AnswerSource, event: GenerationEvent) -> None:
        source.told.emit(event)
        if isinstance(event, Finished | Failed):
            source.deleteLater()

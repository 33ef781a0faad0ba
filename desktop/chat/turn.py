"""One answer on its way: from the engine's events to the disk, and only then to the screen."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from desktop.bridge import EngineBridge
from desktop.library.records import AnswerEnd, Question, Status
from desktop.library.store import Store
from engine.errors import HearthError
from engine.types import (
    Channel,
    ChatRequest,
    Failed,
    Finished,
    FinishReason,
    GenerationEvent,
    Loading,
    Progress,
    Started,
    TextDelta,
)

FLUSH_MS = 33
"""30 times a second: more is not seen, and each costs a layout of the open block."""

STATUS_OF = {
    FinishReason.STOP: Status.COMPLETE,
    FinishReason.LENGTH: Status.CUT,
    FinishReason.CANCELLED: Status.STOPPED,
}


class Turn(QObject):
    """Collects what comes and flushes it every 33 ms. Its signals come after the store."""

    grew = Signal(str)
    activity_changed = Signal(str)
    ended = Signal(object)
    """An AnswerEnd, last."""

    def __init__(
        self, bridge: EngineBridge, store: Store, question: Question, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.question = question
        self.text = ""
        self.activity = ""
        self._bridge = bridge
        self._store = store
        self._pending: list[str] = []
        self._has_begun = False
        self._is_over = False  # events that were on their way already still arrive
        self._answer = bridge.answer_source()
        self._answer.told.connect(self._on_event)
        self._timer = QTimer(self, interval=FLUSH_MS, singleShot=True)
        self._timer.timeout.connect(self._flush_or_give_up)

    def start(self, request: ChatRequest) -> None:
        """Raises EngineError at once if the engine does not take it."""
        self._answer.start(request)
        self._set_activity(
            "Waiting for the model, which is loading…"
            if isinstance(self._bridge.state, Loading)
            else "Waiting for the model…"
        )

    def stop(self) -> None:
        """Ask the engine to end it; `ended` follows, at once where it has not begun."""
        self._answer.cancel()
        if not self._has_begun and not self._is_over:
            self._end(AnswerEnd(Status.STOPPED))

    def interrupt(self) -> None:
        """End it now, because the program ends. Nothing is told any more."""
        self._is_over = True
        self._answer.cancel()
        self._flush()
        self._store.finish(self.question.answer_id, AnswerEnd(Status.INTERRUPTED))

    @Slot(object)
    def _on_event(self, event: GenerationEvent) -> None:
        if not self._is_over:
            self._take(event)

    def _take(self, event: GenerationEvent) -> None:
        match event:
            case Started():
                self._has_begun = True
                self._set_activity("Reading the conversation…")
            case Progress(done, total) if done < total:
                self._set_activity(f"Reading the conversation, {done:,} of {total:,} tokens…")
            case Progress():
                self._set_activity("Thinking…")
            case TextDelta(Channel.FINAL, text):
                self._collect(text)
            case TextDelta():
                self._set_activity("Thinking…")
            case Finished() | Failed():
                self._end(_answer_end(event))

    def _collect(self, text: str) -> None:
        self._pending.append(text)
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _flush_or_give_up(self) -> None:
        try:
            self._flush()
        except HearthError as error:  # a full disk: what cannot be kept is not shown
            self._answer.cancel()
            self._conclude(AnswerEnd(Status.FAILED, str(error)))

    def _flush(self) -> None:
        text = "".join(self._pending)
        if not text:
            return
        self._store.append(self.question.answer_id, text)
        self._pending.clear()
        self.text += text
        self._set_activity("")
        self.grew.emit(text)

    def _end(self, end: AnswerEnd) -> None:
        self._timer.stop()
        try:
            self._flush()
            self._store.finish(self.question.answer_id, end)
        except HearthError as error:
            end = AnswerEnd(Status.FAILED, str(error))
        self._conclude(end)

    def _conclude(self, end: AnswerEnd) -> None:
        self._is_over = True
        self._set_activity("")
        self.ended.emit(end)

    def _set_activity(self, activity: str) -> None:
        if activity != self.activity:
            self.activity = activity
            self.activity_changed.emit(activity)


def _answer_end(event: Finished | Failed) -> AnswerEnd:
    if isinstance(event, Failed):
        return AnswerEnd(Status.FAILED, str(event.error) or type(event.error).__name__)
    if event.usage is None:
        return AnswerEnd(STATUS_OF[event.reason])
    return AnswerEnd(
        STATUS_OF[event.reason],
        context_tokens=event.usage.context_tokens,
        tokens_per_second=event.usage.decode_tokens_per_second,
    )

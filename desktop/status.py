"""The status line: which model, where it runs and why, what it does, and how fast. In words."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from desktop.chat.figures import speed_in_words
from desktop.language import percent, tr
from desktop.library.records import AnswerEnd
from desktop.style.widgets import ElidedLabel, label
from engine.types import Broken, EngineState, Idle, Loading, ModelInfo, Ready

METER_WIDTH, METER_HEIGHT = 64, 6


class StatusLine(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: EngineState = Idle()
        self._activity = ""
        self._end: AnswerEnd | None = None
        self._model = ElidedLabel()
        self._model.setObjectName("small")
        self._numbers = label(look="small")
        self._meter = ContextMeter()
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 24, 0)
        row.setSpacing(16)
        row.addWidget(self._model, 1)
        row.addWidget(self._meter, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._numbers)
        self._show()

    @Slot(object)
    def show_state(self, state: EngineState) -> None:
        self._state = state
        self._show()

    @Slot(str)
    def show_activity(self, activity: str) -> None:
        self._activity = activity
        self._show()

    @Slot(object)
    def show_usage(self, end: AnswerEnd | None) -> None:
        self._end = end
        self._show()

    def text(self) -> str:
        return " ".join(filter(None, (self._model.whole_text(), self._numbers.text())))

    def _show(self) -> None:
        self._model.set_whole_text(state_in_words(self._state))
        numbers = usage_in_words(self._end, self._state)
        self._numbers.setText(" · ".join(filter(None, (self._activity, numbers))))
        self._numbers.setVisible(bool(self._numbers.text()))
        self._meter.show_share(context_share(self._end, self._state))


class ContextMeter(QProgressBar):
    """How full the model's context is."""

    def __init__(self) -> None:
        super().__init__()
        self.setRange(0, 100)
        self.setTextVisible(False)
        self.setFixedSize(METER_WIDTH, METER_HEIGHT)

    def show_share(self, share: float | None) -> None:
        """None hides it."""
        self.setVisible(share is not None)
        if share is not None:
            words = tr("{share} of the context used", share=percent(share))
            self.setValue(min(100, round(share * 100)))
            self.setAccessibleName(words)
            self.setToolTip(words)


def context_share(end: AnswerEnd | None, state: EngineState) -> float | None:
    if end is None or end.context_tokens is None or not isinstance(state, Ready):
        return None
    return end.context_tokens / state.model.context_length


def state_in_words(state: EngineState) -> str:
    match state:
        case Ready(model, is_resting=True):
            return tr("{model} rests; your next question wakes it.", model=model.name)
        case Ready(model):
            return tr(
                "{model} on {device}: {reason}",
                model=model.name,
                device=tr(model.device.name),
                reason=tr(model.device.reason),
            )
        case Loading(model_id):
            return tr("Loading {model_id}…", model_id=model_id)
        case Broken(error):
            return tr("The model could not be loaded. {error}", error=error)
        case Idle():
            return tr("No model is loaded.")


def usage_in_words(end: AnswerEnd | None, state: EngineState) -> str:
    if end is None or end.context_tokens is None:
        return ""
    context = tr("{tokens} tokens of context used", tokens=end.context_tokens)
    if isinstance(state, Ready):
        context = _share_in_words(end.context_tokens, state.model)
    if end.tokens_per_second is None:
        return context
    return tr(
        "{speed} tokens per second · {context}",
        speed=speed_in_words(end.tokens_per_second),
        context=context,
    )


def _share_in_words(tokens: int, model: ModelInfo) -> str:
    return tr(
        "{tokens} of {length} tokens of context used",
        tokens=tokens,
        length=model.context_length,
    )

"""One answer on its way: from the engine's events to the disk, and only then to the screen."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from desktop.bridge import AnswerSource, EngineBridge
from desktop.chat.request import call_messages
from desktop.language import tr
from desktop.library.records import AnswerEnd, Call, Question, Status
from desktop.library.store import Store
from desktop.tools.toolbox import use
from engine.errors import HearthError
from engine.types import (
    Channel,
    ChatRequest,
    EngineState,
    Failed,
    Finished,
    FinishReason,
    GenerationEvent,
    Loading,
    Message,
    Progress,
    Ready,
    Role,
    Started,
    TextDelta,
    ToolCall,
    ToolChoice,
    ToolMode,
    Usage,
)

FLUSH_MS = 33
"""30 times a second: more is not seen, and each costs a layout of the open block."""

MOST_ROUNDS = 8
"""Of calls in one answer."""

STATUS_OF = {
    FinishReason.STOP: Status.COMPLETE,
    FinishReason.TOOL_CALLS: Status.COMPLETE,  # a call that is none
    FinishReason.LENGTH: Status.CUT,
    FinishReason.CANCELLED: Status.STOPPED,
}


class Turn(QObject):
    """Collects what comes and flushes it every 33 ms. Its signals come after the store."""

    grew = Signal(str)
    thought = Signal(str)
    """A piece of its reasoning."""
    thought_enough = Signal(float)
    """So many seconds; the answer follows."""
    called = Signal(object)
    """A Call: what a tool was asked and said, on disk already."""
    activity_changed = Signal(str)
    ended = Signal(object)
    """An AnswerEnd, last."""

    def __init__(
        self, bridge: EngineBridge, store: Store, question: Question, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.question = question
        self.text = ""
        self.reasoning = ""
        self.activity = ""
        self._bridge = bridge
        self._store = store
        self._pending: list[tuple[bool, str]] = []
        """Pieces of reasoning and of the answer, in the order in which they came."""
        self._clock = Clock()
        self._has_begun = False
        self._asked = ChatRequest(())
        self._calls: list[ToolCall] = []
        """Of the round that is on its way: a model that has called is asked again, with what the
        tools say."""
        self._rounds = 0
        self._thought_before = 0
        self._spent: list[Usage] = []
        self._is_over = False  # events that were on their way already still arrive
        self._answer = self._new_answer()
        self._timer = QTimer(self, interval=FLUSH_MS, singleShot=True)
        self._timer.timeout.connect(self._flush_or_give_up)

    def start(self, request: ChatRequest) -> None:
        """Raises EngineError at once if the engine does not take it."""
        self._asked = request
        self._answer.start(request)
        self._clock = Clock()
        self._set_activity(
            tr("Waiting for the model, which is loading…")
            if is_not_there_yet(self._bridge.state)
            else tr("Waiting for the model…")
        )

    def stop(self) -> None:
        """Ask the engine to end it; `ended` follows, at once where it has not begun."""
        self._answer.cancel()
        if not self._has_begun and not self._is_over:
            self._end(AnswerEnd(Status.STOPPED))

    def answer_now(self) -> None:
        self._answer.answer_now()

    @property
    def seconds(self) -> float:
        """Since it was asked."""
        return self._clock.seconds

    @property
    def is_thinking(self) -> bool:
        return bool(self.reasoning) and not self._clock.is_answering

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
                self._set_activity(tr("Reading the conversation…"))
            case Progress(done, total) if done < total:
                self._set_activity(
                    tr(
                        "Reading the conversation, {done} of {total} tokens…",
                        done=done,
                        total=total,
                    )
                )
            case Progress():
                self._set_activity(tr("Thinking…"))
            case TextDelta(channel, text):
                self._collect(channel is not Channel.FINAL, text)
            case ToolCall():
                self._calls.append(event)
            case Finished(FinishReason.TOOL_CALLS, usage) if self._calls:
                self._spent += [usage] if usage else []
                self._use_tools()
            case Finished() | Failed():
                self._end(_answer_end(event, self._clock, self._spent))

    def _new_answer(self) -> AnswerSource:
        answer = self._bridge.answer_source()
        answer.told.connect(self._on_event)
        return answer

    def _use_tools(self) -> None:
        """And ask the model again, with what they say."""
        try:
            self._flush()
            thought = self.reasoning[self._thought_before :]
            calls = [Call(c.name, c.arguments, use(c), len(self.reasoning)) for c in self._calls]
            for call in calls:
                self._store.add_call(self.question.answer_id, call)
                self.called.emit(call)
            self._asked = _with_calls(self._asked, thought, calls, self._rounds)
            self._calls, self._thought_before = [], len(self.reasoning)
            self._rounds += 1
            self._answer = self._new_answer()
            self._answer.start(self._asked)
        except HearthError as error:
            self._end(AnswerEnd(Status.FAILED, str(error)))

    def _collect(self, is_reasoning: bool, text: str) -> None:
        self._clock.hear(is_reasoning)
        self._pending.append((is_reasoning, text))
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
        """The reasoning first: what a model thinks after its first word of an answer is rare."""
        pieces, self._pending = self._pending, []
        for is_reasoning in (True, False):
            text = "".join(text for kind, text in pieces if kind is is_reasoning)
            if text:
                self._store.append(self.question.answer_id, text, is_reasoning)
                self._show(text, is_reasoning)

    def _show(self, text: str, is_reasoning: bool) -> None:
        if is_reasoning:
            self.reasoning += text
            self._set_activity(tr("Thinking…"))
            self.thought.emit(text)
            return
        if (self.reasoning or self._rounds) and not self.text:
            self.thought_enough.emit(self._clock.reasoning_seconds or 0.0)
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


def is_not_there_yet(state: EngineState) -> bool:
    return isinstance(state, Loading) or (isinstance(state, Ready) and state.is_resting)


class Clock:
    """When an answer's first token came, and for how long it was thought about."""

    def __init__(self) -> None:
        self._asked = time.monotonic()
        self._first: float | None = None
        self._thinking: float | None = None
        self._answering: float | None = None
        self._last = self._asked

    def hear(self, is_reasoning: bool) -> None:
        self._last = time.monotonic()
        self._first = self._first or self._last
        if is_reasoning:
            self._thinking = self._thinking or self._last
        else:
            self._answering = self._answering or self._last

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._asked

    @property
    def is_answering(self) -> bool:
        return self._answering is not None

    @property
    def first_token_seconds(self) -> float | None:
        return None if self._first is None else self._first - self._asked

    @property
    def reasoning_seconds(self) -> float | None:
        if self._thinking is None:
            return None
        return (self._answering or self._last) - self._thinking


def _with_calls(asked: ChatRequest, thought: str, calls: list[Call], rounds: int) -> ChatRequest:
    """The request with what has come of it. A model that calls without end must answer."""
    thoughts = [Message.of(Role.ASSISTANT, thought, Channel.ANALYSIS)] if thought else []
    choice = ToolChoice(ToolMode.NONE) if rounds + 1 >= MOST_ROUNDS else asked.tool_choice
    messages = (*asked.messages, *thoughts, *call_messages(calls))
    return replace(asked, messages=messages, tool_choice=choice)


def _answer_end(event: Finished | Failed, clock: Clock, spent: Sequence[Usage] = ()) -> AnswerEnd:
    """`spent` are the rounds before the last one."""
    if isinstance(event, Failed):
        sentence = str(event.error) or type(event.error).__name__
        end = AnswerEnd(Status.FAILED, sentence)
    elif event.usage is None:
        end = AnswerEnd(_status_of(event))
    else:
        usage = event.usage
        all_rounds = [*spent, usage]
        reasoning = sum(one.reasoning_tokens for one in all_rounds)
        end = AnswerEnd(
            _status_of(event),
            context_tokens=usage.context_tokens,
            tokens_per_second=usage.decode_tokens_per_second,
            reasoning_tokens=reasoning,
            answer_tokens=sum(one.completion_tokens for one in all_rounds) - reasoning,
        )
    return replace(
        end,
        first_token_seconds=clock.first_token_seconds,
        reasoning_seconds=clock.reasoning_seconds,
    )


def _status_of(finished: Finished) -> Status:
    return Status.REPEATED if finished.is_loop else STATUS_OF[finished.reason]

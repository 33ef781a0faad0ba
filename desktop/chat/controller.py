"""From the key press to the screen: store the question, connect, submit, show what comes back.

Owns which conversation is shown and the answers on their way, at most one in a conversation. An
answer goes on while another conversation is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication

from desktop.bridge import EngineBridge
from desktop.chat.announcing import announce_answer
from desktop.chat.bars import Face
from desktop.chat.context import Context
from desktop.chat.page import ChatPage
from desktop.chat.request import request_for
from desktop.chat.turn import Turn
from desktop.chat.writing import call_in_markdown, write_end, write_messages
from desktop.language import percent, tr
from desktop.library.manner import Manner
from desktop.library.presets import Presets
from desktop.library.records import AnswerEnd, Call, Question, Status, StoredMessage
from desktop.library.store import Store
from engine.errors import HearthError
from engine.types import Ready

FIRST_SHOWN = 50
"""Messages at opening: a thousand would take three seconds to lay out."""

NEARLY_FULL_SHARE = 0.8
LONG_SECONDS = 30.0
"""Whoever waits for so long looks elsewhere."""


class ChatController(QObject):
    conversation_changed = Signal(object)
    """The id of the conversation shown, or None for a new chat."""
    library_changed = Signal()
    activity_changed = Signal(str)
    asked = Signal()
    answered = Signal(object)
    """The id of a conversation whose answer is complete."""
    took_long = Signal(str)
    """A sentence: an answer is there that was waited for."""
    usage_changed = Signal(object)
    """The AnswerEnd of the last answer shown, or None."""

    def __init__(self, bridge: EngineBridge, store: Store, page: ChatPage) -> None:
        super().__init__(page)
        self._bridge = bridge
        self._store = store
        self._page = page
        self._transcript = page.transcript
        self._shown: int | None = None
        self._shown_limit = FIRST_SHOWN
        self._edited: int | None = None
        self._turns: dict[int, Turn] = {}
        page.composer.sent.connect(self.send)
        page.composer.stop_wanted.connect(self.stop)
        page.composer.answer_now_wanted.connect(self.answer_now)
        page.composer.manner.changed.connect(self._keep_manner)
        page.composer.manner.offer(Presets(store.database))
        page.editing_given_up.connect(self._end_editing)
        bars = self._transcript.bars
        bars.copy_wanted.connect(self._copy)
        bars.edit_wanted.connect(self._begin_editing)
        bars.again_wanted.connect(self._answer_again)
        bars.version_wanted.connect(self._show_version)
        self._transcript.earlier_wanted.connect(self._show_earlier)

    @property
    def shown(self) -> int | None:
        """The conversation's id."""
        return self._shown

    @property
    def is_answering(self) -> bool:
        """In whichever conversation."""
        return bool(self._turns)

    # what the user does

    @Slot(str)
    def send(self, text: str) -> None:
        """The composer keeps the text unless the question is on disk and the engine took it."""
        edited, files = self._edited, self._page.composer.attachments.value
        if edited is not None:
            turn = self._ask(partial(self._store.ask_instead, edited, text, files))
        else:
            manner = self._page.composer.manner.value
            turn = self._ask(partial(self._store.add_question, self._shown, text, manner, files))
        if turn is None:
            return
        self._page.composer.clear()
        if edited is not None:
            self._end_editing()
        if edited is not None or self._is_shortened(turn.question):
            self._write(turn.question.conversation_id)
        else:
            self._page.show_transcript()
            face = Face(turn.question.question_id, is_question=True)
            self._transcript.add_question(text, face, [file.in_words() for file in files])
            self._transcript.begin_answer()
            self._transcript.show_activity(turn.activity)
        self._enter(turn.question.conversation_id)
        self.library_changed.emit()

    @Slot()
    def stop(self) -> None:
        if turn := self._shown_turn():
            turn.stop()

    @Slot()
    def answer_now(self) -> None:
        if turn := self._shown_turn():
            turn.answer_now()

    @Slot()
    def new_chat(self) -> None:
        self.show(None)
        self._page.composer.setFocus()

    def show(self, conversation_id: int | None) -> None:
        self._shown_limit = FIRST_SHOWN
        self._page.notice.hide()
        self._end_editing()
        self._write(conversation_id)
        self._enter(conversation_id)

    def refresh(self) -> None:
        """Write the transcript again, in the colours of now."""
        self._write(self._shown, keep_place=True)

    def forget(self, conversation_id: int) -> None:
        """It was deleted: end its answer, and leave it."""
        if turn := self._turns.get(conversation_id):
            turn.stop()
        if conversation_id == self._shown:
            self.new_chat()

    def close(self) -> None:
        """Keep what came of each answer, and end it."""
        for turn in self._turns.values():
            turn.interrupt()
        self._turns.clear()

    # what the bars under messages ask for

    @Slot(int)
    def _copy(self, message_id: int) -> None:
        """As Markdown, as it was written."""
        if message := self._message(message_id):
            QGuiApplication.clipboard().setText(message.text)

    @Slot(int)
    def _begin_editing(self, message_id: int) -> None:
        message = self._message(message_id)
        if message is not None and self._shown_turn() is None:
            self._edited = message_id
            self._page.begin_editing(message.text, message.attachments)

    @Slot()
    def _end_editing(self) -> None:
        self._edited = None
        self._page.end_editing()

    @Slot(int)
    def _answer_again(self, message_id: int) -> None:
        self._end_editing()
        turn = self._ask(partial(self._store.answer_again, message_id))
        if turn is not None:
            self._write(turn.question.conversation_id)
            self._enter(turn.question.conversation_id)

    @Slot(int, int)
    def _show_version(self, message_id: int, version: int) -> None:
        if self._shown_turn() is not None:
            return  # its answer would go on out of sight
        self._end_editing()
        self._do(lambda: self._store.show_version(message_id, version))
        self._write(self._shown, keep_place=True)
        self._enter(self._shown)

    @Slot(object)
    def _keep_manner(self, manner: Manner) -> None:
        shown = self._shown
        if shown is not None:
            self._do(lambda: self._store.set_manner(shown, manner))

    def _message(self, message_id: int) -> StoredMessage | None:
        messages = [] if self._shown is None else self._store.messages(self._shown)
        return next((one for one in messages if one.id == message_id), None)

    # asking

    def _ask(self, store: Callable[[], Question]) -> Turn | None:
        """None where the disk or the engine did not take it, which the notice says."""
        if self._shown in self._turns:
            return None
        self._page.notice.hide()
        try:
            return self._start(store())
        except HearthError as error:
            self._page.notice.show_sentence(tr(str(error)))
            return None

    def _start(self, question: Question) -> Turn:
        turn = Turn(self._bridge, self._store, question, self)
        turn.thought.connect(self._on_thought)
        turn.thought_enough.connect(self._on_thought_enough)
        turn.called.connect(self._on_called)
        turn.grew.connect(self._on_grew)
        turn.activity_changed.connect(self._on_activity)
        turn.ended.connect(self._on_ended)
        try:
            manner = self._page.composer.manner.value
            turn.start(
                request_for(self._read_by_model(question, manner), manner, self._can_use_tools)
            )
        except HearthError:
            turn.deleteLater()
            self._store.take_back(question)
            raise
        self._turns[question.conversation_id] = turn
        self.asked.emit()
        return turn

    def _read_by_model(self, question: Question, manner: Manner) -> Sequence[StoredMessage]:
        """All that was said, or what of it still fits."""
        said, state = self._store.messages(question.conversation_id), self._bridge.state
        if not isinstance(state, Ready):
            return said
        context = Context(state.model.context_length, self._bridge.count_tokens)
        first = context.first_read(said, manner.instructions)
        if first:
            self._store.set_first_read(question.answer_id, said[first].id)
        return said[first:]

    @property
    def _can_use_tools(self) -> bool:
        """As far as is known: a model that loads is asked without."""
        state = self._bridge.state
        return isinstance(state, Ready) and state.model.has_effort

    def _is_shortened(self, question: Question) -> bool:
        """Whether a line in the transcript says from where on the model reads."""
        answer = self._store.messages(question.conversation_id)[-1]
        return answer.first_read is not None

    def _do(self, act: Callable[[], None]) -> None:
        try:
            act()
        except HearthError as error:
            self._page.notice.show_sentence(str(error))

    # showing

    def _write(self, conversation_id: int | None, keep_place: bool = False) -> None:
        if conversation_id is None:
            self._transcript.forget()
            self._page.show_welcome()
            return
        messages = self._store.messages(conversation_id)
        hidden = max(0, len(messages) - self._shown_limit)
        with self._transcript.rewriting(keep_place):
            if hidden:
                self._transcript.add_earlier_link(min(hidden, FIRST_SHOWN))
            write_messages(self._transcript, messages[hidden:], self._turns.get(conversation_id))
        self._page.show_transcript()

    def _enter(self, conversation_id: int | None) -> None:
        is_another = conversation_id != self._shown
        self._shown = conversation_id
        turn = self._shown_turn()
        composer = self._page.composer
        composer.set_answering(turn is not None)
        composer.set_thinking(turn is not None and turn.is_thinking)
        if conversation_id is None:
            composer.manner.set_value(Manner(effort=composer.manner.value.effort))
        elif is_another:
            composer.manner.set_value(self._store.manner(conversation_id))
        self.conversation_changed.emit(conversation_id)
        self.activity_changed.emit(_activity_in_status(turn))
        self.usage_changed.emit(self._last_end())

    def _last_end(self) -> AnswerEnd | None:
        return None if self._shown is None else self._store.last_figures(self._shown)

    def _shown_turn(self) -> Turn | None:
        return None if self._shown is None else self._turns.get(self._shown)

    @Slot()
    def _show_earlier(self) -> None:
        self._shown_limit += FIRST_SHOWN
        self._write(self._shown, keep_place=True)

    def _warn_if_full(self, end: AnswerEnd) -> None:
        state = self._bridge.state
        if not isinstance(state, Ready) or end.context_tokens is None:
            return
        share = end.context_tokens / state.model.context_length
        if end.status is not Status.CUT and share >= NEARLY_FULL_SHARE:
            self._page.notice.show_sentence(
                tr(
                    "This conversation fills {share} of what the model can read. When it is full, "
                    "the oldest messages are left out, and a line will say from where on.",
                    share=percent(share),
                )
            )

    # what the engine answers

    @Slot(str)
    def _on_thought(self, text: str) -> None:
        if self.sender() is self._shown_turn():
            self._page.composer.set_thinking(True)
            self._transcript.feed_thoughts(text)

    @Slot(float)
    def _on_thought_enough(self, seconds: float) -> None:
        if self.sender() is self._shown_turn():
            self._page.composer.set_thinking(False)
            self._transcript.end_thoughts(seconds)

    @Slot(object)
    def _on_called(self, call: Call) -> None:
        if self.sender() is self._shown_turn():
            self._transcript.feed_thoughts(call_in_markdown(call))

    @Slot(str)
    def _on_grew(self, text: str) -> None:
        if self.sender() is self._shown_turn():
            self._transcript.feed(text)

    @Slot(str)
    def _on_activity(self, activity: str) -> None:
        turn = self._shown_turn()
        if turn is None or self.sender() is not turn:
            return
        if activity and not turn.text:
            self._transcript.show_activity(activity)
        self.activity_changed.emit(_activity_in_status(turn))

    @Slot(object)
    def _on_ended(self, end: AnswerEnd) -> None:
        turn = self.sender()
        assert isinstance(turn, Turn)
        is_shown = turn is self._shown_turn()
        del self._turns[turn.question.conversation_id]
        turn.deleteLater()
        if end.status is Status.COMPLETE:
            self.answered.emit(turn.question.conversation_id)
        if turn.seconds >= LONG_SECONDS:
            self.took_long.emit(tr("The answer is there."))
        if is_shown:
            self._transcript.end_thoughts(end.reasoning_seconds)
            if message := self._message(turn.question.answer_id):
                write_end(self._transcript, message, end)
            self._page.composer.set_answering(False)
            self._page.composer.set_thinking(False)
            announce_answer(self._transcript, turn.text)
            self._warn_if_full(end)
            self.activity_changed.emit("")
            self.usage_changed.emit(end if end.context_tokens is not None else self._last_end())


def _activity_in_status(turn: Turn | None) -> str:
    if turn is None:
        return ""
    return turn.activity or tr("Answering…")

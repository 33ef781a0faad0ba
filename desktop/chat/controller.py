"""From the key press to the screen: store the question, connect, submit, show what comes back.

Owns which conversation is shown and the answers on their way, at most one in a conversation. An
answer goes on while another conversation is shown.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from desktop.bridge import EngineBridge
from desktop.chat.page import ChatPage
from desktop.chat.turn import Turn
from desktop.library.records import AnswerEnd, Status, StoredMessage
from desktop.library.store import Store
from engine.errors import HearthError
from engine.types import ChatRequest, Message, Role

FIRST_SHOWN = 50
"""Messages at opening: a thousand would take three seconds to lay out."""

NOTES = {
    Status.STOPPED: "You stopped this answer.",
    Status.CUT: "The answer ends here because the model's context is full. Start a new chat.",
    Status.INTERRUPTED: "Hearth was closed before this answer was finished.",
}


class ChatController(QObject):
    conversation_changed = Signal(object)
    """The id of the conversation shown, or None for a new chat."""
    library_changed = Signal()
    activity_changed = Signal(str)
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
        self._turns: dict[int, Turn] = {}
        page.composer.sent.connect(self.send)
        page.composer.stop_wanted.connect(self.stop)
        self._transcript.earlier_wanted.connect(self._show_earlier)

    # what the user does

    @Slot(str)
    def send(self, text: str) -> None:
        """The composer keeps the text unless the question is on disk and the engine took it."""
        if self._shown in self._turns:
            return
        self._page.notice.hide()
        try:
            turn = self._ask(text)
        except HearthError as error:
            self._page.notice.show_sentence(str(error))
            return
        self._page.composer.clear()
        self._page.show_transcript()
        self._transcript.add_question(text)
        self._transcript.begin_answer()
        self._transcript.show_activity(turn.activity)
        self._enter(turn.question.conversation_id)
        self.library_changed.emit()

    @Slot()
    def stop(self) -> None:
        if turn := self._shown_turn():
            turn.stop()

    @Slot()
    def new_chat(self) -> None:
        self.show(None)
        self._page.composer.setFocus()

    def show(self, conversation_id: int | None) -> None:
        self._shown_limit = FIRST_SHOWN
        self._page.notice.hide()
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

    # asking

    def _ask(self, text: str) -> Turn:
        history = () if self._shown is None else self._store.messages(self._shown)
        question = self._store.add_question(self._shown, text)
        turn = Turn(self._bridge, self._store, question, self)
        turn.grew.connect(self._on_grew)
        turn.activity_changed.connect(self._on_activity)
        turn.ended.connect(self._on_ended)
        try:
            turn.start(_request(history, text))
        except HearthError:
            turn.deleteLater()
            self._store.take_back(question)
            raise
        self._turns[question.conversation_id] = turn
        return turn

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
            for message in messages[hidden:]:
                self._write_message(message, self._turns.get(conversation_id))
        self._page.show_transcript()

    def _write_message(self, message: StoredMessage, turn: Turn | None) -> None:
        if message.role is Role.USER:
            self._transcript.add_question(message.text)
            return
        self._transcript.begin_answer(message.text)
        if message.end.status is not Status.STREAMING:
            self._write_end(message.end)
        elif turn and turn.activity:
            self._transcript.show_activity(turn.activity)

    def _write_end(self, end: AnswerEnd) -> None:
        self._transcript.end_answer()
        if end.status in NOTES:
            self._transcript.add_note(NOTES[end.status])
        if end.error:
            self._transcript.add_error(end.error)

    def _enter(self, conversation_id: int | None) -> None:
        self._shown = conversation_id
        turn = self._shown_turn()
        self._page.composer.set_answering(turn is not None)
        self.conversation_changed.emit(conversation_id)
        self.activity_changed.emit(_activity_in_status(turn))
        self.usage_changed.emit(self._last_end())

    def _last_end(self) -> AnswerEnd | None:
        if self._shown is None:
            return None
        ends = [message.end for message in self._store.messages(self._shown)]
        return next((end for end in reversed(ends) if end.context_tokens is not None), None)

    def _shown_turn(self) -> Turn | None:
        return None if self._shown is None else self._turns.get(self._shown)

    @Slot()
    def _show_earlier(self) -> None:
        self._shown_limit += FIRST_SHOWN
        self._write(self._shown, keep_place=True)

    # what the engine answers

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
        if is_shown:
            self._write_end(end)
            self._page.composer.set_answering(False)
            self.activity_changed.emit("")
            self.usage_changed.emit(end if end.context_tokens is not None else self._last_end())


def _activity_in_status(turn: Turn | None) -> str:
    if turn is None:
        return ""
    return turn.activity or "Answering…"


def _request(history: tuple[StoredMessage, ...] | list[StoredMessage], text: str) -> ChatRequest:
    """What was said so far; an answer that never came has nothing to say."""
    said = [Message.of(message.role, message.text) for message in history if message.text]
    return ChatRequest((*said, Message.of(Role.USER, text)))

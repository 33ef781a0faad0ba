"""A stored conversation into the transcript."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from desktop.chat.figures import face_of
from desktop.chat.transcript import Transcript
from desktop.chat.turn import Turn
from desktop.language import tr, tr_later
from desktop.library.records import AnswerEnd, Call, Status, StoredMessage
from engine.types import Role

NOTES = {
    Status.STOPPED: tr_later("You stopped this answer."),
    Status.CUT: tr_later(
        "The answer ends here because the model's context is full. Go on, and the oldest messages "
        "are left out, or start a new chat."
    ),
    Status.REPEATED: tr_later("The answer was stopped because it repeated itself."),
    Status.INTERRUPTED: tr_later("Hearth was closed before this answer was finished."),
}
LEFT_OUT = tr_later("The model no longer reads what is above this line: its context is full.")


def write_messages(
    transcript: Transcript, messages: Sequence[StoredMessage], turn: Turn | None
) -> None:
    """`turn` is the last answer's, if that is still on its way."""
    first_read = next((m.first_read for m in reversed(messages) if m.role is Role.ASSISTANT), None)
    for message in messages:
        if message.id == first_read:
            transcript.add_mark(tr(LEFT_OUT))
        if message.role is Role.USER:
            names = [file.in_words() for file in message.attachments]
            transcript.add_question(message.text, face_of(message), names)
        else:
            _write_answer(transcript, message, turn)


def call_in_markdown(call: Call) -> str:
    """A paragraph of its own among the thoughts."""
    asked = f"{call.name}({_code(call.arguments)})"
    return f"\n\n{tr('Tool')}: `{asked}` → `{_code(call.result)}`\n\n"


def thoughts_with_calls(message: StoredMessage) -> Iterator[str]:
    """In the order in which they came."""
    done = 0
    for call in message.calls:
        if thought := message.reasoning[done : call.place]:
            yield thought
        yield call_in_markdown(call)
        done = call.place
    if rest := message.reasoning[done:]:
        yield rest


def _code(text: str) -> str:
    """On one line, without what would end the code."""
    return " ".join(text.replace("`", "'").split())


def write_end(transcript: Transcript, message: StoredMessage, end: AnswerEnd) -> None:
    transcript.end_answer(face_of(message, end))
    if end.status in NOTES:
        transcript.add_note(tr(NOTES[end.status]))
    if end.error:
        transcript.add_error(end.error)


def _write_answer(transcript: Transcript, message: StoredMessage, turn: Turn | None) -> None:
    is_over = message.end.status is not Status.STREAMING
    transcript.begin_answer()
    if message.reasoning or message.calls:
        for thought in thoughts_with_calls(message):
            transcript.feed_thoughts(thought)
        if is_over or message.text:
            transcript.end_thoughts(message.end.reasoning_seconds)
    if message.text:
        transcript.feed(message.text)
    if is_over:
        write_end(transcript, message, message.end)
    elif turn and turn.activity and not message.text:
        transcript.show_activity(turn.activity)

"""What the store hands out: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from desktop.language import tr
from engine.types import Role

MAX_TITLE_CHARACTERS = 48


class Status(StrEnum):
    """How far a message came. Only STREAMING is not final."""

    COMPLETE = "complete"
    STREAMING = "streaming"
    STOPPED = "stopped"
    CUT = "cut"
    """The context was full."""
    REPEATED = "repeated"
    """The engine ended the answer because it repeated itself."""
    INTERRUPTED = "interrupted"
    """The program ended in mid-answer."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Conversation:
    id: int
    title: str
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class AnswerEnd:
    """How an answer ended. `error` is the sentence that the user read, or empty. The seconds are
    those until the first token and those of thinking; `answer_tokens` are all but the thoughts."""

    status: Status
    error: str = ""
    context_tokens: int | None = None
    tokens_per_second: float | None = None
    reasoning_seconds: float | None = None
    first_token_seconds: float | None = None
    reasoning_tokens: int | None = None
    answer_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file's text, which goes with a question; `tokens` is None where nobody has counted."""

    name: str
    text: str
    tokens: int | None = None

    def in_words(self) -> str:
        return (
            self.name
            if self.tokens is None
            else tr("{name} · {tokens} tokens", name=self.name, tokens=self.tokens)
        )


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that the model used: its arguments as the model wrote them, and what it said. So many
    characters of the answer's reasoning came before it."""

    name: str
    arguments: str
    result: str
    place: int


COMPLETED = AnswerEnd(Status.COMPLETE)


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """`version` counts from 1 among the `versions` that follow the same message. `first_read` is
    the id of the first message that the model read for this answer, None where it read all."""

    id: int
    role: Role
    text: str
    end: AnswerEnd
    reasoning: str = ""
    version: int = 1
    versions: int = 1
    attachments: tuple[Attachment, ...] = ()
    first_read: int | None = None
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A user's message on disk, with the empty answer that waits for its text. `replaced_leaf` is
    where the branch that was shown before ended; None in a new conversation."""

    conversation_id: int
    question_id: int
    answer_id: int
    is_new: bool = True
    replaced_leaf: int | None = None


def title_of(text: str) -> str:
    """The first words of a message, on one line."""
    line = " ".join(text.split())
    if len(line) <= MAX_TITLE_CHARACTERS:
        return line
    head = line[: MAX_TITLE_CHARACTERS + 1]
    return (head.rpartition(" ")[0] or head[:-1]).rstrip(",.;:") + "…"

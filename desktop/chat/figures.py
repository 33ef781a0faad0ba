"""What an answer's bar says of how it came."""

from __future__ import annotations

from desktop.chat.bars import Face
from desktop.library.records import AnswerEnd, StoredMessage
from engine.types import Role


def face_of(message: StoredMessage) -> Face:
    return Face(
        message.id,
        message.role is Role.USER,
        message.version,
        message.versions,
        figures_in_words(message.end),
    )


def figures_in_words(end: AnswerEnd) -> str:
    parts: list[str] = []
    if end.answer_tokens is not None:
        thought = f"{end.reasoning_tokens:,} tokens of thought"
        answer = f"{end.answer_tokens:,} {'of answer' if end.reasoning_tokens else 'tokens'}"
        parts += [thought, answer] if end.reasoning_tokens else [answer]
    if end.tokens_per_second is not None:
        parts.append(f"{speed_in_words(end.tokens_per_second)} a second")
    if end.first_token_seconds is not None:
        parts.append(f"the first after {end.first_token_seconds:.1f} s")
    return ", ".join(parts)


def speed_in_words(tokens_per_second: float) -> str:
    return f"{tokens_per_second:.1f}" if tokens_per_second < 20 else f"{tokens_per_second:.0f}"

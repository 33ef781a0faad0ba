"""What an answer's bar says of how it came."""

from __future__ import annotations

from collections.abc import Iterator

from desktop.chat.bars import Face
from desktop.language import number, tr
from desktop.library.records import AnswerEnd, StoredMessage
from engine.types import Role


def face_of(message: StoredMessage, end: AnswerEnd | None = None) -> Face:
    """`end` is what has come since the message was read."""
    return Face(
        message.id,
        message.role is Role.USER,
        message.version,
        message.versions,
        figures_in_words(end or message.end),
    )


def figures_in_words(end: AnswerEnd) -> str:
    parts: list[str] = []
    if end.answer_tokens is not None:
        parts += list(_counted(end.answer_tokens, end.reasoning_tokens))
    if end.tokens_per_second is not None:
        parts.append(tr("{tokens} a second", tokens=speed_in_words(end.tokens_per_second)))
    if end.first_token_seconds is not None:
        parts.append(tr("the first after {seconds} s", seconds=number(end.first_token_seconds, 1)))
    return ", ".join(parts)


def _counted(answer_tokens: int, reasoning_tokens: int | None) -> Iterator[str]:
    if reasoning_tokens:
        yield tr("{tokens} tokens of thought", tokens=reasoning_tokens)
        yield tr("{tokens} of answer", tokens=answer_tokens)
    else:
        yield tr("{tokens} tokens", tokens=answer_tokens)


def speed_in_words(tokens_per_second: float) -> str:
    return number(tokens_per_second, 1 if tokens_per_second < 20 else 0)

"""What the engine is asked: the conversation so far, in the manner that the user chose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from desktop.library.manner import Manner
from desktop.library.records import StoredMessage
from engine.types import ChatRequest, Message, Role, Sampling


def request_for(said: Sequence[StoredMessage], manner: Manner) -> ChatRequest:
    """An answer that never came has nothing to say."""
    return ChatRequest(
        messages=tuple(_messages(said, manner)),
        sampling=Sampling(temperature=manner.temperature, top_p=manner.top_p),
        effort=manner.effort,
    )


def _messages(said: Sequence[StoredMessage], manner: Manner) -> Iterator[Message]:
    if manner.instructions:
        yield Message.of(Role.SYSTEM, manner.instructions)
    for message in said:
        if message.text:
            yield Message.of(message.role, text_with_files(message))


def text_with_files(message: StoredMessage) -> str:
    """The files before the words: what is asked of them stands last."""
    files = [f'<file name="{one.name}">\n{one.text}\n</file>' for one in message.attachments]
    return "\n\n".join([*files, message.text])

"""What the engine is asked: the conversation so far, in the manner that the user chose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from desktop.library.manner import Manner
from desktop.library.records import Call, StoredMessage
from desktop.tools.toolbox import TOOLS
from engine.types import ChatRequest, Message, Role, Sampling, TextPart, ToolCall


def request_for(
    said: Sequence[StoredMessage], manner: Manner, can_use_tools: bool = False
) -> ChatRequest:
    """An answer that never came has nothing to say. `can_use_tools` is said of the model."""
    return ChatRequest(
        tools=TOOLS if manner.has_tools and can_use_tools else (),
        messages=tuple(_messages(said, manner)),
        sampling=Sampling(temperature=manner.temperature, top_p=manner.top_p),
        effort=manner.effort,
    )


def _messages(said: Sequence[StoredMessage], manner: Manner) -> Iterator[Message]:
    if manner.instructions:
        yield Message.of(Role.SYSTEM, manner.instructions)
    for message in said:
        if message.text:
            yield from call_messages(message.calls)
            yield Message.of(message.role, text_with_files(message))


def call_messages(calls: Iterable[Call]) -> Iterator[Message]:
    """Each call, and what its tool said."""
    for number, call in enumerate(calls):
        asked = ToolCall(f"call_{number}", call.name, call.arguments)
        yield Message(Role.ASSISTANT, (), tool_calls=(asked,))
        yield Message(Role.TOOL, (TextPart(call.result),), name=call.name)


def text_with_files(message: StoredMessage) -> str:
    """The files before the words: what is asked of them stands last."""
    files = [f'<file name="{one.name}">\n{one.text}\n</file>' for one in message.attachments]
    return "\n\n".join([*files, message.text])

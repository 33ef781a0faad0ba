"""What a conversation of the tiny gpt-oss is: what people and tools say, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.types import Channel, ChatRequest, Effort, Message, Role, Tool, ToolCall


@dataclass(frozen=True, slots=True)
class Turn:
    """What the model says when it is asked: thoughts, words beside a call, a call or an answer.

    `call` is (name, arguments as JSON). An empty text is a message that is not written at all.
    """

    thought: str = ""
    answer: str = ""
    preamble: str = ""
    call: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """`lines` alternate: the user's words (after a call the tool's result), then the model's turn.

    `effort` None is any: the model thinks the same at each.
    """

    name: str
    lines: tuple[str | Turn, ...]
    tools: tuple[Tool, ...] = ()
    instructions: str = ""
    effort: Effort | None = None


def moments(conversation: Conversation) -> Iterator[tuple[ChatRequest, Turn]]:
    """Each place at which the model speaks: the request so far, and what it says."""
    said: list[Message] = []
    if conversation.instructions:
        said.append(Message.of(Role.DEVELOPER, conversation.instructions))
    effort = conversation.effort or Effort.MEDIUM
    call: tuple[str, str] | None = None
    for number, line in enumerate(conversation.lines):
        if isinstance(line, Turn):
            yield ChatRequest(tuple(said), tools=conversation.tools, effort=effort), line
            said += messages_of(line, f"call_{number}")
            call = line.call
        elif call:
            said.append(Message(Role.TOOL, Message.of(Role.TOOL, line).content, name=call[0]))
        else:
            said.append(Message.of(Role.USER, line))


def messages_of(turn: Turn, call_id: str = "call_1") -> list[Message]:
    """The turn as history."""
    said: list[Message] = []
    if turn.thought:
        said.append(Message.of(Role.ASSISTANT, turn.thought, Channel.ANALYSIS))
    if turn.preamble:
        said.append(Message.of(Role.ASSISTANT, turn.preamble, Channel.COMMENTARY))
    if turn.call:
        said.append(Message(Role.ASSISTANT, (), tool_calls=(ToolCall(call_id, *turn.call),)))
    if turn.answer:
        said.append(Message.of(Role.ASSISTANT, turn.answer, Channel.FINAL))
    return said


def schema(required: int, **properties: dict[str, object]) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": [*properties][:required]}

"""A request as Harmony messages, and these as token ids by openai-harmony."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date

import openai_harmony as harmony

from engine.errors import BadRequest
from engine.formats.harmony.memory import Key
from engine.formats.harmony.schemas import shown
from engine.formats.harmony.tool_names import NAMESPACE, ToolNames
from engine.types import Channel, ChatRequest, Effort, JsonAnswer, Message, Role, Tool

INSTRUCTING = (Role.SYSTEM, Role.DEVELOPER)
EFFORTS = {
    Effort.LOW: harmony.ReasoningEffort.LOW,
    Effort.MEDIUM: harmony.ReasoningEffort.MEDIUM,
    Effort.HIGH: harmony.ReasoningEffort.HIGH,
}

Written = tuple[harmony.Message, Key | None]
"""A message, and by what its ids are remembered if the model wrote it."""


def messages_of(request: ChatRequest, tools: ToolNames, today: date) -> Iterator[Written]:
    """The whole conversation in Harmony's order. Raises BadRequest.

    A system text becomes the developer's: Harmony's own system message belongs to the model. The
    thoughts before the last answer are left out, as OpenAI's cookbook has it (handle-raw-cot).
    """
    instructions, rest = split_instructions(request.messages)
    asked = "\n\n".join(filter(None, (instructions, answer_format(request.json_answer))))
    yield system_message(request.effort, request.date or today), None
    if asked or request.tools:
        yield developer_message(asked, request.tools, tools), None
    answered = last_answer(rest)
    for number, message in enumerate(rest):
        if message.channel is not Channel.ANALYSIS or number > answered:
            yield from rendered(message, tools)
        else:
            yield from calls_of(message, tools)


def split_instructions(messages: Sequence[Message]) -> tuple[str, Sequence[Message]]:
    """The instructions before the conversation, as one text, and the conversation."""
    count = next((n for n, m in enumerate(messages) if m.role not in INSTRUCTING), len(messages))
    return "\n\n".join(message.text for message in messages[:count]), messages[count:]


def answer_format(answer: JsonAnswer | None) -> str:
    """The model was taught to keep to a schema under this heading (OpenAI's guide to Harmony,
    "Structured output"); the grammar alone would bend its words into the schema."""
    if answer is None or answer.schema is None:
        return ""
    described = f"// {answer.description}\n" if answer.description else ""
    schema = json.dumps(answer.schema, ensure_ascii=False, separators=(",", ":"))
    return f"# Response Formats\n\n## {answer.name or 'answer'}\n\n{described}{schema}"


def last_answer(messages: Sequence[Message]) -> int:
    """The index of the assistant's last answer to the user, -1 without one."""
    answers = (n for n, message in enumerate(messages) if is_answer(message))
    return max(answers, default=-1)


def is_answer(message: Message) -> bool:
    final = message.channel in (None, Channel.FINAL)
    return message.role is Role.ASSISTANT and final and not message.tool_calls


def system_message(effort: Effort, today: date) -> harmony.Message:
    content = (
        harmony.SystemContent.new()
        .with_reasoning_effort(EFFORTS[effort])
        .with_conversation_start_date(today.isoformat())
    )
    return harmony.Message.from_role_and_content(harmony.Role.SYSTEM, content)


def developer_message(text: str, tools: Sequence[Tool], names: ToolNames) -> harmony.Message:
    content = harmony.DeveloperContent.new()
    if text:
        content = content.with_instructions(text)
    if tools:
        described = [describe(tool, names) for tool in tools]
        content = content.with_function_tools(described)
    return harmony.Message.from_role_and_content(harmony.Role.DEVELOPER, content)


def describe(tool: Tool, names: ToolNames) -> harmony.ToolDescription:
    """A schema without properties is written as none: `() => any`, as the model was taught.

    One that leaves out that it is an object's would lose its properties.
    """
    parameters = shown({"type": "object", **(tool.parameters or {})})
    has_any = bool(parameters.get("properties") or parameters.get("oneOf"))
    return harmony.ToolDescription.new(
        names.shown(tool.name), tool.description, parameters if has_any else None
    )


def rendered(message: Message, tools: ToolNames) -> Iterator[Written]:
    match message.role:
        case Role.USER:
            yield harmony.Message.from_role_and_content(harmony.Role.USER, message.text), None
        case Role.TOOL:
            yield tool_result(message, tools), None
        case Role.ASSISTANT:
            yield from assistant_messages(message, tools)
        case _:
            yield developer_message(message.text, (), tools), None


def tool_result(message: Message, tools: ToolNames) -> harmony.Message:
    if not message.name:
        raise BadRequest("A tool's result must name the tool.", "messages")
    name = NAMESPACE + tools.shown(message.name)
    author = harmony.Author.new(harmony.Role.TOOL, name)
    result = harmony.Message.from_author_and_content(author, message.text)
    return result.with_recipient("assistant").with_channel(Channel.COMMENTARY)


def assistant_messages(message: Message, tools: ToolNames) -> Iterator[Written]:
    """The text, then the calls. Text beside a call is what the user is told meanwhile."""
    if message.text or not message.tool_calls:
        beside = Channel.COMMENTARY if message.tool_calls else Channel.FINAL
        channel = message.channel or beside
        yield assistant_message(message.text, channel), (channel, "", message.text)
    yield from calls_of(message, tools)


def calls_of(message: Message, tools: ToolNames) -> Iterator[Written]:
    for call in message.tool_calls:
        written = assistant_message(call.arguments, Channel.COMMENTARY)
        written = written.with_recipient(NAMESPACE + tools.shown(call.name))
        key = (Channel.COMMENTARY, call.name, call.arguments)
        yield written.with_content_type("<|constrain|>json"), key


def assistant_message(text: str, channel: Channel) -> harmony.Message:
    message = harmony.Message.from_role_and_content(harmony.Role.ASSISTANT, text)
    return message.with_channel(channel)

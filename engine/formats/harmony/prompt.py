"""A request as the messages of a Harmony prompt.

Source: OpenAI's guide to Harmony, and openai-harmony (src/encoding.rs), which renders the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from engine.errors import BadRequest
from engine.formats.harmony.memory import Key
from engine.formats.harmony.schemas import parameters_type
from engine.formats.harmony.tool_names import NAMESPACE, ToolNames
from engine.types import Channel, ChatRequest, Effort, JsonAnswer, Message, Role, Tool

INSTRUCTING = (Role.SYSTEM, Role.DEVELOPER)
IDENTITY = "You are ChatGPT, a large language model trained by OpenAI.\nKnowledge cutoff: 2024-06"
CHANNELS = (
    "# Valid channels: analysis, commentary, final. Channel must be included for every message."
)
TOOLS_CHANNEL = "Calls to these tools must go to the commentary channel: 'functions'."


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message, with what its header says. `author` is a role, or a tool with its namespace.

    A call is the assistant's message to a `recipient`. `key` is what the ids of the message are
    remembered by if the model wrote it.
    """

    author: str
    text: str
    channel: Channel | None = None
    recipient: str | None = None
    key: Key | None = None

    @property
    def is_call(self) -> bool:
        return self.author == Role.ASSISTANT and self.recipient is not None


def messages_of(request: ChatRequest, tools: ToolNames, today: date) -> Iterator[PromptMessage]:
    """The whole conversation in Harmony's order. Raises BadRequest.

    A system text becomes the developer's: Harmony's own system message belongs to the model. The
    thoughts before the last answer are left out, as OpenAI's cookbook has it (handle-raw-cot).
    """
    instructions, rest = split_instructions(request.messages)
    asked = "\n\n".join(filter(None, (instructions, answer_format(request.json_answer))))
    yield system_message(request.effort, request.date or today, bool(request.tools))
    if asked or request.tools:
        yield developer_message(asked, request.tools, tools)
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


def system_message(effort: Effort, today: date, has_tools: bool) -> PromptMessage:
    text = f"{IDENTITY}\nCurrent date: {today}\n\nReasoning: {effort}\n\n{CHANNELS}"
    return PromptMessage(Role.SYSTEM, f"{text}\n{TOOLS_CHANNEL}" if has_tools else text)


def developer_message(text: str, tools: Sequence[Tool], names: ToolNames) -> PromptMessage:
    sections = ["# Instructions", text] if text else []
    if tools:
        sections += ["# Tools", "\n".join(tool_lines(tools, names))]
    return PromptMessage(Role.DEVELOPER, "\n\n".join(sections))


def tool_lines(tools: Sequence[Tool], names: ToolNames) -> Iterator[str]:
    yield "## functions\n"
    yield "namespace functions {\n"
    for tool in tools:
        yield from (f"// {line}" for line in lines_of(tool.description))
        kind = parameters_type({"type": "object", **(tool.parameters or {})})
        arguments = "" if kind is None else f"_: {kind}"
        yield f"type {names.shown(tool.name)} = ({arguments}) => any;\n"
    yield "} // namespace functions"


def lines_of(text: str) -> list[str]:
    """Without the ends of the lines, and without an empty last one."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return lines if lines[-1] else lines[:-1]


def rendered(message: Message, tools: ToolNames) -> Iterator[PromptMessage]:
    match message.role:
        case Role.USER:
            yield PromptMessage(Role.USER, message.text)
        case Role.TOOL:
            yield tool_result(message, tools)
        case Role.ASSISTANT:
            yield from assistant_messages(message, tools)
        case _:
            yield developer_message(message.text, (), tools)


def tool_result(message: Message, tools: ToolNames) -> PromptMessage:
    if not message.name:
        raise BadRequest("A tool's result must name the tool.", "messages")
    name = NAMESPACE + tools.shown(message.name)
    return PromptMessage(name, message.text, Channel.COMMENTARY, recipient=Role.ASSISTANT)


def assistant_messages(message: Message, tools: ToolNames) -> Iterator[PromptMessage]:
    """The text, then the calls. Text beside a call is a preamble for the user."""
    if message.text or not message.tool_calls:
        beside = Channel.COMMENTARY if message.tool_calls else Channel.FINAL
        channel = message.channel or beside
        key = (channel, "", message.text)
        yield PromptMessage(Role.ASSISTANT, message.text, channel, key=key)
    yield from calls_of(message, tools)


def calls_of(message: Message, tools: ToolNames) -> Iterator[PromptMessage]:
    for call in message.tool_calls:
        yield PromptMessage(
            Role.ASSISTANT,
            call.arguments,
            Channel.COMMENTARY,
            recipient=NAMESPACE + tools.shown(call.name),
            key=(Channel.COMMENTARY, call.name, call.arguments),
        )

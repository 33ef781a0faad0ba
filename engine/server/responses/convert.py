"""From requests to /v1/responses to the engine's values, and back for the next one: pure functions.

Source: OpenAI's API reference, the create method and the items of the Responses API.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.errors import BadRequest
from engine.server import convert
from engine.server.responses import wire
from engine.server.stream import Json
from engine.types import (
    Channel,
    ChatRequest,
    Message,
    ParsedEvent,
    Role,
    TextDelta,
    Tool,
    ToolCall,
    ToolCallDelta,
    ToolChoice,
)

REFUSED_FIELDS = {
    "background": "Answers are given at once: leave 'background' out.",
    "conversation": "Conversations are continued by 'previous_response_id'.",
    "prompt": "No prompts are kept here: send the text as 'input'.",
    "messages": "The conversation is called 'input' here, not 'messages'.",
    "max_tokens": "The limit is called 'max_output_tokens' here, not 'max_tokens'.",
    "response_format": "The format is called 'text.format' here, not 'response_format'.",
    "reasoning_effort": "The effort is called 'reasoning.effort' here, not 'reasoning_effort'.",
}


def chat_request(body: wire.ResponsesRequest, earlier: Sequence[Message] = ()) -> ChatRequest:
    """`earlier` is the conversation that this request continues; its instructions are not taken
    over. Raises BadRequest."""
    convert.refuse_fields(body, REFUSED_FIELDS)
    if body.truncation == "auto":
        raise BadRequest(
            "Nothing is cut out of a conversation here: leave 'truncation' out.", "truncation"
        )
    tools = convert.with_own_names(tools_of(body.tools or ()))
    form = body.text.format if body.text else None
    has_logprobs = wire.LOGPROBS in (body.include or ())
    return ChatRequest(
        messages=(*instructions(body), *conversation(body, earlier)),
        sampling=convert.sampling(body),
        max_tokens=body.max_output_tokens,
        top_logprobs=body.top_logprobs or 0 if has_logprobs else None,
        tools=tools,
        tool_choice=tool_choice(body, tools),
        effort=convert.effort(
            body.reasoning.effort if body.reasoning else None, "reasoning.effort"
        ),
        json_answer=convert.json_answer(form.type, form, "text.format") if form else None,
    )


def instructions(body: wire.ResponsesRequest) -> Iterator[Message]:
    if body.instructions:
        yield Message.of(Role.DEVELOPER, body.instructions)


def conversation(body: wire.ResponsesRequest, earlier: Sequence[Message]) -> tuple[Message, ...]:
    """What a later request can go on from, once the answer is there."""
    return (*earlier, *messages_of(body.input, callers_in(earlier)))


def callers_in(messages: Iterable[Message]) -> dict[str, str]:
    """The tools' names by the ids of their calls."""
    return {call.id: call.name for message in messages for call in message.tool_calls}


def messages_of(items: Sequence[wire.Item], callers: dict[str, str]) -> Iterator[Message]:
    """Items of kinds that are not known here are passed over: agents send many."""
    for number, item in enumerate(items):
        path = f"input[{number}]"
        match item.type:
            case "message":
                yield message_of(item, path)
            case "reasoning":
                thought = "".join(part.text or "" for part in item.content or ())
                if thought:
                    yield Message.of(Role.ASSISTANT, thought, Channel.ANALYSIS)
            case "function_call":
                call = call_of(item, path)
                callers[call.id] = call.name
                yield Message(Role.ASSISTANT, (), tool_calls=(call,))
            case "function_call_output":
                yield result_of(item, path, callers)
            case "item_reference":
                reason = "Items are not kept one by one: send the item itself."
                raise BadRequest(reason, f"{path}.id")
            case kind:
                if item.role is not None:
                    raise BadRequest(f"'{path}.type' cannot be '{kind}'.", f"{path}.type")


def message_of(item: wire.Item, path: str) -> Message:
    if item.role is None:
        raise BadRequest(f"'{path}.role' is missing.", f"{path}.role")
    if item.content is None:
        raise BadRequest(f"'{path}.content' is missing.", f"{path}.content")
    is_aside = item.role == "assistant" and item.phase == "commentary"
    channel = Channel.COMMENTARY if is_aside else None
    return Message(Role(item.role), convert.parts(item.content, f"{path}.content"), channel)


def call_of(item: wire.Item, path: str) -> ToolCall:
    if not item.call_id or not item.name:
        missing = f"{path}.{'name' if item.call_id else 'call_id'}"
        raise BadRequest(f"'{missing}' is missing.", missing)
    return ToolCall(item.call_id, item.name, item.arguments or "")


def result_of(item: wire.Item, path: str, callers: dict[str, str]) -> Message:
    name = callers.get(item.call_id or "")
    if name is None:
        field = f"{path}.call_id"
        raise BadRequest(f"'{field}' is not the id of an earlier call.", field)
    return Message(Role.TOOL, convert.parts(item.output, f"{path}.output"), name=name)


def tools_of(tools: Iterable[wire.Tool]) -> tuple[Tool, ...]:
    """Functions, also those in a namespace; other tools are passed over."""
    found: list[Tool] = []
    for tool in tools:
        found += tools_of(tool.tools or ())
        if tool.type == "function" and not tool.name:
            raise BadRequest("A tool of type 'function' has no 'name'.", "tools")
        if tool.function is not None:
            found.append(convert.tool(tool.function))
    return tuple(found)


def tool_choice(body: wire.ResponsesRequest, tools: Sequence[Tool]) -> ToolChoice:
    match body.tool_choice:
        case None:
            return ToolChoice()
        case str() as mode:
            return convert.tool_choice(mode, (), tools)
        case wire.SomeTools(type="function", name=name):
            return convert.tool_choice("required", [name or ""], tools)
        case wire.SomeTools(mode=mode, tools=allowed):
            names = [tool.name for tool in allowed or () if tool.type == "function" and tool.name]
            return convert.allowed_tools(mode, names, tools)


# What is kept


def answer_messages(said: Iterable[ParsedEvent]) -> Iterator[Message]:
    """An answer as a conversation holds it."""
    texts: dict[Channel, str] = {}
    for event in said:
        match event:
            case TextDelta(channel, text):
                if channel not in texts:
                    yield from _spoken(texts)
                    texts = {}
                texts[channel] = texts.get(channel, "") + text
            case ToolCall():
                yield from _spoken(texts)
                texts = {}
                yield Message(Role.ASSISTANT, (), tool_calls=(event,))
            case ToolCallDelta():
                pass
    yield from _spoken(texts)


def _spoken(texts: dict[Channel, str]) -> Iterator[Message]:
    return (Message.of(Role.ASSISTANT, text, channel) for channel, text in texts.items())


def input_items(body: wire.ResponsesRequest, response_id: str) -> list[Json]:
    """As the list of a response's input shows them."""
    suffix = response_id.partition("_")[2]
    return [
        {"id": item.id or f"msg_in{number}_{suffix}"} | item.model_dump(exclude_none=True)
        for number, item in enumerate(body.input)
    ]

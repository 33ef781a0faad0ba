"""Turns requests to /v1/responses into the engine's values. All functions are pure.

Source: OpenAI's API reference, the create method and the items of the Responses API.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.errors import BadRequest
from engine.server import convert
from engine.server.responses import wire
from engine.server.responses.tools import Offer, OwnName, ToolNames, tool_choice
from engine.server.stream import Json
from engine.server.wire import PartShape
from engine.types import Channel, ChatRequest, Message, Role, ToolCall

REFUSED_FIELDS = {
    "background": "Answers are given at once: leave 'background' out.",
    "conversation": "Conversations are continued by 'previous_response_id'.",
    "prompt": "No prompts are kept here: send the text as 'input'.",
    "messages": "The conversation is called 'input' here, not 'messages'.",
    "max_tokens": "The limit is called 'max_output_tokens' here, not 'max_tokens'.",
    "response_format": "The format is called 'text.format' here, not 'response_format'.",
    "reasoning_effort": "The effort is called 'reasoning.effort' here, not 'reasoning_effort'.",
}


def chat_request(
    body: wire.ResponsesRequest,
    offer: Offer,
    items: Sequence[wire.Item],
    earlier: Sequence[wire.Item] = (),
) -> ChatRequest:
    """Build the engine's request. `items` are the body's own, after its references are resolved;
    `earlier` are the items of the conversation that it continues, without their instructions.

    Raises BadRequest.
    """
    convert.refuse_fields(body, REFUSED_FIELDS)
    form = body.text.format if body.text else None
    has_logprobs = wire.LOGPROBS in (body.include or ())
    said = enumerate((*earlier, *items), -len(earlier))
    return ChatRequest(
        messages=(*instructions(body), *messages_of(said, offer.names)),
        sampling=convert.sampling(body),
        max_tokens=convert.token_limit(body.max_output_tokens),
        top_logprobs=body.top_logprobs or 0 if has_logprobs else None,
        tools=offer.tools,
        tool_choice=tool_choice(body.tool_choice, offer),
        effort=convert.effort(
            body.reasoning.effort if body.reasoning else None, "reasoning.effort"
        ),
        json_answer=convert.json_answer(form.type or "text", form, "text.format") if form else None,
    )


def instructions(body: wire.ResponsesRequest) -> Iterator[Message]:
    if body.instructions:
        yield Message.of(Role.DEVELOPER, body.instructions)


def messages_of(items: Iterable[tuple[int, wire.Item]], names: ToolNames) -> Iterator[Message]:
    """Yield the messages. Items of unknown kinds are passed over, because agents send many."""
    callers: dict[str, str] = {}
    for number, item in items:
        path = f"input[{number}]"
        match item.kind:
            case "message":
                yield from message_of(item, path)
            case "reasoning":
                yield from thought_of(item)
            case "function_call":
                call = call_of(item, path, names)
                callers[call.id] = call.name
                yield Message(Role.ASSISTANT, (), tool_calls=(call,))
            case "function_call_output":
                yield result_of(item, path, callers)
            case kind:
                if item.role is not None:
                    raise BadRequest(f"'{path}.type' cannot be '{kind}'.", f"{path}.type")


def message_of(item: wire.Item, path: str) -> Iterator[Message]:
    """Yield the message. Content of an assistant that is not text is passed over, because another
    model may have written it."""
    if item.role is None:
        raise BadRequest(f"'{path}.role' is missing.", f"{path}.role")
    is_answer = item.role == "assistant"
    if item.content is None and not is_answer:
        raise BadRequest(f"'{path}.content' is missing.", f"{path}.content")
    read = convert.answer_parts if is_answer else convert.parts
    parts = read(item.content, f"{path}.content")
    if parts or not is_answer:
        channel = Channel.COMMENTARY if is_answer and item.phase == "commentary" else None
        yield Message(Role(item.role), parts, channel)


def thought_of(item: wire.Item) -> Iterator[Message]:
    """Yield the thought. The summary counts if there is nothing else: clients that show only
    summaries send only summaries back."""
    thought = text_of(item.content) or text_of(item.summary, "\n\n")
    if thought:
        yield Message.of(Role.ASSISTANT, thought, Channel.ANALYSIS)


def text_of(parts: Iterable[PartShape] | None, between: str = "") -> str:
    return between.join(part.text or "" for part in parts or ())


def call_of(item: wire.Item, path: str, names: ToolNames) -> ToolCall:
    if not item.call_id or not item.name:
        missing = f"{path}.{'name' if item.call_id else 'call_id'}"
        raise BadRequest(f"'{missing}' is missing.", missing)
    name = names.shown(OwnName(item.name, item.namespace or None))
    return ToolCall(item.call_id, name, item.arguments or "")


def result_of(item: wire.Item, path: str, callers: dict[str, str]) -> Message:
    name = callers.get(item.call_id or "")
    if name is None:
        field = f"{path}.call_id"
        raise BadRequest(f"'{field}' is not the id of an earlier call.", field)
    return Message(Role.TOOL, convert.result_parts(item.output, f"{path}.output"), name=name)


# What is kept


def kept_items(items: Iterable[wire.Item], response_id: str) -> list[Json]:
    """Return the items as JSON, each with an id to refer to it."""
    suffix = response_id.partition("_")[2]
    return [
        item.model_dump(exclude_none=True)
        | {"id": item.id or f"msg_in{number}_{suffix}", "type": item.kind}
        for number, item in enumerate(items)
        if item.kind != wire.REFERENCE
    ]

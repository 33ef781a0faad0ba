"""From the engine's requests to the fields of OpenAI's chat completions: pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.types import (
    Channel,
    ChatRequest,
    CompletionRequest,
    Effort,
    JsonAnswer,
    Message,
    Request,
    Role,
    Sampling,
    Tool,
    ToolCall,
    ToolChoice,
    ToolMode,
)

Json = dict[str, Any]

OWN_FIELDS = ("top_k", "min_p")
"""Not OpenAI's, but vLLM's, llama.cpp's and others'."""


def chat_fields(request: ChatRequest) -> Json:
    choice = request.tool_choice
    fields: Json = {
        "messages": [*messages_of(request.messages)],
        **common_fields(request),
        "max_tokens": request.max_tokens,
    }
    if request.top_logprobs is not None:
        fields |= {"logprobs": True, "top_logprobs": request.top_logprobs}
    if request.tools:
        fields |= {"tools": [*map(tool_of, request.tools)], "tool_choice": choice_of(choice)}
    if request.json_answer is not None:
        fields["response_format"] = format_of(request.json_answer)
    if request.effort is not Effort.MEDIUM:  # what servers have by themselves
        fields["reasoning_effort"] = str(request.effort)
    return without_none(fields)


def completion_fields(request: CompletionRequest) -> Json:
    prompt = request.prompt if isinstance(request.prompt, str) else [*request.prompt]
    return without_none(
        {
            "prompt": prompt,
            **common_fields(request),
            "max_tokens": request.max_tokens,
            "logprobs": request.top_logprobs,
        }
    )


def common_fields(request: Request) -> Json:
    own = {name: getattr(request.sampling, name) for name in OWN_FIELDS}
    return {
        **sampling_of(request.sampling),
        "stop": [*request.stop] or None,
        "extra_body": without_none(own) or None,
    }


def sampling_of(sampling: Sampling) -> Json:
    """What is as it is by itself stays unsaid: not every server knows each field."""
    bias = {str(token): value for token, value in sampling.logit_bias.items()}
    return {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "seed": None if sampling.seed is None else sampling.seed % 2**63,
        "presence_penalty": sampling.presence_penalty or None,
        "frequency_penalty": sampling.frequency_penalty or None,
        "logit_bias": bias or None,
    }


def messages_of(messages: Sequence[Message]) -> Iterator[Json]:
    """Thoughts, text and calls of one turn are one message there; results name their call by its
    id."""
    waiting: dict[str, list[str]] = {}
    turn: Json = {}
    for message in messages:
        if message.role is not Role.ASSISTANT:
            yield from finished(turn)
            turn = {}
            yield said_of(message, waiting)
            continue
        if turn.get("tool_calls") and not message.tool_calls:  # the next turn
            yield from finished(turn)
            turn = {}
        add(turn, message, waiting)
    yield from finished(turn)


def said_of(message: Message, waiting: dict[str, list[str]]) -> Json:
    if message.role is not Role.TOOL:
        return {"role": str(message.role), "content": message.text}
    ids = waiting.get(message.name or "")
    return {"role": "tool", "tool_call_id": ids.pop(0) if ids else "", "content": message.text}


def add(turn: Json, message: Message, waiting: dict[str, list[str]]) -> None:
    field = "reasoning_content" if message.channel is Channel.ANALYSIS else "content"
    if message.text:
        turn[field] = turn.get(field, "") + message.text
    for number, call in enumerate(message.tool_calls):
        id = call.id or f"call_{sum(map(len, waiting.values()))}_{number}"
        waiting.setdefault(call.name, []).append(id)
        turn.setdefault("tool_calls", []).append(call_of(id, call))


def finished(turn: Json) -> Iterator[Json]:
    if turn:
        yield {"role": "assistant", "content": None, **turn}


def call_of(id: str, call: ToolCall) -> Json:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": id, "type": "function", "function": function}


def tool_of(tool: Tool) -> Json:
    function = without_none(
        {
            "name": tool.name,
            "description": tool.description or None,
            "parameters": tool.parameters,
            "strict": tool.is_strict or None,
        }
    )
    return {"type": "function", "function": function}


def choice_of(choice: ToolChoice) -> str | Json:
    if choice.mode is ToolMode.REQUIRED and len(choice.names) == 1:
        return {"type": "function", "function": {"name": choice.names[0]}}
    if choice.names:
        named = [{"type": "function", "function": {"name": name}} for name in choice.names]
        allowed = {"mode": str(choice.mode), "tools": named}
        return {"type": "allowed_tools", "allowed_tools": allowed}
    return str(choice.mode)


def format_of(answer: JsonAnswer) -> Json:
    if answer.schema is None:
        return {"type": "json_object"}
    schema = {
        "name": answer.name or "answer",
        "description": answer.description or None,
        "schema": answer.schema,
        "strict": answer.is_strict or None,
    }
    return {"type": "json_schema", "json_schema": without_none(schema)}


def without_none(fields: Mapping[str, Any]) -> Json:
    return {name: value for name, value in fields.items() if value is not None}

"""Between OpenAI's shapes and the engine's values: pure functions, one per thing that is said.

Source: OpenAI's API reference, the chat completion object and the chat completion chunk object.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from engine.errors import BadRequest
from engine.server import wire
from engine.types import (
    Channel,
    ChatRequest,
    EngineState,
    Finished,
    Loading,
    Message,
    Ready,
    Role,
    Sampling,
    TextDelta,
    TextPart,
    TokenLogprob,
    Usage,
)

Json = dict[str, Any]

NO_TOOLS = "The loaded model cannot use tools."
LOWEST_LOGPROB = -9999.0
"""OpenAI's own floor; JSON has no minus infinity."""

REFUSED_PARTS = {
    "image_url": "The loaded model cannot see images.",
    "input_audio": "The loaded model cannot hear audio.",
    "file": "The loaded model cannot read files.",
}


# Requests


def model_id(state: EngineState) -> str | None:
    """The model that a request now sent would meet: one that loads is waited for."""
    match state:
        case Ready(model):
            return model.id
        case Loading(model_id):
            return model_id
        case _:
            return None


def is_name_of(name: str, model_id: str) -> bool:
    """Whether a client that says `name` means this model.

    Besides the id itself, with an owner in front (openai/gpt-oss-20b), with Ollama's colon
    (gpt-oss:20b), and in any case.
    """
    return _plain(name.rpartition("/")[2]) == _plain(model_id)


def _plain(name: str) -> str:
    return name.replace(":", "-").casefold()


def chat_request(body: wire.ChatCompletionRequest) -> ChatRequest:
    """Raises BadRequest, in words, for what the loaded model cannot do."""
    _refuse_what_is_missing(body)
    return ChatRequest(
        messages=tuple(
            _message(message, f"messages[{n}]") for n, message in enumerate(body.messages)
        ),
        sampling=_sampling(body),
        max_tokens=body.max_completion_tokens or body.max_tokens,
        stop=tuple(body.stop or ()),
        top_logprobs=(body.top_logprobs or 0) if body.logprobs else None,
    )


def _refuse_what_is_missing(body: wire.ChatCompletionRequest) -> None:
    if (body.tools or body.functions) and body.tool_choice != "none":
        raise BadRequest(
            f"{NO_TOOLS} Leave 'tools' out, or set 'tool_choice' to 'none'.",
            "tools" if body.tools else "functions",
        )
    if body.n not in (None, 1):
        raise BadRequest("Each request gets one answer: 'n' can only be 1.", "n")
    if body.response_format is not None and body.response_format.type != "text":
        raise BadRequest(
            "The loaded model cannot be held to JSON: 'response_format' can only be text.",
            "response_format",
        )
    if body.top_logprobs is not None and not body.logprobs:
        raise BadRequest("'top_logprobs' needs 'logprobs' to be true.", "top_logprobs")


def _sampling(body: wire.ChatCompletionRequest) -> Sampling:
    """The wire's names are the engine's; what is null or absent keeps the engine's default."""
    names = {field.name for field in fields(Sampling)}
    given = body.model_dump(include=names, exclude_none=True)
    if "seed" in given:  # any integer on the wire, a natural number for the generator
        given["seed"] %= 2**64
    return Sampling(**given)


def _message(message: wire.Message, path: str) -> Message:
    if message.role in ("tool", "function"):
        raise BadRequest(f"{NO_TOOLS} Leave out messages of role '{message.role}'.", f"{path}.role")
    if message.tool_calls:
        raise BadRequest(f"{NO_TOOLS} Leave out 'tool_calls'.", f"{path}.tool_calls")
    if message.content is None and message.role != "assistant":
        raise BadRequest(f"'{path}.content' is missing.", f"{path}.content")
    parts = enumerate(message.content or ())
    return Message(
        Role(message.role), tuple(_part(part, f"{path}.content[{n}]") for n, part in parts)
    )


def _part(part: wire.Part, path: str) -> TextPart:
    if part.type not in ("text", "refusal"):
        reason = f"Content of type '{part.type}' is not known here."
        raise BadRequest(REFUSED_PARTS.get(part.type, reason), path)
    text = part.text if part.type == "text" else part.refusal
    if text is None:
        raise BadRequest(f"'{path}.{part.type}' is missing.", f"{path}.{part.type}")
    return TextPart(text)


# Responses


@dataclass(frozen=True, slots=True)
class Heading:
    """What all chunks of one answer begin with. `has_usage` is stream_options.include_usage."""

    id: str
    created: int
    model: str
    has_usage: bool = False


def model_list(state: EngineState, created: int) -> Json:
    ids = [state.model.id] if isinstance(state, Ready) else []
    return {
        "object": "list",
        "data": [
            {"id": id, "object": "model", "created": created, "owned_by": "hearth"} for id in ids
        ],
    }


def completion(heading: Heading, deltas: Sequence[TextDelta], finished: Finished) -> Json:
    """The whole answer in one object."""
    choice = {
        "index": 0,
        "message": {
            "role": "assistant",
            "content": _text(deltas, is_reasoning=False),
            "refusal": None,
            **_reasoning(_text(deltas, is_reasoning=True)),
        },
        "logprobs": _logprobs(deltas),
        "finish_reason": finished.reason,
    }
    return _object("chat.completion", heading, [choice]) | {"usage": _usage(finished.usage)}


def opening_chunk(heading: Heading) -> Json:
    return _chunk(heading, {"role": "assistant", "content": ""})


def delta_chunk(heading: Heading, delta: TextDelta) -> Json:
    said = _reasoning(delta.text) if _is_reasoning(delta) else {"content": delta.text}
    return _chunk(heading, said, logprobs=_logprobs([delta]))


def closing_chunks(heading: Heading, finished: Finished) -> Iterator[Json]:
    yield _chunk(heading, {}, finish_reason=finished.reason)
    if heading.has_usage:
        yield _object("chat.completion.chunk", heading, []) | {"usage": _usage(finished.usage)}


def _chunk(
    heading: Heading, delta: Json, logprobs: Json | None = None, finish_reason: str | None = None
) -> Json:
    choice = {"index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": finish_reason}
    chunk = _object("chat.completion.chunk", heading, [choice])
    return chunk | {"usage": None} if heading.has_usage else chunk


def _object(kind: str, heading: Heading, choices: list[Json]) -> Json:
    return {
        "id": heading.id,
        "object": kind,
        "created": heading.created,
        "model": heading.model,
        "system_fingerprint": None,
        "choices": choices,
    }


def _is_reasoning(delta: TextDelta) -> bool:
    return delta.channel is Channel.ANALYSIS


def _text(deltas: Sequence[TextDelta], is_reasoning: bool) -> str:
    return "".join(delta.text for delta in deltas if _is_reasoning(delta) is is_reasoning)


def _reasoning(text: str) -> Json:
    """Under both names in use: clients that know one of them do not look for the other."""
    return {"reasoning": text, "reasoning_content": text} if text else {}


def _logprobs(deltas: Sequence[TextDelta]) -> Json | None:
    """Of the answer's tokens only; None where none were asked for."""
    spoken = [entry for delta in deltas if not _is_reasoning(delta) for entry in delta.logprobs]
    if not spoken:
        return None
    return {
        "content": [
            _logprob(entry) | {"top_logprobs": [_logprob(top) for top in entry.top]}
            for entry in spoken
        ],
        "refusal": None,
    }


def _logprob(entry: TokenLogprob) -> Json:
    return {
        "token": entry.token.decode("utf-8", "replace"),
        "bytes": list(entry.token),
        "logprob": max(entry.logprob, LOWEST_LOGPROB),
    }


def _usage(usage: Usage | None) -> Json | None:
    if usage is None:
        return None
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.context_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }

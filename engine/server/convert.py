"""Between OpenAI's shapes and the engine's values: what the routes share. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace

from engine.errors import BadRequest
from engine.server.stream import Json
from engine.server.wire import FunctionShape, SamplingFields, SchemaShape
from engine.types import (
    Channel,
    ChatRequest,
    Effort,
    EngineState,
    JsonAnswer,
    Loading,
    Ready,
    Sampling,
    TextDelta,
    TokenLogprob,
    Tool,
    ToolChoice,
    ToolMode,
)

LOWEST_LOGPROB = -9999.0
"""OpenAI's own floor; JSON has no minus infinity."""

EFFORTS = {
    "none": Effort.LOW,
    "minimal": Effort.LOW,
    "low": Effort.LOW,
    "medium": Effort.MEDIUM,
    "high": Effort.HIGH,
    "xhigh": Effort.HIGH,
    "max": Effort.HIGH,
}
"""gpt-oss knows three; the others' nearest."""


# Models


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


def model_list(state: EngineState, created: int) -> Json:
    ids = [state.model.id] if isinstance(state, Ready) else []
    return {"object": "list", "data": [model_object(id, created) for id in ids]}


def model_object(id: str, created: int) -> Json:
    return {"id": id, "object": "model", "created": created, "owned_by": "hearth"}


# Requests


def sampling(body: SamplingFields) -> Sampling:
    """The wire's names are the engine's; what is null or absent keeps the engine's default."""
    names = {field.name for field in fields(Sampling)}
    given = body.model_dump(include=names, exclude_none=True)
    if "seed" in given:  # any integer on the wire, a natural number for the generator
        given["seed"] %= 2**64
    return Sampling(**given)


def seeds(sampling: Sampling, count: int) -> list[Sampling]:
    """For so many choices that are to differ; the first one's is as it was."""
    seed = sampling.seed
    numbers = [None if seed is None else (seed + more) % 2**64 for more in range(count)]
    return [replace(sampling, seed=number) for number in numbers]


def effort(name: str | None, field: str) -> Effort:
    if name is None:
        return ChatRequest(()).effort
    if name not in EFFORTS:
        raise BadRequest(f"'{field}' can be one of {', '.join(EFFORTS)}.", field)
    return EFFORTS[name]


def tool(shape: FunctionShape) -> Tool:
    return Tool(shape.name, shape.description or "", shape.parameters, shape.strict is True)


def tool_choice(mode: str, names: Iterable[str], tools: Sequence[Tool]) -> ToolChoice:
    """`names` are the only ones that may be called, if there are any. Raises BadRequest."""
    named = tuple(names)
    known = {tool.name for tool in tools}
    for name in named:
        if name not in known:
            raise BadRequest(
                f"'tool_choice' names '{name}', which is not among 'tools'.", "tool_choice"
            )
    if mode == ToolMode.REQUIRED and not known:
        raise BadRequest("'tool_choice' asks for a call, but 'tools' is empty.", "tool_choice")
    return ToolChoice(ToolMode(mode), named)


def json_answer(kind: str, schema: SchemaShape | None, field: str) -> JsonAnswer | None:
    """`kind` is text, json_object or json_schema."""
    if kind == "text":
        return None
    if kind == "json_object":
        return JsonAnswer()
    if schema is None or schema.json_schema is None:
        raise BadRequest(f"'{field}' has no schema.", field)
    return JsonAnswer(
        schema.json_schema, schema.name or "", schema.description or "", schema.strict is True
    )


# Answers


def is_reasoning(delta: TextDelta) -> bool:
    return delta.channel is Channel.ANALYSIS


def text_of(deltas: Iterable[TextDelta], reasoning: bool = False) -> str:
    return "".join(delta.text for delta in deltas if is_reasoning(delta) is reasoning)


def token_logprobs(deltas: Iterable[TextDelta]) -> list[Json]:
    """Of the answer's tokens only."""
    spoken = (entry for delta in deltas if not is_reasoning(delta) for entry in delta.logprobs)
    return [
        _logprob(entry) | {"top_logprobs": [_logprob(top) for top in entry.top]} for entry in spoken
    ]


def _logprob(entry: TokenLogprob) -> Json:
    return {
        "token": token_text(entry),
        "bytes": list(entry.token),
        "logprob": logprob(entry),
    }


def token_text(entry: TokenLogprob) -> str:
    return entry.token.decode("utf-8", "replace")


def logprob(entry: TokenLogprob) -> float:
    return max(entry.logprob, LOWEST_LOGPROB)

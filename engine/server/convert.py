"""Between OpenAI's shapes and the engine's values: what the routes share. Pure functions."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from engine.errors import BadRequest
from engine.server.stream import Json
from engine.server.wire import (
    FunctionShape,
    PartShape,
    SamplingFields,
    SchemaShape,
    Shape,
    StreamOptions,
)
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
    TextPart,
    TokenLogprob,
    Tool,
    ToolChoice,
    ToolMode,
    Usage,
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


TEXTS = {
    **dict.fromkeys(
        ("text", "input_text", "output_text", "summary_text", "reasoning_text"), "text"
    ),
    "refusal": "refusal",
}
"""Kinds of content, and the field that holds their text."""
REFUSED_PARTS = {
    **dict.fromkeys(("image_url", "input_image"), "The loaded model cannot see images."),
    "input_audio": "The loaded model cannot hear audio.",
    **dict.fromkeys(("file", "input_file"), "The loaded model cannot read files."),
}


UNSEEN = {
    **dict.fromkeys(("image_url", "input_image"), "[An image that this model cannot see.]"),
    "input_audio": "[A recording that this model cannot hear.]",
    **dict.fromkeys(("file", "input_file"), "[A file that this model cannot read.]"),
}
"""Lines that stand in a tool's result for content that is not text."""
NO_LIMIT = -1


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
    """List the model that requests would meet, also while it loads."""
    id = model_id(state)
    models = [] if id is None else [model_object(id, created)]
    return {"object": "list", "data": models}


def model_object(id: str, created: int) -> Json:
    return {"id": id, "object": "model", "created": created, "owned_by": "hearth"}


# Requests


def refuse_fields(body: Shape, reasons: Mapping[str, str]) -> None:
    """Raises BadRequest, with its reason, for the first of these fields that is set."""
    for field, reason in reasons.items():
        if getattr(body, field):
            raise BadRequest(reason, field)


def parts(shapes: Iterable[PartShape] | None, path: str) -> tuple[TextPart, ...]:
    """Raises BadRequest for what is no text."""
    numbered = enumerate(shapes or ())
    return tuple(part(shape, f"{path}[{number}]") for number, shape in numbered)


def part(shape: PartShape, path: str) -> TextPart:
    if shape.type not in TEXTS:
        reason = f"Content of type '{shape.type}' is not known here."
        raise BadRequest(REFUSED_PARTS.get(shape.type, reason), path)
    field = TEXTS[shape.type]
    text = getattr(shape, field)
    if text is None:
        raise BadRequest(f"'{path}.{field}' is missing.", f"{path}.{field}")
    return TextPart(text)


def answer_parts(shapes: Sequence[PartShape] | None, path: str) -> tuple[TextPart, ...]:
    """Return an assistant's text, without content of other kinds: another model may have written
    it. Raises BadRequest."""
    return parts([shape for shape in shapes or () if shape.type in TEXTS], path)


def result_parts(shapes: Sequence[PartShape] | None, path: str) -> tuple[TextPart, ...]:
    """Return a tool's text. A line stands for each part that is not text. Raises BadRequest.

    A user's image is refused, but a tool's must not be: the model caused it, and the client sends
    it again with every later turn.
    """
    given = shapes or ()
    if all(shape.type in TEXTS for shape in given):
        return parts(given, path)
    lines = [result_line(shape, f"{path}[{number}]") for number, shape in enumerate(given)]
    return (TextPart("\n".join(lines)),)


def result_line(shape: PartShape, path: str) -> str:
    if shape.type in TEXTS:
        return part(shape, path).text
    return UNSEEN.get(shape.type, f"[Content of type '{shape.type}' that this model cannot read.]")


def token_limit(*counts: int | None, default: int | None = None) -> int | None:
    """Return the first limit that is given; None where there is none. Local servers take -1 for
    no limit."""
    given = next((count for count in counts if count is not None), default)
    return None if given == NO_LIMIT else given


def sampling(body: SamplingFields) -> Sampling:
    """The wire's names are the engine's; what is null or absent keeps the engine's default."""
    names = {field.name for field in fields(Sampling)}
    given = body.model_dump(include=names, exclude_none=True)
    if given.get("top_k") == NO_LIMIT:
        given["top_k"] = 0
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


def with_own_names(tools: Iterable[Tool]) -> tuple[Tool, ...]:
    """Raises BadRequest where two have the same: whose call it is would be a guess."""
    found: dict[str, Tool] = {}
    for tool in tools:
        if tool.name in found:
            raise BadRequest(f"Two of the tools are named '{tool.name}'.", "tools")
        found[tool.name] = tool
    return tuple(found.values())


def allowed_tools(mode: str, names: Sequence[str], tools: Sequence[Tool]) -> ToolChoice:
    """The functions among those that a client allows: none of them, where it names none."""
    if names:
        return tool_choice(mode, names, tools)
    if mode == ToolMode.REQUIRED:
        raise BadRequest("'tool_choice' asks for a call, but allows no function.", "tool_choice")
    return ToolChoice(ToolMode.NONE)


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
    """`kind` is text, json_object or json_schema. Beside json_object a schema is kept too, as
    llama.cpp does."""
    if kind == "text":
        return None
    if schema is None or schema.json_schema is None:
        if kind == "json_object":
            return JsonAnswer()
        raise BadRequest(f"'{field}' has no schema.", field)
    return JsonAnswer(
        schema.json_schema, schema.name or "", schema.description or "", schema.strict is True
    )


# Answers


@dataclass(frozen=True, slots=True)
class Heading:
    """What an answer and all its chunks begin with. `has_usage` is stream_options.include_usage."""

    id: str
    created: int
    model: str
    has_usage: bool = False


def new_heading(prefix: str, model: str, options: StreamOptions | None) -> Heading:
    has_usage = options is not None and options.include_usage is True
    return Heading(f"{prefix}-{uuid.uuid4().hex}", int(time.time()), model, has_usage)


def object_of(kind: str, heading: Heading, choices: Sequence[Json]) -> Json:
    return {
        "id": heading.id,
        "object": kind,
        "created": heading.created,
        "model": heading.model,
        "system_fingerprint": None,
        "choices": choices,
    }


def chunk_of(kind: str, heading: Heading, choices: Sequence[Json]) -> Json:
    """Each chunk has an empty usage where the last one is to tell it."""
    chunk = object_of(kind, heading, choices)
    return chunk | {"usage": None} if heading.has_usage else chunk


def usage(usages: Sequence[Usage | None], each: int) -> Json | None:
    """Of all choices together; so many in a row, `each`, have one prompt."""
    known = [usage for usage in usages if usage is not None]
    if not known:
        return None
    prompt = sum(usage.prompt_tokens for usage in known[::each])
    completion = sum(usage.completion_tokens for usage in known)
    reasoned = sum(usage.reasoning_tokens for usage in known)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": sum(u.cached_tokens for u in known[::each])},
        "completion_tokens_details": {"reasoning_tokens": reasoned},
    }


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

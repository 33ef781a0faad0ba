"""The shapes of requests to /v1/responses, as clients send them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field, model_validator

from engine.server.wire import (
    MAX_NAME,
    MAX_TOP_LOGPROBS,
    FunctionShape,
    JsonObject,
    JsonText,
    Loose,
    Many,
    PartShape,
    SamplingFields,
    SchemaShape,
    Shape,
    TokenCount,
    compact_json,
    few,
    text_or_none,
)

LOGPROBS = "message.output_text.logprobs"
"""What `include` names to have them."""
REFERENCE = "item_reference"
"""Marks an item that refers to another one by its id."""
KINDS = ("message", "reasoning", "function_call", "function_call_output", REFERENCE)
"""Lists the kinds of items that have an effect here."""
TOOL_KINDS = ("function", "namespace")
SUMMARIES = ("auto", "concise", "detailed")


def _as_parts(content: object) -> object:
    return [{"type": "input_text", "text": content}] if isinstance(content, str) else content


def _known_role(role: object) -> object:
    return role if isinstance(role, str) else None


Parts = Annotated[Many[PartShape] | None, BeforeValidator(_as_parts)]
ToolsName = Annotated[
    Annotated[str, Field(max_length=MAX_NAME)] | None, BeforeValidator(text_or_none)
]


def _readable(value: object, kinds: Sequence[str], fields: Sequence[str]) -> object:
    """Keep only these fields of an object of another kind: the others may have other types."""
    if not isinstance(value, dict):
        return value
    given = cast(dict[str, object], value)
    is_known = not given.get("type") or given["type"] in kinds
    return given if is_known else {name: given[name] for name in fields if name in given}


class Item(Shape):
    """Holds the fields of items of all kinds. Messages and references may leave their type out."""

    type: str | None = None
    id: Loose = None
    role: Annotated[
        Literal["system", "developer", "user", "assistant"] | None, BeforeValidator(_known_role)
    ] = None
    content: Parts = None
    summary: Parts = None
    phase: Loose = None
    call_id: str | None = None
    name: str | None = None
    namespace: Loose = None
    arguments: JsonText = None
    output: Parts = None

    @model_validator(mode="before")
    @classmethod
    def _of_known_kind(cls, value: object) -> object:
        return _readable(value, KINDS, ("type", "id", "role"))

    @property
    def kind(self) -> str:
        """Return the type, or infer it from the other fields."""
        is_message = self.role is not None or self.content is not None or self.id is None
        return self.type or ("message" if is_message else REFERENCE)


def _as_items(value: object) -> object:
    return [{"role": "user", "content": value}] if isinstance(value, str) else value


class Tool(Shape):
    """A function, or a namespace of some, or something else, whose fields are not known here."""

    type: str
    name: ToolsName = None
    description: Loose = None
    parameters: JsonObject | None = None
    strict: bool | None = None
    tools: Many[Tool] | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_known_kind(cls, value: object) -> object:
        return _readable(value, TOOL_KINDS, ("type",))

    @property
    def function(self) -> FunctionShape | None:
        if self.type != "function" or not self.name:
            return None
        given = self.model_dump(include={"name", "description", "parameters", "strict"})
        return FunctionShape.model_validate(given)


class ToolName(Shape):
    """Names a function, a namespace of functions, or a tool of another type."""

    type: str
    name: Loose = None
    namespace: Loose = None


class SomeTools(ToolName):
    """Forces one tool, or lists the tools that are allowed."""

    mode: Literal["auto", "required"] | None = None
    tools: Many[ToolName] | None = None


class TextFormat(SchemaShape):
    type: Literal["text", "json_object", "json_schema"] | None = None


class Text(Shape):
    format: TextFormat | None = None


class Reasoning(Shape):
    effort: str | None = None
    summary: Loose = None
    generate_summary: Loose = None

    @property
    def wanted_summary(self) -> str | None:
        """Return the kind of summary. `generate_summary` is the older name of the field."""
        wanted = self.summary or self.generate_summary
        return wanted if wanted in SUMMARIES else None


def _as_texts(metadata: object) -> object:
    """Write numbers and booleans as JSON text, and drop what is null."""
    if not isinstance(few(metadata), dict):
        return metadata
    given = cast(dict[str, object], metadata).items()
    return {
        name: compact_json(value) if isinstance(value, bool | int | float) else value
        for name, value in given
        if value is not None
    }


class ResponsesRequest(SamplingFields):
    model: str = Field(max_length=MAX_NAME)
    input: Annotated[Many[Item], Field(min_length=1), BeforeValidator(_as_items)]
    instructions: str | None = None
    max_output_tokens: TokenCount | None = None
    top_logprobs: int | None = Field(None, ge=0, le=MAX_TOP_LOGPROBS)
    include: Many[str] | None = None
    tools: Many[Tool] | None = None
    tool_choice: Literal["none", "auto", "required"] | SomeTools | None = None
    parallel_tool_calls: bool | None = None
    reasoning: Reasoning | None = None
    text: Text | None = None
    stream: bool | None = None
    store: bool | None = None
    previous_response_id: str | None = None
    metadata: Annotated[dict[str, str] | None, BeforeValidator(_as_texts)] = None
    truncation: Literal["auto", "disabled"] | None = None
    """Has no effect. OpenAI's "auto" drops the oldest items of a conversation that does not fit;
    here both values refuse it with `context_length_exceeded`, so that nothing is lost unseen."""
    background: bool | None = None
    conversation: Any = None
    prompt: Any = None
    messages: Any = None
    max_tokens: Any = None
    response_format: Any = None
    reasoning_effort: Any = None


class ItemsQuery(Shape):
    """Which of a response's input items to list."""

    limit: int = Field(20, ge=1, le=100)
    order: Literal["asc", "desc"] = "desc"
    after: str | None = None

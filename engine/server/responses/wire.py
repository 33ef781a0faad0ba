"""The shapes of requests to /v1/responses, as clients send them."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field, model_validator

from engine.server.wire import (
    MAX_NAME,
    MAX_TOP_LOGPROBS,
    FunctionShape,
    Loose,
    PartShape,
    SamplingFields,
    SchemaShape,
    Shape,
    TokenCount,
)

LOGPROBS = "message.output_text.logprobs"
"""What `include` names to have them."""
REFERENCE = "item_reference"
"""The type of an item that stands for another one, which is kept."""
KINDS = ("message", "reasoning", "function_call", "function_call_output", REFERENCE)
"""Those items that mean something here."""
SUMMARIES = ("auto", "concise", "detailed")


def _as_parts(content: object) -> object:
    return [{"type": "input_text", "text": content}] if isinstance(content, str) else content


def _known_role(role: object) -> object:
    return role if isinstance(role, str) else None


def _as_json(value: object) -> object:
    """Some clients send what is JSON text to OpenAI as the value itself."""
    return value if value is None or isinstance(value, str) else compact_json(value)


def compact_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


Parts = Annotated[list[PartShape] | None, BeforeValidator(_as_parts)]


class Item(Shape):
    """Of any kind; a message and a reference may leave their type out."""

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
    arguments: Annotated[str | None, BeforeValidator(_as_json)] = None
    output: Parts = None

    @model_validator(mode="before")
    @classmethod
    def _without_foreign_fields(cls, value: object) -> object:
        """Other kinds use the same names for values of other forms."""
        if not isinstance(value, dict):
            return value
        given = cast(dict[str, object], value)
        is_known = not given.get("type") or given["type"] in KINDS
        return given if is_known else {name: given.get(name) for name in ("type", "id", "role")}

    @property
    def kind(self) -> str:
        """Its type, or the one that it has without saying so."""
        is_message = self.role is not None or self.content is not None or self.id is None
        return self.type or ("message" if is_message else REFERENCE)


def _as_items(value: object) -> object:
    return [{"role": "user", "content": value}] if isinstance(value, str) else value


class Tool(Shape):
    """A function, or a namespace of some, or something else, whose fields are not known here."""

    type: str
    name: Loose = None
    description: Loose = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None
    tools: list[Tool] | None = None

    @property
    def function(self) -> FunctionShape | None:
        if self.type != "function" or not self.name:
            return None
        given = self.model_dump(include={"name", "description", "parameters", "strict"})
        return FunctionShape.model_validate(given)


class ToolName(Shape):
    """A function, or all those of a namespace, or something that is not known here."""

    type: str
    name: Loose = None
    namespace: Loose = None


class SomeTools(ToolName):
    """One function by its name, or those that are allowed."""

    mode: Literal["auto", "required"] | None = None
    tools: list[ToolName] | None = None


class TextFormat(SchemaShape):
    type: Literal["text", "json_object", "json_schema"] | None = None


class Text(Shape):
    format: TextFormat | None = None


class Reasoning(Shape):
    effort: str | None = None
    summary: Loose = None
    generate_summary: Loose = None

    @property
    def has_summary(self) -> bool:
        """`generate_summary` is its older name."""
        return (self.summary or self.generate_summary) in SUMMARIES


def _as_texts(metadata: object) -> object:
    """Numbers and truth values as their JSON text; null is the same as absent."""
    if not isinstance(metadata, dict):
        return metadata
    given = cast(dict[str, object], metadata).items()
    return {
        name: compact_json(value) if isinstance(value, bool | int | float) else value
        for name, value in given
        if value is not None
    }


class ResponsesRequest(SamplingFields):
    model: str = Field(max_length=MAX_NAME)
    input: Annotated[list[Item], Field(min_length=1), BeforeValidator(_as_items)]
    instructions: str | None = None
    max_output_tokens: TokenCount | None = None
    top_logprobs: int | None = Field(None, ge=0, le=MAX_TOP_LOGPROBS)
    include: list[str] | None = None
    tools: list[Tool] | None = None
    tool_choice: Literal["none", "auto", "required"] | SomeTools | None = None
    parallel_tool_calls: bool | None = None
    reasoning: Reasoning | None = None
    text: Text | None = None
    stream: bool | None = None
    store: bool | None = None
    previous_response_id: str | None = None
    metadata: Annotated[dict[str, str] | None, BeforeValidator(_as_texts)] = None
    truncation: Literal["auto", "disabled"] | None = None
    """Nothing is cut either way: a conversation that does not fit is refused as such."""
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

"""The shapes of requests to /v1/responses, as clients send them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

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


def _as_parts(content: object) -> object:
    return [{"type": "input_text", "text": content}] if isinstance(content, str) else content


def _known_role(role: object) -> object:
    return role if isinstance(role, str) else None


Parts = Annotated[list[PartShape] | None, BeforeValidator(_as_parts)]


class Item(Shape):
    """Of any kind; a message may leave its type out."""

    type: str = "message"
    id: Loose = None
    role: Annotated[
        Literal["system", "developer", "user", "assistant"] | None, BeforeValidator(_known_role)
    ] = None
    content: Parts = None
    phase: Loose = None
    call_id: str | None = None
    name: str | None = None
    arguments: str | None = None
    output: Parts = None


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
    type: str
    name: Loose = None


class SomeTools(Shape):
    """One function by its name, or those that are allowed."""

    type: Literal["function", "allowed_tools"]
    name: Loose = None
    mode: Literal["auto", "required"] = "auto"
    tools: list[ToolName] | None = None


class TextFormat(SchemaShape):
    type: Literal["text", "json_object", "json_schema"] = "text"


class Text(Shape):
    format: TextFormat | None = None


class Reasoning(Shape):
    effort: str | None = None


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
    metadata: dict[str, str] | None = None
    truncation: Literal["auto", "disabled"] | None = None
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

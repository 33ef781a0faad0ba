"""The shapes of chat completion requests, as clients send them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field

from engine.server.wire import (
    MAX_NAME,
    MAX_TOP_LOGPROBS,
    FunctionShape,
    JsonObject,
    JsonText,
    Loose,
    Many,
    NameShape,
    PartShape,
    SamplingFields,
    SchemaShape,
    Shape,
    Stops,
    StreamOptions,
    TokenCount,
)

MAX_CHOICES = 16


def _as_parts(content: object) -> object:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _required_if_any(choice: object) -> object:
    """Mistral's word for a call that must be made."""
    return "required" if choice == "any" else choice


def _object_or_none(value: object) -> object:
    return cast(object, value) if isinstance(value, dict) else None


class Call(Shape):
    name: str
    arguments: JsonText = None


class ToolCall(Shape):
    """`id` and `function` are missing in the calls of tools that are not functions."""

    id: str | None = None
    function: Call | None = None


class Message(Shape):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[Many[PartShape] | None, BeforeValidator(_as_parts)] = None
    name: Loose = None
    tool_calls: Many[ToolCall] | None = None
    function_call: Call | None = None
    tool_call_id: str | None = None
    reasoning: Loose = None
    reasoning_content: Loose = None


class Tool(Shape):
    type: str
    function: FunctionShape | None = None


class NamedTool(Shape):
    """{"type": "function", "function": {"name": ...}}"""

    type: Literal["function"]
    function: NameShape


class AllowedTool(Shape):
    function: NameShape | None = None


class AllowedTools(Shape):
    mode: Literal["auto", "required"]
    tools: Many[AllowedTool]


class SomeTools(Shape):
    type: Literal["allowed_tools"]
    allowed_tools: AllowedTools


ToolChoice = Annotated[NamedTool | SomeTools, Field(discriminator="type")]


class ResponseFormat(Shape):
    """`schema` and `strict` may stand beside the type, as llama.cpp has them."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: SchemaShape | None = None
    beside: JsonObject | None = Field(None, alias="schema")
    strict: bool | None = None

    @property
    def kept_schema(self) -> SchemaShape | None:
        if self.json_schema is not None or self.beside is None:
            return self.json_schema
        return SchemaShape(schema=self.beside, strict=self.strict)


class Reasoning(Shape):
    """As OpenRouter and Ollama have it."""

    effort: str | None = None
    exclude: bool | None = None


class TemplateFields(Shape):
    """As vLLM and llama.cpp pass them to a chat template."""

    reasoning_effort: Loose = None


class ChatCompletionRequest(SamplingFields):
    model: str = Field(max_length=MAX_NAME)
    messages: Annotated[Many[Message], Field(min_length=1)]
    max_tokens: TokenCount | None = None
    max_completion_tokens: TokenCount | None = None
    stop: Stops | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = Field(None, ge=0, le=MAX_TOP_LOGPROBS)
    n: int | None = Field(None, ge=1, le=MAX_CHOICES)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    tools: Many[Tool] | None = None
    functions: list[Any] | None = None
    tool_choice: Annotated[
        Literal["none", "auto", "required"] | ToolChoice | None, BeforeValidator(_required_if_any)
    ] = None
    response_format: ResponseFormat | None = None
    reasoning_effort: str | None = None
    reasoning: Annotated[Reasoning | None, BeforeValidator(_object_or_none)] = None
    chat_template_kwargs: Annotated[TemplateFields | None, BeforeValidator(_object_or_none)] = None
    audio: Any = None
    modalities: Many[str] | None = None
    web_search_options: Any = None

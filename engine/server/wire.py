"""The shapes of requests as clients send them, and what is wrong with one, in a sentence.

Source: the request types of OpenAI's API reference, chat completions. Unknown fields are ignored;
null is the same as absent. What a field means is not known here.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from engine.errors import BadRequest

MAX_STOPS = 4
MAX_TOP_LOGPROBS = 20
MAX_BIAS = 100
MAX_NAME = 256


class Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class Part(Shape):
    type: str
    text: str | None = None
    refusal: str | None = None


def _as_parts(content: object) -> object:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Message(Shape):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[list[Part] | None, BeforeValidator(_as_parts)] = None
    tool_calls: list[Any] | None = None


class StreamOptions(Shape):
    include_usage: bool | None = None


class ResponseFormat(Shape):
    type: str


Bias = Annotated[float, Field(ge=-MAX_BIAS, le=MAX_BIAS)]
Penalty = Annotated[float, Field(ge=-2, le=2)]
Share = Annotated[float, Field(ge=0, le=1)]
Stops = Annotated[list[str], Field(max_length=MAX_STOPS), BeforeValidator(_as_list)]
TokenCount = Annotated[int, Field(ge=1)]


class ChatCompletionRequest(Shape):
    model: str = Field(max_length=MAX_NAME)
    messages: list[Message] = Field(min_length=1)
    max_tokens: TokenCount | None = None
    max_completion_tokens: TokenCount | None = None
    stop: Stops | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: Share | None = None
    top_k: int | None = Field(None, ge=0)
    min_p: Share | None = None
    seed: int | None = Field(None, ge=-(2**63), lt=2**63)
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    logit_bias: dict[int, Bias] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = Field(None, ge=0, le=MAX_TOP_LOGPROBS)
    n: int | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    tools: list[Any] | None = None
    functions: list[Any] | None = None
    tool_choice: Any = None
    response_format: ResponseFormat | None = None


def parse_chat_completion(body: bytes) -> ChatCompletionRequest:
    """Raises BadRequest, which names the first field that is wrong."""
    try:
        return ChatCompletionRequest.model_validate_json(body)
    except ValidationError as error:
        # Not chained: a ValidationError's text holds the input, and so a prompt.
        raise _bad_request(error.errors(include_url=False, include_input=False)[0]) from None


def _bad_request(error: ErrorDetails) -> BadRequest:
    field, reason = _path(error["loc"]), error["msg"]
    if error["type"] == "json_invalid":
        return BadRequest(f"The body is not JSON that can be read. {reason}.")
    if not field:
        return BadRequest("The body must be a JSON object.")
    if error["type"] == "missing":
        return BadRequest(f"'{field}' is missing.", field)
    return BadRequest(f"'{field}' cannot be used. {reason}.", field)


def _path(location: tuple[int | str, ...]) -> str:
    """messages[0].content, as a programmer would write it."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return "".join(steps).removeprefix(".")

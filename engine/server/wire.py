"""What all requests have in common: their base, their sampling, and what is wrong with one.

Source: the request types of OpenAI's API reference. Unknown fields are ignored; null is the same as
absent. What a field means is not known here.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from engine.errors import BadRequest

MAX_STOPS = 4
MAX_TOP_LOGPROBS = 20
MAX_BIAS = 100
MAX_NAME = 256


class Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


def as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def text_or_none(value: object) -> object:
    return value if isinstance(value, str) else None


Bias = Annotated[float, Field(ge=-MAX_BIAS, le=MAX_BIAS)]
Penalty = Annotated[float, Field(ge=-2, le=2)]
Share = Annotated[float, Field(ge=0, le=1)]
Stops = Annotated[list[str], Field(max_length=MAX_STOPS), BeforeValidator(as_list)]
TokenCount = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
Loose = Annotated[str | None, BeforeValidator(text_or_none)]
"""Text that some clients send in other forms, which mean nothing here."""


class SamplingFields(Shape):
    """The names are those of the engine's Sampling."""

    temperature: float | None = Field(None, ge=0, le=2)
    top_p: Share | None = None
    top_k: int | None = Field(None, ge=0)
    min_p: Share | None = None
    seed: int | None = Field(None, ge=-(2**63), lt=2**63)
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    logit_bias: dict[int, Bias] | None = None


class StreamOptions(Shape):
    include_usage: bool | None = None


class FunctionShape(Shape):
    """A tool of the client's."""

    name: Name
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class NameShape(Shape):
    name: Name


class PartShape(Shape):
    """A piece of a message's content."""

    type: str
    text: str | None = None
    refusal: str | None = None


class SchemaShape(Shape):
    """What an answer in JSON must keep to."""

    name: str | None = None
    description: str | None = None
    json_schema: dict[str, Any] | None = Field(None, alias="schema")
    strict: bool | None = None


Body = TypeVar("Body", bound=Shape)


def parse(shape: type[Body], body: bytes) -> Body:
    """Raises BadRequest, which names the first field that is wrong."""
    try:
        return shape.model_validate_json(body)
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

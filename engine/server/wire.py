"""What all requests have in common: their base, their sampling, and what is wrong with one.

Source: the request types of OpenAI's API reference. Unknown fields are ignored; null is the same as
absent. What a field means is not known here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeVar, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)
from pydantic_core import ErrorDetails, PydanticCustomError, from_json

from engine.errors import BadRequest

MAX_STOPS = 4
MAX_TOP_LOGPROBS = 20
MAX_BIAS = 100
MAX_NAME = 256
MAX_BODY_BYTES = 8 * 2**20
"""Some ten times the text that fills the largest context."""
MOST_ENTRIES = 32_768
MOST_ELEMENTS = 16_384
"""Each message takes five tokens at least, so that more would not fit into any context."""


class Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


def as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def text_or_none(value: object) -> object:
    return value if isinstance(value, str) else None


def not_zero(value: int) -> int:
    if value == 0:
        raise PydanticCustomError("zero", "Input should be greater than 0")
    return value


def finite(value: dict[str, Any]) -> dict[str, Any]:
    """Refuse numbers beyond a float's range: 1e999 is JSON, but infinity cannot be sent back."""
    left: list[Any] = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            left += cast(dict[str, Any], one).values()
        elif isinstance(one, list):
            left += cast(list[Any], one)
        elif isinstance(one, float) and not math.isfinite(one):
            raise PydanticCustomError("infinite", "Input holds a number that is too large")
    return value


def few(entries: object) -> object:
    """Refuse an object of too many entries at once: each could be wrong in itself."""
    if isinstance(entries, dict) and len(cast(dict[Any, Any], entries)) > MOST_ENTRIES:
        most = {"most": MOST_ENTRIES}
        raise PydanticCustomError("too_long", "Input should have at most {most} entries", most)
    return cast(object, entries)


def json_text(value: object) -> object:
    """Write a value as JSON text: some clients send the value where OpenAI expects its text."""
    return value if value is None or isinstance(value, str) else compact_json(value)


def compact_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


Bias = Annotated[float, Field(ge=-MAX_BIAS, le=MAX_BIAS)]
Penalty = Annotated[float, Field(ge=-2, le=2)]
Share = Annotated[float, Field(ge=0, le=1)]
Stops = Annotated[list[str], Field(max_length=MAX_STOPS), BeforeValidator(as_list)]
TokenCount = Annotated[int, Field(ge=-1), AfterValidator(not_zero)]
"""-1 is no limit, as local servers have it."""
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
Loose = Annotated[str | None, BeforeValidator(text_or_none)]
"""Text that some clients send in other forms, which mean nothing here."""
JsonObject = Annotated[dict[str, Any], AfterValidator(finite)]
JsonText = Annotated[str | None, BeforeValidator(json_text)]
Element = TypeVar("Element")
Many = Annotated[list[Element], Field(fail_fast=True, max_length=MOST_ELEMENTS)]
"""A list of which only the first wrong element is reported: there may be a million."""
Tokens = Annotated[list[int], Field(fail_fast=True)]


class SamplingFields(Shape):
    """The names are those of the engine's Sampling."""

    temperature: float | None = Field(None, ge=0, le=2)
    top_p: Share | None = None
    top_k: int | None = Field(None, ge=-1)
    min_p: Share | None = None
    seed: int | None = Field(None, ge=-(2**63), lt=2**63)
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    logit_bias: Annotated[dict[int, Bias] | None, BeforeValidator(few)] = None


class StreamOptions(Shape):
    include_usage: bool | None = None


class FunctionShape(Shape):
    """A tool of the client's."""

    name: Name
    description: str | None = None
    parameters: JsonObject | None = None
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
    json_schema: JsonObject | None = Field(None, alias="schema")
    strict: bool | None = None


Body = TypeVar("Body", bound=Shape)


def parse(shape: type[Body], body: bytes) -> Body:
    """Raises BadRequest, which names the first field that is wrong."""
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        # Not chained: a ValidationError's text holds the input, and so a prompt.
        raise _bad_request(error.errors(include_url=False, include_input=False), body) from None


def parse_query(shape: type[Body], query: Mapping[str, str]) -> Body:
    """Of what stands behind the question mark. Raises BadRequest."""
    return parse(shape, json.dumps(dict(query)).encode())


def _bad_request(errors: Sequence[ErrorDetails], body: bytes) -> BadRequest:
    """A value that can have several forms has an error for each: of the first field that is wrong
    the innermost errors say most."""
    if errors[0]["type"] == "json_invalid":
        return BadRequest(f"The body is not JSON that can be read. {errors[0]['msg']}.")
    value = from_json(body)
    places = [[*_steps(error, value)] for error in errors]
    place = max((each for each in places if each[:1] == places[0][:1]), key=len)
    its = [error for error, each in zip(errors, places, strict=True) if each == place]
    field = _path(place)
    if not field:
        return BadRequest("The body must be a JSON object.")
    if its[0]["type"] == "missing":
        return BadRequest(f"'{field}' is missing.", field)
    reasons = dict.fromkeys(_reason(error) for error in its)
    return BadRequest(f"'{field}' cannot be used. {'; or '.join(reasons)}.", field)


def _reason(error: ErrorDetails) -> str:
    """Without the names of our own shapes."""
    return "Input should be an object" if error["type"].startswith("model_") else error["msg"]


def _path(place: Iterable[int | str]) -> str:
    """messages[0].content, as a programmer would write it."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return "".join(steps).removeprefix(".")


def _steps(error: ErrorDetails, value: object) -> Iterator[int | str]:
    """Of where an error is, those that are in the body: between them are the names of forms."""
    for step in error["loc"]:
        if isinstance(step, int):
            yield step
            value = cast(list[object], value)[step] if isinstance(value, list) else None
        elif isinstance(value, dict) and step in value:
            yield step
            value = cast(dict[str, object], value)[step]
    if error["type"] == "missing":
        yield error["loc"][-1]

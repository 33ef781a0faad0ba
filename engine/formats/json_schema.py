"""What of a JSON schema can be kept, keyword by keyword, where not all of it can."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, cast

Schema = Mapping[str, Any]
Fault = Callable[[Schema], str | None]
"""Says why a schema cannot be kept, or returns None where it can."""

LARGEST_MULTIPLE = 10_000
"""llguidance builds an automaton of so many states, whatever limits it is given: 10,000,019 take
minutes and all memory."""

VALUES = ("enum", "const", "default", "examples")
TEXTS = ("description", "title", "$comment")
DEFINITIONS = ("$defs", "definitions")
SCHEMA_MAPS = ("properties", "patternProperties", "dependentSchemas", *DEFINITIONS)
SCHEMA_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems", "items")
SCHEMAS = (
    "items",
    "additionalItems",
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "contains",
    "not",
    "if",
    "then",
    "else",
)
LAST_TO_GO = (
    "oneOf",
    "anyOf",
    "allOf",
    "$ref",
    "required",
    "additionalProperties",
    "enum",
    "const",
    "type",
    "items",
    "properties",
)
"""Keywords that say most, the weightiest last; all others are dropped before these."""

Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A keyword that is not kept: where it stands, and what is wrong with it."""

    place: Place
    reason: str

    def __str__(self) -> str:
        return f"'{'.'.join(self.place)}': {self.reason}"


def relaxed(schema: Schema, fault: Fault) -> tuple[Schema, list[Dropped]]:
    """Drop as little as is needed for `fault` to find nothing. Raises what `fault` raises."""
    relaxing = _Relaxing(fault)
    return relaxing.root(schema), relaxing.dropped


class _Relaxing:
    def __init__(self, fault: Fault) -> None:
        self._fault = fault
        self.dropped: list[Dropped] = []

    def root(self, schema: Schema) -> Schema:
        """Each definition by itself first, as if the others were right."""
        given = {
            holder: cast(dict[str, Any], schema[holder])
            for holder in DEFINITIONS
            if isinstance(schema.get(holder), dict)
        }
        blank: Schema = {holder: {name: {} for name in names} for holder, names in given.items()}
        definitions: dict[str, Any] = {
            holder: {name: self._part(one, blank, (holder, name)) for name, one in all_.items()}
            for holder, all_ in given.items()
        }
        rest = {key: value for key, value in schema.items() if key not in given}
        return definitions | dict(self._relax(rest, definitions, ()))

    def _part(self, schema: Any, definitions: Schema, place: Place) -> Any:
        is_schema = isinstance(schema, dict)
        return self._relax(cast(Schema, schema), definitions, place) if is_schema else schema

    def _relax(self, schema: Schema, definitions: Schema, place: Place) -> Schema:
        if self._fault({**definitions, **schema}) is None:
            return schema
        inner = {
            key: self._inside(key, value, definitions, (*place, key))
            for key, value in schema.items()
        }
        reason = self._fault({**definitions, **inner})
        return inner if reason is None else self._lighter(inner, definitions, place, reason)

    def _inside(self, key: str, value: Any, definitions: Schema, place: Place) -> Any:
        if isinstance(value, dict) and key in SCHEMA_MAPS:
            parts = cast(Schema, value).items()
            return {name: self._part(one, definitions, (*place, name)) for name, one in parts}
        if isinstance(value, list) and key in SCHEMA_LISTS:
            return [
                self._part(one, definitions, (*place, str(number)))
                for number, one in enumerate(cast(Sequence[Any], value))
            ]
        if key in SCHEMAS:
            return self._part(value, definitions, place)
        return cast(Any, value)

    def _lighter(self, schema: Schema, definitions: Schema, place: Place, reason: str) -> Schema:
        """Drop the one keyword that is at fault, or else one after the other."""
        order = sorted(schema, key=lambda key: LAST_TO_GO.index(key) if key in LAST_TO_GO else -1)
        for key in order:
            left = without(schema, key)
            if self._fault({**definitions, **left}) is None:
                self.dropped.append(Dropped((*place, key), reason))
                return left
        left = schema
        for key in order:
            left = without(left, key)
            self.dropped.append(Dropped((*place, key), reason))
            if self._fault({**definitions, **left}) is None:
                break
        return left


def without(schema: Schema, key: str) -> Schema:
    return {name: value for name, value in schema.items() if name != key}


def large_multiple(schema: Schema) -> str | None:
    """Say what is wrong with the schema's `multipleOf`s, which may multiply in an `allOf`."""
    product = 1
    for multiple in sorted(set(multiples_in(schema))):
        product = math.lcm(product, multiple)
    if product <= LARGEST_MULTIPLE:
        return None
    return f"'multipleOf' is kept up to {LARGEST_MULTIPLE:,}, and all of them have {product:,}"


def multiples_in(schema: Any) -> Iterator[int]:
    """Yield each `multipleOf` without its sign and decimal point: 0.25 is 25."""
    left = [schema]
    while left:
        one = left.pop()
        if isinstance(one, list):
            left += cast(list[Any], one)
        elif isinstance(one, dict):
            words = cast(Schema, one)
            left += [value for key, value in words.items() if key not in VALUES]
            yield from multiple_of(words.get("multipleOf"))


def multiple_of(value: object) -> Iterator[int]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            digits = Decimal(str(value)).normalize().as_tuple()
        except InvalidOperation:
            return
        scale = max(digits.exponent, 0) if isinstance(digits.exponent, int) else 0
        yield max(1, int("".join(map(str, digits.digits)) or "1") * 10 ** min(scale, 30))


def without_multiples(schema: Any) -> Any:
    """Drop every `multipleOf`."""
    return rewritten(schema, lambda key, value: key == "multipleOf" and not is_schema(value))


def without_texts(schema: Any) -> Any:
    """Drop what is written for people and for the model, such as descriptions."""
    return rewritten(schema, lambda key, value: key in TEXTS and isinstance(value, str))


def is_schema(value: object) -> bool:
    """Whether a keyword's name is a property's here."""
    return isinstance(value, dict | bool)


def rewritten(schema: Any, is_dropped: Callable[[str, object], bool]) -> Any:
    """Copy a schema without some keywords. Values that an answer may have stay as they are."""
    if isinstance(schema, list):
        return [rewritten(one, is_dropped) for one in cast(list[Any], schema)]
    if not isinstance(schema, dict):
        return schema
    return {
        key: value if key in VALUES else rewritten(value, is_dropped)
        for key, value in cast(Schema, schema).items()
        if not is_dropped(key, value)
    }

"""A tool's JSON schema in the words that TypeScript has too.

`$ref`, `allOf`, `anyOf`, `const` and numbers in an `enum` have none. Pydantic, and so most agents,
write nested objects and optional values with these. The grammar still keeps to the schema as the
client sent it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from engine.formats.harmony.typescript import type_of

Schema = dict[str, Any]

REFERENCE_DEPTHS = (12, 3, 1, 0)
"""How many references may lead to each other; the first depth that stays short enough is taken."""
GROWTH, ROOM = 2, 1_000
"""A type may have so many times the schema's characters or parts, and so many more."""
MOST_NESTED = 32
"""Levels of objects and arrays in each other; what lies deeper is shown as `any`."""

ONE_SCHEMA = ("items", "additionalProperties")
NULL: Schema = {"type": "null"}
IMPLIED = {"properties": "object", "items": "array"}
OF_ONE_KIND = ("type", "properties", "required", "items")


class TooLong(Exception):
    """The schema grows too much at this depth of references."""


def parameters_type(schema: Mapping[str, Any]) -> str | None:
    """Write the TypeScript type of a call's arguments; None for a call without any.

    Definitions that refer to each other would grow without end: they are shown as deep as the type
    stays of the order of the schema's length.
    """
    length = len(json.dumps(schema, ensure_ascii=False))
    for depth in REFERENCE_DEPTHS:
        try:
            whole = simplified(schema, depth)
        except TooLong:
            continue
        has_any = bool(properties_of(whole) or whole.get("oneOf"))
        written = type_of(whole) if has_any else None
        if depth == 0 or len(written or "") <= GROWTH * length + ROOM:
            return written
    return type_of({"type": "object"})


def simplified(schema: Mapping[str, Any], reference_depth: int = REFERENCE_DEPTHS[0]) -> Schema:
    """Return the schema without references, with its alternatives as `oneOf`. Raises TooLong."""
    return _Simplifying(schema, reference_depth).whole(schema, (), 0)


class _Simplifying:
    """`path`, throughout, are the references that have led to a schema: one that leads to itself
    is shown once. `level` counts the schemas around this one."""

    def __init__(self, root: Mapping[str, Any], reference_depth: int) -> None:
        self._root = root
        self._depth = reference_depth
        self._left = GROWTH * schemas_in(root) + ROOM

    def whole(self, schema: Mapping[str, Any], path: Sequence[str], level: int) -> Schema:
        self._left -= 1
        if self._left < 0:
            raise TooLong
        if level > MOST_NESTED:
            return {}
        merged, path = self._merged(schema, path, self._depth + (level == 0))
        if isinstance(merged.get("properties"), dict):
            parts = cast(Schema, merged["properties"]).items()
            merged["properties"] = {key: self._part(one, path, level) for key, one in parts}
        for name in ONE_SCHEMA:
            if isinstance(merged.get(name), dict):
                merged[name] = self._part(merged[name], path, level)
        return with_constants(with_kinds(self._with_alternatives(merged, path, level)))

    def _part(self, schema: object, path: Sequence[str], level: int) -> object:
        is_schema = isinstance(schema, dict)
        return self.whole(cast(Schema, schema), path, level + 1) if is_schema else schema

    def _merged(
        self, schema: Mapping[str, Any], path: Sequence[str], depth: int
    ) -> tuple[Schema, Sequence[str]]:
        """Join all that a schema refers to and is made of; its own words go before theirs."""
        merged: Schema = {}
        seen = list(path)
        for part in self._parts(schema, seen, depth):
            join(merged, part)
        return merged, seen

    def _parts(
        self, schema: Mapping[str, Any], path: list[str], depth: int, level: int = 0
    ) -> Iterator[Schema]:
        """Yield the schemas that make one up, the weakest first. Adds to `path`."""
        if level <= MOST_NESTED:
            for part in _schemas(schema.get("allOf")):
                yield from self._parts(part, path, depth, level + 1)
            reference = schema.get("$ref")
            if isinstance(reference, str) and reference not in path and len(path) < depth:
                path.append(reference)
                yield from self._parts(self._target(reference), path, depth, level + 1)
        yield {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}

    def _target(self, reference: str) -> Schema:
        """Find what a reference names: nothing for what lies outside the schema, or nowhere."""
        found = _object(self._root if reference.startswith("#") else None)
        for step in reference.removeprefix("#").split("/")[1:]:
            found = _object(found.get(step.replace("~1", "/").replace("~0", "~")))
        return found

    def _with_alternatives(self, schema: Schema, path: Sequence[str], level: int) -> Schema:
        """Write `anyOf` as `oneOf`; null among simple types as one more type, which reads best.

        Beside alternatives an object's own properties would not be shown: there it has them all.
        """
        given = [*_schemas(schema.pop("anyOf", None)), *_schemas(schema.pop("oneOf", None))]
        choices = [self.whole(one, path, level + 1) for one in given]
        if properties_of(schema):
            every = (properties_of(one) for one in (*choices, schema))
            together = {name: one for some in every for name, one in some.items()}
            return schema | {"properties": together}
        others = [one for one in choices if one != NULL]
        if len(others) == 1:
            (only,) = others
            return joined(only, schema) | ({} if others == choices else nullable(only))
        return schema | {"oneOf": choices} if choices else schema


def schemas_in(schema: object) -> int:
    """Count the objects in a JSON value: a schema has no more parts than these."""
    count, left = 0, [schema]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            count += 1
            left += cast(Schema, one).values()
        elif isinstance(one, list):
            left += cast(list[object], one)
    return count


def with_kinds(schema: Schema) -> Schema:
    """Say `object` or `array` where the other words imply it, and each of several types whole."""
    kinds = _list(schema.get("type"))
    if "type" not in schema and "oneOf" not in schema:
        implied = (kind for word, kind in IMPLIED.items() if isinstance(schema.get(word), dict))
        kind = next(implied, None)
        return schema if kind is None else schema | {"type": kind}
    if not {"object", "array"} & {kind for kind in kinds if isinstance(kind, str)}:
        return schema
    others = [kind for kind in kinds if kind != "null"]
    null: Schema = {"nullable": True} if "null" in kinds else {}
    if len(others) == 1:
        return {**schema, "type": others[0], **null}
    about = {key: value for key, value in schema.items() if key not in OF_ONE_KIND}
    return about | {"oneOf": [_of_kind(schema, kind) for kind in kinds]}


def _of_kind(schema: Schema, kind: object) -> Schema:
    words = {"object": ("properties", "required"), "array": ("items",)}.get(str(kind), ())
    return {"type": kind, **{word: schema[word] for word in words if word in schema}}


def nullable(schema: Schema) -> Schema:
    kind = schema.get("type")
    is_simple = isinstance(kind, str) and kind not in ("object", "array") and "enum" not in schema
    return {"type": [kind, "null"]} if is_simple else {"nullable": True}


def joined(below: Schema, above: Schema) -> Schema:
    """Join two objects' properties; for the rest, what `above` says counts."""
    together: Schema = {}
    join(together, below)
    join(together, above)
    return together


def join(merged: Schema, above: Schema) -> None:
    """Add `above` to `merged`, which is a value of its own; what `above` says counts."""
    properties = properties_of(above)
    required = _list(above.get("required"))
    before, names = properties_of(merged), _list(merged.get("required"))
    merged.update(above)
    if before or properties:
        before.update(properties)
        merged["properties"] = before
    if names or required:
        names.extend(required)
        merged["required"] = names


def properties_of(schema: Schema) -> Schema:
    return _object(schema.get("properties"))


def with_constants(schema: Schema) -> Schema:
    """Say what the value must be: as an `enum` of text, else in a comment beside it."""
    values = [schema["const"]] if "const" in schema else _list(schema.get("enum"))
    if not values:
        return schema
    if all(isinstance(value, str) for value in values):
        return {"type": "string", **schema, "enum": values}
    said = "One of " + ", ".join(json.dumps(value) for value in values)
    plain = {key: value for key, value in schema.items() if key != "enum"}
    return plain | {"description": ". ".join(filter(None, (text_in(schema), said)))}


def text_in(schema: Schema) -> str:
    described = schema.get("description")
    return described if isinstance(described, str) else ""


def _schemas(value: object) -> list[Schema]:
    return [cast(Schema, one) for one in _list(value) if isinstance(one, dict)]


def _object(value: object) -> Schema:
    return cast(Schema, value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    """Clients send all sorts of things: what is not a list holds nothing."""
    return cast(list[object], value) if isinstance(value, list) else []

"""A tool's JSON schema in those words that openai-harmony shows to the model.

It writes `any` for what it does not know: `$ref`, `allOf`, `anyOf`, `const`, numbers in an `enum`.
Pydantic, and so most agents, write nested objects and optional values with these. The grammar still
keeps to the schema as the client sent it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

Schema = dict[str, Any]

MOST_SCHEMAS = 2_000
"""References may double a schema again and again; what lies beyond is shown as `any`."""

SCHEMAS_BY_NAME = ("properties",)
ONE_SCHEMA = ("items", "additionalProperties")
NULL: Schema = {"type": "null"}


def shown(schema: Mapping[str, Any]) -> Schema:
    """Without references, and its alternatives as `oneOf`."""
    return _Showing(schema).whole(schema, ())


class _Showing:
    """`path`, throughout, are the references that have led to a schema: one that leads to itself
    is shown once."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._count = 0

    def whole(self, schema: Mapping[str, Any], path: Sequence[str]) -> Schema:
        self._count += 1
        if self._count > MOST_SCHEMAS:
            return {}
        merged, path = self._merged(schema, path)
        for name in SCHEMAS_BY_NAME:
            if isinstance(merged.get(name), dict):
                merged[name] = {key: self._part(one, path) for key, one in merged[name].items()}
        for name in ONE_SCHEMA:
            if isinstance(merged.get(name), dict):
                merged[name] = self._part(merged[name], path)
        return with_constants(self._with_alternatives(merged, path))

    def _part(self, schema: object, path: Sequence[str]) -> object:
        return self.whole(cast(Schema, schema), path) if isinstance(schema, dict) else schema

    def _merged(
        self, schema: Mapping[str, Any], path: Sequence[str]
    ) -> tuple[Schema, Sequence[str]]:
        """With all that it refers to and is made of; its own words go before theirs."""
        own = {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
        parts = _schemas(schema.get("allOf"))
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in path:
            path = (*path, reference)
            parts.append(self._target(reference))
        below: Schema = {}
        for part in parts:
            merged, path = self._merged(part, path)
            below = joined(below, merged)
        return joined(below, own), path

    def _target(self, reference: str) -> Schema:
        """An empty one for what lies outside the schema, or nowhere."""
        found = _object(self._root if reference.startswith("#") else None)
        for step in reference.removeprefix("#").split("/")[1:]:
            found = _object(found.get(step.replace("~1", "/").replace("~0", "~")))
        return found

    def _with_alternatives(self, schema: Schema, path: Sequence[str]) -> Schema:
        """`anyOf` as `oneOf`; null among simple types as one more type, which reads best.

        Beside alternatives an object's own properties would not be shown: there it has them all.
        """
        given = [*_schemas(schema.pop("anyOf", None)), *_schemas(schema.pop("oneOf", None))]
        choices = [self.whole(one, path) for one in given]
        if properties_of(schema):
            every = (properties_of(one) for one in (*choices, schema))
            together = {name: one for some in every for name, one in some.items()}
            return schema | {"properties": together}
        others = [one for one in choices if one != NULL]
        if len(others) == 1:
            (only,) = others
            return joined(only, schema) | ({} if others == choices else nullable(only))
        return schema | {"oneOf": choices} if choices else schema


def nullable(schema: Schema) -> Schema:
    kind = schema.get("type")
    is_simple = isinstance(kind, str) and kind not in ("object", "array") and "enum" not in schema
    return {"type": [kind, "null"]} if is_simple else {"nullable": True}


def joined(below: Schema, above: Schema) -> Schema:
    """Both objects' properties; for the rest, what `above` says."""
    properties = properties_of(below) | properties_of(above)
    required = [*_list(below.get("required")), *_list(above.get("required"))]
    return {
        **below,
        **above,
        **({"properties": properties} if properties else {}),
        **({"required": required} if required else {}),
    }


def properties_of(schema: Schema) -> Schema:
    return _object(schema.get("properties"))


def with_constants(schema: Schema) -> Schema:
    """What the value must be: as an `enum` of text, else in words beside it."""
    values = [schema["const"]] if "const" in schema else _list(schema.get("enum"))
    if not values:
        return schema
    if all(isinstance(value, str) for value in values):
        return {"type": "string", **schema, "enum": values}
    said = "One of " + ", ".join(json.dumps(value) for value in values)
    plain = {key: value for key, value in schema.items() if key != "enum"}
    return plain | {"description": ". ".join(filter(None, (schema.get("description"), said)))}


def _schemas(value: object) -> list[Schema]:
    return [cast(Schema, one) for one in _list(value) if isinstance(one, dict)]


def _object(value: object) -> Schema:
    return cast(Schema, value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    """Clients send all sorts of things: what is no list holds nothing."""
    return cast(list[object], value) if isinstance(value, list) else []

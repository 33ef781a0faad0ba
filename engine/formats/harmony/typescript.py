"""A JSON schema as the TypeScript type that gpt-oss was taught to read.

The layout is openai-harmony's (src/encoding.rs, json_schema_to_typescript), so that a tool looks as
it did in training. Where that would say something else than the schema does, this says what the
schema does: a union in an array stands in brackets, and null beside an object is never left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

Schema = dict[str, Any]

NAMES = {
    "string": "string",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "null": "null",
}


def type_of(schema: Schema, indent: str = "") -> str:
    """Write the type. What TypeScript has no word for is `any`."""
    alternatives = schema.get("oneOf")
    if isinstance(alternatives, list):
        lines = (variant(one, indent) for one in cast(list[Schema], alternatives))
        return "".join(f"\n{indent} | {line}" for line in lines)
    kind = schema.get("type")
    if isinstance(kind, list):
        return union([str(one) for one in cast(list[object], kind)])
    match kind:
        case "object":
            return "".join(object_lines(schema, indent))
        case "array":
            return array_of(schema, indent)
        case "string":
            return constants(schema) or "string"
        case str():
            return NAMES.get(kind, "any")
        case _:
            return "any"


def union(kinds: list[str]) -> str:
    return " | ".join("number" if kind == "integer" else kind for kind in kinds) or "any"


def array_of(schema: Schema, indent: str) -> str:
    items = schema.get("items")
    if not isinstance(items, dict):
        return "Array<any>"
    item = nullable_type(cast(Schema, items), indent)
    return f"({item})[]" if is_union(cast(Schema, items)) else f"{item}[]"


def is_union(schema: Schema) -> bool:
    kinds = schema.get("type")
    return (
        schema.get("nullable") is True
        or isinstance(schema.get("oneOf"), list)
        or (isinstance(kinds, list) and len(cast(list[object], kinds)) > 1)
        or " | " in constants(schema)
    )


def constants(schema: Schema) -> str:
    values = schema.get("enum")
    if schema.get("type") != "string" or not isinstance(values, list):
        return ""
    return " | ".join(f'"{one}"' for one in cast(list[object], values) if isinstance(one, str))


def nullable_type(schema: Schema, indent: str) -> str:
    written = type_of(schema, indent)
    is_nullable = schema.get("nullable") is True and not written.endswith("null")
    return f"{written} | null" if is_nullable else written


def object_lines(schema: Schema, indent: str) -> Iterator[str]:
    yield from comment(schema.get("description"), indent)
    yield "{\n"
    required = schema.get("required")
    names = cast(list[object], required) if isinstance(required, list) else []
    wanted = {name for name in names if isinstance(name, str)}
    properties = schema.get("properties")
    for name, one in (cast(Schema, properties) if isinstance(properties, dict) else {}).items():
        key = f"{indent}{name}{'' if name in wanted else '?'}:"
        shape = cast(Schema, one) if isinstance(one, dict) else {}
        yield from heading(shape, indent)
        if isinstance(shape.get("oneOf"), list):
            yield from alternatives(key, shape, indent)
        else:
            yield f"{key} {nullable_type(shape, f'{indent}    ')},{trailing(default(shape))}\n"
    yield f"{indent}}}"


def heading(schema: Schema, indent: str) -> Iterator[str]:
    """Write what stands above a property's name."""
    title = schema.get("title")
    if isinstance(title, str):
        yield f"{indent}// {title}\n{indent}//\n"
    if "oneOf" not in schema:
        yield from comment(schema.get("description"), indent)
    examples = schema.get("examples")
    if isinstance(examples, list) and examples:
        yield f"{indent}// Examples:\n"
        texts = (one for one in cast(list[object], examples) if isinstance(one, str))
        yield from (f'{indent}// - "{text}"\n' for text in texts)


def alternatives(key: str, schema: Schema, indent: str) -> Iterator[str]:
    """Write a property of several types, one a line. A description that the property shares with
    its first type is written once."""
    described = text(schema.get("description"))
    first, *others = cast(list[Schema], schema["oneOf"]) or [{}]
    is_above = bool(described) and described != text(first.get("description"))
    if is_above:
        yield from comment(described, indent)
    if said := default(schema):
        yield f"{indent}// {said}\n"
    yield f"{key}\n"
    yield f"{indent} | {variant(first, indent, described, has_description=not is_above)}\n"
    for one in others:
        yield f"{indent} | {variant(one, indent, described)}\n"
    yield f"{indent},\n"


def variant(schema: Schema, indent: str, described: str = "", has_description: bool = True) -> str:
    """Write one of several types, with its comments behind it."""
    own = text(schema.get("description")) if has_description else ""
    comments = [own if own != described else "", default(schema)]
    return nullable_type(schema, f"{indent}   ") + trailing(" ".join(filter(None, comments)))


def comment(value: object, indent: str) -> Iterator[str]:
    if written := text(value):
        yield f"{indent}// {written}\n"


def trailing(written: str) -> str:
    return f" // {written}" if written else ""


def default(schema: Schema) -> str:
    if "default" not in schema:
        return ""
    value = schema["default"]
    if isinstance(value, str):
        return f"default: {value}" if schema.get("enum") else f'default: "{value}"'
    return f"default: {json.dumps(value, ensure_ascii=False, separators=(',', ':'))}"


def text(value: object) -> str:
    return value if isinstance(value, str) else ""

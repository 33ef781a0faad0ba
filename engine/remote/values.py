"""Reads the values of a server's JSON, which need not have the types of OpenAI's documentation.

A field that carries a part of the answer raises Unreadable for a wrong type. A field that only
describes the answer counts as missing then. Null counts as missing everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TypeGuard

Json = dict[str, object]

LARGEST_COUNT = 2**53
SHOWN = 40
"""Characters of an unreadable answer that its error quotes."""
NAMES: dict[type, str] = {
    bool: "a truth value",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
}


class Unreadable(Exception):
    """Says as a clause which part of an answer cannot be read."""

    @classmethod
    def field(cls, field: str, value: object) -> Unreadable:
        return cls(f"'{field}' is {NAMES.get(type(value), 'an object')}")


def parsed(text: str) -> object:
    """Parse JSON. Halves of surrogate pairs become U+FFFD. Raises Unreadable."""
    try:
        value: object = json.loads(text)
        return value if "\\ud" not in text.lower() else json.loads(without_surrogates(value))
    except (ValueError, RecursionError):
        start = shortened(text, SHOWN)
        raise Unreadable(f"'{start}' is not JSON" if start else "its answer is empty") from None


def without_surrogates(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def shortened(text: str, longest: int) -> str:
    """Return a text as one line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[:longest]}…"


def is_object(value: object) -> TypeGuard[Json]:
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def object_in(value: object) -> Json:
    """Return an object. Any other value counts as an empty one."""
    return value if is_object(value) else {}


def list_in(value: object) -> list[object]:
    """Return a list. Any other value counts as an empty one."""
    return value if is_list(value) else []


def answer_object(value: object, field: str) -> Json:
    """Return an object that carries a part of the answer. Raises Unreadable."""
    if value and not is_object(value):
        raise Unreadable.field(field, value)
    return object_in(value)


def answer_objects(value: object, field: str) -> Iterator[Json]:
    """Yield the objects of a list; a lone object is a list of one. Raises Unreadable."""
    if value and not (is_object(value) or is_list(value)):
        raise Unreadable.field(field, value)
    items = [value] if is_object(value) else list_in(value)
    return (answer_object(item, field) for item in items if item)


def answer_text(value: object, field: str) -> str:
    """Return a text, or the joined texts of a list of parts. Raises Unreadable."""
    if not value or isinstance(value, str):
        return text_in(value)
    if is_list(value):
        return "".join(answer_text(part, field) for part in value)
    return part_text(value, field)


def part_text(part: object, field: str) -> str:
    """Return the text of one part. A part of another kind, such as a picture, has none."""
    if not is_object(part):
        raise Unreadable.field(field, part)
    return answer_text(part.get("text") or part.get("refusal"), field)


def text_in(value: object) -> str:
    """Return a text. Any other value counts as an empty one."""
    return value if isinstance(value, str) else ""


def count_in(value: object) -> int:
    """Return a count. Anything that is not a positive number counts as 0."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if 0 < value < LARGEST_COUNT else 0

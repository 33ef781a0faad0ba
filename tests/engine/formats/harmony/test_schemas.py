"""What the model is shown of schemas that openai-harmony alone would show as `any`."""

from __future__ import annotations

import json
from typing import Any, Literal

import openai_harmony as harmony
import pytest
from pydantic import BaseModel, Field

from engine.formats.harmony.format import HarmonyFormat
from engine.formats.harmony.schemas import shown
from engine.types import ChatRequest, Tool


class Item(BaseModel):
    sku: str = Field(description="As on the label")
    size: Literal[1, 2]
    colour: Literal["red", "blue"] | None = None


class Tree(BaseModel):
    value: int
    left: Tree | None = None


class Order(BaseModel):
    first: Item
    more: list[Item]
    weight: float | None
    tree: Tree


def object_of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


TEXT = {"type": "string"}


def signature(form: HarmonyFormat, encoding: harmony.HarmonyEncoding, schema: Any) -> str:
    prompt = form.render(ChatRequest((), tools=(Tool("f", "", schema),)))
    _, _, told = encoding.decode(prompt.ids).partition("type f = ")
    return "".join(told.partition(" => any;")[0].split())


def test_models_in_models_are_shown_whole(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    told = signature(form, encoding, Order.model_json_schema())
    assert told.count("//Asonthelabel") == 2
    assert told.count("//Oneof1,2size:number,") == 2
    assert told.count('"red"|"blue"|null') == 2
    assert "weight:number|null" in told
    assert "value:number" in told
    assert "left?:" in told
    assert "any" not in told.replace("left?:any", "")


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"$ref": "#/$defs/A", "$defs": {"A": object_of(a=TEXT)}}, "(_:{a?:string,})"),
        ({"allOf": [object_of(a=TEXT), object_of(b=TEXT)]}, "(_:{a?:string,b?:string,})"),
        ({"anyOf": [object_of(a=TEXT), object_of(b=TEXT)]}, "(_:|{a?:string,}|{b?:string,})"),
        (
            object_of(a=TEXT) | {"anyOf": [{"required": ["a"]}, object_of(b=TEXT)]},
            "(_:{b?:string,a?:string,})",
        ),
        (object_of(a={"const": "x"}), '(_:{a?:"x",})'),
        (object_of(a={"type": ["string", "null"]}), "(_:{a?:string|null,})"),
    ],
)
def test_what_harmony_does_not_know_is_said_in_what_it_knows(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding, schema: Any, told: str
) -> None:
    assert signature(form, encoding, schema) == told


def test_a_schema_that_needs_no_help_stays_as_it_is() -> None:
    schema = object_of(a=TEXT, b={"type": "array", "items": {"type": "integer"}})
    assert shown(schema) == schema


@pytest.mark.parametrize(
    "odd",
    [
        {"properties": [1]},
        {"$ref": 5},
        {"$ref": "#/nowhere"},
        {"$ref": "https://example.org/schema"},
        {"allOf": 5},
        {"enum": "x"},
        {"enum": []},
        {"items": [TEXT]},
        {"properties": {"a": True}},
        {"properties": [1], "allOf": [{"properties": 2}], "anyOf": [{}]},
    ],
)
def test_whatever_clients_send_is_taken(odd: Any) -> None:
    shown(odd)


def test_references_that_double_end() -> None:
    pair = {
        f"D{n}": object_of(a={"$ref": f"#/$defs/D{n + 1}"}, b={"$ref": f"#/$defs/D{n + 1}"})
        for n in range(40)
    }
    assert len(json.dumps(shown({"$ref": "#/$defs/D0", "$defs": pair}))) < 1_000_000

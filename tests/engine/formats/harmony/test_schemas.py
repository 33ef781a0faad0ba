"""What the model is shown of schemas that openai-harmony alone would show as `any`."""

from __future__ import annotations

import json
from typing import Any, Literal

import openai_harmony as harmony
import pytest
from pydantic import BaseModel, Field

from engine.formats.harmony.format import HarmonyFormat
from engine.formats.harmony.schemas import simplified
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
    assert simplified(schema) == schema


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
    simplified(odd)


ADDRESS = object_of(street=TEXT) | {"required": ["street"]}


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        (
            object_of(a=ADDRESS | {"type": ["object", "null"]}),
            "(_:{a?:{street:string,}|null,})",
        ),
        (
            object_of(rows={"type": ["array", "null"], "items": object_of(id=TEXT)}),
            "(_:{rows?:{id?:string,}[]|null,})",
        ),
        (
            object_of(a={"type": ["string", "array"], "items": TEXT}),
            "(_:{a?:|string|string[],})",
        ),
        (object_of(a={"properties": {"b": TEXT}, "required": ["b"]}), "(_:{a?:{b:string,},})"),
        (
            object_of(a={"type": "array", "items": {"properties": {"b": TEXT}}}),
            "(_:{a?:{b?:string,}[],})",
        ),
        (
            {
                "type": "object",
                "oneOf": [
                    {"properties": {"a": TEXT}, "required": ["a"]},
                    {"properties": {"b": TEXT}},
                ],
            },
            "(_:|{a:string,}|{b?:string,})",
        ),
        (object_of(a={"type": "array", "items": {"enum": ["x", "y"]}}), '(_:{a?:("x"|"y")[],})'),
    ],
)
def test_nullable_and_untyped_objects_show_their_properties(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding, schema: Any, written: str
) -> None:
    """F9."""
    assert signature(form, encoding, schema) == written


def tokens_of(form: HarmonyFormat, schema: Any) -> int:
    without = form.render(ChatRequest((), tools=(Tool("f", "", None),)))
    whole = form.render(ChatRequest((), tools=(Tool("f", "", schema),)))
    return len(whole.ids) - len(without.ids)


def filters(models: int) -> dict[str, Any]:
    """Types of filters that refer to each other, as Prisma's or Hasura's do."""
    names = [f"Model{n}" for n in range(models)]

    def where(own: str) -> dict[str, Any]:
        others = {name.lower(): {"$ref": f"#/$defs/{name}"} for name in names if name != own}
        again = {"AND": {"type": "array", "items": {"$ref": f"#/$defs/{own}"}}}
        return object_of(**again, id=TEXT, name=TEXT, **others)

    return object_of(where={"$ref": "#/$defs/Model0"}) | {"$defs": {n: where(n) for n in names}}


@pytest.mark.parametrize("models", [2, 3, 4, 5, 6, 12, 40])
def test_types_that_refer_to_each_other_stay_of_the_order_of_the_schema(
    form: HarmonyFormat, models: int
) -> None:
    """F2: six of them took 9,362 tokens."""
    schema = filters(models)
    assert 10 < tokens_of(form, schema) < 2 * len(form.encode(json.dumps(schema))) + 200


def test_a_chain_of_references_is_not_an_error(form: HarmonyFormat) -> None:
    """F2: 59 references were a 400, 400 of them a 500."""
    chain = {f"a{n}": object_of(x={"$ref": f"#/$defs/a{n + 1}"}) for n in range(2_000)}
    assert tokens_of(form, object_of(y={"$ref": "#/$defs/a0"}) | {"$defs": chain}) > 10


def test_definitions_that_are_only_references_end(form: HarmonyFormat) -> None:
    chain = {f"a{n}": {"$ref": f"#/$defs/a{n + 1}"} for n in range(2_000)}
    assert tokens_of(form, {"$ref": "#/$defs/a0", "$defs": chain}) >= 0


def test_deep_schemas_are_cut(form: HarmonyFormat) -> None:
    deep: dict[str, Any] = TEXT
    for _ in range(180):
        deep = object_of(a={"type": "array", "items": {"anyOf": [deep, {"type": "null"}]}})
    assert tokens_of(form, deep) > 100


def test_references_that_double_end(form: HarmonyFormat) -> None:
    pair = {
        f"D{n}": object_of(a={"$ref": f"#/$defs/D{n + 1}"}, b={"$ref": f"#/$defs/D{n + 1}"})
        for n in range(40)
    }
    schema = {"$ref": "#/$defs/D0", "$defs": pair}
    assert 10 < tokens_of(form, schema) < 2 * len(form.encode(json.dumps(schema)))

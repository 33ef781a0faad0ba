"""JSON that is held to a schema: as much of it as can be kept, within limits."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import openai_harmony as harmony
import pytest

from engine.cancellation import Cancellation, Cancelled
from engine.errors import BadRequest
from engine.formats import constraint
from engine.formats.harmony.format import HarmonyFormat
from engine.types import ChatRequest, JsonAnswer, Tool, ToolChoice, ToolMode
from tests.engine.formats.harmony.reading import is_said
from tests.engine.formats.harmony.test_grammar import ANALYSIS, CALL, FINAL, PREAMBLE, asked

COLOUR = {
    "type": "object",
    "properties": {"colour": {"enum": ["red", "blue"]}},
    "required": ["colour"],
    "additionalProperties": False,
}
JSON = ChatRequest((), json_answer=JsonAnswer(COLOUR, is_strict=True))
TYPED = ChatRequest((), tools=(Tool("paint", "", COLOUR, is_strict=True), Tool("now")))
LOOSE = (Tool("paint", "", COLOUR), Tool("now"), Tool("sort", "", {"uniqueItems": True}))
FORCED = ChatRequest((), tools=LOOSE, tool_choice=ToolChoice(ToolMode.REQUIRED))
PAINT = " to=functions.paint<|channel|>commentary json<|message|>"
NOW = " to=functions.now<|channel|>commentary json<|message|>"


@pytest.mark.parametrize(
    ("text", "request_", "expected"),
    [
        ('<|channel|>final<|message|>{"colour":"red"}<|return|>', JSON, True),
        ('<|channel|>final <|constrain|>json<|message|>{"colour": "red"}<|return|>', JSON, True),
        (ANALYSIS + '<|channel|>final<|message|>{ "colour":\n"blue"}<|return|>', JSON, True),
        ('<|channel|>final<|message|>{"colour":"green"}<|return|>', JSON, False),
        ('<|channel|>final<|message|>{"colour":"red"}<|end|>', JSON, False),
        (FINAL, JSON, False),
        (FINAL, ChatRequest((), json_answer=JsonAnswer()), False),
        (
            '<|channel|>final<|message|>{"a":[1]}<|return|>',
            ChatRequest((), json_answer=JsonAnswer()),
            True,
        ),
        (PAINT + '{"colour":"red"}<|call|>', TYPED, True),
        (PAINT + '{"colour":"green"}<|call|>', TYPED, False),
        (NOW + "oops<|call|>", TYPED, False),
        (NOW + '{"any": 1}<|call|>', TYPED, True),
        (NOW + "<|call|>", TYPED, False),
        (NOW + '{"city":{"a":1}<|call|>', TYPED, False),
        (PAINT + '{"colour":"green"}<|call|>', ChatRequest((), tools=LOOSE), True),
        (PAINT + '{"colour":"green"}<|call|>', FORCED, False),
        (PAINT + '{"colour":"red"}<|call|>', FORCED, True),
        (NOW + "{}<|call|>", FORCED, True),
        (NOW + "oops<|call|>", FORCED, False),
    ],
)
def test_json_is_held_to_its_schema_and_nothing_else_is(
    form: HarmonyFormat,
    encoding: harmony.HarmonyEncoding,
    text: str,
    request_: ChatRequest,
    expected: bool,
) -> None:
    assert is_said(form, encoding, text, request_) is expected


def test_of_a_schema_that_is_not_strict_only_the_keyword_at_fault_is_dropped(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    """F3: one such keyword freed a required call of its whole schema."""
    odd = {
        "type": "object",
        "properties": {"colour": {"type": "no such type"}, "size": {"type": "integer"}},
        "required": ["size"],
        "additionalProperties": False,
    }
    request = replace(FORCED, tools=(Tool("paint", "", odd),))
    assert is_said(form, encoding, PAINT + '{"colour":[1],"size":2}<|call|>', request)
    assert not is_said(form, encoding, PAINT + '{"colour":[1],"size":"x"}<|call|>', request)
    assert not is_said(form, encoding, PAINT + '{"any":1}<|call|>', request)
    assert not is_said(form, encoding, PAINT + "oops<|call|>", request)


def test_one_tool_that_cannot_be_held_does_not_free_the_others(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    odd = Tool("sort", "", {"properties": {"by": {"type": "no such type"}}})
    request = replace(FORCED, tools=(*LOOSE[:2], odd))
    assert not is_said(form, encoding, PAINT + '{"colour":"green"}<|call|>', request)
    assert is_said(form, encoding, PAINT + '{"colour":"red"}<|call|>', request)


def test_beside_a_json_answer_nothing_else_is_said(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    request = replace(asked(), json_answer=JsonAnswer())
    assert not is_said(form, encoding, PREAMBLE + CALL, request)
    assert is_said(form, encoding, ANALYSIS + CALL, request)


def test_a_schema_that_cannot_be_kept_is_refused_by_its_keyword(form: HarmonyFormat) -> None:
    schema = {"type": "array", "uniqueItems": True}
    with pytest.raises(BadRequest, match="uniqueItems") as refused:
        form.grammar(ChatRequest((), json_answer=JsonAnswer(schema, is_strict=True)))
    assert refused.value.field == "response_format"
    with pytest.raises(BadRequest, match="uniqueItems") as refused:
        form.grammar(replace(JSON, tools=(Tool("f", "", schema, is_strict=True),)))
    assert refused.value.field == "tools"
    assert "'f'" in str(refused.value)


def test_a_pattern_that_is_none_is_refused_with_what_is_wrong(form: HarmonyFormat) -> None:
    schema = {"type": "string", "pattern": "("}
    with pytest.raises(BadRequest, match="regex parse error: unclosed group"):
        form.grammar(ChatRequest((), json_answer=JsonAnswer(schema, is_strict=True)))


def test_without_strictness_as_much_as_possible_of_a_schema_is_kept(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    schema = {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}
    request = ChatRequest((), json_answer=JsonAnswer(schema))
    for text, expected in (("[1]", True), ('["a"]', False)):
        answer = f"<|channel|>final<|message|>{text}<|return|>"
        assert is_said(form, encoding, answer, request) is expected


EMAIL = {"type": "string", "pattern": "^(?!x)[a-z@.]+$"}
ODD = {
    "look-around": {"email": EMAIL},
    "backreference": {"email": {"type": "string", "pattern": r"^(a)\1$"}},
    "unclosed class": {"email": {"type": "string", "pattern": "["}},
    "reference elsewhere": {"email": {"$ref": "https://example.org/email.json"}},
    "reference to nowhere": {"email": {"$ref": "#/$defs/Email"}},
    "unknown type": {"email": {"type": "file"}},
    "in an array": {"email": {"type": "array", "items": {"anyOf": [EMAIL, {"type": "null"}]}}},
    "in a definition": {"email": {"$ref": "#/$defs/Odd"}},
    "large multiple": {"email": {"type": "integer", "multipleOf": 10_000_019}},
    "large product": {
        "email": {"allOf": [{"multipleOf": 9_973}, {"multipleOf": 9_967}], "type": "integer"}
    },
}


@pytest.mark.parametrize("properties", ODD.values(), ids=ODD)
def test_whatever_is_at_fault_the_rest_is_kept(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding, properties: dict[str, object]
) -> None:
    """F3 and A2."""
    schema = {
        "type": "object",
        "properties": {**properties, "size": {"type": "integer"}},
        "required": ["size"],
        "additionalProperties": False,
        "$defs": {"Odd": EMAIL},
    }
    loose = ChatRequest((), json_answer=JsonAnswer(schema))
    for text, expected in (('{"size":2}', True), ('{"size":"x"}', False), ('{"other":1}', False)):
        answer = f"<|channel|>final<|message|>{text}<|return|>"
        assert is_said(form, encoding, answer, loose) is expected
    with pytest.raises(BadRequest, match=r"email|Odd|multipleOf") as refused:
        form.grammar(ChatRequest((), json_answer=JsonAnswer(schema, is_strict=True)))
    assert "coerce" not in str(refused.value)


def test_overlapping_alternatives_are_refused_in_the_clients_words(form: HarmonyFormat) -> None:
    """C7: the refusal named an option that no client has."""
    schema = {"oneOf": [{"type": "string", "minLength": 1}, {"type": "string", "maxLength": 9}]}
    with pytest.raises(BadRequest, match=r"'oneOf': its alternatives overlap"):
        form.grammar(ChatRequest((), json_answer=JsonAnswer(schema, is_strict=True)))
    form.grammar(ChatRequest((), json_answer=JsonAnswer(schema)))


def test_a_schema_that_takes_too_long_is_refused_and_kept_for_the_next_try(
    form: HarmonyFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C5: a schema of 169 KB held the engine for 7 seconds, whoever waited."""
    properties = {f"p{n}": {"type": "string", "pattern": f"^[a-z{n}]{{1,40}}$"} for n in range(900)}
    request = ChatRequest((), json_answer=JsonAnswer({"type": "object", "properties": properties}))
    monkeypatch.setattr(constraint, "COMPILE_SECONDS", 0.0)
    with pytest.raises(BadRequest, match="make it simpler"):
        form.grammar(request)
    monkeypatch.setattr(constraint, "COMPILE_SECONDS", 100.0)
    form.grammar(request)
    monkeypatch.setattr(constraint, "COMPILE_SECONDS", 0.0)
    form.grammar(request)


def test_a_schema_of_too_many_parts_is_refused_or_any_object(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    properties = {f"p{n}": {"type": "string"} for n in range(40_000)}
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    with pytest.raises(BadRequest, match="it has too many parts"):
        form.grammar(ChatRequest((), json_answer=JsonAnswer(schema, is_strict=True)))
    loose = ChatRequest((), json_answer=JsonAnswer(schema))
    assert is_said(form, encoding, '<|channel|>final<|message|>{"any":1}<|return|>', loose)


def test_a_program_may_end_while_a_grammar_is_compiled(gpt_oss_tokenizer: Path) -> None:
    """What is left behind must not crash the interpreter at its end."""
    program = f"""
from pathlib import Path
from engine.errors import BadRequest
from engine.formats import constraint
from engine.formats.harmony.format import HarmonyFormat
from engine.types import ChatRequest, JsonAnswer
form = HarmonyFormat.read(Path({str(gpt_oss_tokenizer.parent)!r}))
constraint.COMPILE_SECONDS = 0.0
properties = {{f"p{{n}}": {{"type": "string"}} for n in range(5_000)}}
try:
    form.grammar(ChatRequest((), json_answer=JsonAnswer({{"properties": properties}})))
except BadRequest:
    print("left behind")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "left behind\n"), done.stderr


def test_compiling_can_be_cancelled(form: HarmonyFormat) -> None:
    cancellation = Cancellation()
    cancellation.set()
    with pytest.raises(Cancelled):
        form.grammar(asked(), cancellation)

"""The header grammar: what may be said, and that nothing else can be sampled."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import openai_harmony as harmony
import pytest

from engine.cancellation import Cancellation, Cancelled
from engine.errors import BadRequest
from engine.formats import constraint
from engine.formats.harmony.format import HarmonyFormat
from engine.formats.harmony.vocabulary import END, LOGITS, MESSAGE, RETURN, STOPS
from engine.types import (
    Channel,
    ChatRequest,
    JsonAnswer,
    Message,
    Role,
    Tool,
    ToolCall,
    ToolChoice,
    ToolMode,
)
from tests.engine.formats.harmony.reading import parse, read, read_by_openai

TOOLS = (Tool("get_weather"), Tool("look.up"))
WALKS = 100


def asked(mode: ToolMode = ToolMode.AUTO, *names: str, tools: bool = True) -> ChatRequest:
    return ChatRequest((), tools=TOOLS if tools else (), tool_choice=ToolChoice(mode, names))


def is_said(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding, text: str, request: ChatRequest
) -> bool:
    """Whether each of its tokens is allowed in turn."""
    grammar = form.grammar(request)
    for token in encoding.encode(text, allowed_special="all"):
        mask = grammar.allowed()
        if mask is not None and not (mask[token >> 5] >> (token & 31)) & 1:
            return False
        grammar.accept(token)
    return True


FINAL = "<|channel|>final<|message|>Hi<|return|>"
ANALYSIS = "<|channel|>analysis<|message|>Hm<|end|><|start|>assistant"
PREAMBLE = "<|channel|>commentary<|message|>I look.<|end|><|start|>assistant"
CALL = "<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{}<|call|>"
OTHER_CALL = " to=functions.look_up<|channel|>commentary json<|message|>{}<|call|>"


@pytest.mark.parametrize(
    ("text", "request_", "expected"),
    [
        (FINAL, asked(), True),
        (ANALYSIS + FINAL, asked(), True),
        (ANALYSIS + PREAMBLE + CALL, asked(), True),
        (ANALYSIS + OTHER_CALL, asked(), True),
        (ANALYSIS + ANALYSIS + FINAL, asked(), True),
        (ANALYSIS + FINAL, asked(tools=False), True),
        (PREAMBLE + FINAL, asked(tools=False), False),
        (CALL, asked(tools=False), False),
        (CALL, asked(ToolMode.NONE), False),
        (ANALYSIS + FINAL, asked(ToolMode.REQUIRED), False),
        (ANALYSIS + CALL, asked(ToolMode.REQUIRED), True),
        (CALL, asked(ToolMode.REQUIRED, "look.up"), False),
        (OTHER_CALL, asked(ToolMode.REQUIRED, "look.up"), True),
        (ANALYSIS + FINAL, asked(ToolMode.AUTO, "look.up"), True),
        ("<|channel|>finalx<|message|>Hi", asked(), False),
        ("<|channel|>final Hi", asked(), False),
        ("Hello", asked(), False),
        ("<|channel|>analysis<|message|>Hm<|end|><|channel|>final", asked(), False),
        ("<|channel|>final<|message|>Hi<|call|>", asked(), False),
        ("<|channel|>final<|message|>Hi<|end|>", asked(), False),
        ("<|channel|>commentary to=functions.unknown json", asked(), False),
        ("<|channel|>analysis<|message|>Hm<|channel|>", asked(), False),
    ],
)
def test_headers_are_well_formed(
    form: HarmonyFormat,
    encoding: harmony.HarmonyEncoding,
    text: str,
    request_: ChatRequest,
    expected: bool,
) -> None:
    assert is_said(form, encoding, text, request_) is expected


def walk(form: HarmonyFormat, request: ChatRequest, source: random.Random) -> list[int]:
    """An answer of tokens drawn evenly from those allowed, control tokens more often, and those
    that bring JSON to its end."""
    grammar, ids = form.grammar(request), []
    closers = [form.encode(text)[0] for text in ("}", "]", '"', ":", "1")]
    while not ids or ids[-1] not in STOPS:
        mask = grammar.allowed()
        assert mask is not None
        bits = np.unpackbits(mask.view(np.uint8), count=LOGITS, bitorder="little")
        allowed = np.flatnonzero(bits)
        controls = allowed[allowed >= 199_998]
        share = 0.4 if len(controls) else 0.95
        if not len(controls):
            controls = [token for token in closers if bits[token]]
        often = len(controls) and source.random() < share
        ids.append(int(source.choice(controls if often else allowed)))
        grammar.accept(ids[-1])
    return ids


@pytest.mark.parametrize(
    "request_",
    [asked(), asked(tools=False), asked(ToolMode.REQUIRED)],
    ids=["auto", "none", "must"],
)
def test_whatever_is_drawn_is_read_as_openai_harmony_reads_it(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding, request_: ChatRequest
) -> None:
    source = random.Random(3)
    for _ in range(WALKS):
        ids = walk(form, request_, source)
        events = parse(form, ids, request_)
        assert read(events) == read_by_openai(encoding, ids, [tool.name for tool in TOOLS])
        is_call = any(isinstance(event, ToolCall) for event in events)
        assert is_call or request_.tool_choice.mode is not ToolMode.REQUIRED


def test_whatever_is_drawn_the_next_prompt_begins_with_it(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    asked_for = replace(asked(ToolMode.REQUIRED), date=date(2026, 1, 1))
    before = form.render(asked_for).ids
    source, heard = random.Random(4), 0
    for _ in range(WALKS):
        form.forget()  # or the same words in an earlier answer would give theirs
        ids = walk(form, asked_for, source)
        said = read(parse(form, ids, asked_for))
        back = replace(asked_for, messages=tuple(sent_back(name, text) for name, text in said))
        is_heard = not any(pair == (MESSAGE, END) for pair in pairwise(ids))
        if is_heard:  # nobody sends back a message without text
            heard += 1
            assert form.render(back).ids[: len(before) + len(ids)] == before + ids
    assert heard > WALKS // 4


def sent_back(name: str, text: str) -> Message:
    if isinstance(name, Channel):
        return Message.of(Role.ASSISTANT, text, name)
    return Message(Role.ASSISTANT, (), tool_calls=(ToolCall("", name, text),))


def test_a_forced_token_beyond_the_grammar_ends_it_without_an_error(form: HarmonyFormat) -> None:
    for token in (END, LOGITS - 1, LOGITS, 10**12, 2**64, -5):
        grammar = form.grammar(asked())
        grammar.accept(token)
        assert grammar.allowed() is None
        grammar.accept(token)


def test_answers_do_not_share_a_grammars_state(form: HarmonyFormat) -> None:
    first, second = form.grammar(asked()), form.grammar(asked())
    first.accept(END)
    assert first.allowed() is None
    assert second.allowed() is not None


def test_a_long_answer_meets_no_limit(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    grammar = form.grammar(asked())
    text = "<|channel|>final<|message|>" + "Well, naïve 日本\n" * 4000
    for token in encoding.encode(text, allowed_special="all"):
        grammar.accept(token)
    mask = grammar.allowed()
    assert mask is not None
    assert (mask[RETURN >> 5] >> (RETURN & 31)) & 1


def test_after_the_end_everything_is_allowed(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    grammar = form.grammar(asked())
    for token in encoding.encode(FINAL, allowed_special="all"):
        grammar.accept(token)
    assert grammar.allowed() is None
    grammar.accept(RETURN)


def test_the_answer_can_be_asked_for_amid_the_thoughts(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    request = asked()
    grammar, parser = form.grammar(request), form.parser(request)
    thoughts = encoding.encode("<|channel|>analysis<|message|>Hm", allowed_special="all")
    for token in thoughts:
        grammar.accept(token)
        parser.feed(token, None)
    for token in parser.to_answer():
        grammar.accept(token)
    assert grammar.allowed() is not None


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

"""The header grammar: what may be said, and that nothing else can be sampled."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import openai_harmony as harmony
import pytest

from engine.formats.harmony.format import HarmonyFormat
from engine.formats.harmony.vocabulary import END, LOGITS, MESSAGE, RETURN, STOPS
from engine.types import (
    Channel,
    ChatRequest,
    Message,
    Role,
    Tool,
    ToolCall,
    ToolChoice,
    ToolMode,
)
from tests.engine.formats.harmony.reading import is_said, parse, read, read_by_openai

TOOLS = (Tool("get_weather"), Tool("look.up"))
WALKS = 100


def asked(mode: ToolMode = ToolMode.AUTO, *names: str, tools: bool = True) -> ChatRequest:
    return ChatRequest((), tools=TOOLS if tools else (), tool_choice=ToolChoice(mode, names))


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

"""The header grammar: which tokens may come next, so that a malformed header cannot be sampled.

About one turn in 25 of gpt-oss-20b at temperature 1 has one otherwise (llama.cpp issue 27720).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llguidance import LLTokenizer

from engine.formats.constraint import Constraint, ConstraintMaker, answer_rules, json_rule
from engine.formats.harmony.vocabulary import LOGITS, RETURN, Vocabulary
from engine.types import JsonAnswer, ToolMode

TEXT = "TEXT: /(.|\\n)*/"
# Without a space or CONSTRAIN before it, it would run on from the tool's name.
CONSTR = 'constr: (" " | / ?/ <|constrain|>) ("json" | "code")'

PLAIN_TEXT = r'[^"\\\x00-\x1F\x7F]{1,30}'
"""Tokens that are nothing else fit into every text and every JSON string: llguidance then looks at
the other ones only, and a mask takes a fifth of the time. One of its own general slices."""

Typed = Mapping[str, Mapping[str, Any] | None]
"""Tools by the names that the model sees, with the schema of those that are strict."""


def header_grammar(mode: ToolMode, tools: Typed, answer: str | None = None) -> str:
    """In llguidance's Lark dialect, for what follows on START and "assistant".

    `tools` are those that may be called. Without any, nothing is said in the commentary channel:
    an answer there would be taken for talk beside a call. `answer` is the rule of a JSON answer.
    """
    rules = {"final": final(answer), "": TEXT}
    if answer is not None:
        rules["answer"] = f"answer: {answer}"
        rules["constr"] = CONSTR
    if mode is ToolMode.NONE or not tools:
        return "\n".join(("start: msg* final", message('"analysis"'), *rules.values()))
    if mode is ToolMode.REQUIRED:
        rules.pop("final")
        rules.pop("answer", None)
    rules["constr"] = CONSTR
    last = "call" if mode is ToolMode.REQUIRED else "(call | final)"
    anywhere = message('("analysis" | "commentary")')
    return "\n".join((f"start: msg* {last}", anywhere, *calls(tools), *rules.values()))


def message(channels: str) -> str:
    return f'msg: <|channel|> {channels} <|message|> TEXT <|end|> <|start|> "assistant"'


def final(answer: str | None) -> str:
    said = "<|message|> TEXT" if answer is None else "constr? <|message|> answer"
    return f'final: <|channel|> "final" {said} <|return|>'


def calls(tools: Typed) -> Iterator[str]:
    free = [f'"{name}"' for name, schema in tools.items() if schema is None]
    strict = {name: schema for name, schema in tools.items() if schema is not None}
    kinds = [*(["free"] if free else []), *(f"strict_{n}" for n in range(len(strict)))]
    yield f"call: {' | '.join(kinds)}"
    yield 'CH: "commentary" | "analysis"'
    if free:
        yield call("free", "NAME", "TEXT")
        yield f"NAME: {' | '.join(free)}"
    for number, (name, schema) in enumerate(strict.items()):
        yield call(f"strict_{number}", f'"{name}"', f"arguments_{number}")
        yield f"arguments_{number}: {json_rule(schema)}"


def call(rule: str, name: str, arguments: str) -> str:
    to = f'" to=functions." {name}'
    header = f"({to} <|channel|> CH | <|channel|> CH {to})"
    return f"{rule}: {header} constr? <|message|> {arguments} <|call|>"


class HarmonyGrammars:
    """Makes the grammars of answers."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        tokenizer = LLTokenizer.from_tiktoken(
            encoder={token: rank for rank, token in enumerate(vocabulary.tokens)},
            special_tokens=dict(vocabulary.controls),
            pattern=vocabulary.pattern,
            eos_token=RETURN,
            n_vocab=LOGITS,
            slices=[PLAIN_TEXT],
        )
        self._maker = ConstraintMaker(tokenizer, LOGITS)

    def make(self, mode: ToolMode, tools: Typed, answer: JsonAnswer | None = None) -> Constraint:
        """Raises BadRequest for a schema that cannot be kept."""
        if answer is None:
            return self._maker.make([header_grammar(mode, tools)], "tools")
        grammars = [header_grammar(mode, tools, rule) for rule in answer_rules(answer)]
        return self._maker.make(grammars, "response_format")

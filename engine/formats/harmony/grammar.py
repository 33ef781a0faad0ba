"""The header grammar: which tokens may come next, so that a malformed header cannot be sampled.

About one turn in 25 of gpt-oss-20b at temperature 1 has one otherwise (llama.cpp issue 27720).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llguidance import LLTokenizer

from engine.errors import BadRequest
from engine.formats.constraint import Constraint, ConstraintMaker, answer_rules, json_rule
from engine.formats.harmony.vocabulary import LOGITS, RETURN, Vocabulary
from engine.types import JsonAnswer, Tool, ToolMode

TEXT = "TEXT: /(.|\\n)*/"
# Without a space or CONSTRAIN before it, it would run on from the tool's name.
CONSTR = 'constr: (" " | / ?/ <|constrain|>) ("json" | "code")'

PLAIN_TEXT = r'[^"\\\x00-\x1F\x7F]{1,30}'
"""Tokens that are nothing else fit into every text and every JSON string: llguidance then looks at
the other ones only, and a mask takes a fifth of the time. One of its own general slices."""

NO_ARGUMENTS: Mapping[str, Any] = {
    "type": "object",
    "properties": {},
    "additionalProperties": False,
}

Calls = Mapping[str, str | None]
"""The tools that may be called, by the names that the model sees, with the rule of their
arguments; None for any text."""


def header_grammar(mode: ToolMode, calls: Calls, answer: str | None = None) -> str:
    """In llguidance's Lark dialect, for what follows on START and "assistant".

    Without any calls nothing is said in the commentary channel: an answer there would be taken for
    talk beside a call. Nor is it beside a JSON answer, whose rule is `answer`: clients read both.
    """
    may_call = bool(calls) and mode is not ToolMode.NONE
    may_answer = not may_call or mode is not ToolMode.REQUIRED
    ends = " | ".join(("call",) * may_call + ("final",) * may_answer)
    rules = [
        f"start: msg* ({ends})",
        message_rule(has_commentary=may_call and answer is None),
        CONSTR,
        TEXT,
    ]
    if may_call:
        rules += call_rules(calls)
    if may_answer:
        rules += final_rules(answer)
    return "\n".join(rules)


def message_rule(has_commentary: bool) -> str:
    channels = '("analysis" | "commentary")' if has_commentary else '"analysis"'
    return f'msg: <|channel|> {channels} <|message|> TEXT <|end|> <|start|> "assistant"'


def final_rules(answer: str | None) -> Iterator[str]:
    said = "<|message|> TEXT" if answer is None else "constr? <|message|> answer"
    yield f'final: <|channel|> "final" {said} <|return|>'
    if answer is not None:
        yield f"answer: {answer}"


def call_rules(calls: Calls) -> Iterator[str]:
    free = [f'"{name}"' for name, arguments in calls.items() if arguments is None]
    held = {name: arguments for name, arguments in calls.items() if arguments is not None}
    kinds = [*(["free"] if free else []), *(f"held_{number}" for number in range(len(held)))]
    yield f"call: {' | '.join(kinds)}"
    yield 'CH: "commentary" | "analysis"'
    if free:
        yield call_rule("free", "NAME", "TEXT")
        yield f"NAME: {' | '.join(free)}"
    for number, (name, arguments) in enumerate(held.items()):
        yield call_rule(f"held_{number}", f'"{name}"', f"arguments_{number}")
        yield f"arguments_{number}: {arguments}"


def call_rule(rule: str, name: str, arguments: str) -> str:
    to = f'" to=functions." {name}'
    header = f"({to} <|channel|> CH | <|channel|> CH {to})"
    return f"{rule}: {header} constr? <|message|> {arguments} <|call|>"


def held_rule(tool: Tool) -> str:
    return json_rule(tool.parameters or NO_ARGUMENTS, is_lenient=not tool.is_strict)


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

    def make(
        self, mode: ToolMode, tools: Mapping[str, Tool], answer: JsonAnswer | None = None
    ) -> Constraint:
        """`tools` are those that may be called, by the names that the model sees.

        Raises BadRequest for a schema that cannot be kept.
        """
        may_call = mode is not ToolMode.NONE
        calls = {name: self._arguments(mode, tool) for name, tool in tools.items() if may_call}
        rules = [None] if answer is None else answer_rules(answer)
        grammars = [header_grammar(mode, calls, rule) for rule in rules]
        return self._maker.make(grammars, "tools" if answer is None else "response_format")

    def _arguments(self, mode: ToolMode, tool: Tool) -> str | None:
        """The rule of a tool's arguments, None for any text. Raises BadRequest.

        A call that must be made keeps to its tool's schema as far as can be, strict or not: a
        model that would not have called by itself may write anything.
        """
        if not tool.is_strict and mode is not ToolMode.REQUIRED:
            return None
        rule = held_rule(tool)
        reason = self._maker.fault(rule)
        if reason is None:
            return rule
        if tool.is_strict:
            raise BadRequest(f"The tool '{tool.name}' cannot be strict: {reason}.", "tools")
        return json_rule(None)

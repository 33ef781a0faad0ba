"""The header grammar: which tokens may come next, so that a malformed header cannot be sampled.

About one turn in 25 of gpt-oss-20b at temperature 1 has one otherwise (llama.cpp issue 27720).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llguidance import LLTokenizer

from engine.cancellation import Cancellation
from engine.formats.constraint import Constraint, ConstraintMaker, HeldSchema
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


def header_grammar(mode: ToolMode, calls: Mapping[str, str], answer: str | None = None) -> str:
    """Write, in llguidance's Lark dialect, what may follow on START and "assistant".

    `calls` are the tools that may be called, by the names that the model sees, with the rules of
    their arguments. Without any nothing may be written in the commentary channel: an answer there
    would be taken for talk beside a call. Nor may it beside a JSON answer, whose rule is `answer`:
    clients read both.
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


def call_rules(calls: Mapping[str, str]) -> Iterator[str]:
    """Write a rule for all tools whose arguments are alike: most are any object."""
    names: dict[str, list[str]] = {}
    for name, arguments in calls.items():
        names.setdefault(arguments, []).append(f'"{name}"')
    yield f"call: {' | '.join(f'call_{number}' for number in range(len(names)))}"
    yield 'CH: "commentary" | "analysis"'
    for number, (arguments, alike) in enumerate(names.items()):
        to = f'" to=functions." NAME_{number}'
        header = f"({to} <|channel|> CH | <|channel|> CH {to})"
        yield f"call_{number}: {header} constr? <|message|> arguments_{number} <|call|>"
        yield f"NAME_{number}: {' | '.join(alike)}"
        yield f"arguments_{number}: {arguments}"


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
        self,
        mode: ToolMode,
        tools: Mapping[str, Tool],
        answer: JsonAnswer | None = None,
        cancellation: Cancellation | None = None,
    ) -> Constraint:
        """`tools` are those that may be called, by the names that the model sees.

        Raises BadRequest for a schema that cannot be kept, Cancelled.
        """
        names = [] if mode is ToolMode.NONE else list(tools)
        held = [held_arguments(mode, tools[name]) for name in names]
        answers = [] if answer is None else [HeldSchema.of_answer(answer)]

        def write(rules: Sequence[str]) -> str:
            calls = dict(zip(names, rules, strict=False))
            return header_grammar(mode, calls, rules[-1] if answers else None)

        return self._maker.make(write, [*held, *answers], cancellation)


def held_arguments(mode: ToolMode, tool: Tool) -> HeldSchema:
    """Hold the arguments of a strict tool to its schema, others to any JSON object.

    A call that must be made keeps to its tool's schema as far as can be, strict or not: a model
    that would not have called by itself may write anything.
    """
    is_held = tool.is_strict or mode is ToolMode.REQUIRED
    schema = (tool.parameters or NO_ARGUMENTS) if is_held else None
    return HeldSchema(schema, tool.is_strict, "tools", tool.name)

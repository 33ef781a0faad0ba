"""The header grammar: which tokens may come next, so that a malformed header cannot be sampled.

About one turn in 25 of gpt-oss-20b at temperature 1 has one otherwise (llama.cpp issue 27720).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from llguidance import LLMatcher, LLTokenizer
from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask

from engine.formats.harmony.vocabulary import LOGITS, RETURN, Vocabulary
from engine.protocols import TokenMask
from engine.types import ToolMode

FINAL = 'final: <|channel|> "final" <|message|> TEXT <|return|>'
TEXT = "TEXT: /(.|\\n)*/"

PLAIN_TEXT = r'[^"\\\x00-\x1F\x7F]{1,30}'
"""Tokens that are nothing else fit into every text and every JSON string: llguidance then looks at
the other ones only, and a mask takes a fifth of the time. One of its own general slices."""

GRAMMARS_KEPT = 32


def header_grammar(mode: ToolMode, names: Sequence[str]) -> str:
    """In llguidance's Lark dialect, for what follows on START and "assistant".

    `names` are those of the tools that may be called, as the model sees them. Without any, nothing
    is said in the commentary channel: an answer there would be taken for talk beside a call.
    """
    if mode is ToolMode.NONE or not names:
        return "\n".join(("start: msg* final", _message('"analysis"'), FINAL, TEXT))
    last = "call" if mode is ToolMode.REQUIRED else "(call | final)"
    return "\n".join(
        (
            f"start: msg* {last}",
            _message('("analysis" | "commentary")'),
            *([] if mode is ToolMode.REQUIRED else [FINAL]),
            'call: (" to=functions." NAME <|channel|> CH | <|channel|> CH " to=functions." NAME)'
            " constr? <|message|> TEXT <|call|>",
            # Without a space or CONSTRAIN before it, it would run on from the tool's name.
            'constr: (" " | / ?/ <|constrain|>) ("json" | "code")',
            "NAME: " + " | ".join(f'"{name}"' for name in names),
            'CH: "commentary" | "analysis"',
            TEXT,
        )
    )


def _message(channels: str) -> str:
    return f'msg: <|channel|> {channels} <|message|> TEXT <|end|> <|start|> "assistant"'


class GrammarMaker:
    """Holds the vocabulary as llguidance wants it, and the last grammars: each takes a millisecond
    or two to make, a copy of it some microseconds."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._tokenizer = LLTokenizer.from_tiktoken(
            encoder={token: rank for rank, token in enumerate(vocabulary.tokens)},
            special_tokens=dict(vocabulary.controls),
            pattern=vocabulary.pattern,
            eos_token=RETURN,
            n_vocab=LOGITS,
            slices=[PLAIN_TEXT],
        )
        self._matcher = lru_cache(GRAMMARS_KEPT)(self._new_matcher)

    def make(self, mode: ToolMode, names: Sequence[str]) -> HarmonyGrammar:
        return HarmonyGrammar(self._matcher(header_grammar(mode, names)).deep_copy())

    def _new_matcher(self, grammar: str) -> LLMatcher:
        matcher = LLMatcher(self._tokenizer, grammar, log_level=0)
        if matcher.is_error():
            raise ValueError(matcher.get_error())
        return matcher


class HarmonyGrammar:
    """A Grammar. Once the answer has left it, by a forced token, every token is allowed."""

    def __init__(self, matcher: LLMatcher) -> None:
        self._matcher: LLMatcher | None = matcher
        self._mask = allocate_token_bitmask(1, LOGITS)

    def allowed(self) -> TokenMask | None:
        if self._matcher is None:
            return None
        fill_next_token_bitmask(self._matcher, self._mask, 0)
        if self._matcher.is_stopped():  # it has met a limit of its own: only the end would be left
            self._matcher = None
            return None
        return self._mask[0]

    def accept(self, token: int) -> None:
        if self._matcher is None:
            return
        is_known = 0 <= token < LOGITS  # for other numbers llguidance raises
        if not (is_known and self._matcher.consume_token(token)) or self._matcher.is_stopped():
            self._matcher = None

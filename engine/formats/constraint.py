"""What an answer may be, by a grammar of llguidance: which tokens may come next."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from llguidance import LLMatcher, LLTokenizer
from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask

from engine.errors import BadRequest
from engine.protocols import TokenMask
from engine.types import JsonAnswer

GRAMMARS_KEPT = 32
FAULTS_KEPT = 256
WHITESPACE = r"[\x20\x0A\x0D\x09]{1,8}"
"""Between JSON's parts. Without a limit a model may write newlines for ever."""


def json_rule(schema: Mapping[str, Any] | None, is_lenient: bool = False) -> str:
    """In llguidance's Lark dialect: JSON that the schema allows, None for any object.

    A lenient one leaves out the keywords that llguidance does not know.
    """
    options = {"whitespace_pattern": WHITESPACE, "lenient": is_lenient}
    whole = {"type": "object"} if schema is None else schema
    return f"%json {json.dumps({**whole, 'x-guidance': options})}"


def answer_rules(answer: JsonAnswer) -> list[str]:
    """What to try, the strictest first."""
    leniencies = (False,) if answer.is_strict else (False, True)
    return [json_rule(answer.schema, leniency) for leniency in leniencies]


class ConstraintMaker:
    """Makes constraints for one tokenizer of `vocabulary` logits.

    The last grammars are kept: each takes a millisecond or two to make, a copy some microseconds.
    """

    def __init__(self, tokenizer: LLTokenizer, vocabulary: int) -> None:
        self._tokenizer = tokenizer
        self._vocabulary = vocabulary
        self._matcher: Callable[[str], LLMatcher] = lru_cache(GRAMMARS_KEPT)(self._new_matcher)
        self.fault: Callable[[str], str | None] = lru_cache(FAULTS_KEPT)(self._fault)
        """Why a rule cannot be kept, None if it can."""

    def make(self, grammars: Iterable[str], field: str | None = None) -> Constraint:
        """By the first of the grammars that can be made: the later ones ask for less.

        Raises BadRequest, about `field`, with what is wrong with the last.
        """
        error = ""
        for grammar in grammars:
            matcher = self._matcher(grammar)
            if not matcher.is_error():
                return Constraint(matcher.deep_copy(), self._vocabulary)
            error = matcher.get_error()
        raise BadRequest(f"This JSON schema cannot be kept: {reason_of(error)}.", field)

    def _fault(self, rule: str) -> str | None:
        matcher = self._new_matcher(f"start: rule\nrule: {rule}")
        return reason_of(matcher.get_error()) if matcher.is_error() else None

    def _new_matcher(self, grammar: str) -> LLMatcher:
        return LLMatcher(self._tokenizer, grammar, log_level=0)


class Constraint:
    """A Grammar. Once the answer has left it, by a forced token, every token is allowed."""

    def __init__(self, matcher: LLMatcher, vocabulary: int) -> None:
        self._matcher: LLMatcher | None = matcher
        self._vocabulary = vocabulary
        self._mask = allocate_token_bitmask(1, vocabulary)

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
        is_known = 0 <= token < self._vocabulary  # for other numbers llguidance raises
        if not (is_known and self._matcher.consume_token(token)) or self._matcher.is_stopped():
            self._matcher = None


def reason_of(error: str) -> str:
    """llguidance's own words, without the place in a grammar that no client has seen. Of an error
    in a pattern the last line says what is wrong."""
    first, _, more = error.strip().partition("\n")
    reason = first.rpartition("failed to compile JSON schema: ")[2]
    details = [line for line in more.splitlines() if line.startswith("error: ")]
    return f"{reason} {details[-1].removeprefix('error: ')}" if details else reason

"""What an answer may be, by a grammar of llguidance: which tokens may come next."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from llguidance import LLMatcher, LLParserLimits, LLTokenizer
from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask

from engine.cancellation import Cancellation
from engine.errors import BadRequest
from engine.formats.json_schema import (
    Schema,
    large_multiple,
    relaxed,
    without_multiples,
    without_texts,
)
from engine.protocols import TokenMask
from engine.types import JsonAnswer

GRAMMARS_KEPT = 64
COMPILE_SECONDS = 10.0
"""For all grammars of a request together: of 2,500 published schemas one takes 4 s, none more."""
MOST_SYMBOLS = 100_000
MOST_CHARACTERS = 400_000
"""Of a schema without its descriptions: the time to compile grows with the square of an object's
properties, 3 s for 8,000."""
TOO_LARGE = "it has too many parts"
WHITESPACE = r"[\x20\x0A\x0D\x09]{1,8}"
"""Between JSON's parts. Without a limit a model may write newlines for ever."""


@dataclass(frozen=True, slots=True)
class HeldSchema:
    """JSON that keeps to `schema`; None for any object.

    Of one that is not strict, what cannot be kept is left out. `field` is the request's, and `tool`
    the name of the tool whose arguments these are.
    """

    schema: Schema | None
    is_strict: bool
    field: str
    tool: str = ""

    @classmethod
    def of_answer(cls, answer: JsonAnswer) -> HeldSchema:
        return cls(answer.schema, answer.is_strict, "response_format")

    def refusal(self, reason: object) -> BadRequest:
        tool = f"The tool '{self.tool}' cannot be strict"
        subject = tool if self.tool else "This JSON schema cannot be kept"
        return BadRequest(f"{subject}: {reason}.", self.field)


def json_rule(schema: Schema | None, is_lenient: bool = False) -> str:
    """Write the rule in llguidance's Lark dialect; None is any object.

    A lenient one leaves out the keywords that llguidance does not know.
    """
    options = {
        "whitespace_pattern": WHITESPACE,
        "lenient": is_lenient,
        "coerce_one_of": is_lenient,
    }
    whole = {"type": "object"} if schema is None else schema
    return f"%json {json.dumps({**whole, 'x-guidance': options})}"


class ConstraintMaker:
    """Makes constraints for one tokenizer of `vocabulary` logits.

    The last grammars are kept: most take a millisecond or two to compile, a copy some microseconds.
    """

    def __init__(self, tokenizer: LLTokenizer, vocabulary: int) -> None:
        self._compiler = Compiler(tokenizer)
        self._vocabulary = vocabulary
        self._relaxed: OrderedDict[str, str] = OrderedDict()

    def make(
        self,
        write: Callable[[Sequence[str]], str],
        held: Sequence[HeldSchema],
        cancellation: Cancellation | None = None,
    ) -> Constraint:
        """Compile the grammar that `write` makes of one rule for each held schema.

        Raises BadRequest for a strict schema that cannot be kept, and for what takes too long;
        Cancelled.
        """
        deadline = Deadline(COMPILE_SECONDS, cancellation or Cancellation())
        matcher = self._compiler.compile(write([first_rule(one) for one in held]), deadline)
        if matcher.is_error():
            rules = [self._kept_rule(one, deadline) for one in held]
            matcher = self._compiler.compile(write(rules), deadline)
        if matcher.is_error():  # each schema can be kept, all of them together cannot
            rules = [first_rule(one) if one.is_strict else json_rule(None) for one in held]
            matcher = self._compiler.compile(write(rules), deadline)
        if matcher.is_error():
            raise held[0].refusal(reason_of(matcher.get_error()))
        return Constraint(matcher.deep_copy(), self._vocabulary)

    def _kept_rule(self, held: HeldSchema, deadline: Deadline) -> str:
        """Write the rule of what can be kept. Raises BadRequest, with the keyword, if strict."""
        rule = first_rule(held)
        if rule in self._relaxed:
            return self._relaxed[rule]
        reason = None if held.schema is None else self._fault(rule, deadline)
        if reason is None:
            return rule
        if reason == TOO_LARGE:
            return too_large_rule(held)

        def fault(schema: Schema) -> str | None:
            return self._fault(json_rule(schema, not held.is_strict), deadline)

        kept, dropped = relaxed(bounded(held), fault)
        if held.is_strict:
            raise held.refusal(dropped[0] if dropped else reason)
        self._relaxed[rule] = json_rule(kept, is_lenient=True)
        if len(self._relaxed) > GRAMMARS_KEPT:
            self._relaxed.popitem(last=False)
        return self._relaxed[rule]

    def _fault(self, rule: str, deadline: Deadline) -> str | None:
        matcher = self._compiler.compile(f"start: rule\nrule: {rule}", deadline)
        return reason_of(matcher.get_error()) if matcher.is_error() else None


def first_rule(held: HeldSchema) -> str:
    """Write the rule of the whole schema. Raises BadRequest for a strict one that is too large."""
    rule = json_rule(None if held.schema is None else bounded(held), not held.is_strict)
    return rule if len(rule) <= MOST_CHARACTERS else too_large_rule(held)


def too_large_rule(held: HeldSchema) -> str:
    if held.is_strict:
        raise held.refusal(TOO_LARGE)
    return json_rule(None)


def bounded(held: HeldSchema) -> Schema:
    """Leave out what would take all memory. Raises BadRequest, if strict."""
    schema: Mapping[str, Any] = without_texts(held.schema or {})
    problem = large_multiple(schema)
    if problem is None:
        return schema
    if held.is_strict:
        raise held.refusal(problem)
    return without_multiples(schema)


class Deadline:
    """How long the grammars of one request may take, and who may end it sooner."""

    def __init__(self, seconds: float, cancellation: Cancellation) -> None:
        self.seconds = seconds
        self.cancellation = cancellation
        self.begun = time.monotonic()

    @property
    def left(self) -> float:
        return max(0.0, self.begun + self.seconds - time.monotonic())


class Compiler:
    """Compiles grammars on threads that can be left behind: llguidance cannot be interrupted.

    What was left behind is kept when it is done, so that the next try finds it.
    """

    def __init__(self, tokenizer: LLTokenizer) -> None:
        self._tokenizer = tokenizer
        self._kept: OrderedDict[str, Future[LLMatcher]] = OrderedDict()

    def compile(self, grammar: str, deadline: Deadline) -> LLMatcher:
        """Raises BadRequest where it takes too long, Cancelled. Faults are the matcher's."""
        future = self._kept.get(grammar) or self._begin(grammar)
        self._kept.move_to_end(grammar)
        is_over = threading.Event()
        future.add_done_callback(lambda _: is_over.set())
        with deadline.cancellation.interrupting(is_over.set):
            is_over.wait(deadline.left)
        deadline.cancellation.check()
        if not future.done():
            raise BadRequest(
                f"A JSON schema of this request takes more than {deadline.seconds:.0f} seconds to "
                "prepare: make it simpler, or try again in a minute.",
                "tools",
            )
        return future.result()

    def _begin(self, grammar: str) -> Future[LLMatcher]:
        future: Future[LLMatcher] = Future()
        self._kept[grammar] = future
        if len(self._kept) > GRAMMARS_KEPT:
            self._kept.popitem(last=False)

        def work() -> None:
            limits = LLParserLimits(max_grammar_size=MOST_SYMBOLS)
            future.set_result(LLMatcher(self._tokenizer, grammar, log_level=0, limits=limits))

        # Not a daemon: Python would crash if it ended while llguidance still worked.
        threading.Thread(target=work, name="grammar").start()
        return future


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
    """Take llguidance's reason, without the place in a grammar that no client has seen, and without
    options that no client has. Of an error in a pattern the last line says what is wrong."""
    first, _, more = error.strip().partition("\n")
    reason = first.rpartition("failed to compile JSON schema: ")[2]
    if "too big" in reason or "too large" in reason:
        return TOO_LARGE
    details = [line for line in more.splitlines() if line.startswith("error: ")]
    whole = f"{reason} {details[-1].removeprefix('error: ')}" if details else reason
    return "its alternatives overlap; 'anyOf' can be kept" if "coerce_one_of" in whole else whole

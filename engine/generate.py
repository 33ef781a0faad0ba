"""The loop: one request in, its events out. All that the engine does passes through here."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator

from engine.cancellation import Cancellation, Cancelled
from engine.errors import ContextOverflow
from engine.formats.speech import Speech, speech_of
from engine.formats.stop_strings import StopStrings
from engine.model import Model
from engine.protocols import NextLogits, Prompt
from engine.repetition import LoopDetector
from engine.runtime.logprobs import Logprobs
from engine.runtime.sampling import Sampler
from engine.types import (
    ChatRequest,
    Finished,
    FinishReason,
    GenerationEvent,
    Progress,
    Request,
    Started,
    ToolCall,
    ToolCallDelta,
    Usage,
)

SHORTEST_CHUNK_TOKENS = 64
"""A chunk ends where a turn does, so that the conversation can branch there; but a shorter one
costs nearly as much as this."""


def never() -> bool:
    return False


def generate(
    model: Model,
    request: Request,
    cancellation: Cancellation,
    answer_now: Callable[[], bool] = never,
) -> Iterator[GenerationEvent]:
    """Started, Progress, TextDelta and tool call events, then one Finished. Failures are raised.

    Once `answer_now()` is true, the model's thoughts are ended and its answer begins. Thoughts that
    loop are ended in the same way; an answer that loops is ended, for every kind of request.
    Raises ContextOverflow, BadRequest and Cancelled before Started, DeviceFailed at any time.
    """
    speech = speech_of(model.format, request, cancellation)
    prompt_tokens = len(speech.prompt.ids)
    if prompt_tokens >= model.decoder.context_length:
        raise ContextOverflow(prompt_tokens, model.decoder.context_length)
    answer = _Answer(model, request, speech, answer_now)
    try:
        yield from answer.prefill(cancellation)
        yield from answer.decode(cancellation)
    except Cancelled:
        yield answer.finished(FinishReason.CANCELLED)


class _Answer:
    """The state of one answer: what has been sampled, what is held back, and when."""

    def __init__(
        self, model: Model, request: Request, speech: Speech, answer_now: Callable[[], bool]
    ) -> None:
        self._decoder = model.decoder
        self._answer_now = answer_now
        self._prompt = speech.prompt
        self._parser = speech.parser
        self._grammar = speech.grammar
        self._stop_tokens = speech.stop_tokens
        self._token_bytes = speech.token_bytes
        self._limit = _token_limit(request, len(speech.prompt.ids), model.decoder.context_length)
        self._cached = model.decoder.reuse(speech.prompt.ids)
        self._sampler = Sampler(request.sampling, model.info.sampling, speech.token_bytes)
        self._logprobs = Logprobs(request.top_logprobs, speech.token_bytes)
        self._stop_strings = StopStrings(request.stop)
        self._forced: deque[int] = deque()
        self._loops = LoopDetector(speech.token_bytes)
        self._is_loop = False
        self._wants_json = isinstance(request, ChatRequest) and request.json_answer is not None
        self._is_in_call = False
        self._sampled = 0
        self._reasoned = 0
        self._called = False
        self._begun = time.perf_counter()
        self._prefilled: float | None = None

    def prefill(self, cancellation: Cancellation) -> Iterator[GenerationEvent]:
        ids = self._prompt.ids
        yield Started(len(ids), self._cached)
        start = self._cached
        for end in chunk_ends(start, self._prompt, self._decoder.chunk_tokens):
            self._logits: NextLogits = self._decoder.prefill(ids[start:end], cancellation)
            yield Progress(end, len(ids))
            start = end

    def decode(self, cancellation: Cancellation) -> Iterator[GenerationEvent]:
        reason: FinishReason | None = None
        while reason is None:
            cancellation.check()
            token = self._next_token()
            yield from self._read(token)
            reason = self._reason_to_end(token)
            if reason is None:
                self._logits = self._decoder.decode(token, cancellation)
        yield from self._stop_strings.through(self._parser.finish())
        yield from self._stop_strings.rest()
        yield self.finished(reason)

    def finished(self, reason: FinishReason) -> Finished:
        now = time.perf_counter()
        prefilled = self._prefilled or now
        return Finished(
            reason,
            Usage(
                prompt_tokens=len(self._prompt.ids),
                cached_tokens=self._cached,
                completion_tokens=self._sampled,
                prefill_seconds=prefilled - self._begun,
                decode_seconds=now - prefilled,
                reasoning_tokens=self._reasoned,
            ),
            self._is_loop,
        )

    def _reason_to_end(self, token: int) -> FinishReason | None:
        """Decide why the answer ends after `token`; None where it goes on.

        JSON that loops ends with LENGTH: with STOP, clients would take it for complete.
        """
        if token in self._stop_tokens or self._stop_strings.found:
            return FinishReason.TOOL_CALLS if self._called else FinishReason.STOP
        if self._is_stuck(token):
            is_json = self._wants_json or self._is_in_call
            return FinishReason.LENGTH if is_json else FinishReason.STOP
        return FinishReason.LENGTH if self._sampled >= self._limit else None

    def _is_stuck(self, token: int) -> bool:
        """Decide whether the answer has to end because it loops.

        Thoughts that loop are ended instead, and the answer begins.
        """
        if not self._loops.add(token) or self._forced:
            return False
        self._loops = LoopDetector(self._token_bytes)
        self._forced.extend(self._parser.to_answer())
        self._is_loop = not self._forced
        return self._is_loop

    def _next_token(self) -> int:
        """A token that somebody asked for, or one that is drawn."""
        if not self._forced and self._answer_now():
            self._forced.extend(self._parser.to_answer())
        if self._forced:
            return self._forced.popleft()
        allowed = self._grammar.allowed() if self._grammar else None
        return self._sampler.pick(self._logits, allowed)

    def _read(self, token: int) -> Iterator[GenerationEvent]:
        """The events of one more token of the answer."""
        logprob = self._logprobs.of(token, self._logits)
        self._sampled += 1
        self._prefilled = self._prefilled or time.perf_counter()
        events = self._parser.feed(token, logprob)
        self._reasoned += self._parser.is_reasoning
        if self._grammar:
            self._grammar.accept(token)
        for event in self._stop_strings.through(events):
            self._called = self._called or isinstance(event, ToolCall)
            self._is_in_call = isinstance(event, ToolCallDelta)
            yield event


def chunk_ends(start: int, prompt: Prompt, longest: int) -> list[int]:
    """Where each chunk of the prefill from `start` ends: at the turns, and never too far apart."""
    ends: list[int] = []
    for stop in (*prompt.turns, len(prompt.ids)):
        is_last = stop == len(prompt.ids)
        if stop - start >= (1 if is_last else SHORTEST_CHUNK_TOKENS):
            ends += [*range(start + longest, stop, longest), stop]
            start = stop
    return ends


def _token_limit(request: Request, prompt_tokens: int, context_length: int) -> int:
    room = context_length - prompt_tokens
    return room if request.max_tokens is None else min(request.max_tokens, room)

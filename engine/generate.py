"""The loop: one request in, its events out. All that the engine does passes through here."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from engine.cancellation import Cancellation, Cancelled
from engine.errors import ContextOverflow
from engine.formats.stop_strings import StopStrings
from engine.model import Model
from engine.protocols import Decoder, Logits
from engine.runtime.logprobs import Logprobs
from engine.runtime.sampling import Sampler
from engine.types import (
    ChatRequest,
    Finished,
    FinishReason,
    GenerationEvent,
    Progress,
    Started,
    Usage,
)

PREFILL_CHUNK_TOKENS = 512
"""Progress is seen between chunks; one of 2,048 is 10 % faster (tests/bench/LOG.md), but silent."""


def generate(
    model: Model, request: ChatRequest, cancellation: Cancellation
) -> Iterator[GenerationEvent]:
    """Started, Progress and TextDelta events, then one Finished. What goes wrong is raised.

    Raises ContextOverflow and BadRequest before Started, DeviceFailed at any time.
    """
    prompt = model.format.render(request)
    if len(prompt) >= model.decoder.context_length:
        raise ContextOverflow(len(prompt), model.decoder.context_length)
    answer = _Answer(model, request, prompt)
    try:
        yield from answer.prefill(cancellation)
        yield from answer.decode(cancellation)
    except Cancelled:
        yield answer.finished(FinishReason.CANCELLED)


class _Answer:
    """The state of one answer: what has been sampled, what is held back, and when."""

    def __init__(self, model: Model, request: ChatRequest, prompt: Sequence[int]) -> None:
        self._decoder: Decoder = model.decoder
        self._stop_tokens = model.format.stop_tokens
        self._prompt = prompt
        self._limit = _token_limit(request, len(prompt), model.decoder.context_length)
        self._cached = model.decoder.reuse(prompt)
        self._sampler = Sampler(request.sampling, model.info.sampling)
        self._logprobs = Logprobs(request.top_logprobs, model.format.token_bytes)
        self._parser = model.format.parser()
        self._stop_strings = StopStrings(request.stop)
        self._sampled = 0
        self._begun = time.perf_counter()
        self._prefilled: float | None = None

    def prefill(self, cancellation: Cancellation) -> Iterator[GenerationEvent]:
        yield Started(len(self._prompt), self._cached)
        for start in range(self._cached, len(self._prompt), PREFILL_CHUNK_TOKENS):
            chunk = self._prompt[start : start + PREFILL_CHUNK_TOKENS]
            self._logits: Logits = self._decoder.prefill(chunk, cancellation)
            yield Progress(start + len(chunk), len(self._prompt))

    def decode(self, cancellation: Cancellation) -> Iterator[GenerationEvent]:
        reason = FinishReason.LENGTH
        while self._sampled < self._limit and reason is FinishReason.LENGTH:
            cancellation.check()
            token = self._sampler.pick(self._logits)
            logprob = self._logprobs.of(token, self._logits)
            self._count()
            if token not in self._stop_tokens:
                yield from self._stop_strings.through(self._parser.feed(token, logprob))
            if token in self._stop_tokens or self._stop_strings.found:
                reason = FinishReason.STOP
            elif self._sampled < self._limit:
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
                prompt_tokens=len(self._prompt),
                cached_tokens=self._cached,
                completion_tokens=self._sampled,
                prefill_seconds=prefilled - self._begun,
                decode_seconds=now - prefilled,
            ),
        )

    def _count(self) -> None:
        self._sampled += 1
        self._prefilled = self._prefilled or time.perf_counter()


def _token_limit(request: ChatRequest, prompt_tokens: int, context_length: int) -> int:
    room = context_length - prompt_tokens
    return room if request.max_tokens is None else min(request.max_tokens, room)

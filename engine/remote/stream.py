"""Turns the chunks of a server's stream into the engine's events."""

from __future__ import annotations

import time
from collections.abc import Iterator

from engine.remote.calls import Calls, pieces_in
from engine.remote.counts import Counts, counts_in
from engine.remote.failures import ServerFailed, check_chunk, message_in
from engine.remote.logprobs import logprobs_in
from engine.remote.sse import DONE
from engine.remote.values import (
    Json,
    answer_object,
    answer_objects,
    answer_text,
    list_in,
    object_in,
    text_in,
)
from engine.types import (
    Channel,
    Finished,
    FinishReason,
    ParsedEvent,
    TextDelta,
    TokenLogprob,
    Usage,
)

REASONS = {
    "length": FinishReason.LENGTH,
    "max_tokens": FinishReason.LENGTH,
    "model_length": FinishReason.LENGTH,
    "tool_calls": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
}
"""All other reasons are STOP, which becomes TOOL_CALLS where there are calls."""
FAILURES = ("error", "abort")
"""OpenRouter's and vLLM's reasons for an answer that the server gave up."""


class Reading:
    """The state of one answer. Pieces are counted as tokens where the server sends no counts."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()
        self._first: float | None = None
        self._pieces = 0
        self._thoughts = 0
        self._calls = Calls()
        self._late: list[TextDelta] = []
        self._reason: FinishReason | None = None
        self._has_choice = False
        self._is_done = False
        self._counts = Counts()

    def read(self, value: object) -> Iterator[ParsedEvent]:
        """Yield the events of a chunk or of DONE. Raises Unreadable, ServerFailed."""
        if value == DONE:
            self._is_done = True
            return
        for chunk in answer_objects(value, "data"):
            check_chunk(chunk)
            for counts in counts_in(chunk):
                self._counts = self._counts.joined(counts)
            for choice in answer_objects(chunk.get("choices"), "choices"):
                yield from self._choice(choice)
                self._finish(choice)

    @property
    def is_whole(self) -> bool:
        """Whether the server ended the answer: by a reason, or by DONE after any choice."""
        return self._reason is not None or (self._is_done and self._has_choice)

    def rest(self) -> Iterator[ParsedEvent]:
        """Yield what waited for the end of the answer. Raises Unreadable."""
        yield from self._calls.rest(is_cut=self._reason is FinishReason.LENGTH)
        yield from self._late

    def finished(self, is_cancelled: bool = False) -> Finished:
        now, first = time.perf_counter(), self._first or time.perf_counter()
        counts = self._counts
        usage = Usage(
            prompt_tokens=counts.prompt,
            cached_tokens=counts.cached,
            completion_tokens=counts.completion or self._pieces,
            prefill_seconds=first - self._begun,
            decode_seconds=now - first,
            reasoning_tokens=counts.reasoning or self._thoughts,
        )
        return Finished(FinishReason.CANCELLED if is_cancelled else self._end_reason, usage)

    @property
    def _end_reason(self) -> FinishReason:
        """Many servers say that a call is a stop, or give no reason."""
        reason = self._reason or FinishReason.STOP
        has_called = reason is FinishReason.STOP and self._calls.has_any
        return FinishReason.TOOL_CALLS if has_called else reason

    def _choice(self, choice: Json) -> Iterator[ParsedEvent]:
        delta = self._delta(choice)
        self._has_choice = True
        if thought := thought_in(delta):
            self._thoughts += 1
            yield from self._text(Channel.ANALYSIS, thought)
        if text := answer_text(delta.get("content") or choice.get("text"), "content"):
            yield from self._text(Channel.FINAL, text, logprobs_in(choice))
        if refusal := answer_text(delta.get("refusal"), "refusal"):
            yield from self._text(Channel.FINAL, refusal)
        for piece in pieces_in(delta):
            self._count()
            yield from self._calls.add(piece)

    def _delta(self, choice: Json) -> Json:
        """Return the delta, or the whole message of a server that does not stream.

        A message after deltas repeats them.
        """
        delta = answer_object(choice.get("delta"), "delta")
        if delta or self._pieces:
            return delta
        return answer_object(choice.get("message"), "message")

    def _text(
        self, channel: Channel, text: str, logprobs: tuple[TokenLogprob, ...] = ()
    ) -> Iterator[ParsedEvent]:
        """Text amid a call waits for the call's end: an event of another kind would split it."""
        self._count()
        yield from self._calls.pause()
        delta = TextDelta(channel, text, logprobs)
        if self._calls.has_open or self._late:
            self._late.append(delta)
        else:
            yield delta

    def _finish(self, choice: Json) -> None:
        """Note the reason. An empty one, in each chunk of some servers, is none."""
        reason = text_in(choice.get("finish_reason")).lower()
        if reason in FAILURES or choice.get("error"):
            raise ServerFailed(message_in(choice.get("error")))
        if reason:
            self._reason = REASONS.get(reason, FinishReason.STOP)

    def _count(self) -> None:
        self._first = self._first or time.perf_counter()
        self._pieces += 1


def thought_in(delta: Json) -> str:
    """Return the thoughts of a delta: vLLM and llama.cpp name them differently, Mistral sends
    them as parts of the content. Servers that use both names send the same text twice."""
    named = delta.get("reasoning_content") or delta.get("reasoning")
    parts = [object_in(part).get("thinking") for part in list_in(delta.get("content"))]
    return answer_text(named or parts, "reasoning")

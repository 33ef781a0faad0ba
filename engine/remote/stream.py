"""From the chunks of a server's stream to the engine's events."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engine.types import (
    Channel,
    Finished,
    FinishReason,
    ParsedEvent,
    TextDelta,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
    Usage,
)

if TYPE_CHECKING:
    from openai.types import Completion
    from openai.types.chat import ChatCompletionChunk
    from openai.types.chat.chat_completion_chunk import Choice, ChoiceDeltaToolCall

REASONS = {
    "stop": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "tool_calls": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
}
NO_TOKEN = -1
"""Servers tell a token's text, and not its number."""


class Reading:
    """The state of one answer. Where the server tells no usage, its chunks are counted."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()
        self._first: float | None = None
        self._chunks = 0
        self._thoughts = 0
        self._calls: dict[int, ToolCall] = {}
        self._reason: FinishReason | None = None
        self._usage: Any = None

    def chat(self, chunk: ChatCompletionChunk) -> Iterator[ParsedEvent]:
        self._usage = chunk.usage or self._usage
        for choice in chunk.choices:
            yield from self._choice(choice)
            if choice.finish_reason is not None:
                self._reason = REASONS.get(choice.finish_reason, FinishReason.STOP)

    def completion(self, chunk: Completion) -> Iterator[ParsedEvent]:
        self._usage = chunk.usage or self._usage
        for choice in chunk.choices:
            if choice.text:
                self._count()
                yield TextDelta(Channel.FINAL, choice.text)
            if choice.finish_reason:
                self._reason = REASONS.get(choice.finish_reason, FinishReason.STOP)

    def calls(self) -> Iterator[ToolCall]:
        """Whole now."""
        return iter(self._calls.values())

    @property
    def is_whole(self) -> bool:
        """A server that fails in mid-answer may just stop, without a word."""
        return self._reason is not None

    def finished(self, is_cancelled: bool = False) -> Finished:
        now, first = time.perf_counter(), self._first or time.perf_counter()
        reason = FinishReason.CANCELLED if is_cancelled else self._reason or FinishReason.STOP
        usage = self._usage
        prompt = getattr(usage, "prompt_tokens_details", None)
        completion = getattr(usage, "completion_tokens_details", None)
        return Finished(
            reason,
            Usage(
                prompt_tokens=usage.prompt_tokens if usage else 0,
                cached_tokens=getattr(prompt, "cached_tokens", None) or 0,
                completion_tokens=usage.completion_tokens if usage else self._chunks,
                prefill_seconds=first - self._begun,
                decode_seconds=now - first,
                reasoning_tokens=getattr(completion, "reasoning_tokens", None) or self._thoughts,
            ),
        )

    def _choice(self, choice: Choice) -> Iterator[ParsedEvent]:
        delta = choice.delta
        thought = thought_in(delta)
        if thought:
            self._count()
            self._thoughts += 1
            yield TextDelta(Channel.ANALYSIS, thought)
        if delta.content:
            self._count()
            yield TextDelta(Channel.FINAL, delta.content, logprobs_of(choice))
        for piece in delta.tool_calls or ():
            self._count()
            yield self._call(piece)

    def _call(self, piece: ChoiceDeltaToolCall) -> ToolCallDelta:
        """The first piece has the id and the name; some servers give no id."""
        told, text = piece.function, (piece.function and piece.function.arguments) or ""
        before = self._calls.get(piece.index)
        if before is None:
            name = (told and told.name) or ""
            before = ToolCall(piece.id or f"call_{piece.index}", name, "")
        call = ToolCall(before.id, before.name, before.arguments + text)
        self._calls[piece.index] = call
        return ToolCallDelta(call.id, call.name, text)

    def _count(self) -> None:
        self._first = self._first or time.perf_counter()
        self._chunks += 1


def thought_in(delta: Any) -> str:
    """Under the one name or the other: vLLM, llama.cpp and Ollama do not agree."""
    extra: dict[str, str | None] = delta.model_extra or {}
    return extra.get("reasoning_content") or extra.get("reasoning") or ""


def logprobs_of(choice: Choice) -> tuple[TokenLogprob, ...]:
    entries = (choice.logprobs and choice.logprobs.content) or ()
    return tuple(
        TokenLogprob(
            NO_TOKEN,
            bytes_of(entry),
            entry.logprob,
            tuple(TokenLogprob(NO_TOKEN, bytes_of(top), top.logprob) for top in entry.top_logprobs),
        )
        for entry in entries
    )


def bytes_of(entry: Any) -> bytes:
    return entry.token.encode() if entry.bytes is None else bytes(entry.bytes)

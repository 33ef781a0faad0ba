"""Finds the token counts of an answer, which servers send in different places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.remote.values import Json, count_in, list_in, object_in


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of tokens. 0 stands for a count that the server does not send."""

    prompt: int = 0
    cached: int = 0
    completion: int = 0
    reasoning: int = 0

    def joined(self, other: Counts) -> Counts:
        """Keep the larger ones: what a server sends in each chunk is the count so far."""
        return Counts(
            max(self.prompt, other.prompt),
            max(self.cached, other.cached),
            max(self.completion, other.completion),
            max(self.reasoning, other.reasoning),
        )


def counts_in(chunk: Json) -> Iterator[Counts]:
    """Yield the counts of one chunk: OpenAI's, Moonshot's in a choice, Groq's, llama.cpp's."""
    for holder in (chunk, *list_in(chunk.get("choices")), chunk.get("x_groq")):
        yield of_usage(object_in(object_in(holder).get("usage")))
    yield of_timings(object_in(chunk.get("timings")))


def of_usage(usage: Json) -> Counts:
    return Counts(
        count_in(usage.get("prompt_tokens")),
        count_in(object_in(usage.get("prompt_tokens_details")).get("cached_tokens")),
        count_in(usage.get("completion_tokens")),
        count_in(object_in(usage.get("completion_tokens_details")).get("reasoning_tokens")),
    )


def of_timings(timings: Json) -> Counts:
    """Read llama.cpp's timings, whose prompt_n leaves the cached tokens out."""
    cached = count_in(timings.get("cache_n"))
    prompt = count_in(timings.get("prompt_n")) + cached
    return Counts(prompt, cached, count_in(timings.get("predicted_n")))

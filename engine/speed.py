"""How fast a decoder is, by token ids, without sampling."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.cancellation import Cancellation

if TYPE_CHECKING:
    from engine.protocols import Decoder


@dataclass(frozen=True, slots=True)
class Counts:
    """Tokens of prompt and answer, how often, and how many tokens fill a long context (or 0)."""

    prompt: int
    decode: int
    repeat: int
    context: int = 0


@dataclass(frozen=True, slots=True)
class Speeds:
    """Medians of the repeats; in a long context, once, the prefill of all of it and its end."""

    prefill_tokens_per_second: float
    decode_tokens_per_second: float
    context_prefill_tokens_per_second: float | None = None
    context_decode_tokens_per_second: float | None = None


def measure(decoder: Decoder, counts: Counts, cancellation: Cancellation) -> Speeds:
    """The decoder's cache is empty afterwards. Raises Cancelled, DeviceFailed."""
    runs = [
        _one_run(decoder, counts.prompt, counts.decode, cancellation) for _ in range(counts.repeat)
    ]
    found = [statistics.median(speeds) for speeds in zip(*runs, strict=True)]
    if counts.context:
        prompt = max(1, counts.context - counts.decode)
        found += _one_run(decoder, prompt, counts.decode, cancellation)
    decoder.reset()
    return Speeds(*(round(speed, 1) for speed in found))


def _one_run(
    decoder: Decoder, prompt: int, decode: int, cancellation: Cancellation
) -> tuple[float, float]:
    """Tokens per second of prefill and of decode."""
    decoder.reset()
    ids = [1000 + n % 1000 for n in range(prompt)]
    begun = time.perf_counter()
    for start in range(0, prompt, decoder.chunk_tokens):
        decoder.prefill(ids[start : start + decoder.chunk_tokens], cancellation)
    prefilled = time.perf_counter()
    for n in range(decode):
        decoder.decode(2000 + 7 * n, cancellation)
    return prompt / (prefilled - begun), decode / (time.perf_counter() - prefilled)

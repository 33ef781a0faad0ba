"""Which token comes next: pure functions over the logits, chained by one Sampler per answer.

Order: bias and penalties, DRY, temperature, top-k, top-p, min-p, draw.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.protocols import Logits, NextLogits, TokenMask, TopLogits
from engine.runtime import top_sampling
from engine.runtime.dry import Dry
from engine.types import Sampling, SamplingDefaults

Ids = NDArray[np.intp]
Probabilities = NDArray[np.float32] | NDArray[np.float64]

NUCLEUS_SHARES = (1e-3, 1e-6)
"""top-p is looked for first among entries of at least this share of the largest: only what is left
is sorted, and sorting a whole vocabulary takes longer than a step of the model."""

DRAW_BLOCK = 512
MOST_DRAWS = 8


def no_text(token: int) -> bytes:
    return b""


class Sampler:
    """Draws the tokens of one answer. With a seed, equal logits give equal tokens."""

    def __init__(
        self,
        sampling: Sampling,
        defaults: SamplingDefaults | None = None,
        token_bytes: Callable[[int], bytes] = no_text,
    ) -> None:
        default = defaults or SamplingDefaults()
        self._sampling = sampling
        self._temperature = _given(sampling.temperature, default.temperature)
        self._top_p = _given(sampling.top_p, default.top_p)
        self._top_k = _given(sampling.top_k, default.top_k)
        self._min_p = _given(sampling.min_p, default.min_p)
        self._random = np.random.default_rng(sampling.seed)
        self._counts: Counter[int] = Counter()
        has_dry = default.dry_multiplier > 0 and self._temperature > 0
        self._dry = Dry(default, token_bytes) if has_dry else None

    def pick(self, logits: NextLogits, allowed: TokenMask | None = None) -> int:
        """One id among the allowed ones."""
        token = None if self._is_biased else self._pick_from_top(logits, allowed)
        if token is None:
            adjusted = self._adjust(logits.all(), allowed)
            token = int(np.argmax(adjusted)) if self._temperature == 0 else self._draw(adjusted)
        self._counts[token] += 1
        if self._dry:
            self._dry.add(token)
        return token

    @property
    def _is_biased(self) -> bool:
        given = self._sampling
        is_changed = given.logit_bias or given.presence_penalty or given.frequency_penalty
        return bool(is_changed or self._dry)

    def _pick_from_top(self, logits: NextLogits, allowed: TokenMask | None) -> int | None:
        top = logits.top(self._temperature)
        if top is None:
            return None
        if self._temperature == 0:
            return top_sampling.greedy(top, allowed)
        if not (self._top_k or self._top_p < 1 or self._min_p):
            return self._draw_until_allowed(logits, top, allowed)
        left = top_sampling.candidates(
            top, allowed, self._temperature, self._top_k, self._top_p, self._min_p
        )
        return None if left is None else int(left[0][draw(left[1], self._random.random())])

    def _draw_until_allowed(
        self, logits: NextLogits, top: TopLogits, allowed: TokenMask | None
    ) -> int | None:
        """Draws from all tokens; what is not allowed is drawn again: the rest keep their odds."""
        weights = top_sampling.shares(top, self._temperature)
        inside = float(weights.sum())
        for _ in range(MOST_DRAWS):
            uniform = self._random.random()
            if uniform < inside:
                token = int(top.ids[draw(weights, uniform / inside)])
            else:
                token = self._draw(top_sampling.outside_of(logits.all(), top))
            if allowed is None or allowed[token >> 5] >> (token & 31) & 1:
                return token
        return None

    def _adjust(self, logits: Logits, allowed: TokenMask | None) -> Logits:
        sampling = self._sampling
        if allowed is None and not self._is_biased:
            return logits
        adjusted = logits.copy()
        if allowed is not None:
            forbid(adjusted, allowed)
        apply_bias(adjusted, dict(sampling.logit_bias))
        apply_penalties(
            adjusted, self._counts, sampling.presence_penalty, sampling.frequency_penalty
        )
        if self._dry and allowed is None:
            self._dry.apply(adjusted)
        return adjusted

    def _draw(self, logits: Logits) -> int:
        ids = top_k(logits, self._top_k)
        chosen = logits if ids is None else logits[ids]
        probabilities = softmax(chosen, self._temperature)
        kept = top_p(probabilities, self._top_p)
        if kept is not None:
            probabilities, ids = probabilities[kept], kept if ids is None else ids[kept]
        if self._min_p > 0:
            kept = np.flatnonzero(probabilities >= self._min_p * probabilities.max())
            probabilities, ids = probabilities[kept], kept if ids is None else ids[kept]
        index = draw(probabilities, self._random.random())
        return index if ids is None else int(ids[index])


Number = TypeVar("Number", int, float)


def _given(value: Number | None, default: Number) -> Number:
    return default if value is None else value


def forbid(logits: Logits, allowed: TokenMask) -> None:
    """Set the logits of tokens whose bit is 0 to minus infinity, in place."""
    bits = np.unpackbits(allowed.view(np.uint8), count=len(logits), bitorder="little")
    logits[bits == 0] = -np.inf


def apply_bias(logits: Logits, bias: dict[int, float]) -> None:
    """Add bias[id] to logits[id] in place; ids outside the vocabulary are ignored."""
    for token, value in bias.items():
        if 0 <= token < len(logits):
            logits[token] += value


def apply_penalties(
    logits: Logits, counts: Counter[int], presence: float, frequency: float
) -> None:
    """OpenAI's formula, in place: logit -= presence * (count > 0) + frequency * count.

    Source: the API reference of chat completions, presence_penalty and frequency_penalty.
    """
    if counts and (presence or frequency):
        ids = np.fromiter(counts.keys(), np.intp)
        repeats = np.fromiter(counts.values(), np.float32)
        logits[ids] -= presence + frequency * repeats


def softmax(logits: Logits, temperature: float) -> Probabilities:
    """Probabilities in float32, four times as fast as float64; their sum is taken in float64."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        scaled = (logits - logits.max()) / np.float32(temperature)
        # A temperature too small for a float32 divides 0 by 0: there only the largest remains.
        exponentials = np.exp(np.where(np.isnan(scaled), np.float32(0), scaled))
    exponentials /= exponentials.sum(dtype=np.float64)
    return exponentials


def top_k(logits: Logits, k: int) -> Ids | None:
    """Ids of the k largest logits, largest first; None where nothing is cut."""
    if not 0 < k < len(logits):
        return None
    ids = np.argpartition(logits, -k)[-k:]
    return ids[np.argsort(-logits[ids], kind="stable")]


def top_p(probabilities: Probabilities, p: float) -> Ids | None:
    """Indices of the smallest set of most probable entries whose sum reaches p, largest first.

    None where nothing is cut. Source: Holtzman et al., "The Curious Case of Neural Text
    Degeneration", 2020 (nucleus sampling).
    """
    if p >= 1:
        return None
    largest = probabilities.max()
    for share in NUCLEUS_SHARES:
        candidates = np.flatnonzero(probabilities >= share * largest)
        if probabilities[candidates].sum(dtype=np.float64) >= p:
            return _nucleus(probabilities, candidates, p)
    return _nucleus(probabilities, np.arange(len(probabilities)), p)


def _nucleus(probabilities: Probabilities, ids: Ids, p: float) -> Ids:
    ids = ids[np.argsort(-probabilities[ids], kind="stable")]
    cumulative = np.cumsum(probabilities[ids], dtype=np.float64)
    return ids[: int(np.searchsorted(cumulative, p)) + 1]


def draw(probabilities: Probabilities, uniform: float) -> int:
    """The index where the cumulative probability passes `uniform`, which is in [0, 1).

    Found by blocks first: a cumulative sum over a whole vocabulary takes as long as all the rest.
    """
    if len(probabilities) <= DRAW_BLOCK:
        cumulative = probabilities.cumsum(dtype=np.float64)
        return _passed(cumulative, uniform * float(cumulative[-1]))
    starts = np.arange(0, len(probabilities), DRAW_BLOCK)
    blocks = np.cumsum(np.add.reduceat(probabilities, starts, dtype=np.float64))
    target = uniform * float(blocks[-1])
    block = _passed(blocks, target)
    before = float(blocks[block - 1]) if block else 0.0
    start = block * DRAW_BLOCK
    inside = np.cumsum(probabilities[start : start + DRAW_BLOCK], dtype=np.float64)
    return start + _passed(inside, target - before)


def _passed(cumulative: NDArray[np.float64], target: float) -> int:
    return min(int(cumulative.searchsorted(target, side="right")), len(cumulative) - 1)

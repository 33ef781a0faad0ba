"""Which token comes next: pure functions over the logits, chained by one Sampler per answer.

Order: bias and penalties, temperature, top-k, top-p, min-p, draw.
"""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.protocols import Logits
from engine.types import Sampling, SamplingDefaults

Ids = NDArray[np.intp]
Probabilities = NDArray[np.float64]

NUCLEUS_GUESS = 512
"""top-p is looked for among this many candidates first: sorting a whole vocabulary is slow."""


class Sampler:
    """Draws the tokens of one answer. With a seed, equal logits give equal tokens."""

    def __init__(self, sampling: Sampling, defaults: SamplingDefaults | None = None) -> None:
        default = defaults or SamplingDefaults()
        self._sampling = sampling
        self._temperature = _given(sampling.temperature, default.temperature)
        self._top_p = _given(sampling.top_p, default.top_p)
        self._top_k = _given(sampling.top_k, default.top_k)
        self._min_p = _given(sampling.min_p, default.min_p)
        self._random = np.random.default_rng(sampling.seed)
        self._counts: Counter[int] = Counter()

    def pick(self, logits: Logits) -> int:
        """One id from logits of shape [vocabulary]."""
        adjusted = self._adjust(logits)
        token = int(np.argmax(adjusted)) if self._temperature == 0 else self._draw(adjusted)
        self._counts[token] += 1
        return token

    def _adjust(self, logits: Logits) -> Logits:
        sampling = self._sampling
        if not (sampling.logit_bias or sampling.presence_penalty or sampling.frequency_penalty):
            return logits
        adjusted = logits.copy()
        apply_bias(adjusted, dict(sampling.logit_bias))
        apply_penalties(
            adjusted, self._counts, sampling.presence_penalty, sampling.frequency_penalty
        )
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
    """Probabilities that sum to 1, float64 so that a draw over 200,000 entries stays unbiased."""
    with np.errstate(over="ignore"):  # a tiny temperature: minus infinity is a probability of 0
        scaled = (logits - logits.max()).astype(np.float64) / temperature
    exponentials = np.exp(scaled)
    return exponentials / exponentials.sum()


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
    guess = NUCLEUS_GUESS
    while guess < len(probabilities):
        largest = np.argpartition(probabilities, -guess)[-guess:]
        if probabilities[largest].sum() >= p:
            return _nucleus(probabilities, largest, p)
        guess *= 8
    return _nucleus(probabilities, np.arange(len(probabilities)), p)


def _nucleus(probabilities: Probabilities, ids: Ids, p: float) -> Ids:
    ids = ids[np.argsort(-probabilities[ids], kind="stable")]
    return ids[: int(np.searchsorted(np.cumsum(probabilities[ids]), p)) + 1]


def draw(probabilities: Probabilities, uniform: float) -> int:
    """The index where the cumulative probability passes `uniform`, which is in [0, 1)."""
    cumulative: Probabilities = np.cumsum(probabilities)
    target = uniform * float(cumulative[-1])
    return min(int(np.searchsorted(cumulative, target, side="right")), len(probabilities) - 1)

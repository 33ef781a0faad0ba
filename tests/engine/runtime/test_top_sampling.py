"""Sampling from the top logits follows the distribution over all of them, and reads less."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.protocols import Logits, TokenMask, TopLogits
from engine.runtime.logits import HostLogits
from engine.runtime.logprobs import Logprobs
from engine.runtime.sampling import Sampler
from engine.types import Sampling

DRAWS = 4_000
RANDOM = np.random.default_rng(0)
FLAT = RANDOM.normal(0, 0.5, 60).astype(np.float32)
PEAKED = RANDOM.normal(0, 5, 60).astype(np.float32)


@dataclass(frozen=True)
class SomeLogits:
    """NextLogits that show their top 8 and count how often all are read."""

    values: Logits
    reads: list[int] = field(default_factory=list)

    def all(self) -> Logits:
        self.reads.append(1)
        return self.values

    def top(self, temperature: float) -> TopLogits:
        ids = np.argsort(-self.values, kind="stable")[:8]
        scaled = self.values.astype(np.float64) / (temperature or 1.0)
        total = float(scaled.max() + np.log(np.exp(scaled - scaled.max()).sum()))
        return TopLogits(ids, self.values[ids], total)


def mask_of(ids: list[int]) -> TokenMask:
    bits = np.zeros(64, np.uint8)
    bits[ids] = 1
    return np.packbits(bits, bitorder="little").view(np.int32)


def counts(sampling: Sampling, logits: SomeLogits | HostLogits, allowed: TokenMask | None):
    sampler = Sampler(sampling)
    drawn = [sampler.pick(logits, allowed) for _ in range(DRAWS)]
    return np.bincount(drawn, minlength=60)


def deviations(found: np.ndarray, probabilities: np.ndarray) -> float:
    """The chi-square statistic in standard deviations from its mean (Wilson and Hilferty, 1931).

    Over the tokens that are expected at least five times, the others pooled.
    """
    expected = probabilities * found.sum()
    often = expected >= 5
    pairs = [*zip(found[often], expected[often], strict=True)]
    rest = found[~often].sum(), expected[~often].sum()
    pairs += [rest] if rest[1] >= 5 else []
    statistic = sum((seen - wanted) ** 2 / wanted for seen, wanted in pairs)
    degrees = max(1, len(pairs) - 1)
    spread = 2 / (9 * degrees)
    return float(((statistic / degrees) ** (1 / 3) - (1 - spread)) / spread**0.5)


def probabilities(logits: np.ndarray, sampling: Sampling, allowed: TokenMask | None) -> np.ndarray:
    """By the definitions, in float64."""
    values = logits.astype(np.float64) / (sampling.temperature or 1.0)
    if allowed is not None:
        values[np.unpackbits(allowed.view(np.uint8), count=60, bitorder="little") == 0] = -np.inf
    order = np.argsort(-values, kind="stable")
    if sampling.top_k:
        values[order[sampling.top_k :]] = -np.inf
    shares = np.exp(values - values.max())
    shares /= shares.sum()
    if sampling.top_p is not None:
        cumulative = np.cumsum(shares[order])
        shares[order[int(np.searchsorted(cumulative, sampling.top_p)) + 1 :]] = 0
    shares[shares < (sampling.min_p or 0) * shares.max()] = 0
    return shares / shares.sum()


EVERY_THIRD = mask_of(list(range(0, 60, 3)))


@pytest.mark.parametrize("logits", [FLAT, PEAKED], ids=["flat", "peaked"])
@pytest.mark.parametrize("allowed", [None, EVERY_THIRD], ids=["all", "some"])
@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(seed=1),
        Sampling(seed=2, temperature=0.6),
        Sampling(seed=3, temperature=1.7),
        Sampling(seed=4, top_p=0.7),
        Sampling(seed=5, top_k=5),
        Sampling(seed=6, top_k=2, top_p=0.9, temperature=1.3),
        Sampling(seed=7, min_p=0.2),
    ],
    ids=str,
)
def test_the_distribution_is_the_definitions(
    logits: np.ndarray, allowed: TokenMask | None, sampling: Sampling
) -> None:
    found = counts(sampling, SomeLogits(logits), allowed)
    expected = probabilities(logits, sampling, allowed)
    assert found[expected == 0].sum() == 0
    assert deviations(found, expected) < 4


def test_all_logits_are_read_only_when_the_draw_falls_outside() -> None:
    logits = SomeLogits(PEAKED)
    outside = 1 - np.sort(probabilities(PEAKED, Sampling(), None))[::-1][:8].sum()
    counts(Sampling(seed=3), logits, None)
    assert len(logits.reads) / DRAWS == pytest.approx(outside, rel=0.2)


@given(st.sets(st.integers(0, 59), min_size=1))
@settings(max_examples=50)
def test_greedy_is_the_largest_that_is_allowed(allowed: set[int]) -> None:
    mask = mask_of(sorted(allowed))
    best = max(allowed, key=lambda token: FLAT[token])
    assert Sampler(Sampling(temperature=0)).pick(SomeLogits(FLAT), mask) == best
    assert Sampler(Sampling(temperature=0)).pick(HostLogits(FLAT), mask) == best


def test_biased_logits_are_read_whole() -> None:
    logits = SomeLogits(PEAKED)
    last = int(PEAKED.argmin())
    assert Sampler(Sampling(logit_bias={last: 100}, seed=0)).pick(logits) == last
    assert logits.reads


def test_log_probabilities_are_the_same_from_the_top() -> None:
    def name(token: int) -> bytes:
        return b"%d" % token

    chosen = int(PEAKED.argmax())
    top = Logprobs(3, name).of(chosen, SomeLogits(PEAKED))
    whole = Logprobs(3, name).of(chosen, HostLogits(PEAKED))
    assert top is not None
    assert whole is not None
    assert top.logprob == pytest.approx(whole.logprob, abs=1e-5)
    assert [one.token_id for one in top.top] == [one.token_id for one in whole.top]
    assert Logprobs(0, name).of(int(PEAKED.argmin()), SomeLogits(PEAKED)) is not None

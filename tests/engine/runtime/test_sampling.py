"""Each sampling function against its definition, and the chain as a whole."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runtime.logits import HostLogits
from engine.runtime.sampling import (
    Sampler,
    apply_bias,
    apply_penalties,
    draw,
    softmax,
    top_k,
    top_p,
)
from engine.types import Sampling, SamplingDefaults

LOGITS = np.array([0.0, 3.0, 1.0, 2.0], np.float32)


def picks(sampling: Sampling, count: int = 200, logits: np.ndarray = LOGITS) -> list[int]:
    sampler = Sampler(sampling)
    return [sampler.pick(HostLogits(logits)) for _ in range(count)]


def test_temperature_zero_takes_the_largest() -> None:
    assert set(picks(Sampling(temperature=0))) == {1}


def test_the_same_seed_gives_the_same_tokens_and_another_one_others() -> None:
    assert picks(Sampling(seed=7)) == picks(Sampling(seed=7))
    assert picks(Sampling(seed=7)) != picks(Sampling(seed=8))


def test_frequencies_follow_the_softmax() -> None:
    drawn = Counter(picks(Sampling(seed=1), count=20_000))
    expected = softmax(LOGITS, 1.0)
    found = np.array([drawn[i] / 20_000 for i in range(4)])
    assert np.abs(found - expected).max() < 0.02


def test_temperature_sharpens() -> None:
    cold, warm = softmax(LOGITS, 0.5), softmax(LOGITS, 2.0)
    assert cold.max() > softmax(LOGITS, 1.0).max() > warm.max()
    assert cold.sum() == pytest.approx(1)


def test_a_tiny_temperature_is_greedy_and_does_not_overflow() -> None:
    assert set(picks(Sampling(temperature=1e-6, seed=0))) == {1}


def test_the_smallest_temperature_there_is_warns_of_nothing() -> None:
    assert set(picks(Sampling(temperature=5e-324), 3)) == {1}


def test_what_is_not_given_is_the_models_default() -> None:
    greedy = SamplingDefaults(temperature=0)
    assert {Sampler(Sampling(seed=n), greedy).pick(HostLogits(LOGITS)) for n in range(20)} == {1}
    assert {Sampler(Sampling(1.0, seed=n), greedy).pick(HostLogits(LOGITS)) for n in range(50)} != {
        1
    }


def test_top_k_leaves_k() -> None:
    assert set(picks(Sampling(top_k=2, seed=0), 2000)) == {1, 3}
    assert set(picks(Sampling(top_k=1))) == {1}


@pytest.mark.parametrize("k", [0, 4, 5])
def test_top_k_of_all_or_nothing_cuts_nothing(k: int) -> None:
    assert top_k(LOGITS, k) is None


def test_top_p_leaves_the_smallest_set_that_reaches_p() -> None:
    probabilities = np.array([0.1, 0.5, 0.15, 0.25])
    for p, kept in [(0.4, [1]), (0.5, [1]), (0.6, [1, 3]), (0.95, [1, 3, 2, 0])]:
        found = top_p(probabilities, p)
        assert found is not None
        assert found.tolist() == kept, p


@given(st.floats(0.01, 0.999), st.integers(0, 2**32 - 1), st.floats(0.1, 6.0))
def test_top_p_over_a_large_vocabulary_equals_a_full_sort(
    p: float, seed: int, spread: float
) -> None:
    values = np.random.default_rng(seed).normal(0, spread, 5000)
    probabilities = softmax(values.astype(np.float32), 1.0)
    order = np.argsort(-probabilities, kind="stable")
    needed = int(np.searchsorted(np.cumsum(probabilities[order], dtype=np.float64), p)) + 1
    found = top_p(probabilities, p)
    assert found is not None
    assert set(found.tolist()) == set(order[:needed].tolist())


def test_min_p_is_a_share_of_the_largest() -> None:
    share = float(np.exp(-1.0))  # the second largest has just this share
    assert set(picks(Sampling(min_p=share * 0.99, seed=0), 2000)) == {1, 3}
    assert set(picks(Sampling(min_p=share * 1.01, seed=0), 2000)) == {1}


def test_the_filters_work_together() -> None:
    assert set(picks(Sampling(top_k=3, top_p=0.95, min_p=0.2, seed=0), 2000)) == {1, 3}


def test_bias_forces_and_forbids() -> None:
    assert set(picks(Sampling(logit_bias={0: 100.0}))) == {0}
    assert 1 not in picks(Sampling(logit_bias={1: -100.0}), 500)


def test_bias_outside_the_vocabulary_is_ignored() -> None:
    logits = LOGITS.copy()
    apply_bias(logits, {-1: 5.0, 4: 5.0})
    assert logits.tolist() == LOGITS.tolist()


def test_penalties_follow_openais_formula() -> None:
    logits = LOGITS.copy()
    apply_penalties(logits, Counter({1: 3, 2: 1}), presence=0.5, frequency=0.25)
    assert logits.tolist() == [0.0, 3.0 - 0.5 - 0.75, 1.0 - 0.5 - 0.25, 2.0]


def test_a_frequency_penalty_makes_a_greedy_answer_move_on() -> None:
    found = picks(Sampling(temperature=0, frequency_penalty=0.6), 4)
    assert found == [1, 1, 3, 1]


def test_the_models_logits_are_left_as_they_are() -> None:
    logits = LOGITS.copy()
    picks(Sampling(presence_penalty=1, logit_bias={0: 1.0}, top_p=0.5), 5, logits)
    assert logits.tolist() == LOGITS.tolist()


@given(st.integers(1, 2000), st.floats(0, 1, exclude_max=True), st.integers(0, 99))
def test_draw_by_blocks_equals_one_cumulative_sum(size: int, uniform: float, seed: int) -> None:
    probabilities = np.random.default_rng(seed).random(size, np.float32)
    cumulative = np.cumsum(probabilities, dtype=np.float64)
    expected = np.searchsorted(cumulative, uniform * cumulative[-1], side="right")
    assert abs(draw(probabilities, uniform) - expected) <= 1  # the sums differ in the last bits


@pytest.mark.parametrize(("uniform", "index"), [(0.0, 0), (0.24, 0), (0.26, 1), (0.9999, 2)])
def test_draw_finds_the_place_in_the_cumulative_sum(uniform: float, index: int) -> None:
    assert draw(np.array([0.25, 0.25, 0.5]), uniform) == index


def test_draw_never_takes_what_has_no_probability() -> None:
    assert draw(np.array([0.0, 1.0, 0.0]), 0.0) == 1
    assert draw(np.array([0.0, 1.0, 0.0]), 1 - 1e-16) == 1

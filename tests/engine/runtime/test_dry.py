"""DRY against a plain reading of its sources, and when it is left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runtime.dry import LONGEST_MATCH, Dry
from engine.runtime.logits import HostLogits
from engine.runtime.sampling import Sampler
from engine.types import Sampling, SamplingDefaults
from tests.fakes import byte_format

BYTES = byte_format().token_bytes
A, B, SEVEN, C, QUOTE = *b"ab7c", ord('"')
ON = SamplingDefaults(0.2, dry_multiplier=0.8, dry_base=1.75, dry_allowed_length=2)


def penalties(defaults: SamplingDefaults, tokens: Sequence[int]) -> dict[int, float]:
    """Return what Dry subtracts after `tokens`, for each token from which it does."""
    dry = Dry(defaults, BYTES)
    for token in tokens:
        dry.add(token)
    logits = np.zeros(256, np.float32)
    dry.apply(logits)
    return {int(token): -float(logits[token]) for token in np.flatnonzero(logits)}


def match_length(tokens: Sequence[int], end: int) -> int:
    """Count the tokens up to `end` that equal the last ones, up to a token that breaks a match."""
    length = 0
    while length <= end and tokens[end - length] == tokens[-1 - length] != QUOTE:
        length += 1
    return length


def expected(defaults: SamplingDefaults, tokens: Sequence[int]) -> dict[int, float]:
    """Compute the same as the pull request describes it: by the longest match before each token."""
    longest: dict[int, int] = {}
    for end in range(len(tokens) - 1):
        length = match_length(tokens, end)
        following = tokens[end + 1]
        if length >= max(1, defaults.dry_allowed_length) and following != SEVEN:
            longest[following] = max(longest.get(following, 0), length)
    return {
        token: defaults.dry_multiplier
        * defaults.dry_base ** (min(length, LONGEST_MATCH) - defaults.dry_allowed_length)
        for token, length in longest.items()
    }


@given(st.lists(st.sampled_from([A, B, SEVEN, QUOTE]), max_size=60), st.integers(0, 4))
def test_the_penalty_is_the_sources(tokens: list[int], allowed_length: int) -> None:
    defaults = SamplingDefaults(
        dry_multiplier=0.8, dry_base=1.75, dry_allowed_length=allowed_length
    )
    assert penalties(defaults, tokens) == pytest.approx(expected(defaults, tokens), rel=1e-5)


def test_an_example() -> None:
    """Penalise "c" after "abcab": it would be the third token of a repetition."""
    assert penalties(ON, b"abcab") == pytest.approx({C: 0.8})
    assert penalties(ON, b"cabcab") == pytest.approx({C: 0.8 * 1.75})
    assert penalties(ON, b"abca") == {}


def test_a_number_stays_the_same() -> None:
    assert penalties(ON, b"2500 km and 2500 k") == pytest.approx({ord("m"): 0.8 * 1.75**4})
    assert penalties(ON, b"2500 km and 250") == {}


def test_a_long_match_stays_a_number() -> None:
    (penalty,) = penalties(ON, b"a" * 5000).values()
    assert penalty == pytest.approx(0.8 * 1.75 ** (LONGEST_MATCH - 2))


def drawn(sampling: Sampling, defaults: SamplingDefaults, count: int = 40) -> bytes:
    """Draw from a model that prefers "abc" for ever."""
    sampler, said = Sampler(sampling, defaults, BYTES), bytearray()
    for number in range(count):
        logits = np.zeros(258, np.float32)
        logits[[A, B, C][number % 3]] = 3.0
        said.append(sampler.pick(HostLogits(logits)))
    return bytes(said)


LOOP = (b"abc" * 14)[:40]


def test_a_loop_is_left() -> None:
    assert not drawn(Sampling(seed=1), ON).endswith(b"abcabc")
    assert drawn(Sampling(seed=1), SamplingDefaults(0.2)) == LOOP


def test_temperature_zero_is_the_largest_logit_always() -> None:
    assert drawn(Sampling(temperature=0), ON) == LOOP
    assert drawn(Sampling(temperature=0), SamplingDefaults(0)) == LOOP
    assert drawn(Sampling(), SamplingDefaults(0, dry_multiplier=0.8)) == LOOP


def test_what_a_grammar_allows_is_not_penalised() -> None:
    everything = np.full(9, -1, np.int32)
    sampler, said = Sampler(Sampling(seed=1), ON, BYTES), bytearray()
    for token in LOOP:
        logits = np.zeros(258, np.float32)
        logits[token] = 8.0
        said.append(sampler.pick(HostLogits(logits), everything))
    assert said == LOOP

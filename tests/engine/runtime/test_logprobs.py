from __future__ import annotations

import math

import numpy as np
import pytest

from engine.runtime.logits import HostLogits
from engine.runtime.logprobs import Logprobs, log_softmax

LOGITS = np.log(np.array([0.2, 0.5, 0.3], np.float32))


def name(token: int) -> bytes:
    return b"abc"[token : token + 1]


def test_none_asks_for_nothing() -> None:
    assert Logprobs(None, name).of(0, HostLogits(LOGITS)) is None


def test_the_chosen_token_has_its_natural_logarithm() -> None:
    found = Logprobs(0, name).of(2, HostLogits(LOGITS))
    assert found is not None
    assert (found.token_id, found.token, found.top) == (2, b"c", ())
    assert found.logprob == pytest.approx(math.log(0.3), abs=1e-6)


def test_the_most_probable_come_largest_first() -> None:
    found = Logprobs(2, name).of(0, HostLogits(LOGITS))
    assert found is not None
    assert [entry.token for entry in found.top] == [b"b", b"c"]


def test_large_logits_do_not_overflow() -> None:
    assert np.isfinite(log_softmax(np.array([1e4, -1e4], np.float32))).all()

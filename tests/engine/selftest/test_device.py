"""The self-test of devices: the processor agrees with itself, wrong kernels are found out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.cancellation import Cancellation, Cancelled
from engine.errors import WrongDevice
from engine.runtime.devices import choose_placement
from engine.selftest import device
from engine.selftest.device import CLEAR_MARGIN, Rows, check, compare
from engine.types import Device


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The true widths take half a minute on two cores."""
    for name, value in {"WIDTH": 128, "HEADS": 4, "KV_HEADS": 2, "EXPERTS": 8}.items():
        monkeypatch.setattr(device, name, value)


def rows(places: int = 40) -> Rows:
    """Logits with a clear first at most places, and one place without."""
    drawn = np.random.default_rng(0).normal(size=(places, 50)).astype(np.float32)
    drawn[np.arange(places), np.arange(places)] = drawn.max() + 2 * CLEAR_MARGIN
    drawn[0, 1] = drawn[0, 0] - CLEAR_MARGIN / 2
    return drawn


def test_the_processor_passes() -> None:
    check(choose_placement(()), "float32", Cancellation())


def test_another_ones_answers_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the device's last kernel were off by one."""
    logits_of, computed = device.logits_of, list[Rows]()

    def wrong(*arguments: object) -> Rows:
        computed.append(logits_of(*arguments))  # type: ignore[arg-type]
        return np.roll(computed[-1], len(computed) - 1, axis=1)

    monkeypatch.setattr(device, "logits_of", wrong)
    placement = replace(choose_placement(()), device=Device("the GPU", ""))
    with pytest.raises(WrongDevice, match=r"^On the GPU \d+ of \d+ clear next tokens differ"):
        check(placement, "float32", Cancellation())


def test_it_can_be_cancelled() -> None:
    cancellation = Cancellation()
    cancellation.set()
    with pytest.raises(Cancelled):
        check(choose_placement(()), "float32", cancellation)


def test_noise_where_the_processor_hesitates_is_right() -> None:
    found = rows()
    found[0, 1] += CLEAR_MARGIN
    assert found[0].argmax() != rows()[0].argmax()
    compare(found, rows(), "the GPU")


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1e9])
def test_one_place_may_differ_and_more_may_not(wrong: float) -> None:
    found = rows()
    found[5, 49] = wrong
    compare(found, rows(), "the GPU")
    found[10:14, 49] = wrong
    with pytest.raises(WrongDevice, match="5 of 39"):
        compare(found, rows(), "the GPU")

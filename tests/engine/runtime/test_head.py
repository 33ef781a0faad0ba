"""The sampling head, here on the CPU's provider: the same graph as on a GPU."""

from __future__ import annotations

import numpy as np
import pytest

from engine.runtime.head import TOP, Head
from engine.runtime.logits import DeviceLogits
from engine.runtime.memory import HOST
from engine.runtime.placement import on_cpu
from engine.runtime.sampling import Sampler
from engine.runtime.tensor import Tensor
from engine.types import Device, Sampling

CPU = on_cpu(Device("the CPU", "It is a test."), threads=2)
VOCABULARY = 3000


def logits_of(dtype: type, scale: float = 4.0) -> np.ndarray:
    values = np.random.default_rng(0).normal(0, scale, (1, 1, VOCABULARY))
    return values.astype(dtype)


@pytest.fixture(params=[np.float16, np.float32])
def device(request: pytest.FixtureRequest) -> DeviceLogits:
    logits = logits_of(request.param)
    head = Head(VOCABULARY, logits.dtype, CPU)
    return DeviceLogits(Tensor.on(HOST, logits), head)


@pytest.mark.parametrize("temperature", [1.0, 0.3, 2.0, 0.01])
def test_the_top_and_the_sum_are_those_of_the_whole(
    device: DeviceLogits, temperature: float
) -> None:
    top = device.top(temperature)
    whole = device.all().astype(np.float64)
    assert top.values.tolist() == np.sort(device.all())[::-1][:TOP].tolist()
    assert device.all()[top.ids].tolist() == top.values.tolist()
    scaled = whole / temperature
    expected = scaled.max() + np.log(np.exp(scaled - scaled.max()).sum())
    assert top.logsumexp == pytest.approx(expected, rel=1e-5)


def test_temperature_zero_counts_as_one(device: DeviceLogits) -> None:
    assert device.top(0.0).logsumexp == device.top(1.0).logsumexp


def test_a_small_vocabulary_is_all_top() -> None:
    logits = logits_of(np.float32)[:, :, :100].copy()
    head = Head(100, logits.dtype, CPU)
    assert len(head.run(Tensor.on(HOST, logits), 1.0).ids) == 100


def test_other_logits_are_read_from_where_they_are() -> None:
    logits = logits_of(np.float32)
    head, other = Head(VOCABULARY, logits.dtype, CPU), Tensor.on(HOST, -logits)
    assert head.run(Tensor.on(HOST, logits), 1.0).values[0] == logits.max()
    assert head.run(other, 1.0).values[0] == -logits.min()


def test_sampling_draws_from_it(device: DeviceLogits) -> None:
    sampler = Sampler(Sampling(seed=0, temperature=0.5))
    best = {int(i) for i in device.top(0.5).ids[:20]}
    drawn = [sampler.pick(device) for _ in range(100)]
    assert sum(token in best for token in drawn) > 90

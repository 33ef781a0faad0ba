"""The tables of rotary positions that GroupQueryAttention reads."""

from __future__ import annotations

from math import ceil, floor, log, pi

import numpy as np
from numpy.typing import NDArray

from engine.models.convert.gpt_oss_shape import Yarn

NARROWEST_RAMP = 0.001


def yarn_tables(
    yarn: Yarn, head_size: int, start: int, stop: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cosines and sines of positions start..stop, float64 [positions, head_size / 2].

    Both carry the attention factor 0.1 ln(factor) + 1. Source: openai/gpt-oss, torch/model.py.
    """
    angles = np.outer(np.arange(start, stop, dtype=np.float64), yarn_frequencies(yarn, head_size))
    attention = 0.1 * log(yarn.factor) + 1 if yarn.factor > 1 else 1.0
    return np.cos(angles) * attention, np.sin(angles) * attention


def yarn_frequencies(yarn: Yarn, head_size: int) -> NDArray[np.float64]:
    """Fast pairs turn as they were trained, slow ones `factor` times slower, a ramp between."""
    plain = yarn.base ** (-np.arange(0, head_size, 2, dtype=np.float64) / head_size)
    low, high = (
        head_size * log(yarn.trained_length / (turns * 2 * pi)) / (2 * log(yarn.base))
        for turns in (yarn.beta_fast, yarn.beta_slow)
    )
    if yarn.truncate:
        low, high = floor(low), ceil(high)
    low, high = max(low, 0), min(high, head_size - 1)
    pairs = np.arange(head_size // 2, dtype=np.float64)
    slowed = np.clip((pairs - low) / max(high - low, NARROWEST_RAMP), 0, 1)
    return plain / yarn.factor * slowed + plain * (1 - slowed)

"""How near int4 experts come to MXFP4 ones, and how fast they are made.

python -m tests.bench.int4_experts
"""

from __future__ import annotations

import time
from collections.abc import Callable

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from engine.models.convert import mxfp4
from engine.models.convert.mxfp4_to_int4 import INT4_BLOCK, Int4Experts, to_int4

ROWS, COLUMNS = 5760, 2880
"""One expert's gate and value of gpt-oss."""

Mxfp4 = tuple[NDArray[np.uint8], NDArray[np.uint8]]
Weights = NDArray[np.floating]


def rounded(weights: NDArray[np.float64]) -> Mxfp4:
    """By the MX specification: the largest magnitude's power of two becomes 4."""
    blocks = weights.reshape(ROWS, -1, mxfp4.BLOCK)
    exponents = np.floor(np.log2(np.abs(blocks).max(axis=-1))) - 2
    codes = (blocks / np.exp2(exponents)[..., None]).astype(ml_dtypes.float4_e2m1fn).view(np.uint8)
    return codes[..., 0::2] | codes[..., 1::2] << 4, (exponents + 127).astype(np.uint8)


def uniform(random: np.random.Generator) -> Mxfp4:
    shape = (ROWS, COLUMNS // mxfp4.BLOCK)
    scales = random.integers(112, 115, shape, dtype=np.uint8)
    return random.integers(0, 256, (*shape, 16), dtype=np.uint8), scales


def nearest(weights: Weights, scales: Weights) -> Weights:
    blocks = weights.reshape(-1, INT4_BLOCK)
    steps = scales[:, None]
    return (np.clip(np.rint(blocks / steps), -8, 7) * steps).reshape(weights.shape)


def largest_at_7(weights: Weights) -> Weights:
    return nearest(weights, np.abs(weights.reshape(-1, INT4_BLOCK)).max(axis=1) / 7)


def largest_at_minus_8(weights: Weights) -> Weights:
    blocks = weights.reshape(-1, INT4_BLOCK)
    at = np.abs(blocks).argmax(axis=1)
    return nearest(weights, blocks[np.arange(len(blocks)), at] / -8)


def decoded(experts: Int4Experts) -> Weights:
    codes = np.stack([experts.packed & 15, experts.packed >> 4], axis=-1).astype(np.float32) - 8
    blocks = codes.reshape(-1, INT4_BLOCK) * experts.scales.reshape(-1, 1)
    return blocks.reshape(ROWS, COLUMNS)


def main() -> None:
    random = np.random.default_rng(0)
    kinds = {
        "normal": rounded(random.normal(0, 0.02, (ROWS, COLUMNS))),
        "Student t, 5 degrees": rounded(0.02 * random.standard_t(5, (ROWS, COLUMNS))),
        "uniform codes": uniform(random),
    }
    methods: dict[str, Callable[[Weights], Weights]] = {
        "largest at 7": largest_at_7,
        "largest at -8": largest_at_minus_8,
    }
    for name, pair in kinds.items():
        weights = mxfp4.decode(*pair)
        found = {method: make(weights) for method, make in methods.items()}
        to_int4(*pair)  # its tables are made once
        begun, cpu = time.perf_counter(), time.process_time()
        experts = to_int4(*pair)
        seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
        found["least squares"] = decoded(experts)
        size = np.linalg.norm(weights)
        errors = {key: np.linalg.norm(value - weights) / size for key, value in found.items()}
        print(name, ", ".join(f"{key} {error:.2%}" for key, error in errors.items()), end="; ")
        print(f"{weights.size / seconds / 1e6:.0f} M/s, {weights.size / cpu / 1e6:.0f} M/s a core")


if __name__ == "__main__":
    main()

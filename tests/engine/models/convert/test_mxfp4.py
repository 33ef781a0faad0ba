"""MXFP4 is decoded and rearranged exactly; in int4 no scale would have come nearer."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray

from engine.models.convert import dense, mxfp4
from engine.models.convert.mxfp4_to_int4 import INT4_BLOCK, Int4Experts, to_int4

Mxfp4 = tuple[NDArray[np.uint8], NDArray[np.uint8]]
ROWS, COLUMNS = 24, 512


def uniform(rows: int = ROWS, columns: int = COLUMNS, seed: int = 0, spread: int = 3) -> Mxfp4:
    """Codes of all kinds; neighbouring scales differ by up to 2 ** (spread - 1)."""
    random = np.random.default_rng(seed)
    shape = (rows, columns // mxfp4.BLOCK)
    blocks = random.integers(0, 256, (*shape, 16), dtype=np.uint8)
    return blocks, random.integers(112, 112 + spread, shape, dtype=np.uint8)


def normal(rows: int = ROWS, columns: int = COLUMNS, seed: int = 0) -> Mxfp4:
    """Normally distributed weights as the MX specification rounds them."""
    weights = np.random.default_rng(seed).normal(0, 0.02, (rows, columns // mxfp4.BLOCK, 32))
    exponents = np.floor(np.log2(np.abs(weights).max(axis=-1))) - 2
    scaled = weights / np.exp2(exponents)[..., None]
    codes = scaled.astype(ml_dtypes.float4_e2m1fn).view(np.uint8)
    return codes[..., 0::2] | codes[..., 1::2] << 4, (exponents + 127).astype(np.uint8)


def sparse(rows: int = ROWS, columns: int = COLUMNS) -> Mxfp4:
    """Most codes are zeros of either sign; whole blocks of them too."""
    blocks, scales = uniform(rows, columns, seed=3)
    keep = np.random.default_rng(4).random(blocks.shape) < 0.02
    return np.where(keep, blocks, 0x80).astype(np.uint8), scales


def int4_values(experts: Int4Experts, block: int = INT4_BLOCK) -> NDArray[np.float64]:
    codes = np.stack([experts.packed & 15, experts.packed >> 4], axis=-1).astype(np.float64) - 8
    return codes.reshape(-1, block) * experts.scales.reshape(-1, 1)


def least_errors(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of every block, over two thousand scales of both signs."""
    largest = np.abs(weights).max(axis=1, keepdims=True)
    best = np.full(len(weights), np.inf)
    for ratio, sign in itertools.product(np.linspace(6, 9.5, 1000), (1, -1)):
        codes = np.clip(np.rint(weights * sign * ratio / largest), -8, 7)
        wq, qq = (weights * codes).sum(axis=1), (codes * codes).sum(axis=1)
        best = np.minimum(best, (weights * weights).sum(axis=1) - wq * wq / np.maximum(qq, 1))
    return best


def test_every_code_and_scale_decodes_as_ml_dtypes_has_it() -> None:
    codes = np.arange(16, dtype=np.uint8)
    np.testing.assert_array_equal(mxfp4.VALUES, codes.view(ml_dtypes.float4_e2m1fn).astype(float))
    scales = np.arange(0, mxfp4.SCALE_NAN - 2, dtype=np.uint8).reshape(1, -1)
    blocks = np.full((1, scales.size, 16), 0x72, np.uint8)  # 1 below, 6 above
    values = mxfp4.decode(blocks, scales).reshape(-1, 32)
    powers = scales[0].view(ml_dtypes.float8_e8m0fnu).astype(np.float64)
    np.testing.assert_array_equal(values[:, 0], powers)
    np.testing.assert_array_equal(values[:, 31], 6 * powers)


def test_rearranged_codes_are_the_same_codes() -> None:
    blocks, _ = uniform(rows=96, columns=64)
    rearranged = mxfp4.transposed(blocks)
    codes = np.stack([blocks & 15, blocks >> 4], axis=-1).reshape(96, 64)
    found = np.stack([rearranged & 15, rearranged >> 4], axis=-1).reshape(64, 96)
    np.testing.assert_array_equal(found, codes.T)


def test_codes_are_rearranged_as_onnx_runtime_packs_them() -> None:
    """Its builds for CUDA have the packer; the layout is the same for all."""
    native: Any = importlib.import_module("onnxruntime.capi._pybind_state")
    pack = getattr(native, "pack_fp4_weights_for_cuda_moe_gemm", None)
    if pack is not None:
        blocks, _ = uniform(rows=96, columns=64)
        packed = pack(blocks.reshape(96, -1), 96, 64)
        np.testing.assert_array_equal(mxfp4.transposed(blocks).ravel(), packed)


@pytest.mark.parametrize("block", [64, 32])
@pytest.mark.parametrize("make", [uniform, normal])
def test_no_scale_would_round_better(make: Callable[[], Mxfp4], block: int) -> None:
    blocks, scales = make()
    weights = mxfp4.decode(blocks, scales).astype(np.float64).reshape(-1, block)
    errors = ((int4_values(to_int4(blocks, scales, block), block) - weights) ** 2).sum(axis=1)
    assert (errors <= least_errors(weights) * (1 + 1e-6)).all()


def test_zeros_stay_zeros_and_divide_nothing() -> None:
    blocks, scales = sparse()
    weights = mxfp4.decode(blocks, scales).reshape(-1, INT4_BLOCK)
    experts = to_int4(blocks, scales)
    empty = ~weights.any(axis=1)
    assert empty.any()
    assert not experts.scales.ravel()[empty].any()
    assert not int4_values(experts)[weights == 0].any()


def test_scales_that_differ_widely_keep_the_larger_half() -> None:
    blocks, scales = uniform()
    scales[:, 0::2], scales[:, 1::2] = 100, 140
    weights = mxfp4.decode(blocks, scales).astype(np.float64).reshape(-1, INT4_BLOCK)
    values = int4_values(to_int4(blocks, scales))
    assert not values[:, :32].any()
    assert np.abs(values - weights).max() < np.abs(weights).max() / 7


@pytest.mark.parametrize(
    ("quantise", "bits", "error"), [(dense.to_int8, 8, 0.006), (dense.to_int4, 4, 0.085)]
)
def test_dense_weights_are_near(quantise: Callable[..., Any], bits: int, error: float) -> None:
    weights = np.random.default_rng(0).normal(0, 1, (ROWS, COLUMNS)).astype(np.float32)
    weights[0] = 0
    rounded = quantise(weights)
    codes = (
        rounded.packed if bits == 8 else np.stack([rounded.packed & 15, rounded.packed >> 4], -1)
    )
    values = codes.reshape(*rounded.scales.shape, -1).astype(np.float32) - 2 ** (bits - 1)
    values = (values * rounded.scales[..., None]).reshape(weights.shape)
    assert np.linalg.norm(values - weights) < error * np.linalg.norm(weights)
    assert not values[0].any()

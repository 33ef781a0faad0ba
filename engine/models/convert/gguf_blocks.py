"""GGUF's quantised blocks as ONNX Runtime's MatMulNBits reads them, without any loss.

A block is 32 neighbouring weights of one output row. Layouts: ggml's ggml-common.h (block_q4_1,
block_q8_0) and ONNX Runtime's ContribOperators.md (MatMulNBits).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
Q4_1_BYTES = 2 + 2 + BLOCK // 2
Q8_0_BYTES = 2 + BLOCK


@dataclass(frozen=True, slots=True)
class Int4Blocks:
    """weight = (q - 8) * scale + shift, with q in 0..15 and one scale and shift a block.

    packed: uint8 [rows, blocks, 16], two values a byte, the earlier one in the low half.
    scales, shifts: float32 [rows, blocks].
    """

    packed: NDArray[np.uint8]
    scales: NDArray[np.float32]
    shifts: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Int8Blocks:
    """weight = (q - 128) * scale, with q in 0..255 and one scale a block.

    packed: uint8 [rows, blocks, 32]; scales: float32 [rows, blocks].
    """

    packed: NDArray[np.uint8]
    scales: NDArray[np.float32]


def int4_from_q4_1(raw: NDArray[np.uint8]) -> Int4Blocks:
    """From uint8 [rows, blocks * 20]: float16 d and m, then 16 bytes whose halves are 16 apart.

    Q4_1 says weight = q * d + m, which is (q - 8) * d + (m + 8 * d); the shift is exact in float32
    unless d and m differ by more than a factor of 2000 or so, which `shift_is_exact` tells.
    """
    blocks = raw.reshape(raw.shape[0], -1, Q4_1_BYTES)
    scales, minima = _float16(blocks, 0), _float16(blocks, 2)
    halves = blocks[:, :, 4:]
    values = np.concatenate([halves & 15, halves >> 4], axis=2)
    packed = (values[:, :, 0::2] | (values[:, :, 1::2] << 4)).astype(np.uint8)
    shifts = (minima + np.float32(8) * scales).astype(np.float32)
    return Int4Blocks(packed, scales, shifts)


def shift_is_exact(raw: NDArray[np.uint8]) -> bool:
    """Whether m + 8 * d of every Q4_1 block is a float32."""
    blocks = raw.reshape(raw.shape[0], -1, Q4_1_BYTES)
    exact = _float16(blocks, 2).astype(np.float64) + 8 * _float16(blocks, 0).astype(np.float64)
    return bool(np.all(exact == exact.astype(np.float32)))


def int8_from_q8_0(raw: NDArray[np.uint8]) -> Int8Blocks:
    """From uint8 [rows, blocks * 34]: float16 d, then 32 signed bytes; weight = q * d."""
    blocks = raw.reshape(raw.shape[0], -1, Q8_0_BYTES)
    return Int8Blocks(blocks[:, :, 2:] ^ np.uint8(128), _float16(blocks, 0))


def _float16(blocks: NDArray[np.uint8], at: int) -> NDArray[np.float32]:
    return (
        np.ascontiguousarray(blocks[:, :, at : at + 2]).view(np.float16)[..., 0].astype(np.float32)
    )

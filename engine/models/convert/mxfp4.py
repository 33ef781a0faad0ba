"""MXFP4 weights: decoded, rearranged bit for bit for CUDA, or rounded to int4 for the CPU.

A block is 32 neighbouring weights of an output row: sixteen bytes with two e2m1 codes each, the
earlier one in the low half, and a scale of 2 ** (byte - 127). Source: OCP Microscaling Formats
(MX) Specification 1.0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

BLOCK = 32
SCALE_BIAS, SCALE_NAN = 127, 255
LARGEST_FLOAT16_SCALE = SCALE_BIAS + 13
"""With which 6, the largest code, stays within float16."""
MAGNITUDES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
VALUES = np.array([*MAGNITUDES, *(-value for value in MAGNITUDES)], np.float32)
"""What the sixteen codes mean."""
PAIRS = np.stack([np.tile(VALUES, 16), np.repeat(VALUES, 16)], axis=1)
"""float32 [256, 2]: what the two codes of a byte mean."""


def decode(blocks: Bytes, scales: Bytes) -> NDArray[np.float32]:
    """uint8 [rows, blocks, 16] and [rows, blocks] to float32 [rows, blocks * 32], exactly."""
    rows, count = scales.shape
    factors = np.ldexp(np.float32(1), scales.astype(np.int32) - SCALE_BIAS)
    values = PAIRS[blocks].reshape(rows, count, BLOCK) * factors[..., None]
    return values.reshape(rows, count * BLOCK)


def transposed(blocks: Bytes) -> Bytes:
    """uint8 [rows, blocks, 16] to [columns, rows / 2]: what QMoE's CUDA kernels read.

    There a byte holds the codes of two rows at the same column, the earlier row in the low half.
    Source: ONNX Runtime's test_qmoe_fp4_cuda.py and the gpt-oss builder of ONNX Runtime GenAI.
    """
    rows = blocks.shape[0]
    codes = blocks.reshape(rows, -1)
    early, late = codes[0::2], codes[1::2]
    even_columns = (early & 15) | (late << 4)
    odd_columns = (early >> 4) | (late & 0xF0)
    pairs = np.stack([even_columns, odd_columns], axis=-1).reshape(rows // 2, -1)
    return np.ascontiguousarray(pairs.T, np.uint8)

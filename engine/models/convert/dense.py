"""Dense weights in the widths that a target may ask for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.models.convert.gguf_blocks import BLOCK, Int8Blocks

INT4_RATIOS = np.linspace(6.5, 9.0, 11, dtype=np.float32)
"""Of the largest magnitude to the scale: what is tried for a block of int4 values."""


def to_int8(weights: NDArray[np.float32]) -> Int8Blocks:
    """float32 [rows, columns], rounded with one scale for 32 values, symmetrically."""
    blocks = weights.reshape(weights.shape[0], -1, BLOCK)
    scales = np.abs(blocks).max(axis=2) / np.float32(127)
    codes = np.rint(blocks / np.where(scales > 0, scales, np.float32(1))[..., None])
    return Int8Blocks((codes + 128).astype(np.uint8), scales)


def to_int4(weights: NDArray[np.float32]) -> Int8Blocks:
    """The same in int4 by least squared error: uint8 [rows, blocks, 16], the earlier value low.

    The side of the largest magnitude gets the code -8, which is farther out than 7.
    """
    blocks = weights.reshape(-1, BLOCK)
    extreme = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=1)[:, None], axis=1)
    codes, scales = np.zeros_like(blocks), np.zeros(len(blocks), np.float32)
    least = np.full(len(blocks), -1, np.float32)
    for ratio in INT4_RATIOS:
        steps = np.where(extreme != 0, -extreme / ratio, np.float32(1))
        tried = np.clip(np.rint(blocks / steps), -8, 7)
        wq, qq = (blocks * tried).sum(axis=1), (tried * tried).sum(axis=1)
        gain = wq * wq / np.maximum(qq, 1)
        better = gain > least
        codes[better], least[better] = tried[better], gain[better]
        scales[better] = (wq / np.maximum(qq, 1))[better]
    nibbles = (codes + 8).astype(np.uint8).reshape(weights.shape[0], -1, BLOCK)
    packed = nibbles[..., 0::2] | (nibbles[..., 1::2] << 4)
    return Int8Blocks(packed.astype(np.uint8), scales.reshape(weights.shape[0], -1))

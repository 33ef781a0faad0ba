"""MXFP4 weights rounded to int4 with one scale for 64 of them, or 32, by least squared error.

For a scale s, weights w and codes q = round(w / s) in -8..7, the error is least at
s = sum(wq) / sum(qq), and is then sum(ww) - sum(wq) ** 2 / sum(qq). Codes change only where some
w / s passes a half, and e2m1 knows few magnitudes: seen from the largest one, M, all lie on a
ladder of 1, 3/4, 1/2, 3/8, 1/4 ... where M is a power of two and 1, 2/3, 1/2, 1/3, 1/4 ... where
it is one and a half of it. So the scales between M / 9.5 and M / 6 fall into a few
intervals with constant codes, and counting the weights on each rung is enough to compare them all.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from engine.models.convert.mxfp4 import BLOCK, MAGNITUDES, SCALE_BIAS, Bytes

INT4_BLOCK = 2 * BLOCK
LOWEST, ZERO_POINT = -8, 8
SMALLEST_RATIO, LARGEST_RATIO = 6.0, 9.5
"""Of M to the scale; the best one lies between, but for blocks of few magnitudes."""
RUNGS = 9
"""M, and the eight below it; what is lower rounds to zero at every scale."""
COUNT_BITS = 7
COUNT_MASK = np.uint64(127)
TOP_BIT = np.uint64(COUNT_BITS * (RUNGS - 1))
PLACES = (0, 0, 2, 3, 4, 5, 6, 7)
"""Of the eight magnitudes on the ladder: 1/2 is at 0 and 1 at 2, for 3/4 would be between."""
SHIFTS = 8
CHUNK_BLOCKS = 1 << 13
"""Half a million weights at a time, for a processor's cache."""
PIECE = 256
NO_WEIGHT = np.float32(1e-30)
"""Instead of no weight at all, so that a block of zeros divides nothing by zero."""
WORKERS = 4
"""Threads; numpy lets go of Python's lock while it computes."""

Floats = NDArray[np.float32]
Counts = NDArray[np.uint64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Int4Experts:
    """weight = (q - 8) * scale. packed uint8 [rows, columns / 2], scales float32 [rows, c / block].

    The earlier of two values is in the low half of their byte.
    """

    packed: Bytes
    scales: Floats


def to_int4(blocks: Bytes, scales: Bytes, block: int = INT4_BLOCK) -> Int4Experts:
    """From uint8 [rows, blocks, 16] and [rows, blocks], an even number of blocks.

    `block` is 64 or 32. For 32 each block is taken twice: what suits both halves suits each.
    """
    if block == BLOCK:
        twice = to_int4(np.repeat(blocks, 2, axis=1), np.repeat(scales, 2, axis=1))
        halves = twice.packed.reshape(len(blocks), -1, 2, BLOCK // 2)[:, :, 0]
        return Int4Experts(halves.reshape(len(blocks), -1), twice.scales)
    rows = blocks.shape[0]
    codes, exponents = blocks.reshape(-1, 2, BLOCK // 2), scales.reshape(-1, 2)
    packed = np.empty_like(codes)
    chosen = np.empty(len(codes), np.float32)

    def convert(start: int) -> None:
        part = slice(start, start + CHUNK_BLOCKS)
        packed[part], chosen[part] = _round(codes[part], exponents[part])

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(convert, range(0, len(codes), CHUNK_BLOCKS)))
    return Int4Experts(packed.reshape(rows, -1), chosen.reshape(rows, -1))


def _round(codes: Bytes, exponents: Bytes) -> tuple[Bytes, Floats]:
    """uint8 [n, 2, 16] and [n, 2] to the same codes in int4 and float32 [n]."""
    counts, negatives = _counts(codes)
    twice = 2 * exponents.T.astype(np.int64)
    tops = np.where(counts == 0, 0, twice + _highest(counts))
    top = np.maximum(tops[0], tops[1])
    shifts = np.clip(twice - top + (RUNGS - 1), -SHIFTS, SHIFTS)
    ladder = _on_ladder(counts, shifts)
    below_zero = _on_ladder(negatives, shifts) >> TOP_BIT
    above_zero = (ladder >> TOP_BIT) - below_zero
    candidates, ratios = _best(ladder, above_zero, below_zero, top & 1)
    flipped = above_zero > below_zero  # the larger side gets -8, which is farther out than 7
    largest = np.ldexp(np.where(top & 1, 1.5, 1.0), (top - 2) // 2 - SCALE_BIAS)
    scales = np.where(flipped, -largest, largest) * ratios * (ladder != 0)
    tables = ((candidates * 2 + flipped) * (2 * SHIFTS + 1) + shifts + SHIFTS) * 256
    places: Integers = codes + tables.T[..., None]
    return np.take(_code_tables(), places), scales.astype(np.float32)


def _counts(codes: Bytes) -> tuple[Counts, Counts]:
    """How many codes of each magnitude, and how many of them negative: uint64 [2, n]."""
    fours = codes.view("<u2").transpose(2, 1, 0).astype(np.intp, order="C")
    everything, negative = _count_tables()
    return np.take(everything, fours).sum(axis=0), np.take(negative, fours).sum(axis=0)


def _highest(counts: Counts) -> Integers:
    """The place of the largest magnitude. A count of 32 leaves a place's last bit unset."""
    exponents = np.frexp(counts.astype(np.float64))[1].astype(np.int64)
    return (exponents - 1) // COUNT_BITS


def _on_ladder(counts: Counts, shifts: Integers) -> Counts:
    """Both halves' counts, uint64 [n], M at the top; what is too low falls out."""
    up = (np.maximum(shifts, 0) * COUNT_BITS).astype(np.uint64)
    down = (np.maximum(-shifts, 0) * COUNT_BITS).astype(np.uint64)
    moved = (counts << up) >> down
    return moved[0] + moved[1]


def _best(
    ladder: Counts, above_zero: Counts, below_zero: Counts, kind: Integers
) -> tuple[Integers, Floats]:
    """The interval with the least error, and the best scale in it over M."""
    features = np.empty((len(ladder), RUNGS + 1), np.float32)
    features[:, 0] = np.maximum(np.maximum(above_zero, below_zero), NO_WEIGHT)
    features[:, 1] = np.minimum(above_zero, below_zero)
    for rung in range(1, RUNGS):
        features[:, rung + 1] = (ladder >> TOP_BIT - np.uint64(COUNT_BITS * rung)) & COUNT_MASK
    chosen, ratios = np.zeros(len(ladder), np.int64), np.zeros(len(ladder), np.float32)
    first = 0
    for parity, sums in enumerate(_sum_tables()):
        rows = np.flatnonzero(kind == parity)
        wq, qq = np.split(_products(features, rows, sums), 2, axis=1)
        gain = wq * wq
        gain /= qq
        best = gain.argmax(axis=1)
        at = (np.arange(len(rows)), best)
        ratios[rows] = wq[at] / qq[at]
        chosen[rows] = first + best
        first += sums.shape[1] // 2
    return chosen, ratios


def _products(features: Floats, rows: Integers, sums: Floats) -> Floats:
    """features[rows] @ sums in pieces too small for BLAS to wake threads: on a busy machine they
    cost more than that."""
    padded = np.zeros(-(-len(rows) // PIECE) * PIECE, np.int64)
    padded[: len(rows)] = rows
    pieces = features[padded].reshape(-1, PIECE, RUNGS + 1)
    return (pieces @ sums).reshape(-1, sums.shape[1])[: len(rows)]


@cache
def _count_tables() -> tuple[Counts, Counts]:
    """For each 16 bits, four codes: their counts, and those of the negative ones, [65536]."""
    ones = np.array([0] + [1 << COUNT_BITS * place for place in PLACES[1:]], np.uint64)
    nothing = np.zeros_like(ones)
    return _fours(np.concatenate([ones, ones])), _fours(np.concatenate([nothing, ones]))


def _fours(of_code: Counts) -> Counts:
    pairs = (of_code[:, None] + of_code[None, :]).ravel()
    return (pairs[:, None] + pairs[None, :]).ravel()


def _ladder(kind: int) -> NDArray[np.float64]:
    """Magnitudes over M, from M down: M is a power of two (kind 0) or 1.5 of one (kind 1)."""
    steps = np.arange(kind, kind - RUNGS, -1)
    heights = np.exp2(steps // 2) * np.where(steps % 2, 1.5, 1.0)
    return heights / heights[0]


@cache
def _candidates(kind: int) -> NDArray[np.float64]:
    """The codes' sizes in each interval of constant codes, [intervals, rungs]."""
    ladder = _ladder(kind)
    halves = np.arange(0.5, LARGEST_RATIO)
    borders = np.unique((halves[:, None] / ladder).ravel().round(9))
    inside = borders[(borders > SMALLEST_RATIO) & (borders < LARGEST_RATIO)]
    edges = np.concatenate([[SMALLEST_RATIO], inside, [LARGEST_RATIO]])
    sizes = np.rint((edges[1:] + edges[:-1])[:, None] / 2 * ladder)
    return np.unique(np.minimum(sizes, -LOWEST), axis=0)


@cache
def _sum_tables() -> tuple[Floats, Floats]:
    """For each kind [rungs + 1, 2 * intervals]: counts times this are sum(wq) and sum(qq).

    The first row is for the side of M that may have the code -8, the second for the other.
    """
    tables: list[Floats] = []
    for kind in (0, 1):
        sizes = _candidates(kind).T
        sizes = np.concatenate([sizes[:1], np.minimum(sizes[:1], -LOWEST - 1), sizes[1:]])
        ladder = np.concatenate([[1.0], _ladder(kind)])
        both = np.concatenate([sizes * ladder[:, None], sizes * sizes], axis=1)
        tables.append(both.astype(np.float32))
    return tables[0], tables[1]


@cache
def _code_tables() -> Bytes:
    """Two e2m1 codes to two int4 codes, for each candidate, sign of the scale and shift."""
    sizes = np.concatenate([_candidates(0), _candidates(1)])
    padded = np.concatenate([sizes, np.zeros((len(sizes), 2 * SHIFTS + RUNGS))], axis=1)
    shifts = np.arange(-SHIFTS, SHIFTS + 1)
    rungs = (RUNGS - 1) - shifts[:, None] - np.array(PLACES)
    codes = padded[:, np.maximum(rungs, 0)]
    codes[..., 0] = 0
    signed = np.concatenate([codes, -codes], axis=-1)
    both = np.stack([signed, -signed], axis=1)
    nibbles = (np.clip(both, LOWEST, -LOWEST - 1) + ZERO_POINT).astype(np.uint8)
    return (nibbles[..., None, :] | (nibbles[..., :, None] << 4)).astype(np.uint8).ravel()


assert len(PLACES) == len(MAGNITUDES)

"""Exact sampling from the top logits alone, wherever they decide; the rest need not be copied.

Each function gives None where they do not decide, and the whole vocabulary has to be read.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.protocols import Logits, TokenMask, TopLogits

Ids = NDArray[np.int64]


def is_allowed(ids: Ids, allowed: TokenMask | None) -> NDArray[np.bool_]:
    if allowed is None:
        return np.ones(len(ids), np.bool_)
    return (allowed[ids >> 5] >> (ids & 31)) & 1 == 1


def greedy(top: TopLogits, allowed: TokenMask | None) -> int | None:
    """The largest logit's id among the allowed ones."""
    ids = top.ids[is_allowed(top.ids, allowed)]
    return int(ids[0]) if len(ids) else None


def shares(top: TopLogits, temperature: float) -> NDArray[np.float64]:
    """Probabilities of the top tokens under the whole distribution, largest first, [k]."""
    return np.exp(top.values.astype(np.float64) / temperature - top.logsumexp)


def candidates(
    top: TopLogits,
    allowed: TokenMask | None,
    temperature: float,
    top_k: int,
    top_p: float,
    min_p: float,
) -> tuple[Ids, NDArray[np.float64]] | None:
    """What top-k, top-p and min-p leave, with weights that need not sum to 1, largest first.

    None where tokens that are not among the top ones might be left too.
    """
    kept = is_allowed(top.ids, allowed)
    ids, weights = top.ids[kept], shares(top, temperature)[kept]
    outside = max(0.0, 1.0 - float(shares(top, temperature).sum()))
    if 0 < top_k <= len(ids):
        ids, weights, outside = ids[:top_k], weights[:top_k], 0.0
    if top_p < 1:
        count = nucleus(weights, outside, top_p)
        if count is None:
            return None
        ids, weights, outside = ids[:count], weights[:count], 0.0
    if min_p > 0 and len(weights):
        above = weights >= min_p * weights[0]
        if outside and above[-1]:
            return None
        ids, weights, outside = ids[above], weights[above], 0.0
    return (ids, weights) if len(ids) and not outside else None


def nucleus(weights: NDArray[np.float64], outside: float, p: float) -> int | None:
    """How many of the largest weights reach the share `p` of all.

    Up to `outside` more may be there, unseen: None where that changes the answer.
    """
    cumulative = np.cumsum(weights)
    seen = float(cumulative[-1]) if len(weights) else 0.0
    fewest = int(np.searchsorted(cumulative, p * seen))
    most = int(np.searchsorted(cumulative, p * (seen + outside)))
    return fewest + 1 if fewest == most < len(weights) else None


def outside_of(logits: Logits, top: TopLogits) -> Logits:
    """A copy of all logits without the top ones."""
    rest = logits.copy()
    rest[top.ids] = -np.inf
    return rest

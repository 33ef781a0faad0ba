"""Log-probabilities of the sampled tokens, as the model itself sees them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.protocols import Logits, NextLogits
from engine.types import TokenLogprob


class Logprobs:
    """`top` None computes nothing, 0 the chosen token's only, n also the n most probable."""

    def __init__(self, top: int | None, token_bytes: Callable[[int], bytes]) -> None:
        self._top = top
        self._token_bytes = token_bytes

    def of(self, token: int, logits: NextLogits) -> TokenLogprob | None:
        """Natural logarithms from logits of shape [vocabulary], before bias and temperature."""
        if self._top is None:
            return None
        values = log_softmax(logits.all())
        ranked = np.argsort(-values, kind="stable")[: self._top]
        top = tuple(self._entry(int(i), values) for i in ranked)
        return TokenLogprob(token, self._token_bytes(token), float(values[token]), top)

    def _entry(self, token: int, values: Logits) -> TokenLogprob:
        return TokenLogprob(token, self._token_bytes(token), float(values[token]))


def log_softmax(logits: Logits) -> Logits:
    shifted = logits - logits.max()
    return shifted - np.log(np.exp(shifted, dtype=np.float32).sum(dtype=np.float64)).astype(
        np.float32
    )

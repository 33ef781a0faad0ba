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
        top = logits.top(1.0)
        if top is not None and token in top.ids and self._top <= len(top.ids):
            values, ranked = top.values - np.float32(top.logsumexp), top.ids
            found = dict(zip(ranked.tolist(), values.tolist(), strict=True))
        else:
            values = log_softmax(logits.all())
            ranked = np.argsort(-values, kind="stable")[: self._top]
            found = {int(i): float(values[i]) for i in (*ranked, token)}
        best = tuple(self._entry(int(i), found) for i in ranked[: self._top])
        return TokenLogprob(token, self._token_bytes(token), found[token], best)

    def _entry(self, token: int, found: dict[int, float]) -> TokenLogprob:
        return TokenLogprob(token, self._token_bytes(token), found[token])


def log_softmax(logits: Logits) -> Logits:
    shifted = logits - logits.max()
    return shifted - np.log(np.exp(shifted, dtype=np.float32).sum(dtype=np.float64)).astype(
        np.float32
    )

"""DRY, "don't repeat yourself": a penalty for the token that would go on with a repetition.

Sources: p-e-w's text-generation-webui pull request 5677, and llama.cpp's llama_sampler_dry_apply.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.protocols import Logits
from engine.repetition import Echo
from engine.types import SamplingDefaults

LONGEST_DISTANCE = 8192
"""In tokens, from a passage to its repetition."""

LONGEST_MATCH = 50
"""In tokens. A longer match is not penalised more, because base ** length would overflow."""

BREAKER = b'"'
"""Matches do not reach across a token that contains one: the keys of JSON and the attributes of
HTML repeat by their nature. The sources also break matches at line ends, colons and asterisks; with
those, loops of short lines would not be penalised."""


class Dry:
    """Penalises what would continue a repetition within one answer.

    The prompt does not count: the user's text can be quoted without a penalty.
    """

    def __init__(self, defaults: SamplingDefaults, token_bytes: Callable[[int], bytes]) -> None:
        self._multiplier = defaults.dry_multiplier
        self._base = defaults.dry_base
        self._allowed_length = defaults.dry_allowed_length
        self._token_bytes = token_bytes
        self._echo = Echo(LONGEST_DISTANCE)

    def add(self, token: int) -> None:
        """Append a token of the answer."""
        self._echo.add(token)
        if BREAKER in self._token_bytes(token):
            self._echo.forget_matches()

    def apply(self, logits: Logits) -> None:
        """Lower, in place, the logits [vocabulary] of tokens that would continue a repetition.

        logit -= multiplier * base ** (n - allowed_length), where the last n tokens also stand
        earlier in the answer, followed by this token, and n >= allowed_length. Where there are
        several such places, the longest match counts. Digits keep their logits: a number that comes
        again must not change.
        """
        lengths = self._echo.lengths
        places = np.flatnonzero(lengths >= max(1, self._allowed_length))
        places = places[np.argsort(lengths[places], kind="stable")]
        excess = np.minimum(lengths[places], LONGEST_MATCH) - self._allowed_length
        penalties = self._multiplier * self._base ** excess.astype(np.float64)
        following = self._echo.latest[places]
        penalties[np.isin(following, self._digits_in(following))] = 0
        logits[following] = logits[following] - penalties  # of equal ids the last one stays

    def _digits_in(self, tokens: NDArray[np.int64]) -> list[int]:
        return [t for t in {*tokens.tolist()} if self._token_bytes(t).strip().isdigit()]

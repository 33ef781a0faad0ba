"""Repetition in the tokens of an answer: matches between its end and its earlier parts, and loops.

Other engines count exact copies of a block too, but only where somebody switches that on: vLLM's
`repetition_detection` (pull request 35451; 52677 ends thoughts that loop) and llama-server's
`--repetition-detection` (pull request 26039). Here it is always on, and therefore its thresholds
are far higher than theirs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

SHORTEST_LOOP = 1536
"""In tokens. Shorter repetitions are written on purpose: the 81 equal fields of a sudoku in HTML
are 1,449 tokens of the starter, a sentence that has to be written 100 times is 800."""

FEWEST_COPIES = 4
LONGEST_BLOCK = 512

SHORTEST_NUMBERED_BLOCK = 8
"""In tokens, for blocks that differ in the numbers of a list only; shorter blocks are counting."""

BEFORE_NUMBERS = b" \t#*->|("
"""The bytes that may stand between the beginning of a line and its number."""


class Echo:
    """Compares the end of a sequence of tokens with each earlier part of it.

    Each new token costs one pass over `longest` integers, 2 microseconds for 512.
    """

    def __init__(self, longest: int) -> None:
        """Compare parts that are at most `longest` tokens apart."""
        self._longest = longest
        self._tokens = np.full(2 * longest, -1, np.int64)
        self._end = longest
        self.lengths: NDArray[np.int32] = np.zeros(longest, np.int32)
        """Shape [longest]: lengths[d - 1] is how many of the last tokens equal the tokens that
        stand d places before them."""

    @property
    def latest(self) -> NDArray[np.int64]:
        """Return the last tokens, newest first, shape [longest]; -1 where there are fewer."""
        return self._tokens[self._end - self._longest : self._end][::-1]

    def add(self, token: int) -> None:
        self.lengths += 1
        self.lengths *= self.latest == token
        if self._end == len(self._tokens):
            self._tokens[: self._longest] = self._tokens[self._longest :]
            self._end = self._longest
        self._tokens[self._end] = token
        self._end += 1

    def forget_matches(self) -> None:
        """Start all matches again, so that none reaches across this place."""
        self.lengths[:] = 0


class LoopDetector:
    """Recognises that the end of an answer is one block of tokens, repeated again and again.

    Copies of the block, at least four of them, must fill the last `shortest` tokens. Numbers at the
    beginning of a line are left out of the comparison: a list whose items are all equal is a loop.
    """

    def __init__(self, token_bytes: Callable[[int], bytes], shortest: int = SHORTEST_LOOP) -> None:
        self._token_bytes = token_bytes
        self._exact = Echo(LONGEST_BLOCK)
        self._unnumbered = Echo(LONGEST_BLOCK)
        blocks = np.arange(1, LONGEST_BLOCK + 1)
        self._needed = np.maximum(shortest, FEWEST_COPIES * blocks) - blocks
        self._is_line_start = True
        self._was_number = False

    def add(self, token: int) -> bool:
        """Append a token, and return whether the answer loops now."""
        self._exact.add(token)
        if not self._is_list_number(token):
            self._unnumbered.add(token)
        numbered = self._block(self._unnumbered)
        return self._block(self._exact) > 0 or numbered >= SHORTEST_NUMBERED_BLOCK

    def _is_list_number(self, token: int) -> bool:
        text = self._token_bytes(token)
        is_number = self._is_line_start and text.strip().isdigit()
        stays = is_number or not (self._was_number or text.strip(BEFORE_NUMBERS))
        self._is_line_start = text.endswith(b"\n") or (self._is_line_start and stays)
        self._was_number = is_number
        return is_number

    def _block(self, echo: Echo) -> int:
        """Return the length in tokens of the block that is repeated, 0 where none is."""
        is_repeated = echo.lengths >= self._needed
        first = int(is_repeated.argmax())
        return first + 1 if is_repeated[first] else 0

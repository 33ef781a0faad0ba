"""Repetition in an answer's tokens: where its end equals what stands earlier in it, and loops.

Others end loops at their clients' request only: vLLM's `repetition_detection` (pull request 35451)
and llama-server's `--repetition-detection` (pull request 26039) count exact copies of a block. Here
it is always on, so that the thresholds are much higher than theirs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

SHORTEST_LOOP = 1536
"""Tokens of nothing new. Less is written on purpose: 81 equal input fields of a sudoku in HTML are
some 1,200 tokens, 100 lines of a punishment at school some 800."""

FEWEST_COPIES = 4
LONGEST_BLOCK = 512

SHORTEST_NUMBERED_BLOCK = 8
"""Where only the numbers of a list change. Shorter blocks are counting, which has a purpose."""

BEFORE_NUMBERS = b" \t#*->|("
"""What may stand between the beginning of a line and its number."""


class Echo:
    """Compares the end of a sequence of tokens with each earlier part of it.

    Each new token costs one pass over `longest` integers, 2 microseconds for 512.
    """

    def __init__(self, longest: int) -> None:
        """`longest` is the greatest distance, in tokens, between parts that are compared."""
        self._longest = longest
        self._tokens = np.full(2 * longest, -1, np.int64)
        self._end = longest
        self.lengths: NDArray[np.int32] = np.zeros(longest, np.int32)
        """[longest]. lengths[d - 1] is how many of the last tokens equal those d places earlier."""

    @property
    def latest(self) -> NDArray[np.int64]:
        """The last tokens, the newest first, [longest]; -1 where there are not so many."""
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
        """Let no match reach across this place."""
        self.lengths[:] = 0


class LoopDetector:
    """Recognises that an answer has become one block of tokens, again and again.

    The last `shortest` tokens, and at least four copies of the block, must be equal copies. The
    numbers at the beginnings of lines may differ, as in "8. Rest. 9. Rest. 10. Rest."
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
        """Whether the answer loops, now that `token` has come."""
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
        """The length in tokens of the block that is repeated; 0 where none is."""
        is_repeated = echo.lengths >= self._needed
        first = int(is_repeated.argmax())
        return first + 1 if is_repeated[first] else 0

"""The engine's two seams: what decodes, and how a model speaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.cancellation import Cancellation
from engine.types import ChatRequest, TextDelta, TokenLogprob

Logits = NDArray[np.float32]
"""Shape [vocabulary], float32. A view that the next call of the decoder overwrites."""


class Decoder(Protocol):
    """A model with its KV cache. Token ids in, logits of the next token out.

    The cache always holds exactly `tokens`; a call that raises `Cancelled` leaves it as it was.
    """

    @property
    def context_length(self) -> int: ...

    @property
    def tokens(self) -> Sequence[int]:
        """The ids in the KV cache, oldest first."""
        ...

    def reuse(self, prompt: Sequence[int]) -> int:
        """Keep the longest common prefix of the cache and `prompt`, drop the rest.

        Returns its length, at most len(prompt) - 1: one token is always left to run.
        """
        ...

    def prefill(self, ids: Sequence[int], cancellation: Cancellation) -> Logits:
        """Append `ids` to the cache. Raises Cancelled, DeviceFailed."""
        ...

    def decode(self, token: int, cancellation: Cancellation) -> Logits:
        """Append one id to the cache. Raises Cancelled, DeviceFailed."""
        ...

    def reset(self) -> None:
        """Forget all tokens."""
        ...


class OutputParser(Protocol):
    """Turns the sampled ids of one answer into text, never splitting a character."""

    def feed(self, token: int, logprob: TokenLogprob | None) -> list[TextDelta]: ...

    def finish(self) -> list[TextDelta]:
        """What was held back, at the end of the answer."""
        ...


class ChatFormat(Protocol):
    """How one family of models writes a conversation as token ids, and how it answers."""

    @property
    def stop_tokens(self) -> frozenset[int]: ...

    def render(self, request: ChatRequest) -> list[int]:
        """Raises BadRequest for what this family cannot express."""
        ...

    def parser(self) -> OutputParser: ...

    def token_bytes(self, token: int) -> bytes:
        """The bytes of an ordinary token; the name of a control token."""
        ...

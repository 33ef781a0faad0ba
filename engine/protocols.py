"""The engine's two seams: what decodes, and how a model speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.cancellation import Cancellation
from engine.types import ChatRequest, ParsedEvent, TokenLogprob

Logits = NDArray[np.float32]
"""Shape [vocabulary], float32."""

TokenMask = NDArray[np.int32]
"""One bit a token, lowest bit of the first word first, 1 for allowed; shape [vocabulary / 32]."""


@dataclass(frozen=True, slots=True)
class TopLogits:
    """The largest logits and what is needed to know their share of the whole distribution.

    `ids` int64 [k] and `values` float32 [k], largest first. `logsumexp` is the natural logarithm
    of the sum of exp(logit / temperature) over the whole vocabulary.
    """

    ids: NDArray[np.int64]
    values: Logits
    logsumexp: float


class NextLogits(Protocol):
    """The logits of the next token, wherever they lie. Good until the decoder's next call."""

    def all(self) -> Logits:
        """Shape [vocabulary], on the host; read only."""
        ...

    def top(self, temperature: float) -> TopLogits | None:
        """The largest ones, where reading them is cheaper than reading all; otherwise None."""
        ...


class Decoder(Protocol):
    """A model with its KV cache. Token ids in, logits of the next token out.

    The cache always holds exactly `tokens`. A `prefill` that raises `Cancelled` may have appended
    some of its ids, or dropped some of the last ones that were there.
    The end of every `prefill` is a place that `reuse` can come back to.
    """

    @property
    def context_length(self) -> int: ...

    @property
    def chunk_tokens(self) -> int:
        """How many tokens are best given to one `prefill`."""
        ...

    @property
    def tokens(self) -> Sequence[int]:
        """The ids in the KV cache, oldest first."""
        ...

    def reuse(self, prompt: Sequence[int]) -> int:
        """Bring the cache to the longest prefix of `prompt` that it can, and drop the rest.

        Returns its length, at most len(prompt) - 1: one token is always left to run.
        """
        ...

    def prefill(self, ids: Sequence[int], cancellation: Cancellation) -> NextLogits:
        """Append `ids` to the cache. Raises Cancelled, DeviceFailed."""
        ...

    def decode(self, token: int, cancellation: Cancellation) -> NextLogits:
        """Append one id to the cache. Raises Cancelled, DeviceFailed."""
        ...

    def reset(self) -> None:
        """Forget all tokens."""
        ...


@dataclass(frozen=True, slots=True)
class Prompt:
    """A conversation as token ids. `turns` are the places where a later one may branch off:
    ascending indices into `ids` at which a message begins."""

    ids: list[int]
    turns: tuple[int, ...] = ()


class OutputParser(Protocol):
    """Turns the sampled ids of one answer into text and calls, never splitting a character."""

    @property
    def is_reasoning(self) -> bool:
        """Whether the model is thinking: no other message has begun since its last thought."""
        ...

    def to_answer(self) -> tuple[int, ...]:
        """The ids that would end the thoughts here and begin the answer; empty where none do."""
        ...

    def feed(self, token: int, logprob: TokenLogprob | None) -> list[ParsedEvent]:
        """Control tokens too, the one that ends the answer included."""
        ...

    def finish(self) -> list[ParsedEvent]:
        """What was held back, at the end of the answer."""
        ...


class Grammar(Protocol):
    """Which tokens may come next in one answer."""

    def allowed(self) -> TokenMask | None:
        """None where every token may. Overwritten by the next call."""
        ...

    def accept(self, token: int) -> None:
        """Follow the answer by one token, which need not have been allowed."""
        ...


class ChatFormat(Protocol):
    """How one family of models writes a conversation as token ids, and how it answers."""

    @property
    def stop_tokens(self) -> frozenset[int]: ...

    def encode(self, text: str) -> Sequence[int]:
        """The ids of plain text. Names of control tokens in it are plain text too."""
        ...

    def render(self, request: ChatRequest, cancellation: Cancellation | None = None) -> Prompt:
        """Raises BadRequest for what this family cannot express, Cancelled."""
        ...

    def parser(self, request: ChatRequest) -> OutputParser: ...

    def grammar(
        self, request: ChatRequest, cancellation: Cancellation | None = None
    ) -> Grammar | None:
        """None where the model may say anything. Raises BadRequest for a schema that cannot be
        kept, Cancelled."""
        ...

    def token_bytes(self, token: int) -> bytes:
        """The bytes of an ordinary token; the name of a control token."""
        ...

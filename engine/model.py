"""A loaded model: what answers, and what people are told about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from engine.cancellation import Cancellation
from engine.types import GenerationEvent, ModelInfo, Request

if TYPE_CHECKING:  # numpy comes with it, and the window need not wait for that
    from engine.protocols import ChatFormat, Decoder


class Answering(Protocol):
    """Whatever answers requests: a model here, or one on another machine."""

    @property
    def info(self) -> ModelInfo: ...

    def answer(
        self, request: Request, cancellation: Cancellation, answer_now: Callable[[], bool]
    ) -> Iterator[GenerationEvent]:
        """As `engine.generate.generate` does."""
        ...

    def reset(self) -> None:
        """After a failure: what was kept of earlier answers may be wrong."""
        ...

    def count_tokens(self, text: str) -> int | None:
        """Of plain text; None where only another machine knows. From any thread. Raises
        BadRequest."""
        ...


@dataclass(frozen=True, slots=True)
class Model:
    """One that runs here: what decodes, and how it speaks."""

    info: ModelInfo
    decoder: Decoder
    format: ChatFormat

    def answer(
        self, request: Request, cancellation: Cancellation, answer_now: Callable[[], bool]
    ) -> Iterator[GenerationEvent]:
        from engine.generate import generate  # numpy comes with it: only once there is work

        return generate(self, request, cancellation, answer_now)

    def reset(self) -> None:
        self.decoder.reset()

    def count_tokens(self, text: str) -> int | None:
        return len(self.format.encode(text))


ModelOpener = Callable[[Path, Cancellation], Answering]
"""Opens a model; runs on the engine thread. Raises HearthError, Cancelled."""

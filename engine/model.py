"""A loaded model: what decodes, how it speaks, and what people are told about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.cancellation import Cancellation
from engine.protocols import ChatFormat, Decoder
from engine.types import ModelInfo


@dataclass(frozen=True, slots=True)
class Model:
    info: ModelInfo
    decoder: Decoder
    format: ChatFormat


ModelOpener = Callable[[Path, Cancellation], Model]
"""Opens a model folder; runs on the engine thread. Raises ModelError, Cancelled."""

"""A loaded model: what decodes, how it speaks, and what people are told about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cancellation import Cancellation
from engine.types import ModelInfo

if TYPE_CHECKING:  # numpy comes with it, and the window need not wait for that
    from engine.protocols import ChatFormat, Decoder


@dataclass(frozen=True, slots=True)
class Model:
    info: ModelInfo
    decoder: Decoder
    format: ChatFormat


ModelOpener = Callable[[Path, Cancellation], Model]
"""Opens a model folder; runs on the engine thread. Raises ModelError, Cancelled."""

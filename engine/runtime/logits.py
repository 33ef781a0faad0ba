"""The next token's logits, on the host or on the device that computed them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.protocols import Logits, TopLogits

if TYPE_CHECKING:  # onnxruntime is not needed for what is on the host
    from engine.runtime.head import Head
    from engine.runtime.tensor import Tensor


@dataclass(frozen=True, slots=True)
class HostLogits:
    """NextLogits over an array of shape [vocabulary]."""

    values: Logits

    def all(self) -> Logits:
        return self.values

    def top(self, temperature: float) -> TopLogits | None:
        return None


@dataclass(frozen=True, slots=True)
class DeviceLogits:
    """NextLogits over a tensor [1, 1, vocabulary] on a device: only the top ones are copied."""

    tensor: Tensor
    head: Head

    def all(self) -> Logits:
        return self.tensor.read()[0, 0].astype(np.float32)

    def top(self, temperature: float) -> TopLogits:
        return self.head.run(self.tensor, temperature)

"""A tensor in the memory of the host or of a device, read and written as numpy arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import DTypeLike, NDArray

from engine.runtime.memory import HOST, Memory


@dataclass(frozen=True, slots=True)
class Tensor:
    """`host` is the memory of `value` itself where that lies on the host, otherwise None."""

    value: ort.OrtValue
    memory: Memory
    host: NDArray[Any] | None

    @classmethod
    def on(cls, memory: Memory, array: NDArray[Any]) -> Tensor:
        return cls(memory.holding(array), memory, array if memory == HOST else None)

    @classmethod
    def empty(cls, memory: Memory, shape: tuple[int, ...], dtype: DTypeLike) -> Tensor:
        if memory == HOST:
            return cls.on(HOST, np.empty(shape, dtype))
        return cls(memory.empty(shape, dtype), memory, None)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.value.shape())

    def read(self) -> NDArray[Any]:
        """A copy from a device; on the host the tensor itself."""
        return self.memory.read(self.value) if self.host is None else self.host

    def write(self, array: NDArray[Any]) -> None:
        """All of it, in place: what is bound or captured stays so."""
        if self.host is None:
            self.memory.write(self.value, array)
        else:
            self.host[...] = array

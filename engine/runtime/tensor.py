"""A tensor in the memory of the host or of a device, read and written as numpy arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import DTypeLike, NDArray

HOST = "cpu"


@dataclass(frozen=True, slots=True)
class Tensor:
    """`host` is the memory of `value` itself where that lies on the host, otherwise None."""

    value: ort.OrtValue
    host: NDArray[Any] | None

    @classmethod
    def on(cls, memory: str, array: NDArray[Any]) -> Tensor:
        """`memory` is HOST (no copy is made) or a device as ONNX Runtime names it."""
        if memory == HOST:
            return cls(ort.OrtValue.ortvalue_from_numpy(array), array)
        return cls(ort.OrtValue.ortvalue_from_numpy(array, memory), None)

    @classmethod
    def empty(cls, memory: str, shape: tuple[int, ...], dtype: DTypeLike) -> Tensor:
        if memory == HOST:
            return cls.on(HOST, np.empty(shape, dtype))
        return cls(ort.OrtValue.ortvalue_from_shape_and_type(shape, dtype, memory), None)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.value.shape())

    def read(self) -> NDArray[Any]:
        """A copy from a device; on the host the tensor itself."""
        return self.value.numpy() if self.host is None else self.host

    def write(self, array: NDArray[Any]) -> None:
        """All of it, in place: what is bound or captured stays so."""
        if self.host is None:
            self.value.update_inplace(array)
        else:
            self.host[...] = array

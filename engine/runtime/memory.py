"""Where tensors lie: on the host, or on a device of an execution provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import onnxruntime as ort
from numpy.typing import DTypeLike, NDArray


class Memory(Protocol):
    """A tensor here is an OrtValue, which `read` copies to the host and `write` overwrites."""

    def holding(self, array: NDArray[Any]) -> ort.OrtValue: ...

    def empty(self, shape: tuple[int, ...], dtype: DTypeLike) -> ort.OrtValue: ...

    def read(self, value: ort.OrtValue) -> NDArray[Any]: ...

    def write(self, value: ort.OrtValue, array: NDArray[Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """Of a provider that onnxruntime itself brings, by onnxruntime's name: cpu or cuda."""

    name: str

    def holding(self, array: NDArray[Any]) -> ort.OrtValue:
        """On the host no copy is made."""
        return ort.OrtValue.ortvalue_from_numpy(array, self.name)

    def empty(self, shape: tuple[int, ...], dtype: DTypeLike) -> ort.OrtValue:
        return ort.OrtValue.ortvalue_from_shape_and_type(shape, dtype, self.name)

    def read(self, value: ort.OrtValue) -> NDArray[Any]:
        return value.numpy()

    def write(self, value: ort.OrtValue, array: NDArray[Any]) -> None:
        value.update_inplace(array)


@dataclass(frozen=True, slots=True)
class OfPlugin:
    """Of a provider that is registered at run time, by what its device tells of its memory."""

    info: ort.OrtMemoryInfo

    def holding(self, array: NDArray[Any]) -> ort.OrtValue:
        value = self.empty(array.shape, array.dtype)
        self.write(value, array)
        return value

    def empty(self, shape: tuple[int, ...], dtype: DTypeLike) -> ort.OrtValue:
        return ort.OrtValue.ortvalue_from_shape_and_type(shape, dtype, memory_info=self.info)

    def read(self, value: ort.OrtValue) -> NDArray[Any]:
        copy = ort.OrtValue.ortvalue_from_shape_and_type(value.shape(), value.element_type())
        ort.copy_tensors([value], [copy])
        return copy.numpy()

    def write(self, value: ort.OrtValue, array: NDArray[Any]) -> None:
        source = HOST.holding(np.ascontiguousarray(array))
        ort.copy_tensors([source], [value])


HOST, CUDA = BuiltIn("cpu"), BuiltIn("cuda")

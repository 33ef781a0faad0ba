"""One run of the session: its inputs and the place of its logits, bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnxruntime as ort
from numpy.typing import DTypeLike, NDArray

from engine.errors import BadModelFolder
from engine.models.folder import ModelFolder
from engine.runtime.kvcache import KVCache
from engine.runtime.memory import HOST, Memory
from engine.runtime.placement import Placement
from engine.runtime.tensor import Tensor

if TYPE_CHECKING:
    from engine.runtime.head import Head

NUMPY_TYPES: dict[str, DTypeLike] = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


class Step:
    """The session's io_binding, with the KV cache as past and present."""

    def __init__(self, session: ort.InferenceSession, folder: ModelFolder) -> None:
        self._folder = folder
        self.binding = session.io_binding()

    def bind_cache(self, cache: KVCache) -> None:
        inputs, outputs = self._folder.inputs, self._folder.outputs
        for (layer, part), past, present in cache.values():
            self.binding.bind_ortvalue_input(inputs[f"past_{part}_names"] % layer, past)
            self.binding.bind_ortvalue_output(outputs[f"present_{part}_names"] % layer, present)

    def _bind(self, ids: Tensor, mask: Tensor, logits: Tensor) -> None:
        """`ids` int64 [1, tokens], `mask` int64 [1, tokens so far], `logits` [1, n, vocabulary]."""
        self.binding.bind_ortvalue_input(self._folder.inputs["input_ids"], ids.value)
        self.binding.bind_ortvalue_input(self._folder.inputs["attention_mask"], mask.value)
        self.binding.bind_ortvalue_output(self._folder.outputs["logits"], logits.value)


class AnyStep(Step):
    """A step over any number of tokens."""

    def __init__(self, session: ort.InferenceSession, folder: ModelFolder) -> None:
        super().__init__(session, folder)
        self._mask = np.ones((1, folder.context_length), np.int64)
        position_ids = folder.inputs.get("position_ids")
        self._position_ids = position_ids if position_ids in names_of(session) else None
        self.is_capturable = folder.shares_buffers and self._position_ids is None

    def prepare(self, ids: NDArray[np.int64], total: int, logits: Tensor) -> None:
        """`ids` has shape [1, tokens]; after them `total` tokens are in the cache."""
        self._bind(Tensor.on(HOST, ids), Tensor.on(HOST, self._mask[:, :total]), logits)
        if self._position_ids is not None:
            positions = np.arange(total - ids.shape[1], total, dtype=np.int64)[np.newaxis]
            place = Tensor.on(HOST, positions)
            self.binding.bind_ortvalue_input(self._position_ids, place.value)


class FixedStep(Step):
    """A step over one token whose tensors never change shape or place, as CUDA graphs want it.

    The mask has the cache's capacity: zeros stand for the tokens to come.
    """

    def __init__(self, session: ort.InferenceSession, folder: ModelFolder, memory: Memory) -> None:
        super().__init__(session, folder)
        self._memory = memory
        self._ids = Tensor.on(memory, np.zeros((1, 1), np.int64))

    def bind(self, cache: KVCache, logits: Tensor) -> None:
        self._mask = np.zeros((1, cache.capacity), np.int64)
        self._device_mask = Tensor.on(self._memory, self._mask.copy())
        self.bind_cache(cache)
        self._bind(self._ids, self._device_mask, logits)

    def prepare(self, token: int, total: int) -> None:
        """After this token `total` tokens are in the cache."""
        self._mask[0, :total], self._mask[0, total:] = 1, 0
        self._ids.write(np.array([[token]], np.int64))
        self._device_mask.write(self._mask)


def names_of(session: ort.InferenceSession) -> set[str]:
    return {one.name for one in session.get_inputs()}


class LogitsShape:
    """What the session writes: the last position's logits only, or those of all positions."""

    def __init__(self, session: ort.InferenceSession, name: str) -> None:
        output = next(output for output in session.get_outputs() if output.name == name)
        _, positions, vocabulary = output.shape
        if not isinstance(vocabulary, int) or output.type not in NUMPY_TYPES:
            raise BadModelFolder(f"The logits of this model have an unknown shape: {output}")
        self.vocabulary = vocabulary
        self.dtype = NUMPY_TYPES[output.type]
        self.is_last_only = positions == 1

    def tensor(self, tokens: int, memory: Memory) -> Tensor:
        shape = (1, 1 if self.is_last_only else tokens, self.vocabulary)
        return Tensor.empty(memory, shape, self.dtype)

    def head(self, placement: Placement) -> Head | None:
        """None where all logits are read."""
        if not placement.has_head:
            return None
        from engine.runtime.head import Head  # onnx comes with it

        return Head(self.vocabulary, np.dtype(self.dtype), placement)

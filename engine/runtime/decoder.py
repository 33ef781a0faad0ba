"""One ONNX Runtime session and its KV cache: token ids in, logits of the next token out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from engine.cancellation import Cancellation, Cancelled
from engine.errors import BadModelFolder, DeviceFailed
from engine.models.folder import ModelFolder
from engine.protocols import NextLogits
from engine.runtime.devices import CPU
from engine.runtime.kvcache import CacheShape, KVCache
from engine.runtime.logits import HostLogits

ORT_ERRORS_ONLY = 3


class OnnxDecoder:
    """A Decoder on the CPU. Past and present share the cache's buffers by io_binding."""

    def __init__(self, session: ort.InferenceSession, folder: ModelFolder) -> None:
        self._session = session
        self._folder = folder
        self._tokens: list[int] = []
        self._cache = KVCache(
            CacheShape(folder.layers, folder.kv_heads, folder.head_size, folder.context_length)
        )
        self._binding = session.io_binding()
        self._mask = np.ones((1, folder.context_length), np.int64)
        self._logits_shape: list[Any] = self._output_shape(folder.outputs["logits"])

    @classmethod
    def open(cls, folder: ModelFolder, threads: int, cancellation: Cancellation) -> OnnxDecoder:
        """Load the session, with `threads` for each operator. Raises BadModelFolder, Cancelled."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = ORT_ERRORS_ONLY
        with cancellation.interrupting(lambda: options.set_load_cancellation_flag(True)):
            try:
                session = ort.InferenceSession(
                    str(folder.model_file), options, providers=["CPUExecutionProvider"]
                )
            except Exception as error:  # onnxruntime's exceptions share no other base
                cancellation.check()
                raise BadModelFolder(f"{folder.model_file} cannot be loaded: {error}") from error
        return cls(session, folder)

    @property
    def context_length(self) -> int:
        return self._folder.context_length

    @property
    def tokens(self) -> Sequence[int]:
        return self._tokens

    def reuse(self, prompt: Sequence[int]) -> int:
        kept = min(common_prefix(self._tokens, prompt), len(prompt) - 1)
        del self._tokens[kept:]
        return kept

    def prefill(self, ids: Sequence[int], cancellation: Cancellation) -> NextLogits:
        return self._append(ids, cancellation)

    def decode(self, token: int, cancellation: Cancellation) -> NextLogits:
        return self._append([token], cancellation)

    def reset(self) -> None:
        self._tokens.clear()

    def _append(self, ids: Sequence[int], cancellation: Cancellation) -> NextLogits:
        total = len(self._tokens) + len(ids)
        if self._cache.reserve(total, filled=len(self._tokens)):
            self._bind_cache()
        logits = self._bind_step(np.array([ids], np.int64), total)
        self._run(cancellation)
        self._tokens += ids  # only now: a run that was given up has appended nothing
        return HostLogits(logits[0, -1])

    def _bind_cache(self) -> None:
        inputs, outputs = self._folder.inputs, self._folder.outputs
        for part, layer, value in self._cache.values():
            self._binding.bind_ortvalue_input(inputs[f"past_{part}_names"] % layer, value)
            self._binding.bind_ortvalue_output(outputs[f"present_{part}_names"] % layer, value)

    def _bind_step(self, ids: NDArray[np.int64], total: int) -> NDArray[np.float32]:
        """Bind this step's inputs and a new array [1, 1 or len(ids), vocabulary] for its logits."""
        names = self._folder.inputs
        self._bind_input(names["input_ids"], ids)
        self._bind_input(names["attention_mask"], self._mask[:, :total])
        positions, vocabulary = self._logits_shape[1:]
        shape = (1, positions if isinstance(positions, int) else ids.shape[1], vocabulary)
        logits = np.empty(shape, np.float32)
        value = ort.OrtValue.ortvalue_from_numpy(logits)
        self._binding.bind_ortvalue_output(self._folder.outputs["logits"], value)
        return logits

    def _bind_input(self, name: str, array: NDArray[np.int64]) -> None:
        self._binding.bind_ortvalue_input(name, ort.OrtValue.ortvalue_from_numpy(array))

    def _run(self, cancellation: Cancellation) -> None:
        options = ort.RunOptions()
        with cancellation.interrupting(lambda: setattr(options, "terminate", True)):
            try:
                self._session.run_with_iobinding(self._binding, options)
            except Exception as error:  # onnxruntime's exceptions share no other base
                if cancellation.is_set:
                    raise Cancelled from None
                raise DeviceFailed(CPU, str(error)) from error

    def _output_shape(self, name: str) -> list[Any]:
        return next(output.shape for output in self._session.get_outputs() if output.name == name)


def common_prefix(a: Sequence[int], b: Sequence[int]) -> int:
    """How many leading ids are equal."""
    pairs = zip(a, b, strict=False)
    return next((n for n, (x, y) in enumerate(pairs) if x != y), min(len(a), len(b)))

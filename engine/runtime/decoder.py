"""One ONNX Runtime session and its KV cache: token ids in, logits of the next token out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnxruntime as ort

from engine.cancellation import Cancellation, Cancelled
from engine.errors import BadModelFolder, DeviceFailed, DeviceLost
from engine.models.folder import ModelFolder
from engine.protocols import NextLogits
from engine.runtime.kvcache import CacheShape, KVCache
from engine.runtime.logits import DeviceLogits, HostLogits
from engine.runtime.placement import Placement
from engine.runtime.runs import cut
from engine.runtime.saved_sequences import SavedSequences
from engine.runtime.step import NUMPY_TYPES, AnyStep, FixedStep, LogitsShape, Step
from engine.runtime.tensor import Tensor
from engine.runtime.troubles import last_words, load_trouble

WORTH_SAVING_TOKENS = 256
"""A sequence that would lose more than this is saved: fewer are prefilled in a moment."""


class OnnxDecoder:
    """A Decoder on the CPU or a GPU. Past and present are the cache's buffers, by io_binding.

    Every conversation but the one that runs is saved on the host; a prompt that continues one of
    them brings it back.
    """

    def __init__(
        self, session: ort.InferenceSession, folder: ModelFolder, placement: Placement
    ) -> None:
        self._session = session
        self._folder = folder
        self._placement = placement
        self._logits = LogitsShape(session, folder.outputs["logits"])
        self._last_logits = self._logits.tensor(1, placement.memory)
        self._head = self._logits.head(placement)
        self._cache = KVCache(cache_shape(session, folder, placement), placement.memory)
        self._saved = SavedSequences(placement.saved_bytes)
        self._any = AnyStep(session, folder)
        self._fixed: FixedStep | None = None
        self._graph = 0

    @classmethod
    def open(
        cls, folder: ModelFolder, placement: Placement, cancellation: Cancellation
    ) -> OnnxDecoder:
        """Load the session. Raises BadModelFolder, Cancelled."""
        options = placement.session_options()
        with cancellation.interrupting(lambda: options.set_load_cancellation_flag(True)):
            try:
                session = placement.load(folder, options, cancellation)
            except Exception as error:  # onnxruntime's exceptions share no other base
                cancellation.check()
                raise load_trouble(folder, placement.device.name, error) from error
        return cls(session, folder, placement)

    @property
    def context_length(self) -> int:
        return self._folder.context_length

    @property
    def chunk_tokens(self) -> int:
        return self._placement.chunk_tokens

    @property
    def tokens(self) -> Sequence[int]:
        return self._cache.tokens

    def reuse(self, prompt: Sequence[int]) -> int:
        kept = self._cache.shared_with(prompt)
        better = self._saved.take(prompt, beyond=kept)
        if len(self._cache.tokens) - kept > WORTH_SAVING_TOKENS:
            self._saved.put(self._cache.save())
        if better is not None:
            self._cache.restore(better)
        kept = self._cache.shared_with(prompt)
        self._cache.truncate(kept)
        return kept

    def prefill(self, ids: Sequence[int], cancellation: Cancellation) -> NextLogits:
        start, logits = 0, self._last_logits
        for count in cut(len(ids), self._placement.run_sizes):
            cancellation.check()
            logits = self._run_some(ids[start : start + count], cancellation)
            start += count
        self._cache.take_snapshot()
        return self._next_logits(logits)

    def decode(self, token: int, cancellation: Cancellation) -> NextLogits:
        cancellation.check()
        return self._next_logits(self._run_one(token, cancellation))

    def warm_up(self, cancellation: Cancellation) -> None:
        """Run what is slow at first: kernels are chosen, buffers made. Raises as `prefill`."""
        for size in self._placement.run_sizes or (1,):
            self.prefill([0] * min(size, self.context_length - 1), cancellation)
            self.reset()

    def reset(self) -> None:
        self._cache.clear()

    def _run_some(self, ids: Sequence[int], cancellation: Cancellation) -> Tensor:
        if len(ids) == 1 and self._fixed is not None:
            return self._run_one(ids[0], cancellation)
        logits = self._logits_for(len(ids))
        self._any.prepare(np.array([ids], np.int64), self._reserve(len(ids)), logits)
        options = self._placement.run_options()
        with cancellation.interrupting(lambda: setattr(options, "terminate", True)):
            self._run(self._any, options, cancellation)
        self._cache.append(ids)
        return logits

    def _run_one(self, token: int, cancellation: Cancellation) -> Tensor:
        """Not interrupted: it is short, and half of it would leave the sliding layers torn."""
        total = self._reserve(1)
        if self._fixed is None:
            self._any.prepare(np.array([[token]], np.int64), total, self._last_logits)
            self._run(self._any, self._placement.run_options(), cancellation)
        else:
            self._fixed.prepare(token, total)
            self._run(self._fixed, self._placement.run_options(self._graph), cancellation)
        self._cache.append([token])
        return self._last_logits

    def _reserve(self, tokens: int) -> int:
        """Make room for so many more; returns how many there will be."""
        if self._cache.reserve(tokens):
            self._bind_cache()
        return len(self._cache.tokens) + tokens

    def _bind_cache(self) -> None:
        """The buffers are new ones: so are the graphs that wrote into them."""
        self._any.bind_cache(self._cache)
        if self._placement.is_captured and self._any.is_capturable:
            self._session.release_captured_graph(self._graph)
            self._graph += 1
            self._fixed = FixedStep(self._session, self._folder, self._placement.memory)
            self._fixed.bind(self._cache, self._last_logits)
            self._capture(self._fixed)

    def _capture(self, step: FixedStep) -> None:
        """Record the graph now: ONNX Runtime runs a step several times for it."""
        step.prepare(0, len(self._cache.tokens) + 1)
        with self._cache.undisturbed():
            self._run(step, self._placement.run_options(self._graph), Cancellation())

    def _run(self, step: Step, options: ort.RunOptions, cancellation: Cancellation) -> None:
        try:
            step.binding.synchronize_inputs()  # a copy to a device returns before it has arrived
            self._session.run_with_iobinding(step.binding, options)
        except Exception as error:  # onnxruntime's exceptions share no other base
            if cancellation.is_set:
                self._cache.mend()
                raise Cancelled from None
            kind = DeviceFailed if self._placement.is_host else DeviceLost
            raise kind(self._placement.device.name, last_words(str(error))) from error

    def _logits_for(self, tokens: int) -> Tensor:
        if self._logits.is_last_only:
            return self._last_logits
        return self._logits.tensor(tokens, self._placement.memory)

    def _next_logits(self, logits: Tensor) -> NextLogits:
        if self._head is not None and logits is self._last_logits:
            return DeviceLogits(logits, self._head)
        return HostLogits(logits.read()[0, -1].astype(np.float32, copy=False))


def cache_shape(
    session: ort.InferenceSession, folder: ModelFolder, placement: Placement
) -> CacheShape:
    name = folder.inputs["past_key_names"] % 0
    past = next((one for one in session.get_inputs() if one.name == name), None)
    if past is None or past.type not in NUMPY_TYPES:
        raise BadModelFolder(f"The KV cache of this model is none that is known here: {past}")
    window = folder.window
    return CacheShape(
        layers=folder.layers,
        kv_heads=folder.kv_heads,
        head_size=folder.head_size,
        max_tokens=folder.context_length,
        dtype=NUMPY_TYPES[past.type],
        window=window,
        window_capacity=window.size + placement.window_slack,
        is_shared=folder.shares_buffers,
    )

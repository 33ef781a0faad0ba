"""One ONNX Runtime session and its KV cache: token ids in, logits of the next token out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnxruntime as ort

from engine.cancellation import Cancellation, Cancelled
from engine.errors import BadModelFolder, DeviceFailed, DeviceLost
from engine.models.folder import ModelFolder
from engine.protocols import NextLogits
from engine.runtime.history import History
from engine.runtime.kvcache import CacheShape, KVCache
from engine.runtime.logits import DeviceLogits, HostLogits
from engine.runtime.parking import Parked, Parking
from engine.runtime.placement import Placement
from engine.runtime.runs import cut
from engine.runtime.step import NUMPY_TYPES, AnyStep, FixedStep, LogitsShape, Step
from engine.runtime.tensor import Tensor
from engine.runtime.troubles import last_words, load_trouble
from engine.runtime.window import WindowRows

WORTH_PARKING_TOKENS = 256
"""A conversation that would lose more than this is parked: fewer are prefilled in a moment."""


class OnnxDecoder:
    """A Decoder on the CPU or a GPU. Past and present are the cache's buffers, by io_binding.

    Every conversation but the one that runs is parked on the host; a prompt that continues one of
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
        self._history = History()
        self._parking = Parking(placement.parking_bytes)
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
        return self._history.tokens

    def reuse(self, prompt: Sequence[int]) -> int:
        window = self._folder.window
        kept = self._history.shared_with(prompt, window)
        more, parked = self._parking.best(prompt, window)
        if len(self._history.tokens) - kept > WORTH_PARKING_TOKENS:
            self._park()
        if parked is not None and more > kept:
            self._unpark(parked)
            kept = more
        self._rewind(kept)
        return kept

    def prefill(self, ids: Sequence[int], cancellation: Cancellation) -> NextLogits:
        start, logits = 0, self._last_logits
        for count in cut(len(ids), self._placement.run_sizes):
            cancellation.check()
            logits = self._run_some(ids[start : start + count], cancellation)
            start += count
        history = self._history
        history.remember(self._cache.window_rows(len(history.tokens), history.oldest))
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
        self._history = History()

    def _run_some(self, ids: Sequence[int], cancellation: Cancellation) -> Tensor:
        if len(ids) == 1 and self._fixed is not None:
            return self._run_one(ids[0], cancellation)
        logits = self._logits_for(len(ids))
        self._any.prepare(np.array([ids], np.int64), self._reserve(len(ids)), logits)
        options = self._placement.run_options()
        with cancellation.interrupting(lambda: setattr(options, "terminate", True)):
            self._run(self._any, options, cancellation)
        self._append(ids)
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
        self._append([token])
        return self._last_logits

    def _reserve(self, tokens: int) -> int:
        """Make room for so many more; returns how many there will be."""
        filled = len(self._history.tokens)
        if self._cache.reserve(filled + tokens, filled):
            self._bind_cache()
        return filled + tokens

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
        """Record the graph now, beside the conversation: ONNX Runtime runs a step several times
        for it, and each run moves the sliding layers' rows on."""
        history = self._history
        tokens = len(history.tokens)
        rows = self._cache.window_rows(tokens, history.oldest)
        step.prepare(0, tokens + 1)
        self._run(step, self._placement.run_options(self._graph), Cancellation())
        self._restore(rows, tokens)

    def _run(self, step: Step, options: ort.RunOptions, cancellation: Cancellation) -> None:
        try:
            step.binding.synchronize_inputs()  # a copy to a device returns before it has arrived
            self._session.run_with_iobinding(step.binding, options)
        except Exception as error:  # onnxruntime's exceptions share no other base
            if cancellation.is_set:
                self._mend()
                raise Cancelled from None
            kind = DeviceFailed if self._placement.is_host else DeviceLost
            raise kind(self._placement.device.name, last_words(str(error))) from error

    def _append(self, ids: Sequence[int]) -> None:
        history = self._history
        history.tokens += ids
        history.oldest = max(history.oldest, self._cache.first_resident(len(history.tokens)))

    def _mend(self) -> None:
        """A run that was given up has left some sliding layers ahead of the others."""
        if self._folder.window.layers:
            history = self._history
            history.oldest = len(history.tokens)  # none of the rows is certain
            self._rewind(history.shared_with([*history.tokens, 0], self._folder.window))

    def _rewind(self, tokens: int) -> None:
        """Cut the cache to a place that `History.shared_with` has named."""
        if tokens == 0:
            self.reset()  # nothing is kept, whatever rows the sliding layers still hold
            return
        history, window = self._history, self._folder.window
        if history.live(tokens, window) == tokens:
            if not self._cache.can_cut(len(history.tokens), tokens):
                rows = self._cache.window_rows(len(history.tokens), history.oldest, all_of_it=True)
                self._restore(rows, tokens)
        else:
            _, rows = history.snapshot_for(tokens, window)
            assert rows is not None
            self._restore(rows, tokens)
        history.cut(tokens)

    def _restore(self, rows: WindowRows, tokens: int) -> None:
        self._cache.restore_window(rows, tokens)
        self._know_oldest(rows, tokens)

    def _know_oldest(self, rows: WindowRows, tokens: int) -> None:
        """These rows have come back into the sliding layers, as far as they hold them."""
        self._history.oldest = max(rows.first, self._cache.first_resident(tokens))

    def _park(self) -> None:
        """Keep a copy of the conversation that runs; it stays where it is."""
        history = self._history
        saved = self._cache.save(len(history.tokens), history.oldest)
        self._parking.put(Parked(history.copy(), saved))

    def _unpark(self, parked: Parked) -> None:
        self._parking.take(parked)
        is_new = self._cache.restore(parked.cache)
        self._history = parked.history
        self._know_oldest(parked.cache.window, parked.cache.tokens)
        if is_new:
            self._bind_cache()

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

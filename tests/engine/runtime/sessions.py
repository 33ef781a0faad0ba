"""ONNX Runtime sessions that behave as a GPU's, or as one that is interrupted at a bad moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import onnxruntime as ort


class CapturingSession:
    """Runs a step three times when it meets a new graph, as ONNX Runtime does to capture it."""

    def __init__(self, session: ort.InferenceSession) -> None:
        self._session = session
        self._captured = {"-1"}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def run_with_iobinding(self, binding: ort.IOBinding, options: ort.RunOptions) -> None:
        graph = options.get_run_config_entry("gpu_graph_id")
        for _ in range(1 if graph in self._captured else 3):
            self._session.run_with_iobinding(binding, options)
        self._captured.add(graph)


class InterruptedSession:
    """Calls `on_run` before each run. A run that was told to terminate then runs to its end,
    calls `on_torn`, and raises, so that the caches are as far ahead as they can be."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.on_run: Callable[[], None] = lambda: None
        self.on_torn: Callable[[], None] = lambda: None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def run_with_iobinding(self, binding: ort.IOBinding, options: ort.RunOptions) -> None:
        self.on_run()
        is_interrupted = options.terminate
        options.terminate = False
        self._session.run_with_iobinding(binding, options)
        if is_interrupted:
            self.on_torn()
            raise RuntimeError("Exiting due to terminate flag being set to true.")

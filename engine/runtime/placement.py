"""Where a model runs: the execution provider, its memory, and what it can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import onnxruntime as ort

from engine.cancellation import Cancellation
from engine.models.folder import ModelFolder
from engine.runtime import prepacked
from engine.runtime.tensor import HOST
from engine.types import Device

ORT_ERRORS_ONLY = 3
NOT_CAPTURED = -1

CUDA_RUN_SIZES = (1, 64, 512)
"""Their kernels are tried out in 10 s, while the model is loaded."""

Provider = str | tuple[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Placement:
    """`memory` is the host or a device; `window_slack` the rows that a sliding layer's buffer has
    beyond its window; `is_captured` says that single steps are replayed as a CUDA graph.

    Progress is seen, and a cancel heard, between chunks of `chunk_tokens`: on the CPU half a minute
    may pass in one of 2,048, which is 10 % faster (tests/bench/LOG.md). `parking_bytes` of the
    host's memory keep conversations that wait. `run_sizes` are those of runs.cut.
    """

    device: Device
    providers: Sequence[Provider]
    memory: str = HOST
    window_slack: int = 0
    is_captured: bool = False
    chunk_tokens: int = 512
    run_sizes: Sequence[int] = ()
    parking_bytes: int = 1 << 29
    threads: int = 1

    @property
    def is_host(self) -> bool:
        return self.memory == HOST

    def session_options(self) -> ort.SessionOptions:
        options = ort.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.log_severity_level = ORT_ERRORS_ONLY
        if not self.is_host:
            # Weights would stay twice on the device otherwise (olive-recipes, gpt-oss-20b).
            options.add_session_config_entry("session.use_device_allocator_for_initializers", "1")
            # MatMulNBits by CUTLASS: an H100 reads 8-bit weights at 1.9 TB/s with it, else at 1.3.
            options.add_session_config_entry("ep.cuda.fpa_intb_gemm", "1")
            sizes = ",".join(map(str, self.run_sizes))
            options.add_session_config_entry("ep.cuda.fpa_intb_profile_m", sizes)
        return options

    def load(
        self, folder: ModelFolder, options: ort.SessionOptions, cancellation: Cancellation
    ) -> ort.InferenceSession:
        """Raises what onnxruntime raises, and Cancelled."""
        if self.is_host:
            return prepacked.load(folder, options, cancellation)
        return ort.InferenceSession(str(folder.model_file), options, self.providers)

    def run_options(self, graph: int = NOT_CAPTURED) -> ort.RunOptions:
        """With a graph's number, the run is captured at first and replayed from then on."""
        options = ort.RunOptions()
        if self.is_captured:
            options.add_run_config_entry("gpu_graph_id", str(graph))
        return options


def on_cpu(device: Device, threads: int) -> Placement:
    """The slack spares the sliding layers from moving all their rows at every step."""
    return Placement(device, ["CPUExecutionProvider"], window_slack=128, threads=threads)


def on_cuda(device: Device, threads: int) -> Placement:
    """CUDA's GroupQueryAttention takes windows without slack only."""
    options = {
        "device_id": "0",
        "enable_cuda_graph": "1",
        "arena_extend_strategy": "kSameAsRequested",
    }
    return Placement(
        device,
        [("CUDAExecutionProvider", options)],
        memory="cuda",
        is_captured=True,
        chunk_tokens=2048,
        run_sizes=CUDA_RUN_SIZES,
        threads=threads,
    )

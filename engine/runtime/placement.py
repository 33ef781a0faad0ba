"""Where a model runs: the execution provider, its memory, and what it can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import onnxruntime as ort

from engine.cancellation import Cancellation
from engine.models.folder import ModelFolder
from engine.runtime import prepacked
from engine.runtime.memory import CUDA, HOST, Memory, OfPlugin
from engine.types import Device

ORT_ERRORS_ONLY = 3
NOT_CAPTURED = -1

CUDA_RUN_SIZES = (1, 64, 512)
"""Their kernels are tried out in 10 s, while the model is loaded."""

CUDA_ENTRIES = {
    # Weights would stay twice on the device otherwise (olive-recipes, gpt-oss-20b).
    "session.use_device_allocator_for_initializers": "1",
    # MatMulNBits by CUTLASS: an H100 reads 8-bit weights at 1.9 TB/s with it, else at 1.3.
    "ep.cuda.fpa_intb_gemm": "1",
    "ep.cuda.fpa_intb_profile_m": ",".join(map(str, CUDA_RUN_SIZES)),
}

Provider = str | tuple[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a model runs, by `providers` of onnxruntime itself or by a `plugin`'s device.

    `entries` are the session's. `window_slack` counts the rows that a sliding layer's buffer has
    beyond its window; `is_captured` says that single steps are replayed as a CUDA graph.

    Progress is seen, and a cancel heard, between chunks of `chunk_tokens`: on the CPU half a minute
    may pass in one of 2,048, which is 10 % faster (tests/bench/LOG.md). `saved_bytes` of the
    host's memory keep conversations that wait. `run_sizes` are those of runs.cut. `has_head` says
    that the top logits are found on the device: with WebGPU that is slower than to read them all.
    """

    device: Device
    providers: Sequence[Provider] = ()
    plugin: ort.OrtEpDevice | None = None
    plugin_options: Mapping[str, str] = field(default_factory=dict[str, str])
    memory: Memory = HOST
    entries: Mapping[str, str] = field(default_factory=dict[str, str])
    window_slack: int = 0
    is_captured: bool = False
    chunk_tokens: int = 512
    run_sizes: Sequence[int] = ()
    has_head: bool = False
    saved_bytes: int = 1 << 29
    threads: int = 1

    @property
    def is_host(self) -> bool:
        return self.memory == HOST

    def session_options(self) -> ort.SessionOptions:
        options = ort.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.log_severity_level = ORT_ERRORS_ONLY
        for key, value in self.entries.items():
            options.add_session_config_entry(key, value)
        return options

    def load(
        self, folder: ModelFolder, options: ort.SessionOptions, cancellation: Cancellation
    ) -> ort.InferenceSession:
        """Raises what onnxruntime raises, and Cancelled."""
        if self.is_host:
            return prepacked.load(folder, options, cancellation)
        return self.session(str(folder.model_file), options)

    def session(self, model: str | bytes, options: ort.SessionOptions) -> ort.InferenceSession:
        """Of a file or of a model's bytes. Raises what onnxruntime raises."""
        if self.plugin is None:
            return ort.InferenceSession(model, options, self.providers)
        options.add_provider_for_devices([self.plugin], self.plugin_options)
        return ort.InferenceSession(model, options, enable_fallback=False)

    def run_options(self, graph: int = NOT_CAPTURED) -> ort.RunOptions:
        """With a graph's number, the run is captured at first and replayed from then on."""
        options = ort.RunOptions()
        if self.is_captured:
            options.add_run_config_entry("gpu_graph_id", str(graph))
        return options


def on_cpu(device: Device, threads: int) -> Placement:
    """The slack spares the sliding layers from moving all their rows at every step."""
    return Placement(device, ["CPUExecutionProvider"], window_slack=128, threads=threads)


def on_plugin(device: Device, plugin: ort.OrtEpDevice, threads: int) -> Placement:
    """On a device of get_ep_devices()."""
    memory = OfPlugin(plugin.memory_info(ort.OrtDeviceMemoryType.DEFAULT))
    return Placement(device, plugin=plugin, memory=memory, chunk_tokens=1024, threads=threads)


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
        memory=CUDA,
        entries=CUDA_ENTRIES,
        is_captured=True,
        chunk_tokens=2048,
        run_sizes=CUDA_RUN_SIZES,
        has_head=True,
        threads=threads,
    )

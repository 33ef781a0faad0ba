"""Which execution provider runs a model, and why, in one sentence."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime as ort
import psutil

from engine.errors import BadModelFolder
from engine.runtime import memory
from engine.runtime.placement import Placement, on_cpu, on_cuda, on_plugin
from engine.runtime.tensor import Tensor
from engine.runtime.troubles import cuda_trouble
from engine.runtime.webgpu import NoWebGpu, chip_of, webgpu_device
from engine.types import Device

ORT_FATAL_ONLY = 4
SAVED_SHARE = 32

CPU = "the CPU"
CUDA, WEBGPU = "cuda", "webgpu"

PROVIDERS = {
    "CPUExecutionProvider": "CPU",
    "CUDAExecutionProvider": "CUDA",
    "TensorrtExecutionProvider": "TensorRT",
    "DmlExecutionProvider": "DirectML",
    "CoreMLExecutionProvider": "Core ML",
    "WebGpuExecutionProvider": "WebGPU",
}


def choose_placement(targets: Sequence[str], on_processor: bool = False) -> Placement:
    """For a model folder's providers, as genai_config.json lists them (none means the CPU), unless
    the user wants it `on_processor`.

    Raises BadModelFolder where the model's device cannot be used here, or is not the processor.
    """
    if on_processor:
        return chosen_cpu(targets)
    others = [target for target in targets if target != "cpu"]
    if others and others[0] not in (CUDA, WEBGPU):
        raise BadModelFolder(
            f"This model was converted for {others[0]}; Hearth runs models for the CPU, CUDA and "
            "WebGPU."
        )
    if CUDA in others:
        return cuda_placement()
    if WEBGPU in others:
        return webgpu_placement()
    return cpu_placement("it was converted for it.")


def chosen_cpu(targets: Sequence[str]) -> Placement:
    """Raises BadModelFolder."""
    if runs_on_cpu(targets):
        return cpu_placement("you have chosen it.")
    raise BadModelFolder(
        "This model was converted for an NVIDIA GPU and cannot run on the processor: "
        "`hearth models get ID --target cpu` makes one that can."
    )


def runs_on_cpu(targets: Sequence[str]) -> bool:
    """CUDA's experts are in a format of their own."""
    return CUDA not in targets


def cpu_placement(reason: str) -> Placement:
    return with_saved_sequences(on_cpu(Device(CPU, reason), cpu_threads()))


def webgpu_placement() -> Placement:
    """On a graphics chip; where none can be used, on the processor, and why."""
    try:
        plugin = webgpu_device()
    except NoWebGpu as problem:
        return cpu_placement(f"it was converted for WebGPU. {problem}")
    device = Device(f"the {chip_of(plugin)} (WebGPU)", "it was converted for it.")
    return with_saved_sequences(on_plugin(device, plugin, cpu_threads()))


def cuda_placement() -> Placement:
    """Raises BadModelFolder where there is no NVIDIA GPU that can be used, and says why."""
    problem = cuda_problem()
    if problem:
        raise BadModelFolder(f"This model was converted for an NVIDIA GPU. {problem}")
    device = Device("the NVIDIA GPU", "it was converted for it.")
    return with_saved_sequences(on_cuda(device, cpu_threads()))


def with_saved_sequences(placement: Placement) -> Placement:
    """On a laptop of 16 GB half a gigabyte: ten thousand tokens of gpt-oss-20b."""
    return replace(placement, saved_bytes=psutil.virtual_memory().total // SAVED_SHARE)


def cuda_problem() -> str | None:
    """Why CUDA cannot be used here, in a sentence; None where it can."""
    if "CUDAExecutionProvider" not in ort.get_available_providers():
        return "The installed ONNX Runtime has no CUDA: install hearth[cuda]."
    if not [*Path(ort.__file__).parent.glob("capi/*onnxruntime_providers_cuda.*")]:
        return "This Hearth came without CUDA; there is an installer with it, for NVIDIA GPUs."
    said = io.StringIO()
    with redirect_stdout(said):  # it prints what it cannot load
        ort.preload_dlls()
    ort.set_default_logger_severity(ORT_FATAL_ONLY)
    try:
        Tensor.empty(memory.CUDA, (1,), np.float32)
    except Exception as error:  # onnxruntime's exceptions share no other base
        return cuda_trouble(said.getvalue() + str(error))
    return None


def graphics() -> dict[str, str]:
    """What the two ways to a GPU find here, in people's words."""
    try:
        chip = f"{chip_of(webgpu_device())} was found; a model's first load tries it."
    except NoWebGpu as problem:
        chip = str(problem)
    return {"CUDA": cuda_problem() or "An NVIDIA GPU can be used.", "WebGPU": chip}


def cpu_threads() -> int:
    """One for each physical core: a second one on the same core only waits for its memory."""
    return psutil.cpu_count(logical=False) or 1


def providers() -> list[str]:
    """What the installed onnxruntime was built with, in people's names."""
    return [PROVIDERS.get(name, name) for name in ort.get_available_providers()]


def onnxruntime_version() -> str:
    return ort.__version__

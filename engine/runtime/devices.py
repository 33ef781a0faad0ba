"""Which execution provider runs a model, and why, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

import onnxruntime as ort
import psutil

from engine.errors import BadModelFolder
from engine.types import Device

CPU = "the CPU"

PROVIDERS = {
    "CPUExecutionProvider": "CPU",
    "CUDAExecutionProvider": "CUDA",
    "TensorrtExecutionProvider": "TensorRT",
    "DmlExecutionProvider": "DirectML",
    "CoreMLExecutionProvider": "Core ML",
    "WebGpuExecutionProvider": "WebGPU",
}


def choose_device(targets: Sequence[str]) -> Device:
    """For a model folder's providers, as genai_config.json lists them (none means the CPU).

    Raises BadModelFolder for a folder that was made for another device.
    """
    others = [target for target in targets if target != "cpu"]
    if others:
        raise BadModelFolder(
            f"This model was converted for {others[0]}; Hearth runs models converted for the CPU."
        )
    return Device(CPU, "it was converted for it.")


def cpu_threads() -> int:
    """One for each physical core: a second one on the same core only waits for its memory."""
    return psutil.cpu_count(logical=False) or 1


def providers() -> list[str]:
    """What the installed onnxruntime was built with, in people's names."""
    return [PROVIDERS.get(name, name) for name in ort.get_available_providers()]


def onnxruntime_version() -> str:
    return ort.__version__

"""What this machine has, measured where nobody can be asked."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import numpy as np
import psutil
from numpy.typing import NDArray

from engine.models.fit import Graphics, Machine
from engine.runtime.devices import cpu_threads, cuda_problem, onnxruntime_version
from engine.runtime.placement import Placement
from engine.runtime.webgpu import (
    NVIDIA,
    NoWebGpu,
    chip_of,
    has_own_memory,
    kind_of,
    own_memory,
    webgpu_device,
)

MEASURED_SECONDS = 2.0
MEASURED_BYTES = 128 << 20
"""For each core: more than any cache holds."""
ASKED = "name,memory.total,memory.used,driver_version"
ASK_GPU = ("nvidia-smi", f"--query-gpu={ASKED}", "--format=csv,noheader,nounits")
ASK_SECONDS = 10
METAL_LARGE_BYTES = 36 << 30


def this_machine(place: Path) -> Machine:
    """`place` is where models are kept."""
    gpu = nvidia_gpu()
    return Machine(
        memory=psutil.virtual_memory().total,
        disk_free=shutil.disk_usage(nearest(place)).free,
        bandwidth=memory_bandwidth(MEASURED_SECONDS),
        nvidia=Graphics(gpu.name, gpu.memory) if gpu else None,
        nvidia_problem=cuda_problem() if gpu else None,
        webgpu=webgpu_graphics(gpu),
    )


def webgpu_graphics(gpu: Gpu | None) -> Graphics | None:
    """`gpu` is the NVIDIA one, whose driver tells its memory."""
    try:
        plugin = webgpu_device()
    except NoWebGpu:
        return None
    if not has_own_memory(plugin):
        share = shared_graphics_bytes(psutil.virtual_memory().total)
        return Graphics(chip_of(plugin), share, is_shared=True)
    is_nvidia = gpu is not None and plugin.device.vendor_id == NVIDIA
    return Graphics(chip_of(plugin), gpu.memory if gpu and is_nvidia else own_memory(plugin))


def shared_graphics_bytes(memory: int) -> int:
    """What a chip without memory of its own may take of the computer's: Windows and Linux's
    drivers stop at half of it, Metal at two thirds, and at three quarters from 36 GB on."""
    if sys.platform != "darwin":
        return memory // 2
    return memory * 3 // 4 if memory >= METAL_LARGE_BYTES else memory * 2 // 3


def nearest(place: Path) -> Path:
    """The folder itself, or the one above that is there."""
    return next(folder for folder in (place, *place.parents) if folder.exists())


def memory_bandwidth(seconds: float) -> float:
    """Bytes a second that all cores together read."""
    cores = cpu_threads()
    arrays = [np.ones(MEASURED_BYTES // 8, np.int64) for _ in range(cores)]
    done = [0] * cores
    begun = time.perf_counter()
    readers = [
        Thread(target=_read, args=(array, done, n, begun + seconds))
        for n, array in enumerate(arrays)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return sum(done) / (time.perf_counter() - begun)


def _read(array: NDArray[np.int64], done: list[int], number: int, end: float) -> None:
    """Once at least: on a busy machine a thread may begin after the end."""
    while not done[number] or time.perf_counter() < end:
        array.max()  # numpy lets other threads run meanwhile
        done[number] += array.nbytes


def memory_used(placement: Placement) -> int:
    """Bytes that this process has on the host, or that all have on the GPU; 0 if nobody tells."""
    if placement.is_host:
        return psutil.Process().memory_info().rss
    gpu = nvidia_gpu()
    return gpu.used if gpu else 0


def name_of(placement: Placement) -> str:
    """For records: another one after each change that may change what is computed, or how fast."""
    if placement.is_host:
        return f"{cpu_threads()} cores, ONNX Runtime {onnxruntime_version()}"
    if placement.plugin is not None:
        return f"{kind_of(placement.plugin)}, ONNX Runtime {onnxruntime_version()}"
    gpu = nvidia_gpu()
    told = f"{gpu.name}, driver {gpu.driver}" if gpu else placement.device.name
    return f"{told}, ONNX Runtime {onnxruntime_version()}"


@dataclass(frozen=True, slots=True)
class Gpu:
    """`memory` and `used` in bytes."""

    name: str
    memory: int
    used: int
    driver: str


def nvidia_gpu() -> Gpu | None:
    """The first one."""
    try:
        told = subprocess.run(
            ASK_GPU, capture_output=True, text=True, timeout=ASK_SECONDS, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return parse_gpu(told)


def parse_gpu(told: str) -> Gpu | None:
    """None as well for one that shares the computer's memory and tells no size."""
    parts = told.partition("\n")[0].rsplit(", ", 3)
    if len(parts) != 4 or not (parts[1].isdigit() and parts[2].isdigit()):
        return None
    name, memory, used, driver = parts
    return Gpu(name, int(memory) << 20, int(used) << 20, driver)

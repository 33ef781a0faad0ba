"""What this machine has, measured where nobody can be asked."""

from __future__ import annotations

import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import numpy as np
import psutil
from numpy.typing import NDArray

from engine.models.fit import Machine
from engine.runtime.devices import cpu_threads, cuda_problem, onnxruntime_version
from engine.runtime.placement import Placement
from engine.runtime.webgpu import kind_of

MEASURED_SECONDS = 2.0
MEASURED_BYTES = 128 << 20
"""For each core: more than any cache holds."""
ASKED = "name,memory.total,memory.used,driver_version"
ASK_GPU = ("nvidia-smi", f"--query-gpu={ASKED}", "--format=csv,noheader,nounits")
ASK_SECONDS = 10


def this_machine(place: Path) -> Machine:
    """`place` is where models are kept."""
    gpu = nvidia_gpu()
    problem = cuda_problem() if gpu else None
    return Machine(
        memory=psutil.virtual_memory().total,
        disk_free=shutil.disk_usage(nearest(place)).free,
        bandwidth=memory_bandwidth(MEASURED_SECONDS),
        gpu_memory=0 if problem or gpu is None else gpu.memory,
        gpu=gpu.name if gpu else "",
        gpu_problem=problem,
    )


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
    while time.perf_counter() < end:
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

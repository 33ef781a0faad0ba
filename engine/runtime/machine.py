"""What this machine has, measured where nobody can be asked."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path
from threading import Thread

import numpy as np
import psutil
from numpy.typing import NDArray

from engine.models.fit import Machine
from engine.runtime.devices import cpu_threads, cuda_problem

MEASURED_SECONDS = 2.0
MEASURED_BYTES = 128 << 20
"""For each core: more than any cache holds."""
ASK_GPU = ("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits")
ASK_SECONDS = 10


def this_machine(place: Path) -> Machine:
    """`place` is where models are kept."""
    gpu, gpu_memory = nvidia_gpu()
    problem = cuda_problem() if gpu else None
    return Machine(
        memory=psutil.virtual_memory().total,
        disk_free=shutil.disk_usage(nearest(place)).free,
        bandwidth=memory_bandwidth(MEASURED_SECONDS),
        gpu_memory=0 if problem else gpu_memory,
        gpu=gpu,
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


def nvidia_gpu() -> tuple[str, int]:
    """The first one's name and bytes of memory; none is ("", 0)."""
    try:
        told = subprocess.run(
            ASK_GPU, capture_output=True, text=True, timeout=ASK_SECONDS, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return "", 0
    return parse_gpu(told)


def parse_gpu(told: str) -> tuple[str, int]:
    name, _, mebibytes = told.partition("\n")[0].rpartition(",")
    return (name.strip(), int(mebibytes) << 20) if mebibytes.strip().isdigit() else ("", 0)

"""Weights as this machine's kernels want them, saved beside a model at its first load.

ONNX Runtime repacks most weights when it loads a model for the CPU, into memory that nothing else
can use: 13 GB for the 20b. A saved copy is mapped from the file instead, at the price of a slow
first load and twice the disk (tests/bench/LOG.md), so it is made where memory is short. It fits one
processor and one ONNX Runtime only.
"""

from __future__ import annotations

import hashlib
import json
import logging
import platform
import shutil
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import onnx
import onnxruntime as ort
import psutil

from engine.cancellation import Cancellation
from engine.models.folder import ModelFolder, new_folder

log = logging.getLogger(__name__)

FOLDER = "prepacked"
FINGERPRINT_FILE = "fingerprint.json"
MODEL_FILE, DATA_FILE = "model.onnx", "model.onnx.data"
MEMORY_SHARE = 0.5
"""Of the machine's memory; a model that needs less is packed anew at every load."""
DISK_FACTOR = 2.3
"""The copy holds the weights as they were and as they are packed; measured: 2.0 to 2.2."""
DISK_RESERVE_BYTES = 10 << 30
PAGE_BYTES, COPY_BYTES = 4096, 16 << 20
SAVE = "session.save_external_prepacked_constant_initializers"


def load(
    model: ModelFolder,
    options: ort.SessionOptions,
    cancellation: Cancellation,
    memory_bytes: int | None = None,
) -> ort.InferenceSession:
    """A session on the CPU, from the saved weights if there are any, otherwise saving them.

    `memory_bytes` is what the machine has; None asks it.

    Raises what onnxruntime raises, and Cancelled.
    """
    folder = model.path / FOLDER
    if _is_current(folder, model):
        return _session(folder / MODEL_FILE, options)
    memory_bytes = psutil.virtual_memory().total if memory_bytes is None else memory_bytes
    if model.size_bytes < MEMORY_SHARE * memory_bytes or not _has_room(model):
        return _session(model.model_file, options)
    try:
        with new_folder(folder) as unfinished:
            return _saving_session(model, unfinished, options)
    except Exception as error:  # a folder that cannot be written is no reason not to talk
        cancellation.check()
        log.warning("The packed weights of %s were not saved: %s", model.id, error)
        options.optimized_model_filepath = ""
        options.add_session_config_entry(SAVE, "0")
        return _session(model.model_file, options)


def _saving_session(
    model: ModelFolder, folder: Path, options: ort.SessionOptions
) -> ort.InferenceSession:
    options.optimized_model_filepath = str(folder / MODEL_FILE)
    options.add_session_config_entry(SAVE, "1")
    external = "session.optimized_model_external_initializers_"
    options.add_session_config_entry(f"{external}file_name", DATA_FILE)
    options.add_session_config_entry(f"{external}min_size_in_bytes", "1024")
    session = _session(model.model_file, options)
    align(folder / MODEL_FILE)
    (folder / FINGERPRINT_FILE).write_text(json.dumps(_fingerprint(model)), "utf-8")
    return session


def align(path: Path) -> None:
    """Move every weight of a saved model to a page boundary, within its data file.

    ONNX Runtime 1.31 writes packed weights one after the other. Its kernels look for the next
    address of 64 inside of their buffer and then read from the wrong one: other logits, or a crash.
    """
    model = onnx.ModelProto.FromString(path.read_bytes())
    entries = [entry for one in model.graph.initializer for entry in one.external_data]
    offsets = [entry for entry in entries if entry.key == "offset"]
    packed = [entry for entry in entries if entry.key.startswith("prepacked_")]
    starts = {int(entry.value) for entry in offsets}
    starts |= {int(blob.split(";")[0]) for entry in packed for blob in entry.value.split("|")[1:]}
    moved = _move_to_pages(path.with_name(DATA_FILE), sorted(starts))
    for entry in offsets:
        entry.value = str(moved[int(entry.value)])
    for entry in packed:  # name|offset;length;checksum|…
        name, *blobs = (blob.split(";") for blob in entry.value.split("|"))
        told = [";".join((str(moved[int(offset)]), *rest)) for offset, *rest in blobs]
        entry.value = "|".join((*name, *told))
    path.write_bytes(model.SerializeToString())


def _move_to_pages(data: Path, starts: Sequence[int]) -> dict[int, int]:
    """Move the pieces of a file that begin at `starts`, last first; old places to new ones."""
    lengths = [end - start for start, end in pairwise((*starts, data.stat().st_size))]
    places: list[int] = []
    end = 0
    for length in lengths:
        places.append(end + -end % PAGE_BYTES)
        end = places[-1] + length
    with data.open("r+b") as file:
        for start, place, length in reversed([*zip(starts, places, lengths, strict=True)]):
            for stop in range(length, 0, -COPY_BYTES):
                begin = max(0, stop - COPY_BYTES)
                file.seek(start + begin)
                piece = file.read(stop - begin)
                file.seek(place + begin)
                file.write(piece)
    return dict(zip(starts, places, strict=True))


def _session(path: Path, options: ort.SessionOptions) -> ort.InferenceSession:
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _is_current(folder: Path, model: ModelFolder) -> bool:
    try:
        found = json.loads((folder / FINGERPRINT_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return found == _fingerprint(model)


def _has_room(model: ModelFolder) -> bool:
    free = shutil.disk_usage(model.path).free
    return free > DISK_FACTOR * model.size_bytes + DISK_RESERVE_BYTES


def _fingerprint(model: ModelFolder) -> dict[str, Any]:
    """All that the packed weights depend on, as JSON values."""
    files = sorted(model.model_file.parent.glob(f"{model.model_file.name}*"))
    stats = [(file.name, file.stat()) for file in files]
    return {
        "onnxruntime": ort.__version__,
        "processor": _processor(),
        "files": [[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats],
    }


def _processor() -> str:
    """Its name and what it can do: kernels are chosen by both."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").split("\n\n")[0].splitlines()
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    told = [line for line in lines if line.startswith(("model name", "flags", "Features"))]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()

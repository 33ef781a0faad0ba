"""Weights as this machine's kernels want them, saved beside a model at its first load.

ONNX Runtime repacks most weights when it loads a model for the CPU: half a minute for the 20b, and
a copy of all of them in memory that nothing else can use. A saved copy is mapped from the file.
What it gains and costs is in tests/bench/LOG.md. It fits one processor and one ONNX Runtime only.
"""

from __future__ import annotations

import hashlib
import json
import logging
import platform
import shutil
from pathlib import Path
from typing import Any

import onnxruntime as ort

from engine.models.folder import ModelFolder, new_folder

log = logging.getLogger(__name__)

FOLDER = "prepacked"
FINGERPRINT_FILE = "fingerprint.json"
MODEL_FILE, DATA_FILE = "model.onnx", "model.onnx.data"
SMALLEST_BYTES = 1 << 30
"""Smaller models load within a second or two as they are."""
DISK_FACTOR = 2.3
"""The copy holds the weights as they were and as they are packed; measured: 2.0 to 2.2."""
DISK_RESERVE_BYTES = 20 << 30


def load(model: ModelFolder, options: ort.SessionOptions) -> ort.InferenceSession:
    """A session on the CPU, from the saved weights if there are any, otherwise saving them."""
    folder = model.path / FOLDER
    if _is_current(folder, model):
        return _session(folder / MODEL_FILE, options)
    if not _is_worth_saving(model):
        return _session(model.model_file, options)
    try:
        with new_folder(folder) as unfinished:
            _save_to(unfinished, options)
            session = _session(model.model_file, options)
            text = json.dumps(_fingerprint(model))
            (unfinished / FINGERPRINT_FILE).write_text(text, "utf-8")
            return session
    except OSError as error:  # a folder that cannot be written is no reason not to talk
        log.warning("The packed weights of %s were not saved: %s", model.id, error)
        return _session(model.model_file, options)


def _session(path: Path, options: ort.SessionOptions) -> ort.InferenceSession:
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _save_to(folder: Path, options: ort.SessionOptions) -> None:
    options.optimized_model_filepath = str(folder / MODEL_FILE)
    prefix = "session."
    for key, value in {
        "save_external_prepacked_constant_initializers": "1",
        "optimized_model_external_initializers_file_name": DATA_FILE,
        "optimized_model_external_initializers_min_size_in_bytes": "1024",
    }.items():
        options.add_session_config_entry(prefix + key, value)


def _is_current(folder: Path, model: ModelFolder) -> bool:
    try:
        found = json.loads((folder / FINGERPRINT_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return found == _fingerprint(model)


def _is_worth_saving(model: ModelFolder) -> bool:
    size = model.size_bytes
    if size < SMALLEST_BYTES:
        return False
    free = shutil.disk_usage(model.path).free
    return free > DISK_FACTOR * size + DISK_RESERVE_BYTES


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

"""OpenAI's published gpt-oss checkpoint: config.json and safetensors shards, checked before use."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path, PureWindowsPath
from typing import Any, cast

from numpy.typing import NDArray

from engine.errors import BadCheckpoint
from engine.models.convert.gpt_oss_shape import GptOssShape, TensorSpec
from engine.models.convert.safetensors_file import SafetensorsFile, StoredTensor

CONFIG_FILE, GENERATION_FILE = "config.json", "generation_config.json"
SINGLE_FILE, INDEX_FILE = "model.safetensors", "model.safetensors.index.json"


class Checkpoint:
    """A checkpoint of which every tensor was found to be where and what it should be.

    `generation` is what generation_config.json says, if there is one; `fingerprint` changes with
    the checkpoint's files.
    """

    def __init__(self, folder: Path) -> None:
        """Raises BadCheckpoint."""
        config = read_json(folder / CONFIG_FILE)
        generation = folder / GENERATION_FILE
        self.folder = folder
        self.shape = GptOssShape.from_config(config)
        self.generation = read_json(generation) if generation.is_file() else {}
        files = [SafetensorsFile.open(folder / name) for name in _shard_names(folder)]
        self._tensors = {name: tensor for file in files for name, tensor in file.tensors.items()}
        for spec in self.shape.tensors():
            _check(spec, self._tensors.get(spec.name))
        self.fingerprint = _fingerprint([config, self.generation], files)

    def read(self, name: str, start: int = 0, stop: int | None = None) -> NDArray[Any]:
        """Rows start..stop of a tensor's first axis as they are stored: bfloat16 or uint8."""
        tensor = self._tensors[name]
        rows = tensor.shape[0]
        return tensor.read(start, rows if stop is None else min(stop, rows))

    def size(self, name: str) -> tuple[int, ...]:
        return self._tensors[name].shape


def read_json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise BadCheckpoint(f"{path.parent} is not a checkpoint: it has no {path.name}.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise BadCheckpoint(f"{path} cannot be read: {error}") from None
    if not isinstance(document, dict):
        raise BadCheckpoint(f"{path} does not hold a JSON object.")
    return cast("dict[str, Any]", document)


def _shard_names(folder: Path) -> list[str]:
    if not (folder / INDEX_FILE).exists() and (folder / SINGLE_FILE).exists():
        return [SINGLE_FILE]
    places = read_json(folder / INDEX_FILE).get("weight_map")
    if not isinstance(places, dict):
        raise BadCheckpoint(f"{INDEX_FILE} has no weight_map.")
    names = sorted({str(name) for name in cast("dict[str, Any]", places).values()})
    for name in names:
        _check_inside(name)
    return names


def _check_inside(name: str) -> None:
    """By its name, not by where it leads: a downloaded file may be a link into a cache."""
    if name in ("", ".", "..") or PureWindowsPath(name).name != name:
        raise BadCheckpoint(f"{INDEX_FILE} names {name!r}, which is no file of this checkpoint.")


def _check(spec: TensorSpec, tensor: StoredTensor | None) -> None:
    if tensor is None:
        raise BadCheckpoint(f"The checkpoint lacks the tensor {spec.name}.")
    if tensor.dtype != spec.dtype:
        raise BadCheckpoint(f"{spec.name} is {tensor.dtype}; it should be {spec.dtype}.")
    if tensor.shape != spec.shape:
        found, right = list(tensor.shape), list(spec.shape)
        raise BadCheckpoint(f"{spec.name} has the shape {found}; config.json asks for {right}.")


def _fingerprint(settings: list[dict[str, Any]], files: Iterable[SafetensorsFile]) -> str:
    """Headers, sizes and times instead of every byte: hashing 60 GB would take minutes."""
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for file in files:
        place = (file.path.name, file.size_bytes, file.path.stat().st_mtime_ns)
        digest.update(repr(place).encode() + file.header)
    return digest.hexdigest()

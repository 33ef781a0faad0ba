"""A model folder from elsewhere, used where it lies or copied, and checked before it is listed.

Libraries of custom operators, which some folders bring, are never loaded: a graph that needs them
is refused by ONNX Runtime when it is opened.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from engine.cancellation import Cancellation
from engine.errors import BadModelFolder, CannotWrite
from engine.models.alone import alone
from engine.models.folder import ModelFolder, is_exported, point_to, pointers
from engine.models.graph import read_graph
from engine.models.hub_cache import id_of, is_inside
from engine.models.manifest import Manifest
from engine.models.needs import Target
from engine.models.verify import pieces

if TYPE_CHECKING:
    import onnx

IMPORTING = ".importing"
SPARE_BYTES = 64 << 20

OnProgress = Callable[[int, int], None]
"""Bytes that are copied, and all of them."""


def check_folder(folder: Path) -> ModelFolder:
    """Whether all files of the model are there, none lies elsewhere, and it is of a kind that can
    run here. Raises BadModelFolder."""
    from engine.loading import open_format

    model = ModelFolder.read(folder)
    graph = read_graph(model.model_file)
    _check_inputs(graph, model)
    for tensor in _external_tensors(graph):
        place = {entry.key: entry.value for entry in tensor.external_data}
        _check_place(model.model_file.parent, place)
    open_format(model)
    return model


def use_in_place(folder: Path, models: Path) -> ModelFolder:
    """List a folder that stays where it is. Raises BadModelFolder, CannotWrite."""
    model = check_folder(folder.resolve())
    _check_free(model.id, models)
    point_to(model.path, model.id, models)
    return model


def copy_in(
    folder: Path, models: Path, on_progress: OnProgress, cancellation: Cancellation
) -> ModelFolder:
    """Copy a folder among the models, whole or not at all; from then on it can be verified.

    Raises BadModelFolder, CannotWrite, Cancelled.
    """
    model = check_folder(folder.resolve())
    _check_free(model.id, models)
    unfinished = models / f".{model.id}{IMPORTING}"
    try:
        models.mkdir(parents=True, exist_ok=True)
        with alone(unfinished, f"copying {model.id}"):
            shutil.rmtree(unfinished, ignore_errors=True)  # of a run that was killed
            unfinished.mkdir()
            try:
                _copy(model.path, unfinished, on_progress, cancellation)
                Manifest.made_of(unfinished).write(unfinished)
                os.replace(unfinished, models / model.id)
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        raise CannotWrite(f"{models} cannot be written: {error.strerror}.") from None
    return ModelFolder.read(models / model.id)


def is_checkpoint(folder: Path) -> bool:
    """Whether these are weights that must be converted first."""
    return any(folder.glob("*.safetensors")) and not is_exported(folder)


def convert_checkpoint(
    folder: Path,
    models: Path,
    target: Target,
    on_progress: OnProgress,
    cancellation: Cancellation,
) -> ModelFolder:
    """Raises BadCheckpoint, CannotWrite, Cancelled."""
    place = models / id_of(folder.resolve())
    if Manifest.is_in(place) or not place.exists():
        _check_free(place.name, models)
    try:
        models.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(f"{models} cannot be written: {error.strerror}.") from None
    convert_in(folder, place, target, on_progress, cancellation)
    return ModelFolder.read(place)


def convert_in(
    checkpoint: Path,
    place: Path,
    target: Target,
    on_progress: OnProgress,
    cancellation: Cancellation,
) -> None:
    """Make a model of OpenAI's weights, or finish what an earlier run has begun.

    Raises BadCheckpoint, CannotWrite, Cancelled.
    """
    from engine.models.convert import gpt_oss  # numpy and onnx come with it
    from engine.models.convert.gpt_oss_weights import RECIPES

    if not place.exists():
        gpt_oss.convert(checkpoint, place, RECIPES[target], on_progress, cancellation)
    if not Manifest.is_in(place):
        Manifest.made_of(place).write(place)


def _copy(source: Path, target: Path, on_progress: OnProgress, cancellation: Cancellation) -> None:
    files = [path for path in source.rglob("*") if path.is_file()]
    total, done = sum(path.stat().st_size for path in files), 0
    _check_room(target, total)
    for path in files:
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with copy.open("wb", buffering=0) as written:
            for piece in pieces(path):
                cancellation.check()
                written.write(piece)
                done += len(piece)
                on_progress(done, total)
            os.fsync(written.fileno())


def _check_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if size + SPARE_BYTES > free:
        raise CannotWrite(
            f"{folder.parent} has {free / 1e9:,.1f} GB of room, and the copy needs "
            f"{size / 1e9:,.1f} GB. Make room, or use the folder where it lies."
        )


def _check_free(id: str, models: Path) -> None:
    if (models / id).exists() or id in pointers(models):
        raise CannotWrite(f"There is a model named {id} already.")


def _check_inputs(graph: onnx.GraphProto, model: ModelFolder) -> None:
    """Raises BadModelFolder for a graph that is no decoder with a KV cache of this shape."""
    weights = {tensor.name for tensor in graph.initializer}
    inputs = {one.name: one for one in graph.input if one.name not in weights}
    known = model.input_names()
    unknown = sorted(inputs.keys() - known)
    if unknown:
        raise BadModelFolder(
            f"{model.model_file} asks for '{unknown[0]}', which is not known here: Hearth runs "
            "decoders of text, whose inputs are tokens, their mask and places, and the KV cache."
        )
    missing = sorted(known - inputs.keys() - {model.inputs.get("position_ids")})
    if missing:
        raise BadModelFolder(
            f"{model.model_file} has no input '{missing[0]}': was it exported without its KV "
            "cache? optimum's task text-generation-with-past keeps it."
        )
    past = inputs[model.inputs["past_key_names"] % 0]
    _, heads, _, size = (dim.dim_value for dim in past.type.tensor_type.shape.dim)
    if (heads, size) != (model.kv_heads, model.head_size):
        raise BadModelFolder(
            f"{model.model_file} has {heads} KV heads of {size}, but its configuration says "
            f"{model.kv_heads} of {model.head_size}."
        )


def _external_tensors(graph: onnx.GraphProto) -> Iterable[onnx.TensorProto]:
    """The weights that lie in files beside the graph."""
    return [one for one in graph.initializer if one.external_data]


def _check_place(folder: Path, place: dict[str, str]) -> None:
    """Raises BadModelFolder for weights elsewhere, or for a file that ends before they do."""
    name = place.get("location", "")
    path = folder / name
    is_windows = bool(PureWindowsPath(name).drive) or "\\" in name
    if not name or is_windows or not is_inside(folder, name):
        raise BadModelFolder(f"The model keeps weights outside its folder, in {name!r}.")
    if not path.is_file():
        raise BadModelFolder(f"{path} is missing: the model's weights are in it.")
    end = int(place.get("offset", 0)) + int(place.get("length", 0))
    if path.stat().st_size < end:
        raise BadModelFolder(f"{path} is cut short: it should have {end:,} bytes at least.")

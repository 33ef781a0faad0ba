"""A gpt-oss checkpoint to a model folder, layer by layer, resumable after a kill."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from engine.cancellation import Cancellation
from engine.errors import BadCheckpoint, CannotWrite
from engine.models.alone import alone
from engine.models.convert.checkpoint import Checkpoint
from engine.models.convert.genai import About, genai_config
from engine.models.convert.gpt_oss_graph import GptOssGraph
from engine.models.convert.gpt_oss_shape import GptOssShape
from engine.models.convert.gpt_oss_weights import GptOssWeights, Recipe
from engine.models.convert.onnx_writer import DATA_FILE, OnnxWriter
from engine.models.convert.weight_file import Journal, PlannedWeights, WeightFile, WeightStore
from engine.models.folder import CONFIG_FILE, GPT_OSS, TEMPLATE_FILE, TOKENIZER_FILE
from engine.types import SamplingDefaults

VERSION = 1
"""Of the bytes that are written: raised with every change to them, so that no resumed conversion
mixes two versions."""
JOURNAL_FILE = "journal"
SPARE_BYTES = 64 << 20
"""For the files beside the weights; tokenizer.json has 27 MB."""
COPIED_FILES = (TOKENIZER_FILE, "tokenizer_config.json", TEMPLATE_FILE)

BEGIN_TOKEN, PAD_TOKEN = 199998, 199999
STOP_TOKENS = [200002, 200012, 199999]
"""<|return|>, <|call|> and <|endoftext|> of OpenAI's vocabulary o200k_harmony, for a checkpoint
that has no generation_config.json: config.json names the first alone."""

Progress = Callable[[int, int], None]
"""Bytes that are written, and all of them."""


def convert(
    source: Path,
    out: Path,
    recipe: Recipe,
    on_progress: Progress,
    cancellation: Cancellation,
) -> None:
    """Write the model folder `out`, whole or not at all.

    What was written before a kill or a cancellation is kept in a hidden folder beside `out`, and
    the next conversion of the same checkpoint to the same place goes on from there.

    Raises BadCheckpoint, CannotWrite, Cancelled.
    """
    checkpoint = Checkpoint(source)
    if not (source / TOKENIZER_FILE).is_file():
        raise BadCheckpoint(f"{source} lacks {TOKENIZER_FILE}, which belongs to the checkpoint.")
    if out.exists():
        raise CannotWrite(f"{out} exists already. Choose another place, or remove it first.")
    folder = unfinished(out)
    try:
        size = _planned_bytes(checkpoint, recipe)
        _check_room(folder, size)
        with alone(folder, f"converting to {out}"):
            _fill(folder, checkpoint, recipe, partial(_tell, on_progress, size, cancellation))
            _write_texts(folder, checkpoint, recipe)
            _sync(folder)
            (folder / JOURNAL_FILE).unlink()
            os.replace(folder, out)
    except BadCheckpoint:
        shutil.rmtree(folder, ignore_errors=True)  # a second attempt would fail there too
        raise
    except OSError as error:
        more = (
            "Make room; the same command goes on from here." if error.errno == errno.ENOSPC else ""
        )
        raise CannotWrite(f"{out} cannot be written: {error.strerror}. {more}".strip()) from error


def unfinished(out: Path) -> Path:
    """Where a folder lies until it is whole."""
    return out.with_name(f".{out.name}.unfinished")


def _planned_bytes(checkpoint: Checkpoint, recipe: Recipe) -> int:
    plan = PlannedWeights()
    _write_graph(plan, checkpoint, recipe)
    return plan.size_bytes


def _fill(
    folder: Path, checkpoint: Checkpoint, recipe: Recipe, on_bytes: Callable[[int], None]
) -> None:
    """model.onnx and model.onnx.data, the latter from where it was left."""
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / DATA_FILE
    journal = Journal(folder / JOURNAL_FILE, data, _identity(checkpoint, recipe))
    with WeightFile(data, journal, on_bytes) as file:
        writer = _write_graph(file, checkpoint, recipe)
    writer.save(folder)


def _tell(on_progress: Progress, size: int, cancellation: Cancellation, done: int) -> None:
    on_progress(done, size)
    cancellation.check()


def _write_graph(store: WeightStore, checkpoint: Checkpoint, recipe: Recipe) -> OnnxWriter:
    writer = OnnxWriter(model_name(checkpoint.shape), store)
    weights = GptOssWeights(writer, checkpoint, recipe)
    GptOssGraph(writer, checkpoint.shape, weights).write()
    return writer


def _identity(checkpoint: Checkpoint, recipe: Recipe) -> dict[str, Any]:
    return {
        "version": VERSION,
        "checkpoint": checkpoint.fingerprint,
        "recipe": {name: str(value) for name, value in asdict(recipe).items()},
    }


def _check_room(folder: Path, size_bytes: int) -> None:
    """What is left of an earlier attempt takes no new room."""
    data = folder / DATA_FILE
    present = data.stat().st_size if data.exists() else 0
    needed = max(size_bytes - present, 0) + SPARE_BYTES
    parent = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(parent).free
    if free < needed:
        raise CannotWrite(
            f"This takes {needed / 1e9:,.1f} GB on the disk of {folder.parent}, "
            f"but {free / 1e9:,.1f} GB are free."
        )


def _write_texts(folder: Path, checkpoint: Checkpoint, recipe: Recipe) -> None:
    for name in COPIED_FILES:
        if (checkpoint.folder / name).is_file():
            shutil.copyfile(checkpoint.folder / name, folder / name)
    config = genai_config(checkpoint.shape, about(checkpoint, recipe))
    (folder / CONFIG_FILE).write_text(json.dumps(config, indent=2), "utf-8")


def _sync(folder: Path) -> None:
    """A folder gets its name only when its files are on the disk."""
    for path in folder.iterdir():
        with path.open("r+b") as file:
            os.fsync(file.fileno())


def model_name(shape: GptOssShape) -> str:
    """OpenAI's name of a checkpoint of this shape."""
    published = {(24, 32): "gpt-oss-20b", (36, 128): "gpt-oss-120b"}
    return published.get((shape.layers, shape.experts), "gpt-oss")


def about(checkpoint: Checkpoint, recipe: Recipe) -> About:
    shape, generation = checkpoint.shape, checkpoint.generation
    return About(
        family=GPT_OSS,
        name=model_name(shape),
        begin_token=generation.get("bos_token_id", BEGIN_TOKEN),
        stop_tokens=generation.get("eos_token_id", STOP_TOKENS),
        pad_token=generation.get("pad_token_id", PAD_TOKEN),
        sampling=SamplingDefaults(temperature=1.0, top_p=1.0),
        providers=recipe.providers,
        windows={
            layer: window
            for layer, window in enumerate(shape.windows)
            if window and recipe.has_windows
        },
    )

"""Write a gpt-oss model folder of the true shapes with random weights, small on disk.

    python -m tests.bench.random_model OUT --size 20b --target cuda --tokenizer tokenizer.json

All layers share the bytes of one: on a device every layer takes its own memory all the same. On
the CPU it would not, ONNX Runtime keeps equal packed weights once: convert a random checkpoint
there.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import click
import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from engine.models.convert.checkpoint import Checkpoint
from engine.models.convert.genai import genai_config
from engine.models.convert.gpt_oss import about
from engine.models.convert.gpt_oss_graph import GptOssGraph
from engine.models.convert.gpt_oss_shape import GptOssShape, Yarn
from engine.models.convert.gpt_oss_weights import RECIPES, GptOssWeights, Recipe
from engine.models.convert.onnx_writer import DATA_FILE, OnnxWriter
from engine.models.convert.weight_file import Slices, Weight, WeightFile

SIZES = {"20b": (24, 32), "120b": (36, 128)}
YARN = Yarn(150_000.0, 32.0, 4096, 32.0, 1.0, truncate=False)


def shape_of(layers: int, experts: int) -> GptOssShape:
    return GptOssShape(
        layers=layers,
        width=2880,
        inner_width=2880,
        heads=64,
        kv_heads=8,
        head_size=64,
        experts=experts,
        chosen_experts=4,
        vocabulary=201_088,
        context_length=131_072,
        norm_epsilon=1e-5,
        swiglu_limit=7.0,
        windows=tuple(None if layer % 2 else 128 for layer in range(layers)),
        yarn=YARN,
    )


class RandomCheckpoint:
    """What the converter asks of a Checkpoint, drawn when it is read.

    The experts' outputs stay small, so that routing spreads over all of them.
    """

    settings: dict[str, Any] = {}  # noqa: RUF012
    generation: dict[str, Any] = {}  # noqa: RUF012

    def __init__(self, shape: GptOssShape) -> None:
        self.shape = shape
        self._sizes = {spec.name: spec.shape for spec in shape.tensors()}
        self._random = np.random.default_rng(0)

    def size(self, name: str) -> tuple[int, ...]:
        return self._sizes[name]

    def read(self, name: str, start: int = 0, stop: int | None = None) -> NDArray[Any]:
        rows, *rest = self._sizes[name]
        size = (min(rows if stop is None else stop, rows) - start, *rest)
        if name.endswith("_blocks"):
            return self._random.integers(0, 256, size, np.uint8)
        if name.endswith("_scales"):
            return self._random.integers(112, 115, size, np.uint8)
        if "norm" in name:
            return np.ones(size, ml_dtypes.bfloat16)
        deviation = 0.5 if "embed" in name else 1.0 if "sinks" in name else 0.02
        values = self._random.standard_normal(size, np.float32) * np.float32(deviation)
        return values.astype(ml_dtypes.bfloat16)


class SharedWeights:
    """A WeightStore in which equal weights of all layers are the same bytes."""

    def __init__(self, file: WeightFile) -> None:
        self._file = file
        self._offsets: dict[tuple[str, ...], list[int]] = {}

    def put(self, weights: Sequence[Weight], slices: Slices) -> list[int]:
        role = tuple(re.sub(r"\.\d+\.", ".*.", weight.name) for weight in weights)
        if role not in self._offsets:
            self._offsets[role] = self._file.put(weights, slices)
        return self._offsets[role]


def write(out: Path, shape: GptOssShape, recipe: Recipe) -> None:
    checkpoint = cast("Checkpoint", RandomCheckpoint(shape))
    out.mkdir(parents=True)
    with WeightFile(out / DATA_FILE) as file:
        writer = OnnxWriter("random gpt-oss", SharedWeights(file))
        GptOssGraph(writer, shape, GptOssWeights(writer, checkpoint, recipe)).write()
    writer.save(out)
    config = genai_config(shape, about(checkpoint, recipe))
    (out / "genai_config.json").write_text(json.dumps(config, indent=2), "utf-8")


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--size", type=click.Choice([*SIZES]), default="20b")
@click.option("--layers", type=int, help="Fewer than the model has.")
@click.option("--target", type=click.Choice([*RECIPES]), default="cuda")
@click.option("--attention-bits", type=int, help="4, 8 or 16.")
@click.option("--head-bits", type=int, help="4, 8 or 16.")
@click.option("--tokenizer", type=click.Path(exists=True, path_type=Path), required=True)
def main(
    out: Path,
    size: str,
    layers: int | None,
    target: str,
    attention_bits: int | None,
    head_bits: int | None,
    tokenizer: Path,
) -> None:
    full, experts = SIZES[size]
    recipe = RECIPES[target]
    recipe = replace(
        recipe,
        attention_bits=attention_bits or recipe.attention_bits,
        head_bits=head_bits or recipe.head_bits,
    )
    write(out, shape_of(layers or full, experts), recipe)
    shutil.copyfile(tokenizer, out / "tokenizer.json")


if __name__ == "__main__":
    main()

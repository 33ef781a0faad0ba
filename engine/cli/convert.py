"""hearth convert: OpenAI's published weights into a model folder."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from engine.cli.bar import working

TARGETS = ("cpu", "cuda", "webgpu", "float32")


@click.command()
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--target",
    type=click.Choice(TARGETS),
    metavar="[cpu|cuda|webgpu]",  # float32 is for our own comparisons: exact, and six times larger
    default="cpu",
    show_default=True,
    help="What the model is to run on.",
)
@click.option("--dense-bits", type=click.Choice(["4", "8", "16"]), hidden=True)
def convert(checkpoint: Path, out: Path, target: str, dense_bits: str | None) -> None:
    """Make the model folder OUT from OpenAI's gpt-oss weights in the folder CHECKPOINT.

    Needs 4 GB of memory. After an interruption the same command goes on where it ended.
    """
    from engine.models.convert import gpt_oss  # numpy and onnx come with it
    from engine.models.convert.gpt_oss_weights import RECIPES

    recipe = RECIPES[target]
    if dense_bits is not None:
        recipe = replace(recipe, attention_bits=int(dense_bits), head_bits=int(dense_bits))
    with working() as (cancellation, show):
        gpt_oss.convert(checkpoint, out, recipe, partial(show, "Converting"), cancellation)
    size = sum(file.stat().st_size for file in out.iterdir())
    click.echo(f"{out} is a model folder now, {size / 1e9:,.1f} GB.")

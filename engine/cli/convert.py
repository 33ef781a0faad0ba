"""hearth convert: OpenAI's published weights into a model folder."""

from __future__ import annotations

import signal
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from engine.cancellation import Cancellation, Cancelled
from engine.cli.shell import ExitCode

TARGETS = ("cpu", "cuda", "float32")


@click.command()
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--target",
    type=click.Choice(TARGETS),
    metavar="[cpu|cuda]",  # float32 is for our own comparisons: exact, and six times as large
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
    cancellation = Cancellation()
    try:
        with interrupting(cancellation), ConversionBar(Console(stderr=True)) as bar:
            gpt_oss.convert(checkpoint, out, recipe, bar.show, cancellation)
    except Cancelled:
        click.echo("hearth: Interrupted. The same command goes on from here.", err=True)
        raise SystemExit(ExitCode.INTERRUPTED) from None
    size = sum(file.stat().st_size for file in out.iterdir())
    click.echo(f"{out} is a model folder now, {size / 1e9:,.1f} GB.")


@contextmanager
def interrupting(cancellation: Cancellation) -> Generator[None]:
    """Ctrl-C ends the work between two slices of a weight."""
    before = signal.signal(signal.SIGINT, lambda number, frame: cancellation.set())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class ConversionBar:
    """A bar, where the console is a terminal; it begins where the work goes on."""

    def __init__(self, console: Console) -> None:
        self._bar = Progress(
            TextColumn("Converting"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> ConversionBar:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def show(self, done: int, total: int) -> None:
        """Bytes. The first call's are no work of this process, so they do not count as speed."""
        if self._task is None:
            self._task = self._bar.add_task("", total=total, completed=done)
        self._bar.update(self._task, completed=done)

"""hearth bench: how fast a model is on this machine."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
import psutil

from engine.cancellation import Cancellation
from engine.cli.shell import Shell, model_option, pass_shell, pick_model, waiting
from engine.loading import open_model
from engine.speed import Counts, Speeds, measure

if TYPE_CHECKING:
    from engine.protocols import Decoder


@click.command()
@model_option
@click.option("--prompt", type=click.IntRange(1), default=512, show_default=True, help="Tokens.")
@click.option("--decode", type=click.IntRange(1), default=64, show_default=True, help="Tokens.")
@click.option("--repeat", type=click.IntRange(1), default=3, show_default=True)
@click.option("--context", type=click.IntRange(0), default=0, help="Fill so many tokens too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_shell
def bench(shell: Shell, model_id: str | None, as_json: bool, **counts: int) -> None:
    """Measure load, prefill and decode; the medians of some repeats."""
    folder, counted = pick_model(shell, model_id), Counts(**counts)
    with waiting(f"Measuring {folder.name}"):
        decoder, load_seconds = timed_load(folder.path)
        speeds = measure(decoder, counted, Cancellation())
    memory = round(_peak_memory_bytes() / 2**20)
    if as_json:
        about = {"model": folder.id, "load_seconds": load_seconds, "peak_memory_mib": memory}
        click.echo(json.dumps(about | asdict(speeds)))
        return
    click.echo(f"{folder.name}, medians of {counted.repeat}")
    click.echo(f"  load     {load_seconds:8.2f} s")
    for line in _speed_lines(speeds, counted):
        click.echo(line)
    click.echo(f"  memory   {memory:8.0f} MiB at most")


def timed_load(path: Path) -> tuple[Decoder, float]:
    """A model folder's decoder, and the seconds that it took. Raises BadModelFolder."""
    begun = time.perf_counter()
    decoder = open_model(path, Cancellation()).decoder
    return decoder, round(time.perf_counter() - begun, 3)


def _speed_lines(speeds: Speeds, counts: Counts) -> Iterator[str]:
    yield f"  prefill  {speeds.prefill_tokens_per_second:8.1f} tokens/s of {counts.prompt}"
    yield f"  decode   {speeds.decode_tokens_per_second:8.1f} tokens/s of {counts.decode}"
    if counts.context:
        yield f"  filling  {speeds.context_prefill_tokens_per_second:8.1f} tokens/s"
        yield f"  decode   {speeds.context_decode_tokens_per_second:8.1f} tokens/s in that context"


def _peak_memory_bytes() -> int:
    """The largest resident set of this process so far; now's where the system keeps no peak."""
    memory = psutil.Process().memory_info()
    try:
        import resource
    except ImportError:  # Windows
        return int(getattr(memory, "peak_wset", memory.rss))
    unit = 1 if psutil.MACOS else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

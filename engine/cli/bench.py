"""hearth bench: how fast a model is on this machine, by token ids, without sampling."""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click
import psutil

from engine.cancellation import Cancellation
from engine.cli.shell import Shell, model_option, pass_shell, pick_model, waiting
from engine.loading import open_model
from engine.models.folder import ModelFolder

if TYPE_CHECKING:
    from engine.protocols import Decoder


@dataclass(frozen=True, slots=True)
class BenchResult:
    model: str
    load_seconds: float
    prefill_tokens_per_second: float
    decode_tokens_per_second: float
    peak_memory_mib: float


@click.command()
@model_option
@click.option("--prompt", type=click.IntRange(1), default=512, show_default=True, help="Tokens.")
@click.option("--decode", type=click.IntRange(1), default=64, show_default=True, help="Tokens.")
@click.option("--repeat", type=click.IntRange(1), default=3, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_shell
def bench(
    shell: Shell, model_id: str | None, prompt: int, decode: int, repeat: int, as_json: bool
) -> None:
    """Measure load, prefill and decode; the medians of some repeats."""
    folder = pick_model(shell, model_id)
    with waiting(f"Measuring {folder.name}"):
        result = measure(folder, prompt, decode, repeat)
    if as_json:
        click.echo(json.dumps(asdict(result)))
        return
    click.echo(f"{folder.name}, medians of {repeat}")
    click.echo(f"  load     {result.load_seconds:8.2f} s")
    click.echo(f"  prefill  {result.prefill_tokens_per_second:8.1f} tokens/s of {prompt}")
    click.echo(f"  decode   {result.decode_tokens_per_second:8.1f} tokens/s of {decode}")
    click.echo(f"  memory   {result.peak_memory_mib:8.0f} MiB at most")


def measure(folder: ModelFolder, prompt: int, decode: int, repeat: int) -> BenchResult:
    begun = time.perf_counter()
    decoder = open_model(folder.path, Cancellation()).decoder
    load_seconds = time.perf_counter() - begun
    runs = [_one_run(decoder, prompt, decode) for _ in range(repeat)]
    return BenchResult(
        model=folder.id,
        load_seconds=round(load_seconds, 3),
        prefill_tokens_per_second=round(statistics.median(run[0] for run in runs), 1),
        decode_tokens_per_second=round(statistics.median(run[1] for run in runs), 1),
        peak_memory_mib=round(_peak_memory_bytes() / 2**20),
    )


def _one_run(decoder: Decoder, prompt: int, decode: int) -> tuple[float, float]:
    """Tokens per second of prefill and of decode."""
    from engine.generate import PREFILL_CHUNK_TOKENS  # numpy comes with it

    cancellation = Cancellation()
    decoder.reset()
    ids = [1000 + n % 1000 for n in range(prompt)]
    begun = time.perf_counter()
    for start in range(0, prompt, PREFILL_CHUNK_TOKENS):
        decoder.prefill(ids[start : start + PREFILL_CHUNK_TOKENS], cancellation)
    prefilled = time.perf_counter()
    for n in range(decode):
        decoder.decode(2000 + 7 * n, cancellation)
    return prompt / (prefilled - begun), decode / (time.perf_counter() - prefilled)


def _peak_memory_bytes() -> int:
    """The largest resident set of this process so far; now's where the system keeps no peak."""
    memory = psutil.Process().memory_info()
    try:
        import resource
    except ImportError:  # Windows
        return int(getattr(memory, "peak_wset", memory.rss))
    unit = 1 if psutil.MACOS else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

"""What was predicted of a model's memory and speed, beside what a process of its own takes.

    python -m tests.bench.memory MODEL_FOLDER ...

The peak while a prompt of 1,024 tokens is read and 16 are answered. Linux only.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import click

from engine.cancellation import Cancellation
from engine.loading import open_model
from engine.models.fit import best_fit
from engine.models.folder import ModelFolder
from engine.models.needs import Target, needs_of
from engine.runtime.machine import this_machine

PROMPT, ANSWER = 1024, 16
PEAK = "VmHWM:"


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--inside", is_flag=True, help="Be the process that is measured.")
def main(folders: tuple[Path, ...], inside: bool) -> None:
    if inside:
        click.echo(json.dumps(measured(folders[0])))
        return
    for folder in folders:
        command = [sys.executable, "-m", "tests.bench.memory", str(folder), "--inside"]
        told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        found = best_fit({Target.CPU: needs_of(ModelFolder.read(folder))}, this_machine(folder))
        assert found is not None
        predicted, truth = found.memory / 2**20, told["peak_mib"]
        click.echo(
            f"{folder.name}: predicted {predicted:,.0f} MiB, took {truth:,.0f} "
            f"({predicted / truth - 1:+.1%}); predicted {found.tokens_per_second:.1f} tokens a "
            f"second, there were {told['tokens_per_second']:.1f}"
        )


def measured(folder: Path) -> dict[str, float]:
    never = Cancellation()
    decoder = open_model(folder, never).decoder
    ids = [number * 7 % 500 + 10 for number in range(PROMPT)]
    for start in range(0, PROMPT, decoder.chunk_tokens):
        decoder.prefill(ids[start : start + decoder.chunk_tokens], never).all()
    begun = time.perf_counter()
    for _ in range(ANSWER):
        decoder.decode(5, never)
    speed = ANSWER / (time.perf_counter() - begun)
    told = Path("/proc/self/status").read_text("utf-8").split()
    return {"peak_mib": int(told[told.index(PEAK) + 1]) / 1024, "tokens_per_second": speed}


if __name__ == "__main__":
    main()

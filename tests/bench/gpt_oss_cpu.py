"""gpt-oss's true shapes on this CPU, on Hearth and on llama.cpp, in turn in one run.

    .venv/bin/python -m tests.bench.gpt_oss_cpu MODEL_FOLDER MODEL.gguf

MODEL_FOLDER is what `hearth convert` makes of a checkpoint, MODEL.gguf the same model or one with
random weights (tests/bench/random_gguf.py). Speeds are medians over rounds; what counts is the
ratio. Then each side fills a long context, and its memory is read: the anonymous part, which
a machine must have, and the part that is only mapped from files. The last line is one JSON object.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from tests.bench import sides
from tests.bench.memory_limit import memory_limit
from tests.bench.sides import Figures

NAMES = ("load_seconds", *sides.SPEEDS)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`prefix`: the words before Hearth's command."""

    folder: Path
    gguf: Path
    prefix: Sequence[str]

    def round(self, *counts: int) -> tuple[Figures, Figures]:
        """Hearth's and llama.cpp's figures, each printed at once: they take minutes."""
        ours = sides.hearth(self.folder, *counts, prefix=self.prefix)
        print_figures("Hearth", ours)
        theirs = sides.llama_cpp(self.gguf, *counts)
        print_figures("llama.cpp", theirs)
        return ours, theirs


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("gguf", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--prompt", default=512, show_default=True, help="Tokens.")
@click.option("--decode", default=48, show_default=True, help="Tokens.")
@click.option("--repeat", default=2, show_default=True, help="In one process.")
@click.option("--rounds", default=3, show_default=True, help="Of one process a side.")
@click.option("--context", default=4096, show_default=True, help="Tokens; 0 leaves it out.")
@click.option("--limit-gib", type=float, help="Give Hearth's side so much memory and no more.")
def main(
    folder: Path, gguf: Path, rounds: int, context: int, limit_gib: float | None, **counts: int
) -> None:
    """Measure FOLDER on Hearth and GGUF on llama.cpp."""
    prompt, decode, repeat = counts["prompt"], counts["decode"], counts["repeat"]
    with memory_limit(limit_gib) as prefix:
        comparison = Comparison(folder.resolve(), gguf.resolve(), prefix)
        runs = [comparison.round(prompt, decode, repeat, 0) for _ in range(rounds)]
        long = comparison.round(prompt, decode, 1, context) if context else None
    ours, theirs = (sides.medians(list(side), NAMES) for side in zip(*runs, strict=True))
    sides.print_speeds(ours, theirs)
    result = {"hearth": ours, "llama.cpp": theirs, "ratio": sides.ratios(ours, theirs)}
    in_context = {"hearth": long[0], "llama.cpp": long[1]} if long else None
    print(json.dumps(result | {"context": in_context, "limit_gib": limit_gib}))


def print_figures(name: str, figures: Figures) -> None:
    words = (f"{key} {value:g}" for key, value in figures.items() if value is not None)
    print(f"{name:10}", ", ".join(words), flush=True)


if __name__ == "__main__":
    main()

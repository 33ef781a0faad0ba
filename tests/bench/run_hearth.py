"""A side of a comparison: load, prefill and decode of a model folder by Hearth.

    python -m tests.bench.run_hearth FOLDER PROMPT DECODE REPEAT CONTEXT

Counts as `hearth bench` does, for it is the same code.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from engine.cancellation import Cancellation
from engine.cli.bench import timed_load
from engine.speed import Counts, measure


def main(folder: Path, *counts: int) -> None:
    decoder, load_seconds = timed_load(folder)
    speeds = measure(decoder, Counts(*counts), Cancellation())
    print(json.dumps({"load_seconds": load_seconds} | asdict(speeds)), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))

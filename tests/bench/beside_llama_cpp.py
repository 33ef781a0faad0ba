"""The starter on Hearth and on llama.cpp, on the very same GGUF, in turn in one run.

    make bench

Builds llama-cpp-python natively in an environment of its own at first (ten minutes on two
cores). Machines are shared and noisy: what counts is the ratio of the medians. The last line is
one JSON object.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from installers import starter
from tests.bench import sides

COUNTS = (512, 64, 3, 0)
ROUNDS = 5


def main() -> None:
    folder = sides.ROOT / "resources" / "models" / starter.FOLDER
    with tempfile.TemporaryDirectory() as temporary:
        gguf = starter.fetch(sides.ROOT, Path(sys.executable), Path(temporary))
        rounds = [
            (sides.hearth(folder, *COUNTS), sides.llama_cpp(gguf, *COUNTS)) for _ in range(ROUNDS)
        ]
    names = ("load_seconds", *sides.SPEEDS)
    ours, theirs = (sides.medians(list(side), names) for side in zip(*rounds, strict=True))
    sides.print_speeds(ours, theirs)
    result = {"hearth": ours, "llama.cpp": theirs, "ratio": sides.ratios(ours, theirs)}
    print(json.dumps(result))


if __name__ == "__main__":
    main()

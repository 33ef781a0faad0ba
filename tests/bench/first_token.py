"""From the start of the process to the first text of an answer, as a person waits for it.

    .venv/bin/python -m tests.bench.first_token

Runs `hearth chat` in a pipe; the last line is one JSON object of seconds.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

COMMAND = [sys.executable, "-m", "desktop", "chat", "Name three primary colours."]
RUNS = 7


def main() -> None:
    seconds = sorted(first_token_seconds() for _ in range(RUNS))
    result = {"median": statistics.median(seconds), "min": seconds[0], "max": seconds[-1]}
    print(json.dumps({name: round(value, 2) for name, value in result.items()}))


def first_token_seconds() -> float:
    begun = time.perf_counter()
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.read(1)
        elapsed = time.perf_counter() - begun
        process.kill()
    return elapsed


if __name__ == "__main__":
    main()

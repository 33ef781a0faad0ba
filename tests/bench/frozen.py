"""How long an installed Hearth takes from the double-click: to its window, and to its first words.

    python -m tests.bench.frozen /usr/bin/hearth

By its own --self-test, which types a question as soon as the window stands. Cold starts, for which
root empties the system's cache of files, come first. The last line is one JSON object of seconds.
"""

from __future__ import annotations

import json
import os
import statistics
from pathlib import Path
from typing import Any

import click

from installers import smoke
from installers.project import bytes_in

COLD, WARM = 3, 5
SHOWN = ("visible_seconds", "first_text_seconds")
DROP_CACHES = Path("/proc/sys/vm/drop_caches")


@click.command()
@click.argument("program", type=click.Path(exists=True, path_type=Path))
def main(program: Path) -> None:
    found: dict[str, Any] = {"megabytes": round(bytes_in(program.resolve().parent) / 1e6)}
    if os.geteuid() == 0:
        found["cold"] = medians([started(program, is_cold=True) for _ in range(COLD)])
    started(program)
    found["warm"] = medians([started(program) for _ in range(WARM)])
    print(json.dumps(found))


def started(program: Path, is_cold: bool = False) -> dict[str, float]:
    if is_cold:
        os.sync()
        DROP_CACHES.write_text("3", "ascii")
    return json.loads(smoke.run(program, "--self-test").splitlines()[-1])


def medians(runs: list[dict[str, float]]) -> dict[str, list[float]]:
    """Each figure's median, smallest and largest."""
    columns = {name: [run[name] for run in runs] for name in SHOWN}
    return {
        name: [statistics.median(column), min(column), max(column)]
        for name, column in columns.items()
    }


if __name__ == "__main__":
    main()

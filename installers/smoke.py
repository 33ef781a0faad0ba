"""Tries a built program as a user gets it: `python -m installers.smoke PROGRAM`.

Its own `--self-test` opens the window offscreen, asks the starter, asks the API, keeps an entry in
a real keyring, and looks into the ledger of connections. On Linux it has a session of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from installers import session
from installers.errors import Failed
from installers.project import bytes_in

PATIENCE_SECONDS = 300


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: python -m installers.smoke PROGRAM", file=sys.stderr)
        return 2
    try:
        try_out(Path(sys.argv[1]).absolute())
    except Failed as error:
        print(f"hearth: {error}", file=sys.stderr)
        return 1
    return 0


def try_out(program: Path) -> dict[str, Any]:
    """Prints what is tested and its figures, which are returned. Raises Failed."""
    run(program, "--version")
    print(f"{bytes_in(program.resolve().parent) / 1e6:.0f} MB in {program.parent}", flush=True)
    return json.loads(run(program, "--self-test").splitlines()[-1])


def run(program: Path, option: str) -> str:
    """What it prints, shown too. Raises Failed."""
    command: list[str] = [str(program), option]
    with tempfile.TemporaryDirectory(prefix="hearth-smoke-") as folder:
        environment = dict(os.environ)
        if sys.platform == "linux":
            if lacking := session.missing():
                raise Failed(f"The keyring cannot be tested without {' and '.join(lacking)}.")
            command, environment = [*session.command(*command)], session.environment(Path(folder))
        try:
            done = subprocess.run(
                command,
                env=environment,
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Failed(f"{program.name} {option} did not end.") from error
    print(done.stdout, end="", flush=True)
    if done.returncode:
        raise Failed(f"{program.name} {option} ended with {done.returncode}.\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())

"""The environment with torch and transformers, apart from Hearth's own, in which references run."""

from __future__ import annotations

import subprocess
from pathlib import Path

from installers.environments import python_with

REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def run_in_oracle(script: str, *arguments: Path) -> None:
    """A script of this folder; what it says goes to standard error of this process."""
    command = [oracle_python(), Path(__file__).with_name(script), *arguments]
    subprocess.run(command, check=True)


def oracle_python() -> Path:
    return python_with(REQUIREMENTS, "oracle")


if __name__ == "__main__":
    oracle_python()

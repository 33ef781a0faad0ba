"""The environment with torch and transformers, apart from Hearth's own, in which references run."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

ENVIRONMENT = Path(__file__).resolve().parents[2] / ".cache" / "oracle"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def run_in_oracle(script: str, *arguments: Path) -> None:
    """A script of this folder; what it says goes to standard error of this process."""
    command = [oracle_python(), Path(__file__).with_name(script), *arguments]
    subprocess.run(command, check=True)


def oracle_python() -> Path:
    """Makes the environment at first, and anew where other versions are wanted than it holds."""
    python = ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp, wanted = ENVIRONMENT / ".installed", REQUIREMENTS.read_text("utf-8")
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return python
    if not python.is_file():
        venv.create(ENVIRONMENT, with_pip=True)
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "-r", REQUIREMENTS], check=True)
    stamp.write_text(wanted, "utf-8")
    return python


if __name__ == "__main__":
    oracle_python()

"""Environments apart from Hearth's own, for packages that must not enter its locks."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

CACHE = Path(__file__).resolve().parents[1] / ".cache"


def python_with(requirements: Path, name: str) -> Path:
    """The Python of .cache/`name`, made at first, and installed anew where other versions are
    wanted than it holds."""
    environment = CACHE / name
    python = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if is_made_from(requirements, environment):
        return python
    if not python.is_file():
        venv.create(environment, with_pip=True)
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "-r", requirements], check=True)
    note_as_made_from(requirements, environment)
    return python


def is_made_from(wanted: Path, environment: Path) -> bool:
    stamp = environment / ".installed"
    return stamp.is_file() and stamp.read_text("utf-8") == wanted.read_text("utf-8")


def note_as_made_from(wanted: Path, environment: Path) -> None:
    (environment / ".installed").write_text(wanted.read_text("utf-8"), "utf-8")

"""What everything here must know of the project: where it lies, and what pyproject.toml says."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
RESOURCES = ROOT / "resources"


def project() -> dict[str, Any]:
    """Of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def version() -> str:
    return project()["version"]


def homepage() -> str:
    """Empty where none is named."""
    return project().get("urls", {}).get("Homepage", "")


def bytes_in(folder: Path) -> int:
    """What its files take, links not counted."""
    files = (file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    return sum(file.stat().st_size for file in files)

"""A model folder taken away: at once for whoever looks, whole even where a kill comes between."""

from __future__ import annotations

import shutil
from pathlib import Path

from engine.errors import CannotWrite

REMOVING = ".removing"


def remove(folder: Path) -> int:
    """Returns the bytes that were freed. Raises CannotWrite."""
    hidden = folder.with_name(f".{folder.name}{REMOVING}")
    try:
        finish_removal(hidden)
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        folder.rename(hidden)
        finish_removal(hidden)
    except OSError as error:
        raise CannotWrite(f"{folder} cannot be removed: {error.strerror}.") from None
    return size


def finish_removal(hidden: Path) -> None:
    if hidden.exists():
        shutil.rmtree(hidden)

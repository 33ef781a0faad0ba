"""What a kill has left behind, cleaned up at the next start."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from engine.errors import CannotWrite
from engine.models.alone import alone
from engine.models.importing import IMPORTING
from engine.models.remove import REMOVING, finish_removal


def clean_up(models: Path) -> None:
    """Removals are finished; copies that nobody works on any more are thrown away. Fetches and
    conversions stay: they go on where they were. Raises OSError.
    """
    for hidden in models.glob(f".*{REMOVING}"):
        finish_removal(hidden)
    for unfinished in models.glob(f".*{IMPORTING}"):
        with suppress(CannotWrite), alone(unfinished, "copying"):
            shutil.rmtree(unfinished)

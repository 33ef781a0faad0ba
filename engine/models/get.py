"""From an entry of the catalogue to a model that runs: fetched and, where it must be, converted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from engine.errors import CannotWrite
from engine.models.alone import alone
from engine.models.catalogue import Entry, Kind
from engine.models.download.fetch import Fetch, unfinished
from engine.models.download.http import Http
from engine.models.download.hub import Hub
from engine.models.download.watch import Watch
from engine.models.importing import convert_in
from engine.models.needs import Target
from engine.models.remove import remove

CHECKPOINTS = "checkpoints"
"""The folder among the models in which checkpoints lie until they are converted."""

PATIENCE_SECONDS = 10
"""Until who works on it has heard that it should not."""

OnStage = Callable[[str, int, int], None]
"""What is being done, bytes done, bytes in all. On any thread."""


@dataclass(frozen=True, slots=True)
class Getting:
    """`models` is the folder of all models; `target` is what a checkpoint is converted for."""

    entry: Entry
    models: Path
    target: Target
    keeps_checkpoint: bool = False

    @property
    def place(self) -> Path:
        return self.models / self.entry.id

    @property
    def checkpoint(self) -> Path:
        return self.models / CHECKPOINTS / self.entry.id

    def check_place(self) -> None:
        """Raises CannotWrite."""
        if self.place.exists() and not self.checkpoint.exists():
            raise CannotWrite(f"{self.entry.id} is installed already, in {self.place}.")

    def discard(self) -> int:
        """Delete what has arrived; the bytes that are free again. Raises CannotWrite where another
        Hearth goes on with it for more than some seconds."""
        from engine.models.convert import gpt_oss

        unconverted, is_made = gpt_oss.unfinished(self.place), self.checkpoint.exists()
        begun = [unfinished(self.checkpoint), unfinished(self.place), unconverted]
        freed = sum(_removed(folder) for folder in begun if folder.exists())
        return freed + (remove(self.checkpoint) if is_made else 0)

    def run(self, hub: Hub, http: Http, on_stage: OnStage, watch: Watch) -> None:
        """Goes on where an earlier run was interrupted. `watch` hears of troubles; its progress is
        told by stages.

        Raises FetchFailed, Offline, CannotWrite, BadCheckpoint, Cancelled.
        """
        self.check_place()
        if self.entry.kind is Kind.MODEL:
            self._fetch(hub, http, self.place, on_stage, watch)
            return
        if not self.checkpoint.exists():
            self._fetch(hub, http, self.checkpoint, on_stage, watch)
        show = partial(on_stage, "Converting")
        convert_in(self.checkpoint, self.place, self.target, show, watch.cancellation)
        if not self.keeps_checkpoint:
            remove(self.checkpoint)

    def _fetch(self, hub: Hub, http: Http, place: Path, on_stage: OnStage, watch: Watch) -> None:
        entry = self.entry
        fetch = Fetch(hub, http, entry.source, entry.paths, place, entry.known)
        fetch.run(replace(watch, on_progress=partial(on_stage, "Fetching")))


def _removed(folder: Path) -> int:
    with alone(folder, f"working on {folder}", PATIENCE_SECONDS):
        return remove(folder)

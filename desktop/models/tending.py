"""Checking, repairing and taking in of models: one at a time, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.language import tr
from desktop.models.arrival import Reporter
from engine.cancellation import Cancellation, Cancelled
from engine.errors import HearthError
from engine.models.download.connections import Connections
from engine.models.folder import ModelFolder
from engine.models.manifest import FileFacts
from engine.models.needs import Target

log = logging.getLogger(__name__)

JOIN_SECONDS = 15.0

Act = Callable[[Reporter, Cancellation], str]
"""Returns what is to be said when it is done. Raises HearthError, Cancelled, OSError."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is done, in words, and to which model or folder."""

    id: str
    title: str


class Tending(QObject):
    changed = Signal()
    arrived = Signal(object)
    """The task's Arrival. From any thread."""
    told = Signal(str)
    """A sentence for the user. From any thread."""
    ready = Signal(str)
    """The id of a model that is listed now. From any thread."""

    def __init__(
        self,
        models: Path,
        connections: Callable[[], Connections],
        conversion_target: Callable[[], Target],
    ) -> None:
        super().__init__()
        self._models = models
        self._connections = connections
        self._conversion_target = conversion_target
        self._damaged: Mapping[str, Sequence[FileFacts]] = {}
        self._working = Cancellation()
        self._thread: threading.Thread | None = None
        self.task: Task | None = None

    def is_damaged(self, id: str) -> bool:
        """As far as anybody has looked."""
        return bool(self._damaged.get(id))

    def verify(self, model: ModelFolder) -> None:
        """Compare every byte with what was published, or made here."""
        task = Task(model.id, tr("Checking {name}", name=model.name))
        self._begin(task, partial(self._verify, model))

    def repair(self, model: ModelFolder) -> None:
        """Fetch what is missing or wrong."""
        task = Task(model.id, tr("Repairing {name}", name=model.name))
        self._begin(task, partial(self._repair, model))

    def take_in(self, folder: Path, copies: bool) -> None:
        """List a folder's model too, where it is or by a copy; OpenAI's weights are converted."""
        task = Task(folder.name, tr("Adding {name}", name=folder.name))
        self._begin(task, partial(self._take_in, folder, copies))

    def cancel(self) -> None:
        self._working.set()

    def close(self) -> None:
        self.cancel()
        if self._thread is not None:
            self._thread.join(JOIN_SECONDS)

    def _begin(self, task: Task, act: Act) -> None:
        if self.task is not None:
            self.told.emit(tr("One thing after the other: {title} comes first.", title=self.title))
            return
        self.task, self._working = task, Cancellation()
        self._thread = threading.Thread(target=self._run, args=[act], name="tending")
        self._thread.start()
        self.changed.emit()

    @property
    def title(self) -> str:
        """Of what is done now, in words; or empty."""
        return self.task.title if self.task else ""

    # in the thread

    def _run(self, act: Act) -> None:
        try:
            sentence = act(Reporter(self.arrived.emit), self._working)
        except Cancelled:
            sentence = tr("{title}: cancelled.", title=self.title)
        except HearthError as error:
            sentence = str(error)
        except Exception as error:
            log.exception("%s failed", self.title)
            sentence = tr("{title} failed: {error}.", title=self.title, error=error)
        self.task = None
        self.told.emit(sentence)
        self.changed.emit()

    def _verify(self, model: ModelFolder, reporter: Reporter, cancellation: Cancellation) -> str:
        from engine.models.manifest import Manifest
        from engine.models.verify import damaged_files

        manifest = Manifest.read(model.path)
        show = partial(reporter.show, "Checking")
        damaged = damaged_files(model.path, manifest, show, cancellation)
        self._damaged = {**self._damaged, model.id: damaged}
        if damaged:
            files = ", ".join(file.path for file in damaged)
            return tr("{name} is damaged: {files}.", name=model.name, files=files)
        return tr("{name} is whole: every byte is as it should be.", name=model.name)

    def _repair(self, model: ModelFolder, reporter: Reporter, cancellation: Cancellation) -> str:
        from engine.models.download.fetch import repair
        from engine.models.download.http import Http
        from engine.models.download.hub import Hub
        from engine.models.download.watch import Watch

        connections = self._connections()
        show = partial(reporter.show, "Fetching")
        watch = Watch(show, reporter.trouble, cancellation)
        with closing(Http(connections)) as http:
            repair(Hub(connections), http, model.path, self._damaged.get(model.id, ()), watch)
        self._damaged = {**self._damaged, model.id: ()}
        return tr("{name} is whole again.", name=model.name)

    def _take_in(
        self, folder: Path, copies: bool, reporter: Reporter, cancellation: Cancellation
    ) -> str:
        from engine.models import importing
        from engine.models.hub_cache import snapshot_in

        folder = snapshot_in(folder)
        if importing.is_checkpoint(folder):
            target, show = self._conversion_target(), partial(reporter.show, "Converting")
            model = importing.convert_checkpoint(folder, self._models, target, show, cancellation)
        elif copies:
            show = partial(reporter.show, "Copying")
            model = importing.copy_in(folder, self._models, show, cancellation)
        else:
            model = importing.use_in_place(folder, self._models)
        self.ready.emit(model.id)
        return tr("{name} is ready. Choose it above the chat.", name=model.name)

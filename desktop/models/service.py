"""The models of the Models page: got in a thread of their own, from a queue that outlives it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal

from desktop.language import number, tr, tr_later
from desktop.models.arrival import Reporter
from desktop.models.tending import Tending
from engine.cancellation import Cancellation, Cancelled
from engine.errors import HearthError
from engine.models.catalogue import Catalogue, Entry
from engine.models.download.connections import Connections
from engine.models.fit import Fit, Machine, fit_of
from engine.models.folder import ModelFolder, find_models, forget, pointers
from engine.models.manifest import Manifest
from engine.models.needs import Target
from engine.models.queue import QUEUE_FILE, Job, Place, Queue, Worker
from engine.models.remove import remove
from engine.records import Records, Shown

if TYPE_CHECKING:  # their libraries take a tenth of a second, and most starts get nothing
    from engine.models.download.http import Http
    from engine.models.download.hub import Hub
    from engine.models.get import Getting

log = logging.getLogger(__name__)

LISTED_NO_MORE = tr_later("{name} is listed no more. Its folder stays: {path}.")
FREED = tr_later("{name} is deleted: {gigabytes} GB are free again.")
GIVEN_UP = tr_later("{name} is given up: {gigabytes} GB are free again.")
JOIN_SECONDS = 15.0
"""A fetch lets go at once, a conversion within some seconds."""


class Host(Protocol):
    """This computer, as far as models are concerned. Each takes its time."""

    def machine(self, place: Path) -> Machine: ...

    def device_of(self, model: ModelFolder, records: Records) -> str:
        """Which device it will run on and why, or why it cannot run here."""
        ...

    def conversion_target(self) -> Target: ...


class ModelService(QObject):
    changed = Signal()
    """Something is here, on its way or to be had that was not, or its verdict is known."""
    arrived = Signal(str, object)
    """A job's id, and its Arrival. From any thread."""
    ready = Signal(str)
    """The id of a model that is here now. From any thread."""
    told = Signal(str)
    """A sentence for the user. From any thread."""

    def __init__(
        self,
        roots: Sequence[Path],
        catalogue: Path,
        connections: Callable[[], Connections],
        host: Host,
        records: Records,
        user_roots: Sequence[Path] = (),
    ) -> None:
        """The first of `roots` is where models are put; `user_roots` are those whose models the
        user may delete, that one alone if none is named."""
        super().__init__()
        self._roots = roots
        self._user_roots = user_roots or roots[:1]
        self._catalogue = Catalogue.read(catalogue)
        self._connections = connections
        self._host = host
        self._records = records
        self._devices: Mapping[str, str] = {}
        self.tending = Tending(roots[0], connections, host.conversion_target)
        self.tending.changed.connect(self.changed)
        self.tending.told.connect(self.told)
        self.tending.ready.connect(self.ready)
        self._queue = Queue(roots[0] / QUEUE_FILE)
        self._fits: Mapping[str, Fit] = {}
        self._working = Cancellation()
        self._worker: threading.Thread | None = None
        self._measuring: threading.Thread | None = None
        self._cleaning: threading.Thread | None = None

    @property
    def here(self) -> Sequence[ModelFolder]:
        return find_models(self._roots)

    @property
    def on_the_way(self) -> Sequence[Job]:
        return self._queue.jobs()

    @property
    def to_be_had(self) -> Sequence[Entry]:
        known = {one.id for one in (*self.here, *self.on_the_way)}
        return [entry for entry in self._catalogue.entries if entry.id not in known]

    @property
    def place(self) -> Path:
        """Where models are put."""
        return self._roots[0]

    @property
    def is_busy(self) -> bool:
        """Whether something is on its way, or being done to a model."""
        return bool(self.on_the_way) or self.tending.task is not None

    def device_of(self, model: ModelFolder) -> str:
        """In words; empty while nobody knows."""
        return self._devices.get(model.id, "")

    def shown(self, model: ModelFolder) -> Shown | None:
        """How fast it was when it was loaded first."""
        return self._records.shown(model.id)

    def fit(self, id: str) -> Fit | None:
        """None while nobody knows."""
        return self._fits.get(id)

    def can_be_deleted(self, model: ModelFolder) -> bool:
        """What came with Hearth stays with it."""
        return any(
            model.path.parent == root or model.id in pointers(root) for root in self._user_roots
        )

    def can_be_checked(self, model: ModelFolder) -> bool:
        """What was fetched, copied or converted here has a list of its files."""
        return Manifest.is_in(model.path)

    def start(self) -> None:
        """Go on with what an earlier run has left, and throw away what a kill has."""
        if self._cleaning is None:
            self._cleaning = threading.Thread(target=self._clean_up, name="clean up")
            self._cleaning.start()
        if any(job.place is Place.WAITING for job in self.on_the_way):
            self._work()

    def rest(self) -> None:
        """Break off what is being got; it waits in the queue, with all that has arrived."""
        self._working.set()

    def measure(self) -> None:
        """Find out what fits this machine; two seconds, once."""
        if self._measuring is None:
            self._measuring = threading.Thread(target=self._measure, name="fit")
            self._measuring.start()

    def get(self, id: str) -> None:
        fit = self.fit(id)
        self._change(lambda: self._queue.add(Job(id, fit.target if fit else Target.CPU)))
        self._work()

    def pause(self, id: str) -> None:
        self._change(lambda: self._queue.pause(id))

    def resume(self, id: str) -> None:
        self._change(lambda: self._queue.resume(id))
        self._work()

    def give_up(self, job: Job) -> None:
        """What has arrived is deleted."""
        self._change(lambda: self._queue.drop(job.id))
        threading.Thread(target=self._discard, args=[job], name="discard").start()

    def delete(self, model: ModelFolder) -> None:
        """One that lies elsewhere is listed no more, and stays."""

        def take_away() -> None:
            if not model.path.is_dir():
                self.told.emit(tr("{name} is gone already.", name=model.name))
            elif root := next(
                (root for root in self._user_roots if model.id in pointers(root)), None
            ):
                forget(root, model.id)
                self.told.emit(tr(LISTED_NO_MORE, name=model.name, path=model.path))
            else:
                freed = remove(model.path)
                self.told.emit(tr(FREED, name=model.name, gigabytes=number(freed / 1e9, 1)))

        self._change(take_away)

    def close(self) -> None:
        self.tending.close()
        self._working.set()
        for thread in (self._worker, self._measuring, self._cleaning):
            if thread is not None:
                thread.join(JOIN_SECONDS)

    def _change(self, act: Callable[[], None]) -> None:
        try:
            act()
        except HearthError as error:
            self.told.emit(str(error))
        self.changed.emit()

    def _work(self) -> None:
        before = self._worker
        if before is not None and before.is_alive() and not self._working.is_set:
            return
        self._working = Cancellation()
        arguments = (before, self._working)
        self._worker = threading.Thread(target=self._work_off, args=arguments, name="models")
        self._worker.start()

    # in threads of their own

    def _work_off(self, before: threading.Thread | None, working: Cancellation) -> None:
        """`before` may still be at its end."""
        if before is not None:
            before.join()
        from engine.models.download.http import Http
        from engine.models.download.hub import Hub

        connections = self._connections()
        try:
            with closing(Http(connections)) as http:
                get = partial(self._get, Hub(connections), http)
                Worker(self._queue, get).run(working)
        except Cancelled:
            pass
        except HearthError as error:
            self.told.emit(str(error))
        except Exception as error:
            log.exception("Models could not be got")
            self.told.emit(tr("Models could not be got: {error}.", error=error))
        self.changed.emit()

    def _get(self, hub: Hub, http: Http, job: Job, cancellation: Cancellation) -> None:
        from engine.models.download.watch import Watch

        self.changed.emit()
        reporter = Reporter(partial(self.arrived.emit, job.id))
        watch = Watch(on_trouble=reporter.trouble, cancellation=cancellation)
        self._getting(job).run(hub, http, reporter.show, watch)
        name = self._catalogue.find(job.id).name
        self.told.emit(tr("{name} is ready. Choose it above the chat.", name=name))
        self.ready.emit(job.id)

    def _getting(self, job: Job) -> Getting:
        from engine.models.get import Getting

        entry = self._catalogue.find(job.id)
        return Getting(entry, self._roots[0], job.target, job.keeps_checkpoint)

    def _discard(self, job: Job) -> None:
        try:
            freed = self._getting(job).discard()
            self.told.emit(tr(GIVEN_UP, name=job.id, gigabytes=number(freed / 1e9, 1)))
        except HearthError as error:
            self.told.emit(str(error))
        self.changed.emit()

    def _clean_up(self) -> None:
        from engine.models.leftovers import clean_up

        for root in self._user_roots:
            try:
                clean_up(root)
            except OSError:
                log.warning("%s could not be cleaned up", root, exc_info=True)

    def _measure(self) -> None:
        self._devices = {
            model.id: self._host.device_of(model, self._records) for model in self.here
        }
        self.changed.emit()
        machine = self._host.machine(self._roots[0])
        found = {entry.id: fit_of(entry, machine) for entry in self._catalogue.entries}
        self._fits = {id: fit for id, fit in found.items() if fit is not None}
        self.changed.emit()

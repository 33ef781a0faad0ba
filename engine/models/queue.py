"""The models that are to be got: a small file, which the window and the terminal both change.

One program at a time works it off (`Worker`); any of them may add to it, pause, resume and drop.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from filelock import FileLock

from engine.cancellation import Cancellation, Cancelled
from engine.errors import CannotWrite, HearthError, Offline, Unreachable
from engine.models.alone import alone
from engine.models.needs import Target

QUEUE_FILE = "queue.json"
"""Among the models."""
POLL_SECONDS = 0.5
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 30.0, 600.0
"""Between two attempts while a server cannot be had; each wait is twice the one before."""


class Place(StrEnum):
    WAITING = "waiting"
    PAUSED = "paused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """`id` is the catalogue's. `sentence` is why it failed, or why it waits, if there is more to
    say than that others are before it."""

    id: str
    target: Target
    keeps_checkpoint: bool = False
    place: Place = Place.WAITING
    sentence: str = ""


class Queue:
    """All methods raise CannotWrite."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def jobs(self) -> tuple[Job, ...]:
        """In their order; a damaged file is an empty queue."""
        try:
            return tuple(map(_job, json.loads(self.path.read_text("utf-8"))))
        except (OSError, ValueError, TypeError, KeyError):
            return ()

    def find(self, id: str) -> Job | None:
        return next((job for job in self.jobs() if job.id == id), None)

    def add(self, job: Job) -> None:
        """In the place of one of the same id."""
        with self._changing() as jobs:
            where = next((n for n, other in enumerate(jobs) if other.id == job.id), len(jobs))
            jobs[where : where + 1] = [job]

    def drop(self, id: str) -> None:
        """What has arrived of it stays: adding it again goes on from there."""
        with self._changing() as jobs:
            jobs[:] = [job for job in jobs if job.id != id]

    def pause(self, id: str) -> None:
        self._put(id, Place.PAUSED)

    def resume(self, id: str) -> None:
        """Try one again that was paused, or has failed."""
        self._put(id, Place.WAITING)

    def fail(self, id: str, sentence: str) -> None:
        self._put(id, Place.FAILED, sentence)

    def delay(self, id: str, sentence: str) -> None:
        self._put(id, Place.WAITING, sentence)

    def _put(self, id: str, place: Place, sentence: str = "") -> None:
        with self._changing() as jobs:
            jobs[:] = [
                replace(job, place=place, sentence=sentence) if job.id == id else job
                for job in jobs
            ]

    @contextmanager
    def _changing(self) -> Generator[list[Job]]:
        unfinished = self.path.with_name(f".{self.path.name}.unfinished")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self.path.with_name(f".{self.path.name}.lock")):
                jobs = [*self.jobs()]
                yield jobs
                unfinished.write_text(json.dumps([*map(asdict, jobs)], indent=2), "utf-8")
                os.replace(unfinished, self.path)
        except OSError as error:
            raise CannotWrite(f"{self.path} cannot be written: {error.strerror}.") from None


def _job(stored: object) -> Job:
    told = cast("dict[str, Any]", stored)
    place, target = Place(told["place"]), Target(told["target"])
    kept, sentence = bool(told["keeps_checkpoint"]), str(told["sentence"])
    return Job(str(told["id"]), target, kept, place, sentence)


Get = Callable[[Job, Cancellation], None]
"""Gets one model, whole. Raises HearthError, Cancelled; what has arrived is kept."""


class Worker:
    """Works the queue off, first come first served. It hears within half a second of a job that
    was paused or dropped, by whichever program.

    With `is_patient` it goes on trying where a server cannot be had, and others get their turn
    meanwhile; else that is a failure as any other.
    """

    def __init__(self, queue: Queue, get: Get, is_patient: bool = True) -> None:
        self._queue = queue
        self._get = get
        self._is_patient = is_patient
        self._not_before: dict[str, float] = {}
        self._waits: dict[str, float] = {}

    def run(self, cancellation: Cancellation) -> Sequence[Job]:
        """Until nothing waits; those that have failed meanwhile.

        Raises Cancelled, Offline, CannotWrite; AlreadyAtWork where another program does it.
        """
        failed: list[Job] = []
        with alone(self._queue.path, "getting models"):
            while any(job.place is Place.WAITING for job in self._queue.jobs()):
                job = self._next()
                if job is None:
                    cancellation.wait(POLL_SECONDS)
                elif (told := self._work(job, cancellation)) is not None:
                    failed.append(told)
        return failed

    def _next(self) -> Job | None:
        now = time.monotonic()
        return next(
            (
                job
                for job in self._queue.jobs()
                if job.place is Place.WAITING and self._not_before.get(job.id, now) <= now
            ),
            None,
        )

    def _work(self, job: Job, cancellation: Cancellation) -> Job | None:
        """The job, if it has failed."""
        try:
            with self._until_it_leaves(job, cancellation) as own:
                self._get(job, own)
            self._queue.drop(job.id)
        except Cancelled:
            cancellation.check()  # else it was paused, or dropped
        except Unreachable as error:
            if not self._is_patient:
                return self._failed(job, error)
            self._delay(job, error)
        except Offline:  # nothing of it can be got now
            raise
        except HearthError as error:
            return self._failed(job, error)
        return None

    def _failed(self, job: Job, error: HearthError) -> Job:
        self._queue.fail(job.id, str(error))
        return replace(job, place=Place.FAILED, sentence=str(error))

    def _delay(self, job: Job, error: Unreachable) -> None:
        wait = self._waits.get(job.id, FIRST_WAIT_SECONDS)
        self._waits[job.id] = min(2 * wait, LONGEST_WAIT_SECONDS)
        self._not_before[job.id] = time.monotonic() + wait
        self._queue.delay(job.id, str(error))

    @contextmanager
    def _until_it_leaves(self, job: Job, cancellation: Cancellation) -> Generator[Cancellation]:
        """What ends the job's work: the worker's end, or its own leaving of the waiting ones."""
        own, is_over = Cancellation(), threading.Event()

        def watch() -> None:
            while not is_over.wait(POLL_SECONDS):
                now = self._queue.find(job.id)
                if now is None or now.place is not Place.WAITING:
                    own.set()

        watcher = threading.Thread(target=watch, name="queue")
        watcher.start()
        try:
            with cancellation.interrupting(own.set):
                yield own
        finally:
            is_over.set()
            watcher.join()

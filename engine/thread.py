"""The engine thread: it alone owns the model. Everyone else puts jobs into its inbox.

One job runs at a time: loading is one too, and waits for what came before it. Requests take turns
by client, whoever was served longest ago first, so that nobody waits for all of another's. A sink
hears its events on this thread, in order, and exactly one terminal event (Finished or Failed),
last.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cancellation import Cancellation, Cancelled
from engine.errors import (
    BadRequest,
    ContextOverflow,
    DeviceLost,
    EngineBusy,
    EngineClosed,
    NoModel,
)
from engine.remote.remote import is_remote
from engine.types import (
    Broken,
    EngineState,
    Failed,
    Finished,
    FinishReason,
    GenerationEvent,
    Idle,
    Loading,
    Ready,
    Request,
    Sink,
)

if TYPE_CHECKING:  # at run time these would import numpy before the window is up
    from engine.model import Answering, ModelOpener

log = logging.getLogger(__name__)

MAX_WAITING = 64
CLIENTS_KNOWN = 64


class Generation:
    """A handle on one submitted request. All methods may be called from any thread."""

    def __init__(self, number: int, request: Request, sink: Sink, client: str) -> None:
        self.id = number
        self.request = request
        self.client = client
        self.cancellation = Cancellation()
        self._answer_now = threading.Event()
        self._sink = sink
        self._ended = threading.Event()

    def cancel(self) -> None:
        """End it as soon as possible; its sink still hears Finished(CANCELLED)."""
        self.cancellation.set()

    def answer_now(self) -> None:
        """End the model's thoughts; its answer follows."""
        self._answer_now.set()

    @property
    def is_answer_wanted(self) -> bool:
        return self._answer_now.is_set()

    def done(self) -> bool:
        return self._ended.is_set()

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """True once the sink has heard the terminal event."""
        return self._ended.wait(timeout_seconds)

    def tell(self, event: GenerationEvent) -> None:
        self._sink(event)

    def end(self, event: Finished | Failed) -> None:
        try:
            self._sink(event)
        except Exception:
            log.exception("The sink of generation %d failed on its last event", self.id)
        finally:
            self._ended.set()


class _Load:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cancellation = Cancellation()


class _Unload:
    pass


class _Rest:
    pass


_Job = Generation | _Load | _Unload | _Rest


def _ignore(_: EngineState) -> None:
    pass


class EngineThread:
    """Starts its thread at once; `close` ends it. `on_state` is called on the engine thread."""

    def __init__(
        self,
        open_model: ModelOpener,
        on_state: Callable[[EngineState], None] = _ignore,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        self._open_model = open_model
        self._on_state = on_state
        self._max_waiting = max_waiting
        self._ids = count(1)
        self._inbox: list[_Job] = []
        self._served: dict[str, int] = {}
        self._changed = threading.Condition()
        self._current: Generation | _Load | None = None
        self._closing = False
        self._state: EngineState = Idle()
        self._model: Answering | None = None
        self._folder: Path | None = None
        self._rest_seconds: float | None = None
        self._idle_since = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="engine")
        self._thread.start()

    # called from any thread

    @property
    def state(self) -> EngineState:
        return self._state

    def load(self, folder: Path) -> None:
        """Open a model folder, after what is queued already; the outcome is told by the state."""
        self._put(_Load(folder))

    def unload(self) -> None:
        """Drop the model and its memory, after what is queued already."""
        self._put(_Unload())

    def rest_after(self, idle_seconds: float | None) -> None:
        """Give the model's memory back when nobody has asked for so long; None keeps it."""
        with self._changed:
            self._rest_seconds = idle_seconds
            self._changed.notify()

    def submit(self, request: Request, sink: Sink, client: str = "") -> Generation:
        """Queue a request. While a model loads, it waits for that.

        Raises NoModel, EngineBusy, EngineClosed at once; all else arrives as Failed.
        """
        return self.submit_all([(request, sink)], client)[0]

    def submit_all(self, asked: Sequence[tuple[Request, Sink]], client: str) -> list[Generation]:
        """All of them or none. Raises as `submit` does."""
        with self._changed:
            if self._closing:
                raise EngineClosed
            if isinstance(self._state, Idle | Broken) and not self._is_load_queued():
                raise NoModel
            waiting = sum(
                isinstance(job, Generation) and not job.cancellation.is_set for job in self._inbox
            )
            if waiting and waiting + len(asked) > self._max_waiting:
                raise EngineBusy(waiting)
            if self._is_resting:
                self._load_again()
            generations = [Generation(next(self._ids), *one, client) for one in asked]
            for generation in generations:
                self._put(generation)
        return generations

    def close(self, timeout_seconds: float = 10.0) -> bool:
        """Cancel the current job and all waiting ones, and end the thread. True if it ended."""
        with self._changed:
            self._closing = True
            if self._current is not None:
                self._current.cancellation.set()
            self._changed.notify()
        self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def _put(self, job: _Job) -> None:
        with self._changed:
            if self._closing:
                raise EngineClosed
            self._inbox.append(job)
            self._changed.notify()

    def _is_load_queued(self) -> bool:
        return any(isinstance(job, _Load) for job in (self._current, *self._inbox))

    # the engine thread itself

    def _run(self) -> None:
        while (job := self._next_job()) is not None:
            match job:
                case Generation():
                    end = self._answer(job)
                    job.end(end)
                    if isinstance(end, Failed) and isinstance(end.error, DeviceLost):
                        self._load_again()
                case _Load():
                    self._load(job)
                case _Unload():
                    self._drop_model(Idle())
                case _Rest():
                    self._rest()
        self._drop_model(Idle())
        self._end_cancelled(everything=True)

    def count_tokens(self, text: str) -> int | None:
        """Of plain text, by the model that is loaded; None where there is none, or it is elsewhere.
        From any thread. Raises BadRequest for what no model can read."""
        model = self._model
        return None if model is None else model.count_tokens(text)

    def _next_job(self) -> _Job | None:
        with self._changed:
            self._current = None
            self._idle_since = time.monotonic()
            while not (self._inbox or self._closing):
                seconds = self._seconds_until_rest()
                if seconds is not None and seconds <= 0:
                    return _Rest()
                self._changed.wait(seconds)
            if self._closing:
                return None
            job = self._turn()
            self._inbox.remove(job)
            self._current = job if isinstance(job, Generation | _Load) else None
            return job

    def _seconds_until_rest(self) -> float | None:
        """None where nothing would be won: no model, or one that is elsewhere."""
        if self._model is None or self._rest_seconds is None:
            return None
        if not self._model.info.device.is_here:
            return None
        return self._idle_since + self._rest_seconds - time.monotonic()

    def _turn(self) -> _Job:
        """The next job: of the requests before the next load, the one of the client that was served
        longest ago."""
        requests: list[Generation] = []
        for job in self._inbox:
            if not isinstance(job, Generation):
                break
            requests.append(job)
        if not requests:
            return self._inbox[0]
        turn = min(requests, key=lambda job: self._served.get(job.client, 0))
        self._served.pop(turn.client, None)  # so that the last one is always the latest
        self._served[turn.client] = turn.id
        if len(self._served) > CLIENTS_KNOWN:
            del self._served[next(iter(self._served))]
        return turn

    def _load(self, job: _Load) -> None:
        self._drop_model(Loading(job.folder.stem if is_remote(job.folder) else job.folder.name))
        self._folder = job.folder
        try:
            self._model = self._open_model(job.folder, job.cancellation)
        except Cancelled:
            self._set_state(Idle())
        except Exception as error:
            log.warning("Could not load %s", job.folder, exc_info=True)
            self._set_state(Broken(error))
        else:
            self._set_state(Ready(self._model.info))

    def _load_again(self) -> None:
        """Before the next request is answered: on the same device, or where else it can run."""
        with self._changed:
            if self._folder is not None and not self._is_load_queued():
                self._inbox.insert(0, _Load(self._folder))

    def _rest(self) -> None:
        with self._changed:
            if self._inbox or self._model is None:
                return  # somebody has asked meanwhile
            model, self._model = self._model, None
            self._set_state(Ready(model.info, is_resting=True))
        del model  # not with the lock held: gigabytes take their time

    @property
    def _is_resting(self) -> bool:
        return isinstance(self._state, Ready) and self._state.is_resting

    def _drop_model(self, state: EngineState) -> None:
        self._model = None
        self._set_state(state)

    def _set_state(self, state: EngineState) -> None:
        self._state = state
        try:
            self._on_state(state)
        except Exception:
            log.exception("The listener of the engine's state failed")

    def _answer(self, job: Generation) -> Finished | Failed:
        """Tell the job's sink all events but the last, which is returned."""
        if job.cancellation.is_set:
            return Finished(FinishReason.CANCELLED, None)
        if self._model is None:
            return Failed(self._state.error if isinstance(self._state, Broken) else NoModel())
        try:
            return self._tell_events(self._model, job)
        except Cancelled:
            return Finished(FinishReason.CANCELLED, None)
        except (BadRequest, ContextOverflow) as error:  # nobody's business but the asker's
            return Failed(error)
        except Exception as error:
            log.warning("Generation %d failed", job.id, exc_info=True)
            self._model.reset()
            return Failed(error)

    def _tell_events(self, model: Answering, job: Generation) -> Finished:
        for event in model.answer(job.request, job.cancellation, lambda: job.is_answer_wanted):
            if isinstance(event, Finished):
                return event
            self._tell(job, event)
            self._end_cancelled()
        raise AssertionError("The answer ended without a Finished event")

    def _tell(self, job: Generation, event: GenerationEvent) -> None:
        try:
            job.tell(event)
        except Exception:  # nobody listens: end this generation, keep the engine
            log.warning("The sink of generation %d failed; it is cancelled", job.id, exc_info=True)
            job.cancel()

    def _end_cancelled(self, everything: bool = False) -> None:
        """End the waiting jobs that were cancelled, or all of them, without their turn."""
        with self._changed:
            ended = [
                job
                for job in self._inbox
                if isinstance(job, Generation) and (everything or job.cancellation.is_set)
            ]
            for job in ended:
                self._inbox.remove(job)
        for job in ended:
            job.end(Finished(FinishReason.CANCELLED, None))

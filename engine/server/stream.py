"""From the engine's thread to a client: its answers' events on the event loop, whole or as SSE.

Everything here but `Answer.hear` runs on the server's event loop.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Coroutine, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from starlette.types import Receive

from engine.errors import EngineClosed, HearthError
from engine.server.failures import Failure, Fields, failure_of
from engine.types import (
    Failed,
    Finished,
    FinishReason,
    GenerationEvent,
    ParsedEvent,
    Request,
    TextDelta,
    ToolCall,
    ToolCallDelta,
)

if TYPE_CHECKING:
    from engine.thread import EngineThread

log = logging.getLogger(__name__)

Json = dict[str, Any]

KEEPALIVE = b": keepalive\n\n"
KEEPALIVE_SECONDS = 10.0
"""Sooner than the idle limits of common clients and proxies, 30 to 60 seconds."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer, whole."""

    said: Sequence[ParsedEvent]
    finished: Finished


class Reply(Protocol):
    """What one of the APIs makes of the answers to a request, which are numbered from 0."""

    def whole(self, answers: Sequence[Answered]) -> Json: ...

    def opening(self) -> Iterable[bytes]: ...

    def keepalive(self) -> Iterable[bytes]:
        """Return what shows the client that its answer is still being prepared."""
        ...

    def said(self, number: int, event: ParsedEvent) -> Iterable[bytes]: ...

    def finished(self, number: int, finished: Finished) -> Iterable[bytes]: ...

    def closing(self) -> Iterable[bytes]: ...

    def failed(self, failure: Failure) -> Iterable[bytes]:
        """Instead of all that would have followed."""
        ...


class Answer:
    """The events of one generation, in order. Its `hear` is the generation's sink."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[GenerationEvent] = asyncio.Queue()
        self._is_left = False

    def hear(self, event: GenerationEvent) -> None:
        """Called on the engine thread. The loop may be gone once the client has left."""
        if not self._is_left:
            self._loop.call_soon_threadsafe(self._events.put_nowait, event)

    def leave(self) -> None:
        self._is_left = True

    def fail(self, error: Exception) -> None:
        self._events.put_nowait(Failed(error))

    async def started(self, is_stream: bool) -> None:
        """Waits for its turn and for the prompt to be found good: for a stream no longer than its
        client would bear to hear nothing. Raises what is wrong, if that is known by then.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(KEEPALIVE_SECONDS if is_stream else None):
                _checked(await self._events.get())

    async def events(self) -> AsyncIterator[GenerationEvent | None]:
        """All but what `started` has taken, Finished last; None when there was nothing for a while.

        Raises what failed.
        """
        event = None
        while not isinstance(event, Finished):
            try:
                async with asyncio.timeout(KEEPALIVE_SECONDS):
                    event = _checked(await self._events.get())
            except TimeoutError:
                event = None
            yield event


def _checked(event: GenerationEvent) -> GenerationEvent:
    match event:
        case Failed(error):
            raise error
        case Finished(FinishReason.CANCELLED):  # not by this client: it would not be listening
            raise EngineClosed
        case _:
            return event


class Answers:
    """All answers that clients wait for. `close` ends them, each with an error in words.

    `asked` counts the requests, and nothing else of them is kept.
    """

    def __init__(self, engine: EngineThread) -> None:
        self._engine = engine
        self.asked = 0
        self._running: set[Answer] = set()
        self._is_closed = False

    @contextmanager
    def ask(self, requests: Sequence[Request], client: str) -> Generator[list[Answer]]:
        """The generations live as long as this block. `client` is whoever shares a turn.

        Raises NoModel, EngineBusy, EngineClosed.
        """
        if self._is_closed:
            raise EngineClosed
        self.asked += 1
        answers = [Answer() for _ in requests]
        generations = self._engine.submit_all(
            [(request, answer.hear) for request, answer in zip(requests, answers, strict=True)],
            client,
        )
        self._running.update(answers)
        try:
            yield answers
        finally:
            self._running.difference_update(answers)
            for answer, generation in zip(answers, generations, strict=True):
                answer.leave()
                generation.cancel()

    def close(self) -> None:
        self._is_closed = True
        for answer in self._running:
            answer.fail(EngineClosed())


async def while_connected(receive: Receive, work: Coroutine[Any, Any, None]) -> None:
    """Await `work`, but no longer than the client stays. The request's body must be read."""
    working, leaving = asyncio.create_task(work), asyncio.create_task(_disconnected(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def whole(answers: Iterable[Answer], reply: Reply) -> Json:
    return reply.whole([await _answered(answer) for answer in answers])


async def _answered(answer: Answer) -> Answered:
    said: list[ParsedEvent] = []
    async for event in answer.events():
        match event:
            case TextDelta() | ToolCallDelta() | ToolCall():
                said.append(event)
            case Finished():
                return Answered(said, event)
            case _:
                pass
    raise AssertionError("The events ended without Finished")


async def server_sent_events(
    answers: Iterable[Answer], reply: Reply, fields: Fields
) -> AsyncIterator[bytes]:
    """The status line has gone, so what fails from here on is told as an event."""
    try:
        for data in reply.opening():
            yield data
        for number, answer in enumerate(answers):
            async for event in answer.events():
                for data in _told(reply, number, event):
                    yield data
        for data in reply.closing():
            yield data
    except Exception as error:
        log.warning("A stream ended early", exc_info=not isinstance(error, HearthError))
        for data in reply.failed(failure_of(error, fields)):
            yield data


def _told(reply: Reply, number: int, event: GenerationEvent | None) -> Iterable[bytes]:
    match event:
        case TextDelta() | ToolCallDelta() | ToolCall():
            return reply.said(number, event)
        case Finished():
            return reply.finished(number, event)
        case _:
            return reply.keepalive()


LINE_ENDS = {"\u2028": "\\u2028", "\u2029": "\\u2029", "\x85": "\\u0085"}
"""Some clients end a line at these, which JSON and SSE do not."""


def data_event(value: Json, name: str | None = None) -> bytes:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character, escaped in LINE_ENDS.items():
        text = text.replace(character, escaped)
    named = f"event: {name}\n" if name else ""
    return f"{named}data: {text}\n\n".encode()


DONE = b"data: [DONE]\n\n"

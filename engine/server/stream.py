"""From the engine's thread to a client: one answer's events on the event loop, and as SSE.

Everything here but `Answer.hear` runs on the server's event loop.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Coroutine, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from starlette.types import Receive

from engine.errors import EngineClosed, HearthError
from engine.server import convert
from engine.server.failures import failure_of
from engine.types import (
    ChatRequest,
    Failed,
    Finished,
    FinishReason,
    GenerationEvent,
    TextDelta,
)

if TYPE_CHECKING:
    from engine.thread import EngineThread

log = logging.getLogger(__name__)

KEEPALIVE = b": keepalive\n\n"
KEEPALIVE_SECONDS = 10.0
"""Sooner than the idle limits of common clients and proxies, 30 to 60 seconds."""

DONE = b"data: [DONE]\n\n"


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

    async def started(self) -> None:
        """Waits for its turn and for the prompt to be found good. Raises what is wrong with it."""
        _checked(await self._events.get())

    async def events(self) -> AsyncIterator[GenerationEvent | None]:
        """What follows Started, Finished last; None whenever there was nothing for a while.

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
    """All answers that clients wait for. `close` ends them, each with an error in words."""

    def __init__(self, engine: EngineThread) -> None:
        self._engine = engine
        self._running: set[Answer] = set()
        self._is_closed = False

    @contextmanager
    def ask(self, request: ChatRequest) -> Generator[Answer]:
        """The generation lives as long as this block. Raises NoModel, EngineBusy, EngineClosed."""
        if self._is_closed:
            raise EngineClosed
        answer = Answer()
        generation = self._engine.submit(request, answer.hear)
        self._running.add(answer)
        try:
            yield answer
        finally:
            self._running.discard(answer)
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


async def whole(answer: Answer, heading: convert.Heading) -> convert.Json:
    deltas: list[TextDelta] = []
    async for event in answer.events():
        match event:
            case TextDelta():
                deltas.append(event)
            case Finished():
                return convert.completion(heading, deltas, event)
            case _:
                pass
    raise AssertionError("The events ended without Finished")


async def server_sent_events(answer: Answer, heading: convert.Heading) -> AsyncIterator[bytes]:
    """The status line has gone, so what fails from here on is told as an event, without DONE."""
    try:
        yield _data(convert.opening_chunk(heading))
        async for event in answer.events():
            match event:
                case TextDelta():
                    yield _data(convert.delta_chunk(heading, event))
                case Finished():
                    for chunk in convert.closing_chunks(heading, event):
                        yield _data(chunk)
                case _:
                    yield KEEPALIVE
        yield DONE
    except Exception as error:
        log.warning("A stream ended early", exc_info=not isinstance(error, HearthError))
        yield _data(failure_of(error).body())


def _data(value: convert.Json) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"data: {text}\n\n".encode()

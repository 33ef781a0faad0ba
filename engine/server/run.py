"""The server's life: its socket, its thread, its end. The only code that knows uvicorn."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
import threading
from typing import TYPE_CHECKING, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from engine.errors import PortUnavailable
from engine.server import DEFAULT_PORT
from engine.server.access import LOOPBACK, Access
from engine.server.app import build_app
from engine.server.guard import Guard
from engine.server.page import OPEN
from engine.server.stream import Answers

if TYPE_CHECKING:
    from engine.thread import EngineThread

MAX_HEADER_BYTES = 16 * 2**10
MAX_CONNECTIONS = 128
"""With more of them requests are refused in words."""
MOST_CONNECTIONS = 256
"""More are not held open: each is one of the files that this process may have in all."""
HEADER_SECONDS = 10.0
SHUTDOWN_SECONDS = 2

# Elsewhere SO_REUSEADDR is about a port's afterlife; on Windows it would let others share it.
OWN_PORT = socket.SO_EXCLUSIVEADDRUSE if sys.platform == "win32" else socket.SO_REUSEADDR


class LocalServer:
    """Serves `engine` to whoever has access, from `start` to `close`.

    Port 0 takes any free port; `port` and `url` tell which, once started. One that was closed is
    not started again.
    """

    def __init__(
        self,
        engine: EngineThread,
        access: Access,
        port: int = DEFAULT_PORT,
    ) -> None:
        self._engine = engine
        self._access = access
        self._port = port
        self._answers = Answers(engine)
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def network_url(self) -> str:
        """Where other machines of the network ask; empty if they may not."""
        names = self._access.network_names
        return f"http://{names[0]}:{self._port}" if names else ""

    @property
    def asked(self) -> int:
        """How many requests for an answer there were."""
        return self._answers.asked

    def page_link(self) -> str:
        """Opens the web chat, once and soon. For a browser of whoever may use the key."""
        return f"{self.url}{OPEN}?code={self._access.sessions.new_code()}"

    def start(self) -> str:
        """Returns the base URL, which answers from now on. Raises PortUnavailable."""
        listener = _listen(self._access.address, self._port)
        self._port = listener.getsockname()[1]
        app = build_app(self._engine, self._answers, self._access, self._port)
        self._server = _Server(_config(app), self._answers)
        # Off the main thread, where uvicorn leaves the signal handlers alone.
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="http")
        self._thread.start()
        return self.url

    def close(self, timeout_seconds: float = 5.0) -> bool:
        """End running answers with an error in words, and the thread. True if it ended."""
        if self._server is None or self._thread is None:
            return True
        self._server.should_exit = True
        self._thread.join(timeout_seconds)
        return not self._thread.is_alive()


class _Protocol(H11Protocol):
    """Hangs up on who takes too long over the headers of a request, for whom uvicorn would wait for
    ever, and at once where too many are there already."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self.transport.abort()
        else:
            self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        request = cast("RequestResponseCycle | None", self.cycle)  # None before the first one
        if request is None or request.response_complete:
            self._wait()
        else:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, answers: Answers) -> None:
        super().__init__(config)
        self._answers = answers

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._answers.close()  # else uvicorn would wait until they are finished
        await super().shutdown(sockets)


def _listen(address: str, port: int) -> socket.socket:
    """Bound and listening at once: what connects before uvicorn is up waits, and is served."""
    # With the protocol left out, asyncio would not switch Nagle's algorithm off, and each small
    # chunk would wait up to 40 ms for the client's acknowledgement of the one before.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, OWN_PORT, 1)
        listener.bind((address, port))
        listener.listen()
    except OSError as error:
        listener.close()
        is_taken = error.errno == errno.EADDRINUSE
        reason = "another program uses it" if is_taken else error.strerror
        raise PortUnavailable(
            f"Port {port} cannot be opened: {reason}. Choose another port."
        ) from None
    return listener


def _config(app: Guard) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
    )

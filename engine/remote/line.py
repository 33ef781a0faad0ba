"""The connection to a server, which another thread can cut while an answer is waited for."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import httpx2
import truststore
from openai import APIError, OpenAI

from engine.cancellation import Cancellation

CONNECT_SECONDS, READ_SECONDS = 15.0, 600.0
"""A long prompt on a slow server is silent for minutes."""
CONNECTED = ("connection.connect_tcp.complete", "connection.start_tls.complete")
"""TLS takes the first socket over and leaves it empty, so the last one told is the one in use."""
BROKEN = (httpx2.HTTPError, httpx2.StreamError, OSError)
"""What a connection raises that breaks. Errors of TLS, which are OSErrors, come through as such."""
ERRORS = (APIError, *BROKEN)
"""What the client raises, and the connection while an answer is read."""


class Line:
    """One connection for each request: so the one in use is always the last that was made."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._is_cut = False

    def client(self, base_url: str, key: str | None) -> OpenAI:
        """With the certificates that this system trusts. Without a key it sends the word none."""
        timeout = httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        http = httpx2.Client(
            verify=truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            timeout=timeout,
            limits=httpx2.Limits(max_keepalive_connections=0),
            event_hooks={"request": [self._watch]},
        )
        return OpenAI(
            base_url=base_url,
            api_key=key or "none",
            max_retries=0,
            timeout=timeout,
            http_client=http,
        )

    @contextmanager
    def cut_by(self, cancellation: Cancellation) -> Generator[None]:
        """A read that waits ends at once, with an error; a connect after CONNECT_SECONDS."""
        self._socket, self._is_cut = None, False
        with cancellation.interrupting(self._cut):
            yield

    def _cut(self) -> None:
        self._is_cut = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _watch(self, request: httpx2.Request) -> None:
        request.extensions["trace"] = self._trace

    def _trace(self, event: str, told: Mapping[str, Any]) -> None:
        if event in CONNECTED:
            self._socket = told["return_value"].get_extra_info("socket")
            if self._is_cut:
                self._cut()

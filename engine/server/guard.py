"""Who may come in: Host, Origin, key and content type, on every route and before any work.

Hearth's own page has a session instead of the key. Pure ASGI, so that a client's leaving passes
through to the routes. Nothing here is logged.
"""

from __future__ import annotations

import hmac
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.server.failures import Failure
from engine.server.page import OPEN, cookie_name
from engine.server.sessions import Sessions

HOSTS = ("127.0.0.1", "localhost", "[::1]")


class Guard:
    """Lets a request through to `app`, or answers it itself. Each response gets a request id."""

    def __init__(self, app: ASGIApp, key: str, port: int, sessions: Sessions) -> None:
        if not key:
            raise ValueError("A server without a key would be open to every program.")
        self._app = app
        self._key = key.encode()
        self._sessions = sessions
        self._cookie = cookie_name(port)
        self._hosts = frozenset(f"{host}:{port}" for host in HOSTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope["method"], scope["path"], Headers(scope=scope))
        app = self._app if refusal is None else refusal.response()
        await app(scope, receive, _with_request_id(send))

    def _refusal(self, method: str, path: str, headers: Headers) -> Failure | None:
        # Compared whole: with a prefix, localhost.attacker.example would pass. A page on any
        # other name that resolves to this machine (DNS rebinding) sends that name here.
        if headers.get("host", "").lower() not in self._hosts:
            return Failure(421, f"This server answers only to {' and '.join(sorted(self._hosts))}.")
        has_session = self._has_session(headers)
        if "origin" in headers and not (has_session and _is_own(headers)):
            return Failure(403, "This server does not answer web pages.")
        if not (has_session or self._has_key(headers) or path == OPEN):
            challenge = {"www-authenticate": "Bearer"}
            message = "A valid API key is required."
            return Failure(401, message, code="invalid_api_key", headers=challenge)
        # A web page can send other types without asking first; JSON it cannot.
        if method == "POST" and not _is_json(headers):
            return Failure(415, "The content type must be application/json.")
        return None

    def _has_key(self, headers: Headers) -> bool:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        is_same = hmac.compare_digest(key.strip().encode("latin-1"), self._key)
        return scheme.lower() == "bearer" and is_same

    def _has_session(self, headers: Headers) -> bool:
        """Of the page of this server: what another page of this browser asks for says so."""
        cookies = cookie_parser(headers.get("cookie", ""))
        is_from_elsewhere = headers.get("sec-fetch-site", "none") not in ("same-origin", "none")
        return not is_from_elsewhere and self._sessions.is_open(cookies.get(self._cookie, ""))


def _is_own(headers: Headers) -> bool:
    return headers["origin"] == f"http://{headers['host']}"


def _is_json(headers: Headers) -> bool:
    media_type = headers.get("content-type", "").partition(";")[0]
    return media_type.strip().lower() == "application/json"


def _with_request_id(send: Send) -> Send:
    async def send_with_id(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["x-request-id"] = f"req_{uuid.uuid4().hex}"
        await send(message)

    return send_with_id

"""Who may come in: Host, Origin, key and content type, on every route and before any work.

Hearth's own page has a session instead of the key. Pure ASGI, so that a client's leaving passes
through to the routes. Nothing here is logged.
"""

from __future__ import annotations

import hmac
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.server.access import OWN_NAMES, Access, with_port
from engine.server.failures import Failure
from engine.server.page import OPEN, cookie_name

PREFLIGHT = {
    "access-control-allow-methods": "GET, POST, DELETE",
    "access-control-allow-private-network": "true",
    "access-control-max-age": "600",
}


KEY_HEADERS = ("x-api-key", "api-key")


class Guard:
    """Lets a request through to `app`, or answers it itself. Each response gets a request id."""

    def __init__(self, app: ASGIApp, access: Access, port: int) -> None:
        self._app = app
        self._needs_key = access.needs_key
        self._key = access.key.encode()
        self._sessions = access.sessions
        self._origins = access.origins
        self._cookie = cookie_name(port)
        self._hosts = access.hosts(port)
        self._own_hosts = with_port(OWN_NAMES, port)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        app = self._answer(scope["method"], scope["path"], headers) or self._app
        await app(scope, receive, _with_headers(send, self._own_headers(headers)))

    def _answer(self, method: str, path: str, headers: Headers) -> Response | None:
        """What needs no route."""
        is_preflight = method == "OPTIONS" and headers.get("origin") in self._origins
        if is_preflight and self._is_for_us(headers):
            wanted = headers.get("access-control-request-headers", "")
            return Response(
                status_code=204, headers=PREFLIGHT | {"access-control-allow-headers": wanted}
            )
        refusal = self._refusal(method, path, headers)
        return None if refusal is None else refusal.response()

    def _own_headers(self, headers: Headers) -> dict[str, str]:
        """Only a page that the user has let in may read the answers."""
        own = {"x-request-id": f"req_{uuid.uuid4().hex}"}
        origin = headers.get("origin", "")
        if origin in self._origins:
            own |= {
                "access-control-allow-origin": origin,
                "access-control-expose-headers": "x-request-id, retry-after",
                "vary": "origin",
            }
        return own

    def _is_for_us(self, headers: Headers) -> bool:
        """Compared whole: with a prefix, localhost.attacker.example would pass."""
        return headers.get("host", "").lower() in self._hosts

    def _refusal(self, method: str, path: str, headers: Headers) -> Failure | None:
        if not self._is_for_us(headers):
            return Failure(421, f"This server answers only to {' and '.join(sorted(self._hosts))}.")
        has_session = self._has_session(headers)
        is_let_in = has_session or not self._needs_key
        is_page = self._is_page(headers) and headers.get("origin") not in self._origins
        if is_page and not (_is_own(headers) and (has_session or self._is_open_page(headers))):
            return Failure(403, "This server does not answer web pages.")
        if not (is_let_in or self._has_key(headers) or path == OPEN):
            challenge = {"www-authenticate": "Bearer"}
            message = "A valid API key is required."
            return Failure(401, message, code="invalid_api_key", headers=challenge)
        # A web page can send other types without asking first; JSON it cannot.
        if method == "POST" and not _is_json(headers):
            return Failure(415, "The content type must be application/json.")
        return None

    def _is_page(self, headers: Headers) -> bool:
        """Whether a web page asks. What it only loads, such as an image, has no origin, and no key
        either: where none is needed, browsers say where it comes from."""
        is_from_elsewhere = headers.get("sec-fetch-site", "none") not in ("same-origin", "none")
        return "origin" in headers or (not self._needs_key and is_from_elsewhere)

    def _is_open_page(self, headers: Headers) -> bool:
        """Whether the page of this server needs no session. Further host names are looked up in the
        network, where anybody may answer for them with a page of their own."""
        return not self._needs_key and headers["host"].lower() in self._own_hosts

    def _has_key(self, headers: Headers) -> bool:
        """As OpenAI's clients send it, or Anthropic's, or Azure's."""
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        keys = [headers[name] for name in KEY_HEADERS if name in headers]
        if scheme.lower() == "bearer":
            keys.append(bearer)
        # All are compared, each in constant time: how long it takes tells nothing.
        return (
            sum(hmac.compare_digest(key.strip().encode("latin-1"), self._key) for key in keys) > 0
        )

    def _has_session(self, headers: Headers) -> bool:
        """Of the page of this server: what another page of this browser asks for says so."""
        cookies = cookie_parser(headers.get("cookie", ""))
        is_from_elsewhere = headers.get("sec-fetch-site", "none") not in ("same-origin", "none")
        return not is_from_elsewhere and self._sessions.is_open(cookies.get(self._cookie, ""))


def _is_own(headers: Headers) -> bool:
    return headers.get("origin") == f"http://{headers['host']}"


def _is_json(headers: Headers) -> bool:
    media_type = headers.get("content-type", "").partition(";")[0]
    return media_type.strip().lower() == "application/json"


def _with_headers(send: Send, headers: dict[str, str]) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return send_with_headers

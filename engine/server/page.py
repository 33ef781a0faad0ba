"""The web chat: its files, and the link that opens it."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from engine.server.sessions import SESSION_SECONDS, Sessions

OPEN = "/open"
INDEX = "index.html"
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
USED = "This link has been used, or is too old. Open the page from Hearth again."


def cookie_name(port: int) -> str:
    """Browsers keep one set of cookies for all ports of an address."""
    return f"hearth_{port}"


class Page:
    """Serves the files of `folder` and nothing else: no path of a request reaches the disk."""

    def __init__(self, folder: Path, sessions: Sessions, port: int) -> None:
        self._files = {file.name: file for file in folder.iterdir() if file.is_file()}
        self._sessions = sessions
        self._port = port

    def routes(self) -> list[Route]:
        return [
            Route("/", self.index, methods=["GET"]),
            Route(OPEN, self.open, methods=["GET"]),
            Route("/web/{name}", self.file, methods=["GET"]),
        ]

    async def index(self, _: Request) -> Response:
        return FileResponse(self._files[INDEX], headers=HEADERS)

    async def file(self, request: Request) -> Response:
        file = self._files.get(request.path_params["name"])
        if file is None:
            return PlainTextResponse("There is no such file.", 404, HEADERS)
        return FileResponse(file, headers=HEADERS)

    async def open(self, request: Request) -> Response:
        """The code becomes a session, and leaves the address."""
        token = self._sessions.redeem(request.query_params.get("code", ""))
        if token is None:
            return PlainTextResponse(USED, 403, HEADERS)
        response = RedirectResponse("/", 303, HEADERS)
        response.set_cookie(
            cookie_name(self._port),
            token,
            max_age=int(SESSION_SECONDS),
            httponly=True,
            samesite="strict",
        )
        return response

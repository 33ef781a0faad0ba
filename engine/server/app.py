"""The routes, and what each does from its request to its response."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.errors import HearthError
from engine.server import convert
from engine.server.access import Access
from engine.server.asking import Asked
from engine.server.chat.reply import ask_chat
from engine.server.completions.reply import ask_completion
from engine.server.failures import UnknownModel, failure_of
from engine.server.guard import Guard
from engine.server.openapi import document
from engine.server.page import Page
from engine.server.responses.reply import ResponsesApi
from engine.server.responses.routes import StoredResponses
from engine.server.responses.store import ResponseStore
from engine.server.stream import Answers, server_sent_events, while_connected, whole
from engine.server.wire import MAX_BODY_BYTES
from engine.types import Ready

if TYPE_CHECKING:
    from engine.thread import EngineThread

LONG_BODY_BYTES = 2**16
BODY_SECONDS = 30.0
"""A client on this machine sends the largest body in a moment."""

HANG_UP = {"connection": "close"}
"""Else the rest of the body would be read after all, and thrown away."""

STREAM_HEADERS = {"content-type": "text/event-stream", "cache-control": "no-cache"}


def build_app(engine: EngineThread, answers: Answers, access: Access, port: int) -> Guard:
    """The guard is outermost, so that it also sees what no route or handler does."""
    models, store = Models(engine), ResponseStore()
    stored = StoredResponses(store)
    routes = [
        Route("/healthz", models.health, methods=["GET"]),
        Route("/openapi.json", describe, methods=["GET"]),
        Route("/v1/models", models.all, methods=["GET"]),
        Route("/v1/models/{name:path}", models.one, methods=["GET"]),
        *(
            Route(path, Generations(engine, answers, ask), methods=["POST"])
            for path, ask in (
                ("/v1/chat/completions", ask_chat),
                ("/v1/responses", ResponsesApi(store).ask),
                ("/v1/completions", ask_completion),
            )
        ),
        Route("/v1/responses/{id}", stored.one, methods=["GET"]),
        Route("/v1/responses/{id}", stored.delete, methods=["DELETE"]),
        Route("/v1/responses/{id}", stored.unknown, methods=["POST"]),
        Route("/v1/responses/{id}/input_items", stored.input_items, methods=["GET"]),
    ]
    if access.page is not None:
        routes += Page(access.page, access.sessions, port).routes()
    errors = (HearthError, HTTPException, ClientDisconnect, Exception)
    app = Starlette(routes=routes, exception_handlers=dict.fromkeys(errors, _fail))
    app.router.redirect_slashes = False
    return Guard(forgiving_slashes(app), access, port)


def forgiving_slashes(app: ASGIApp) -> ASGIApp:
    """Ignore doubled and trailing slashes: people join addresses by hand."""

    async def with_plain_path(scope: Scope, receive: Receive, send: Send) -> None:
        plain = re.sub("/{2,}", "/", scope["path"]).rstrip("/") or "/"
        await app({**scope, "path": plain}, receive, send)

    return with_plain_path


class Models:
    """What there is to ask, and whether it answers."""

    def __init__(self, engine: EngineThread) -> None:
        self._engine = engine
        self._created = int(time.time())

    async def all(self, _: Request) -> Response:
        return JSONResponse(convert.model_list(self._engine.state, self._created))

    async def one(self, request: Request) -> Response:
        """Raises UnknownModel."""
        name, model_id = request.path_params["name"], convert.model_id(self._engine.state)
        if model_id is None or not convert.is_name_of(name, model_id):
            raise UnknownModel(name)
        return JSONResponse(convert.model_object(model_id, self._created))

    async def health(self, _: Request) -> Response:
        state = self._engine.state
        model_id, is_ready = convert.model_id(state), isinstance(state, Ready)
        status = "ok" if is_ready else "loading" if model_id else "no model"
        return JSONResponse({"status": status, "model": model_id}, 200 if is_ready else 503)


class Generations:
    """Before the engine has found the prompt good, errors still have their own status: unless that
    takes so long that a stream's client might give up."""

    def __init__(
        self, engine: EngineThread, answers: Answers, ask: Callable[[bytes], Asked]
    ) -> None:
        self._engine = engine
        self._answers = answers
        self._ask = ask

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = await self._asked(await _read_body(Request(scope, receive)))
        reply = asked.reply(_known_model(self._engine, asked.model))

        async def respond() -> None:
            await answers[0].started(asked.is_stream)
            if asked.is_stream:
                events = server_sent_events(answers, reply, asked.fields)
                await StreamingResponse(events, headers=STREAM_HEADERS).stream_response(send)
            else:
                await JSONResponse(await whole(answers, reply))(scope, receive, send)

        try:
            with self._answers.ask(asked.requests, _client(scope)) as answers:
                await while_connected(receive, respond())
        except HearthError as error:
            await failure_of(error, asked.fields).response()(scope, receive, send)

    async def _asked(self, body: bytes) -> Asked:
        """Parse a long body on another thread, beside which the server goes on answering."""
        is_long = len(body) > LONG_BODY_BYTES
        return await asyncio.to_thread(self._ask, body) if is_long else self._ask(body)


async def describe(request: Request) -> Response:
    return JSONResponse(document(str(request.base_url).rstrip("/")))


def _known_model(engine: EngineThread, name: str) -> str:
    """Raises UnknownModel. Where no model is known at all, the engine says so itself."""
    model_id = convert.model_id(engine.state) or name
    if not convert.is_name_of(name, model_id):
        raise UnknownModel(name)
    return model_id


def _client(scope: Scope) -> str:
    """Whoever calls itself the same shares a turn: all programs here have the same key."""
    return f"api {Headers(scope=scope).get('user-agent', '')}"


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.stream():
                body += piece
                if len(body) > MAX_BODY_BYTES:
                    reason = f"The request is larger than {MAX_BODY_BYTES:,} bytes."
                    raise HTTPException(413, reason, HANG_UP)
    except TimeoutError:
        raise HTTPException(408, "The request took too long to arrive.", HANG_UP) from None
    return bytes(body)


async def _fail(_: Request, error: Exception) -> Response:
    return failure_of(error).response()

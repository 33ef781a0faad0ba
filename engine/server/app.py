"""The routes, and what each does from its request to its response."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from engine.errors import HearthError
from engine.server import convert
from engine.server.failures import UnknownModel, failure_of
from engine.server.guard import Guard
from engine.server.stream import Answers, server_sent_events, while_connected, whole
from engine.server.wire import ChatCompletionRequest, parse_chat_completion
from engine.types import EngineState

if TYPE_CHECKING:
    from engine.thread import EngineThread

MAX_BODY_BYTES = 8 * 2**20
"""Some ten times the text that fills the largest context."""

STREAM_HEADERS = {"content-type": "text/event-stream", "cache-control": "no-cache"}


def build_app(engine: EngineThread, answers: Answers, key: str, port: int) -> Guard:
    """The guard is outermost, so that it also sees what no route or handler does."""
    routes = [
        Route("/v1/models", ModelList(engine), methods=["GET"]),
        Route("/v1/chat/completions", ChatCompletions(engine, answers), methods=["POST"]),
    ]
    errors = (HearthError, HTTPException, ClientDisconnect, Exception)
    app = Starlette(routes=routes, exception_handlers=dict.fromkeys(errors, _fail))
    return Guard(app, key, port)


class ModelList:
    def __init__(self, engine: EngineThread) -> None:
        self._engine = engine
        self._created = int(time.time())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        models = convert.model_list(self._engine.state, self._created)
        await JSONResponse(models)(scope, receive, send)


class ChatCompletions:
    """Before the engine has found the prompt good, errors still have their own status."""

    def __init__(self, engine: EngineThread, answers: Answers) -> None:
        self._engine = engine
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = parse_chat_completion(await _read_body(Request(scope, receive)))
        heading = _heading(body, self._engine.state)

        async def respond() -> None:
            await answer.started()
            if body.stream:
                events = server_sent_events(answer, heading)
                await StreamingResponse(events, headers=STREAM_HEADERS).stream_response(send)
            else:
                await JSONResponse(await whole(answer, heading))(scope, receive, send)

        with self._answers.ask(convert.chat_request(body)) as answer:
            await while_connected(receive, respond())


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise HTTPException(413, f"The request is larger than {MAX_BODY_BYTES:,} bytes.")
    return bytes(body)


def _heading(body: ChatCompletionRequest, state: EngineState) -> convert.Heading:
    """Raises UnknownModel. Where no model is known at all, the engine says so itself."""
    model_id = convert.model_id(state) or body.model
    if not convert.is_name_of(body.model, model_id):
        raise UnknownModel(body.model)
    options = body.stream_options
    return convert.Heading(
        id=f"chatcmpl-{uuid.uuid4().hex}",
        created=int(time.time()),
        model=model_id,
        has_usage=options is not None and options.include_usage is True,
    )


async def _fail(_: Request, error: Exception) -> Response:
    return failure_of(error).response()

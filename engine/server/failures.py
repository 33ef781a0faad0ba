"""What an exception looks like to a client: a status and OpenAI's error object.

The one table of both, for whole responses as for failures in mid-stream. It must let nothing of
the machine out: what has no line in the table becomes a 500 without its text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from engine.errors import BadRequest, ContextOverflow, EngineBusy, EngineClosed, NoModel

INVALID_REQUEST = "invalid_request_error"
RETRY_AFTER_SECONDS = 1

Fields = Mapping[str, str]
OWN_FIELDS: Fields = {}


class UnknownModel(BadRequest):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"The model '{name}' is not loaded here. GET /v1/models tells which one is.", "model"
        )


class NotKept(BadRequest):
    """Says that what a client refers to by an id is not kept here."""


def _no_headers() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Failure:
    status: int
    message: str
    type: str = INVALID_REQUEST
    param: str | None = None
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=_no_headers)

    def body(self) -> dict[str, Any]:
        fields = {name: getattr(self, name) for name in ("message", "type", "param", "code")}
        return {"error": fields}

    def response(self) -> JSONResponse:
        return JSONResponse(self.body(), self.status, self.headers)


def failure_of(error: Exception, fields: Fields = OWN_FIELDS) -> Failure:
    """`fields` are an API's own names of what the engine's errors are about."""
    match error:
        case UnknownModel():
            return Failure(404, str(error), param=error.field, code="model_not_found")
        case NotKept(field=name):
            return Failure(404, str(error), param=name)
        case BadRequest(field=name):
            return Failure(400, str(error), param=fields.get(name or "", name))
        case ContextOverflow():
            name = fields.get("messages", "messages")
            return Failure(400, str(error), param=name, code="context_length_exceeded")
        case EngineBusy():
            retry = {"retry-after": str(RETRY_AFTER_SECONDS)}
            return Failure(429, str(error), "rate_limit_error", None, "rate_limit_exceeded", retry)
        case NoModel():
            return Failure(503, str(error), "server_error", code="model_not_loaded")
        case EngineClosed():
            return Failure(503, str(error), "server_error", code="shutting_down")
        case HTTPException():
            return Failure(error.status_code, error.detail, headers=error.headers or {})
        case ClientDisconnect():  # nobody reads it, but no trace belongs in the log
            return Failure(400, "The client left before its request was complete.")
        case _:
            return Failure(500, "The answer failed. Hearth's log says why.", "server_error")

"""The document that describes this server to programs: OpenAPI 3.1, made from the shapes."""

from __future__ import annotations

from importlib.metadata import version

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from engine.server.chat.wire import ChatCompletionRequest
from engine.server.completions.wire import CompletionRequestBody
from engine.server.guard import KEY_HEADERS
from engine.server.responses.wire import ResponsesRequest
from engine.server.stream import Json

COMPONENTS = "#/components/schemas/"
POSTS = {
    "/v1/chat/completions": (ChatCompletionRequest, "Answer a conversation."),
    "/v1/responses": (ResponsesRequest, "Answer a conversation, as items."),
    "/v1/completions": (CompletionRequestBody, "Go on with a text."),
}
ERROR: Json = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
        }
    },
}


def document(base_url: str) -> Json:
    """All routes of the API; the page's own are not for programs."""
    shapes: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (shape, "validation") for shape, _ in POSTS.values()
    ]
    _, definitions = models_json_schema(shapes, ref_template=f"{COMPONENTS}{{model}}")
    return {
        "openapi": "3.1.0",
        "info": {"title": "Hearth", "version": version("hearth")},
        "servers": [{"url": base_url}],
        "security": [{"key": []}, *({name: []} for name in KEY_HEADERS)],
        "paths": {
            "/healthz": {"get": health()},
            "/v1/models": {"get": reading("The loaded model, if there is one.")},
            "/v1/models/{id}": {"get": reading("One model.", "id", 404)},
            **{path: {"post": asking(shape, does)} for path, (shape, does) in POSTS.items()},
            "/v1/responses/{id}": {
                "get": reading("A response that is kept.", "id", 404),
                "delete": reading("Forget a response.", "id", 404),
            },
            "/v1/responses/{id}/input_items": {
                "get": reading("What a response was asked with.", "id", 404)
            },
        },
        "components": {
            "schemas": {"Error": ERROR, **definitions.get("$defs", {})},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                **{name: {"type": "apiKey", "in": "header", "name": name} for name in KEY_HEADERS},
            },
        },
    }


def health() -> Json:
    """Its 503 is no error but an answer."""
    answers = responses(200)
    return {"summary": "Whether a model is loaded.", "responses": answers | {"503": answers["200"]}}


def reading(summary: str, parameter: str = "", missing: int | None = None) -> Json:
    told: Json = {"summary": summary, "responses": responses(*filter(None, (200, missing)))}
    if parameter:
        place = {"name": parameter, "in": "path", "required": True, "schema": {"type": "string"}}
        told["parameters"] = [place]
    return told


def asking(shape: type[BaseModel], summary: str) -> Json:
    content = {"application/json": {"schema": {"$ref": COMPONENTS + shape.__name__}}}
    answers = responses(200, 400, 404, 408, 413, 415, 429, 503)
    answers["200"]["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    body = {"required": True, "content": content}
    return {"summary": summary, "requestBody": body, "responses": answers}


def responses(*codes: int) -> Json:
    """Those that every route has, and these."""
    return {str(code): response(code) for code in sorted({*codes, 401, 403, 421})}


def response(code: int) -> Json:
    is_good = code == 200
    schema: Json = {"type": "object"} if is_good else {"$ref": COMPONENTS + "Error"}
    content = {"application/json": {"schema": schema}}
    return {"description": "As asked." if is_good else "Refused, in words.", "content": content}

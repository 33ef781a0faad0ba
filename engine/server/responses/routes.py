"""What clients come back to: GET and DELETE of /v1/responses."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from engine.errors import BadRequest
from engine.server.responses.store import ResponseStore, Stored
from engine.server.responses.wire import ItemsQuery
from engine.server.wire import parse_query


class StoredResponses:
    def __init__(self, store: ResponseStore) -> None:
        self._store = store

    async def one(self, request: Request) -> Response:
        if request.query_params.get("stream") == "true":
            raise BadRequest("What is kept is not streamed again: leave 'stream' out.", "stream")
        return JSONResponse(self._stored(request).response)

    async def input_items(self, request: Request) -> Response:
        """The latest first, a page at a time."""
        page = parse_query(ItemsQuery, request.query_params)
        items = [*self._stored(request).input_items]
        if page.order == "desc":
            items.reverse()
        ids = [item["id"] for item in items]
        start = ids.index(page.after) + 1 if page.after in ids else 0
        data = items[start : start + page.limit]
        return JSONResponse(
            {
                "object": "list",
                "data": data,
                "first_id": data[0]["id"] if data else None,
                "last_id": data[-1]["id"] if data else None,
                "has_more": start + len(data) < len(items),
            }
        )

    async def delete(self, request: Request) -> Response:
        response_id = self._stored(request).response["id"]
        self._store.delete(response_id)
        return JSONResponse({"id": response_id, "object": "response", "deleted": True})

    async def unknown(self, request: Request) -> Response:
        """Refuse OpenAI's other routes, such as input_tokens, as not found: Starlette would say
        that only the method is wrong, because the path fits that of a response."""
        raise HTTPException(404, f"There is no POST {request.url.path} here.")

    def _stored(self, request: Request) -> Stored:
        """Raises HTTPException."""
        response_id = request.path_params["id"]
        stored = self._store.get(response_id)
        if stored is None:
            raise HTTPException(404, f"There is no response '{response_id}' here, or no longer.")
        return stored

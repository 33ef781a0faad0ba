"""What clients come back to: GET and DELETE of /v1/responses."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from engine.server.responses.store import ResponseStore, Stored


class StoredResponses:
    def __init__(self, store: ResponseStore) -> None:
        self._store = store

    async def one(self, request: Request) -> Response:
        return JSONResponse(self._stored(request).response)

    async def input_items(self, request: Request) -> Response:
        items = [*self._stored(request).input_items]
        return JSONResponse(
            {
                "object": "list",
                "data": items,
                "first_id": items[0]["id"],
                "last_id": items[-1]["id"],
                "has_more": False,
            }
        )

    async def delete(self, request: Request) -> Response:
        response_id = self._stored(request).response["id"]
        self._store.delete(response_id)
        return JSONResponse({"id": response_id, "object": "response", "deleted": True})

    def _stored(self, request: Request) -> Stored:
        """Raises HTTPException."""
        response_id = request.path_params["id"]
        stored = self._store.get(response_id)
        if stored is None:
            raise HTTPException(404, f"There is no response '{response_id}' here, or no longer.")
        return stored

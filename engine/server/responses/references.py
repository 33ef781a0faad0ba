"""Items that a client sends by their ids instead of whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.errors import BadRequest
from engine.server.failures import NotKept
from engine.server.responses.store import ResponseStore
from engine.server.responses.wire import REFERENCE, Item

THOUGHT = "rs_"
"""The ids of reasoning items begin with this, here as at OpenAI."""


def resolved(items: Iterable[Item], store: ResponseStore) -> Iterator[Item]:
    """Each reference replaced by the item that is kept. Raises BadRequest, NotKept."""
    for number, item in enumerate(items):
        yield referred(item, f"input[{number}]", store) if item.kind == REFERENCE else item


def referred(reference: Item, path: str, store: ResponseStore) -> Item:
    """A thought that is not kept stays a reference, which means nothing: the model reads only the
    latest thoughts, and a conversation should not end for lack of one."""
    if not reference.id:
        raise BadRequest(f"'{path}.id' is missing.", f"{path}.id")
    kept = store.item(reference.id)
    if kept is not None:
        return Item.model_validate(kept)
    if reference.id.startswith(THOUGHT):
        return reference
    raise NotKept(
        f"Item with id '{reference.id}' not found: it is not kept here, or no longer. "
        "Send the item itself.",
        f"{path}.id",
    )

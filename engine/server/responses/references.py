"""Finds the items that a client sends by their ids instead of whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.errors import BadRequest
from engine.server.failures import NotKept
from engine.server.responses.store import ResponseStore
from engine.server.responses.wire import REFERENCE, Item
from engine.server.wire import MAX_BODY_BYTES

THOUGHT = "rs_"
"""Begins the ids of reasoning items, as at OpenAI."""


def resolved(items: Iterable[Item], store: ResponseStore) -> Iterator[Item]:
    """Replace each reference by the item that is kept. Raises BadRequest, NotKept.

    All of them together may be as large as a body: a short one could name a long item thousands of
    times.
    """
    size = 0
    for number, item in enumerate(items):
        if item.kind != REFERENCE:
            yield item
            continue
        whole = found(item, f"input[{number}]", store)
        size += len(whole.model_dump_json())
        if size > MAX_BODY_BYTES:
            reason = f"The items that 'input' refers to are larger than {MAX_BODY_BYTES:,} bytes."
            raise BadRequest(reason, "input")
        yield whole


def found(reference: Item, path: str, store: ResponseStore) -> Item:
    """Return the item. A reference to a thought that is not kept stays as it is and has no effect:
    the model reads only the latest thoughts, so a conversation can continue without one."""
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

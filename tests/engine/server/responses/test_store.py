from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import BadRequest
from engine.server.responses.references import resolved
from engine.server.responses.store import ResponseStore
from engine.server.responses.wire import REFERENCE, Item


def response(id: str, *items: str, text: str = "") -> dict[str, Any]:
    return {"id": id, "text": text, "output": [{"id": item, "of": id} for item in items]}


def test_the_store_drops_what_was_not_used_for_longest() -> None:
    store = ResponseStore(max_bytes=1000)
    for name in ("a", "b", "c"):
        store.put(response(name, text="x" * 400), [])
        store.get("a")
    assert store.get("a")
    assert store.get("b") is None
    assert store.get("c")
    assert store.delete("c")
    assert not store.delete("c")
    store.put(response("large", text="x" * 4000), [])
    assert store.get("large"), "the latest one is always there"


def test_items_are_found_by_their_ids_until_their_response_is_forgotten() -> None:
    """Covers C3 and F8."""
    store = ResponseStore()
    store.put(response("a", "msg_1"), [{"id": "in_1", "of": "a"}])
    assert store.item("msg_1") == {"id": "msg_1", "of": "a"}
    assert store.item("in_1") == {"id": "in_1", "of": "a"}
    assert store.item("msg_2") is None
    store.delete("a")
    assert store.item("msg_1") is None
    assert store.item("in_1") is None


def test_an_item_that_was_sent_again_is_that_of_the_latest_response() -> None:
    store = ResponseStore()
    for name in ("a", "b"):
        store.put(response(name, "msg_1"), [])
    assert store.item("msg_1") == {"id": "msg_1", "of": "b"}
    store.delete("b")
    assert store.item("msg_1") == {"id": "msg_1", "of": "a"}
    store.delete("a")
    assert store.item("msg_1") is None


def test_an_item_that_is_asked_for_is_used() -> None:
    store = ResponseStore(max_bytes=1000)
    for name in ("a", "b", "c"):
        store.put(response(name, f"msg_{name}", text="x" * 300), [])
        assert store.item("msg_a")
    assert store.get("b") is None
    assert store.item("msg_b") is None


def test_a_conversation_goes_on_and_counts() -> None:
    store = ResponseStore(max_bytes=1000)
    store.put(response("a", "msg_1"), [{"id": "in_1"}])
    first = store.get("a")
    assert first is not None
    store.put(response("b", "msg_2", text="x" * 900), [{"id": "in_2"}], first.conversation)
    second = store.get("b")
    assert second is not None
    assert [item["id"] for item in second.conversation] == ["in_1", "msg_1", "in_2", "msg_2"]
    assert store.item("msg_1") is None, "its own response had to go"


class Interrupted(dict[str, Any]):
    """Lets another thread look the same entry up whenever one was popped."""

    def __init__(self, store: ResponseStore) -> None:
        super().__init__()
        self._store = store
        self.found: list[object] = []
        self.threads: list[threading.Thread] = []

    def pop(self, key: str, default: Any = None) -> Any:
        entry = super().pop(key, default)
        if not self.threads:
            looks = threading.Thread(target=lambda: self.found.append(self._store.get(key)))
            self.threads.append(looks)
            looks.start()
            looks.join(0.1)  # it waits for the lock, until the entry is back
        return entry


@pytest.mark.parametrize("look", [lambda s: s.get("kept"), lambda s: s.item("msg_1")])
def test_another_thread_never_misses_a_response(look: Callable[[ResponseStore], object]) -> None:
    """Long bodies are read beside the event loop: a response was missing for a moment."""
    store = ResponseStore()
    inside: Any = store
    inside._stored = entries = Interrupted(store)
    store.put(response("kept", "msg_1"), [])
    assert look(store) is not None
    entries.threads[0].join()
    assert entries.found != [None]


def test_references_may_not_grow_beyond_a_body() -> None:
    """A body of 57 KB took 9.8 GB of memory: it named one long item 3,000 times."""
    store = ResponseStore()
    message = {"id": "msg_long", "type": "message", "role": "assistant", "content": "x" * 3_000_000}
    store.put({"id": "resp_1", "output": [message]}, [])
    references = [Item(type=REFERENCE, id="msg_long")] * 3_000
    assert len([*resolved(references[:2], store)]) == 2
    with pytest.raises(BadRequest, match=r"larger than 8,388,608 bytes"):
        list(resolved(references, store))

from __future__ import annotations

from typing import Any

from engine.server.responses.store import ResponseStore


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

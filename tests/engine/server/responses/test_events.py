from __future__ import annotations

from typing import Any

from engine.server.failures import Failure
from engine.server.responses.events import ResponseEvents
from engine.server.responses.store import ResponseStore
from engine.types import (
    Channel,
    Finished,
    FinishReason,
    ParsedEvent,
    TextDelta,
    ToolCall,
    ToolCallDelta,
    Usage,
)

BASE = {"id": "resp_1", "object": "response"}
USAGE = Usage(10, 4, 6, 0.1, 0.2, reasoning_tokens=2)
SAID: tuple[ParsedEvent, ...] = (
    TextDelta(Channel.ANALYSIS, "Hm"),
    TextDelta(Channel.COMMENTARY, "I look."),
    ToolCallDelta("c1", "find", '{"a"'),
    ToolCallDelta("c1", "find", ":1}"),
    ToolCall("c1", "find", '{"a":1}'),
    ToolCall("c2", "now", ""),
)


def told(*said: ParsedEvent, reason: FinishReason = FinishReason.STOP) -> list[dict[str, Any]]:
    events = ResponseEvents(BASE)
    heard = [*events.opening()]
    for event in said:
        heard += events.said(event)
    return [*heard, *events.finished(Finished(reason, USAGE))]


def test_events_are_numbered_and_items_begin_and_end_in_turn() -> None:
    events = told(*SAID)
    assert [event["sequence_number"] for event in events] == [*range(len(events))]
    marks = [
        (event["type"].rpartition(".")[2], event["output_index"], event["item"]["type"])
        for event in events
        if "output_item" in event["type"]
    ]
    kinds = ("reasoning", "message", "function_call", "function_call")
    assert marks == [(mark, n, kind) for n, kind in enumerate(kinds) for mark in ("added", "done")]


def test_the_whole_response_has_the_items_that_were_told_of() -> None:
    events = told(*SAID)
    response = events[-1]["response"]
    done = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    assert response["output"] == done
    thoughts, message, call, empty = done
    assert thoughts["content"] == [{"type": "reasoning_text", "text": "Hm"}]
    assert (message["phase"], message["content"][0]["text"]) == ("commentary", "I look.")
    assert (call["call_id"], call["arguments"]) == ("c1", '{"a":1}')
    assert (empty["name"], empty["arguments"]) == ("now", "")
    assert response["usage"]["output_tokens_details"] == {"reasoning_tokens": 2}
    assert response["status"] == "completed"


def test_an_item_keeps_its_id() -> None:
    for event in told(*SAID):
        if "item_id" in event:
            assert event["item_id"].startswith(("rs_", "msg_", "fc_"))
    ids = [event["item"]["id"] for event in told(*SAID) if "item" in event]
    assert ids[::2] == ids[1::2]


def test_an_answer_that_is_cut_is_incomplete_and_so_is_its_last_item() -> None:
    last = told(TextDelta(Channel.ANALYSIS, "Hm"), reason=FinishReason.LENGTH)[-1]
    assert last["type"] == "response.incomplete"
    assert last["response"]["incomplete_details"] == {"reason": "max_output_tokens"}
    assert last["response"]["output"][0]["status"] == "incomplete"


def test_a_failure_is_an_event_with_its_words() -> None:
    event = ResponseEvents(BASE).failed(Failure(500, "It failed.", "server_error"))
    assert event["type"] == "response.failed"
    assert event["response"]["error"] == {"code": "server_error", "message": "It failed."}


def test_the_store_drops_what_was_not_used_for_longest() -> None:
    store = ResponseStore(max_bytes=1000)
    for name in ("a", "b", "c"):
        store.put({"id": name, "text": "x" * 400}, [], ())
        store.get("a")
    assert store.get("a")
    assert store.get("b") is None
    assert store.get("c")
    assert store.delete("c")
    assert not store.delete("c")
    store.put({"id": "large", "text": "x" * 4000}, [], ())
    assert store.get("large"), "the latest one is always there"


def test_a_call_that_is_cut_is_incomplete() -> None:
    half = ToolCallDelta("c1", "find", '{"a"'), ToolCall("c1", "find", '{"a"')
    (item,) = told(*half, reason=FinishReason.LENGTH)[-1]["response"]["output"]
    assert (item["type"], item["status"]) == ("function_call", "incomplete")

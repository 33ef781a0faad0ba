from __future__ import annotations

from typing import Any

from engine.server.failures import Failure
from engine.server.responses.events import ResponseEvents
from engine.server.responses.tools import OwnName, ToolNames
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


def told(
    *said: ParsedEvent,
    reason: FinishReason = FinishReason.STOP,
    names: ToolNames | None = None,
    has_summary: bool = False,
) -> list[dict[str, Any]]:
    events = ResponseEvents(BASE, names, has_summary)
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


def test_a_call_that_is_cut_is_incomplete() -> None:
    half = ToolCallDelta("c1", "find", '{"a"'), ToolCall("c1", "find", '{"a"')
    (item,) = told(*half, reason=FinishReason.LENGTH)[-1]["response"]["output"]
    assert (item["type"], item["status"]) == ("function_call", "incomplete")


def test_a_call_of_a_tool_in_a_namespace_has_the_clients_names() -> None:
    """Covers C2: the names are in the item when it is added, when it is done, and at the end."""
    seen = "mcp__alpha__find"
    said = ToolCallDelta("c1", seen, "{}"), ToolCall("c1", seen, "{}"), ToolCall("c2", "find", "")
    names = ToolNames([OwnName("find", "mcp__alpha"), OwnName("find")])
    events = told(*said, names=names)
    calls = [event["item"] for event in events if "item" in event]
    calls += events[-1]["response"]["output"]
    own = [(call["call_id"], call["name"], call.get("namespace")) for call in calls]
    alpha, plain = ("c1", "find", "mcp__alpha"), ("c2", "find", None)
    assert own == [alpha, alpha, plain, plain, alpha, plain]
    assert [event["name"] for event in events if "arguments.done" in event["type"]] == ["find"] * 2


def test_a_summary_is_told_by_its_own_events_instead() -> None:
    """Covers C7: the item has both forms, the events only the summary, so no client shows both."""
    said = TextDelta(Channel.ANALYSIS, "H"), TextDelta(Channel.ANALYSIS, "m")
    events = told(*said, has_summary=True)
    kinds = [event["type"].removeprefix("response.") for event in events[3:-2]]
    assert kinds == [
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
    ]
    assert {event["summary_index"] for event in events[3:-2]} == {0}
    part = {"type": "summary_text", "text": "Hm"}
    assert events[-3]["part"] == part
    item = events[-2]["item"]
    assert item["summary"] == [part]
    assert item["content"] == [{"type": "reasoning_text", "text": "Hm"}]


def test_two_calls_whose_ends_come_last_are_two_items() -> None:
    """Covers a remote model, whose calls are complete only at the end of its answer."""
    pieces = ToolCallDelta("c1", "find", "{}"), ToolCallDelta("c2", "now", "{}")
    whole = ToolCall("c1", "find", "{}"), ToolCall("c2", "now", "{}")
    output = told(*pieces, *whole)[-1]["response"]["output"]
    assert [(item["call_id"], item["arguments"]) for item in output] == [("c1", "{}"), ("c2", "{}")]


def test_what_the_pieces_of_a_call_left_out_is_told_at_its_end() -> None:
    """Covers F12: a call without arguments gets an empty object at its end."""
    events = told(ToolCallDelta("c1", "now", ""), ToolCall("c1", "now", "{}"))
    assert [event["delta"] for event in events if "delta" in event] == ["{}"]
    assert events[-1]["response"]["output"][0]["arguments"] == "{}"


def test_waiting_is_an_event_with_the_next_number() -> None:
    """Covers C4."""
    events = ResponseEvents(BASE)
    numbers = [event["sequence_number"] for event in (*events.opening(), *events.keepalive())]
    assert numbers == [0, 1, 2]
    (waiting,) = events.keepalive()
    assert (waiting["type"], waiting["response"]["status"]) == (
        "response.in_progress",
        "in_progress",
    )

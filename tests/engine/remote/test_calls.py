"""Checks tool calls in the pieces that servers really send (F4, F6, F7)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai import OpenAI

from engine.errors import RemoteFailed
from engine.loading import Opener
from engine.models.download.connections import Connections
from engine.records import Records
from engine.remote.remote import new_remote
from engine.remote.stream import Reading
from engine.types import (
    FinishReason,
    GenerationEvent,
    ParsedEvent,
    TextDelta,
    ToolCall,
    ToolCallDelta,
)
from tests.clients.conftest import endpoint
from tests.engine.remote.scripted_server import (
    Client,
    ScriptedServer,
    called,
    calls_of,
    choice,
    finish_of,
    stream,
    text_of,
)

OSLO, ROME = '{"city":"Oslo"}', '{"city":"Rome"}'
STOP = choice({}, "stop")
BOTH = [("get_weather", OSLO), ("get_weather", ROME)]


def piece(
    arguments: object = None, name: object = None, id: object = None, **fields: object
) -> dict[str, object]:
    """Return one piece of a call. A field that is None is missing."""
    given = {"name": name, "arguments": arguments}
    function = {field: value for field, value in given.items() if value is not None}
    return {**({} if id is None else {"id": id}), **fields, "function": function}


def weather(arguments: object, id: object = None, **fields: object) -> dict[str, object]:
    return piece(arguments, "get_weather", id, **fields)


@pytest.mark.parametrize(
    "chunks",
    [
        (called(weather(OSLO, "a", index=0)), called(weather(ROME, "b", index=0))),
        (called(weather(OSLO, "a")), called(weather(ROME, "b"))),
        (called(weather(OSLO, "a"), weather(ROME, "b")),),
        (called(weather(OSLO, "a", index=0), weather(ROME, "b", index=0)),),
        (called(weather(OSLO, "a", index=None), weather(ROME, "b", index=None)),),
        (called(weather(OSLO, "a", index=0), weather(ROME, "b", index=1)),),
        (called(weather(OSLO, "same", index=0), weather(ROME, "same", index=1)),),
        (called(weather(OSLO)), called(weather(ROME))),
        (called(weather(OSLO), weather(ROME)),),
        (called(weather(OSLO, "", index=0)), called(weather(ROME, "", index=0))),
        (
            called(weather(OSLO, "a", index=0)),
            called(weather("", "b", index=0)),
            called(piece(ROME, index=1)),
        ),
        (
            called(weather(OSLO[:5], "a", index=0)),
            called(piece(OSLO[5:], index=0)),
            called(weather(ROME[:5], "b", index=0)),
            called(piece(ROME[5:], index=0)),
        ),
        (
            called(weather("", "a", index=0), weather("", "b", index=1)),
            called(piece(OSLO[:3], index=0), piece(ROME[:3], index=1)),
            called(piece(OSLO[3:], index=0), piece(ROME[3:], index=1)),
        ),
        (
            called(weather("", "a"), piece(OSLO[:3])),
            called(piece(OSLO[3:]), weather("", "b")),
            called(piece(ROME[:3]), piece(ROME[3:])),
        ),
        (
            called(weather(OSLO[:3], "a", index=0)),
            called(weather(ROME[:3], "b", index=0)),
            called(weather(OSLO[3:], "a", index=0)),
            called(weather(ROME[3:], "b", index=0)),
        ),
        (
            called(weather(OSLO, "a")),
            called(weather(ROME[:4], "b", index=1)),
            called(piece(ROME[4:], index=1)),
        ),
    ],
)
def test_two_calls_stay_two(client: Client, chunks: tuple[object, ...]) -> None:
    """Covers F6: one index for all calls, no index, no ids, the same id, interleaved pieces."""
    events = client.answer(*chunks, STOP)
    assert calls_of(events) == BOTH
    check_order(events)


@pytest.mark.parametrize(
    "chunks",
    [
        (called(weather(OSLO, "a", index=0)),),
        (called(weather({"city": "Oslo"}, "a", index=0)),),
        (called(weather(OSLO[:4], "a", index=0)), called(weather(OSLO[4:], index=0))),
        (called(weather(OSLO[:4], "a", index=0)), called(weather(OSLO[4:], "a", index=0))),
        (called(piece("", id="a", index=0)), called(weather(OSLO, index=0))),
        (called(piece(OSLO, id="a", index=0)), called(weather("", index=0))),
        (called(piece(id="a", index=0)), called(weather(OSLO, "", index=0))),
        (called({"index": 0, "id": "a", "function": None}), called(weather(OSLO, index=0))),
        (called(weather(None, "a", index=0)), called(piece(OSLO, index=0))),
        (called(weather(OSLO[:4], "a", index=0), piece(OSLO[4:], index=0)),),
        (called(weather(OSLO, "a", index=0)), called(weather("", "a", index=0))),
        (called(weather(OSLO, "a", index=0)), called(piece("", index=1))),
        (called(weather(OSLO[:4], "a")), called(piece(OSLO[4:], index=0))),
        (called(weather(OSLO[:4], "a", index=0)), called(piece(OSLO[4:]))),
        (
            called(weather("", "a", index=0)),
            called(piece(OSLO[:7], id="b", index=0)),
            called(piece(OSLO[7:], id="c", index=0)),
        ),
        (
            called(weather("", "a", index=0)),
            called(weather(OSLO[:7], "b", index=0)),
            called(weather(OSLO[7:], "c", index=0)),
        ),
        (called({"id": "a", "name": "get_weather", "arguments": OSLO}),),
        (choice({"tool_calls": weather(OSLO, "a")}),),
        (choice({"function_call": {"name": "get_weather", "arguments": OSLO}}),),
        (choice({"function_call": {"name": "get_weather"}, "tool_calls": [weather(OSLO, "a")]}),),
        (choice({"message": None}), {"choices": [{"message": {"tool_calls": [weather(OSLO)]}}]}),
    ],
)
def test_one_call_stays_one(client: Client, chunks: tuple[object, ...]) -> None:
    """Covers F4: arguments as an object, the name late or in every piece, null and no fields."""
    events = client.answer(*chunks, STOP)
    ((name, arguments),) = calls_of(events)
    assert (name, json.loads(arguments)) == ("get_weather", {"city": "Oslo"})
    check_order(events)


@pytest.mark.parametrize("reason", ["stop", "tool_calls", "function_call", "eos_token", None])
def test_an_answer_with_calls_ends_with_tool_calls(client: Client, reason: str | None) -> None:
    """Covers F7, and F5 where the reason is missing."""
    events = client.answer(called(weather(OSLO, "a", index=0), reason=reason))
    assert finish_of(events).reason is FinishReason.TOOL_CALLS


def test_calls_that_a_limit_cuts_off_are_no_whole_calls(client: Client) -> None:
    """Covers F7: a length stays a length."""
    events = client.answer(called(weather("", "a", index=0), reason="length"))
    assert finish_of(events).reason is FinishReason.LENGTH
    assert calls_of(events) == [("get_weather", "")]


@pytest.mark.parametrize("arguments", [None, "", {}, "{}", " "])
def test_a_call_without_arguments_has_an_empty_object(client: Client, arguments: object) -> None:
    """Covers F4: readers of arguments expect JSON, which an empty text is not."""
    events = client.answer(called(weather(arguments, "a", index=0)), STOP)
    assert [json.loads(text) for _, text in calls_of(events)] == [{}]
    check_order(events)


def test_a_call_without_a_name_is_one_sentence(client: Client) -> None:
    """Covers F4: Hearth passed it on as a call of a tool named ''."""
    with pytest.raises(RemoteFailed, match=r"a call of a tool has no name\. "):
        client.answer(called(piece(OSLO, id="a", index=0)), STOP)


def test_arguments_after_the_end_are_one_sentence(client: Client) -> None:
    first, second = weather(OSLO, "a", index=0), weather("", "b", index=1)
    with pytest.raises(RemoteFailed, match=r"the arguments of a call go on after their end\. "):
        client.answer(called(first, second), called(piece("x", index=0)), STOP)


def test_text_amid_a_call_does_not_split_it(client: Client) -> None:
    parts = called(weather(OSLO[:4], "a", index=0)), choice({"content": "\n"})
    events = client.answer(*parts, called(piece(OSLO[4:], index=0)), choice({"content": "."}), STOP)
    assert calls_of(events) == BOTH[:1]
    assert text_of(events) == "\n."
    check_order(events)


def test_arguments_come_as_they_are_written(client: Client) -> None:
    pieces = [called(weather("", "a", index=0)), *(called(piece(one, index=0)) for one in OSLO)]
    events = client.answer(*pieces, STOP)
    assert len([event for event in events if isinstance(event, ToolCallDelta)]) == len(OSLO) + 1


def test_agents_behind_hearth_see_each_call_once(server: ScriptedServer, tmp_path: Path) -> None:
    """Covers F6 and F7 through `hearth serve` and both of its APIs, streamed and not."""
    server.answer = stream(
        called(weather(OSLO, "a", index=0)), called(weather(ROME, "b", index=0)), STOP
    )
    remote = new_remote(tmp_path, "far", server.url, "m", 4096)
    remote.write()
    ledger = Connections(tmp_path / "ledger.jsonl")
    opener = Opener(lambda: ledger, {}.get, Records(tmp_path / "records"))
    with endpoint(remote, opener) as served, OpenAI(base_url=served.url, api_key=served.key) as api:
        for answer in (answer_of(api), streamed_answer_of(api)):
            assert answer == ("tool_calls", [("a", OSLO), ("b", ROME)])
        assert items_of(api) == [("a", OSLO), ("b", ROME)]


QUESTION: Any = {"model": "far", "messages": [{"role": "user", "content": "Hi"}]}


def answer_of(api: OpenAI) -> tuple[str, list[tuple[str, str]]]:
    (one,) = api.chat.completions.create(**QUESTION).choices
    calls: Any = one.message.tool_calls
    return one.finish_reason, [(call.id, call.function.arguments) for call in calls]


def streamed_answer_of(api: OpenAI) -> tuple[str, list[tuple[str, str]]]:
    with api.chat.completions.stream(**QUESTION) as chunks:
        (one,) = chunks.get_final_completion().choices
    calls: Any = one.message.tool_calls
    return one.finish_reason, [(call.id, call.function.arguments) for call in calls]


def items_of(api: OpenAI) -> list[tuple[str, str]]:
    events: Any = api.responses.create(model="far", input="Hi", stream=True)
    items = [event.item for event in events if event.type == "response.output_item.done"]
    return [(item.call_id, item.arguments) for item in items]


# Every way of marking the pieces


@dataclass(frozen=True)
class Style:
    """Describes how a server marks the pieces of its calls."""

    index: str
    id: str
    name: str
    is_interleaved: bool = False

    @property
    def is_clear(self) -> bool:
        """Whether the pieces can be distinguished at all."""
        has_own = self.index == "own"
        if self.is_interleaved and not (has_own or self.id == "every"):
            return False
        return has_own or self.id in ("first", "every") or self.name != "second"


STYLES = [
    style
    for index in ("own", "same", "none")
    for id in ("first", "every", "second", "none")
    for name in ("first", "every", "second")
    for is_interleaved in (False, True)
    if (style := Style(index, id, name, is_interleaved)).is_clear
]


def pieces_of(style: Style, number: int, call: ToolCall, cuts: Sequence[int]) -> list[Any]:
    """Return at least two pieces of a call. The first one begins the arguments."""
    ends = sorted({1, *(1 + cut % len(call.arguments) for cut in cuts), len(call.arguments)})
    texts = [call.arguments[a:b] for a, b in zip([0, *ends], ends, strict=False)]
    marked = {"first": (0,), "second": (1,), "every": range(len(texts)), "none": ()}
    indexes = {"own": {"index": number}, "same": {"index": 0}, "none": {}}
    return [
        piece(
            text,
            call.name if place in marked[style.name] else None,
            call.id if place in marked[style.id] else None,
            **indexes[style.index],
        )
        for place, text in enumerate(texts)
    ]


ARGUMENTS = st.dictionaries(st.sampled_from("ab"), st.sampled_from(["}", "{", 1, {"c": {}}]))
CALLS = st.lists(st.tuples(st.sampled_from("fg"), ARGUMENTS.map(json.dumps)), max_size=4)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(STYLES), CALLS, st.lists(st.integers(0, 99), max_size=4), st.integers(1, 5))
def test_calls_are_the_same_in_every_style(
    style: Style, called_with: list[tuple[str, str]], cuts: list[int], size: int
) -> None:
    """Covers F6 in every style whose pieces can be distinguished."""
    calls = [ToolCall(f"id{n}", name, text) for n, (name, text) in enumerate(called_with)]
    per_call = [pieces_of(style, n, call, cuts) for n, call in enumerate(calls)]
    rounds = [*zip_longest(*per_call)] if style.is_interleaved else per_call
    pieces = [one for part in rounds for one in part if one]
    chunks = [pieces[start : start + size] for start in range(0, len(pieces), size)]
    reading = Reading()
    events = [event for chunk in chunks for event in reading.read(called(*chunk))]
    events += reading.rest()
    assert calls_of(events) == called_with
    if style.id in ("first", "every"):
        assert [e.id for e in events if isinstance(e, ToolCall)] == [call.id for call in calls]
    check_order(events)


def check_order(events: Sequence[GenerationEvent | ParsedEvent]) -> None:
    """Check that the deltas of each call stand together, make up its arguments and precede it."""
    spoken = [e for e in events if isinstance(e, ToolCall | ToolCallDelta | TextDelta)]
    groups = [
        (id, [*group])
        for id, group in groupby(spoken, lambda e: None if isinstance(e, TextDelta) else e.id)
        if id is not None
    ]
    assert len({id for id, _ in groups}) == len(groups)
    for _, (*deltas, call) in groups:
        assert isinstance(call, ToolCall)
        assert all(isinstance(delta, ToolCallDelta) and delta.name for delta in deltas)
        texts = [delta.text for delta in deltas if isinstance(delta, ToolCallDelta)]
        assert "".join(texts) == call.arguments

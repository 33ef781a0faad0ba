"""A response from its body to its answer, and to what is kept of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from engine.errors import BadRequest
from engine.server.asking import Asked
from engine.server.failures import Failure
from engine.server.responses import convert
from engine.server.responses.events import ResponseEvents
from engine.server.responses.output import new_id
from engine.server.responses.references import resolved
from engine.server.responses.store import ResponseStore
from engine.server.responses.tools import ToolNames, offer_of
from engine.server.responses.wire import Item, Reasoning, ResponsesRequest, Tool
from engine.server.stream import Answered, Json, data_event
from engine.server.wire import Shape, parse
from engine.types import Finished, ParsedEvent

FIELDS = {"messages": "input", "response_format": "text.format"}


class ResponsesApi:
    """Asks for responses, on top of those that are kept."""

    def __init__(self, store: ResponseStore) -> None:
        self._store = store

    def ask(self, body: bytes) -> Asked:
        """Raises BadRequest, NotKept."""
        asked = parse(ResponsesRequest, body)
        earlier = self._earlier(asked.previous_response_id)
        items = [*resolved(asked.input, self._store)]
        offer = offer_of(asked.tools)
        request = convert.chat_request(
            asked, offer, items, [Item.model_validate(item) for item in earlier]
        )

        def reply(model: str) -> ResponseReply:
            events = events_of(asked, model, offer.names)
            input_items = convert.kept_items(items, events.response["id"])

            def keep(response: Json) -> None:
                if asked.store is not False:
                    self._store.put(response, input_items, earlier)

            return ResponseReply(events, keep)

        return Asked(asked.model, [request], reply, asked.stream is True, FIELDS)

    def _earlier(self, id: str | None) -> Sequence[Json]:
        if id is None:
            return ()
        stored = self._store.get(id)
        if stored is None:
            reason = f"There is no response '{id}' here, or no longer: send the whole conversation."
            raise BadRequest(reason, "previous_response_id")
        return stored.conversation


class ResponseReply:
    """Replies with one answer, and passes the response to `keep` once it is complete."""

    def __init__(self, events: ResponseEvents, keep: Callable[[Json], None]) -> None:
        self._events = events
        self._keep = keep

    def whole(self, answers: Sequence[Answered]) -> Json:
        (answer,) = answers
        for event in answer.said:
            for _ in self.said(0, event):
                pass
        for _ in self.finished(0, answer.finished):
            pass
        return self._events.response

    def opening(self) -> Iterator[bytes]:
        return map(named_event, self._events.opening())

    def keepalive(self) -> Iterator[bytes]:
        """Return an event, because some clients give up after some time without one and do not
        count comments. Not all of them know OpenAI's own `keepalive` event."""
        return map(named_event, self._events.keepalive())

    def said(self, number: int, event: ParsedEvent) -> Iterator[bytes]:
        return map(named_event, self._events.said(event))

    def finished(self, number: int, finished: Finished) -> Iterable[bytes]:
        events = [named_event(event) for event in self._events.finished(finished)]
        self._keep(self._events.response)
        return events

    def closing(self) -> Iterable[bytes]:
        return ()

    def failed(self, failure: Failure) -> Iterable[bytes]:
        return [named_event(self._events.failed(failure))]


def named_event(event: Json) -> bytes:
    return data_event(event, event["type"])


def events_of(asked: ResponsesRequest, model: str, names: ToolNames) -> ResponseEvents:
    has_summary = asked.reasoning is not None and asked.reasoning.wanted_summary is not None
    return ResponseEvents(base(asked, model), names, has_summary)


def base(asked: ResponsesRequest, model: str) -> Json:
    """The response as the request alone decides it."""
    choice, form = asked.tool_choice, asked.text.format if asked.text else None
    reasoning = asked.reasoning or Reasoning()
    return {
        "id": new_id("resp"),
        "object": "response",
        "created_at": int(time.time()),
        "model": model,
        "error": None,
        "incomplete_details": None,
        "instructions": asked.instructions,
        "max_output_tokens": asked.max_output_tokens,
        "metadata": asked.metadata or {},
        "parallel_tool_calls": asked.parallel_tool_calls is not False,
        "previous_response_id": asked.previous_response_id,
        "reasoning": {"effort": reasoning.effort, "summary": reasoning.wanted_summary},
        "store": asked.store is not False,
        "temperature": asked.temperature,
        "text": {"format": {"type": "text"} | (shown(form) if form else {})},
        "tool_choice": shown(choice) if isinstance(choice, Shape) else choice or "auto",
        "tools": [*shown_tools(asked.tools or ())],
        "top_p": asked.top_p,
        "truncation": "disabled",
        "usage": None,
    }


def shown_tools(tools: Iterable[Tool]) -> Iterator[Json]:
    """Yield the tools that the model can call, as the client groups them."""
    for tool in tools:
        if tool.function is not None:
            yield {"type": "function", **tool.function.model_dump()}
        elif tool.type == "namespace":
            inner = [*shown_tools(tool.tools or ())]
            about = {"name": tool.name or "", "description": tool.description or ""}
            yield {"type": "namespace", **about, "tools": inner}


def shown(shape: Shape) -> Json:
    """As the client sent it."""
    return shape.model_dump(by_alias=True, exclude_none=True)

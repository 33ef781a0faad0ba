"""A response from its body to its answer, and to what is kept of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence

from engine.errors import BadRequest
from engine.server.asking import Asked
from engine.server.failures import Failure
from engine.server.responses import convert
from engine.server.responses.events import ResponseEvents, new_id
from engine.server.responses.store import ResponseStore
from engine.server.responses.wire import LOGPROBS, ResponsesRequest
from engine.server.stream import Answered, Json, data_event
from engine.server.wire import Shape, parse
from engine.types import Finished, Message, ParsedEvent

FIELDS = {"messages": "input", "response_format": "text.format"}


class ResponsesApi:
    """Asks for responses, on top of those that are kept."""

    def __init__(self, store: ResponseStore) -> None:
        self._store = store

    def ask(self, body: bytes) -> Asked:
        """Raises BadRequest."""
        asked = parse(ResponsesRequest, body)
        earlier = self._earlier(asked.previous_response_id)
        request = convert.chat_request(asked, earlier)
        conversation = convert.conversation(asked, earlier)

        def reply(model: str) -> ResponseReply:
            return ResponseReply(asked, model, conversation, self._store)

        return Asked(asked.model, [request], reply, asked.stream is True, FIELDS)

    def _earlier(self, id: str | None) -> Sequence[Message]:
        if id is None:
            return ()
        stored = self._store.get(id)
        if stored is None:
            reason = f"There is no response '{id}' here, or no longer: send the whole conversation."
            raise BadRequest(reason, "previous_response_id")
        return stored.conversation


class ResponseReply:
    """A Reply of one answer."""

    def __init__(
        self,
        asked: ResponsesRequest,
        model: str,
        conversation: tuple[Message, ...],
        store: ResponseStore,
    ) -> None:
        self._asked = asked
        self._conversation = conversation
        self._store = store
        has_logprobs = LOGPROBS in (asked.include or ())
        self._events = ResponseEvents(base(asked, model), has_logprobs)
        self._said: list[ParsedEvent] = []

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

    def said(self, number: int, event: ParsedEvent) -> Iterator[bytes]:
        self._said.append(event)
        return map(named_event, self._events.said(event))

    def finished(self, number: int, finished: Finished) -> Iterator[bytes]:
        told = [named_event(event) for event in self._events.finished(finished)]
        if self._asked.store is not False:
            response = self._events.response
            items = convert.input_items(self._asked, response["id"])
            answer = convert.answer_messages(self._said)
            self._store.put(response, items, (*self._conversation, *answer))
        return iter(told)

    def closing(self) -> Iterable[bytes]:
        return ()

    def failed(self, failure: Failure) -> Iterable[bytes]:
        return [named_event(self._events.failed(failure))]


def named_event(event: Json) -> bytes:
    return data_event(event, event["type"])


def base(asked: ResponsesRequest, model: str) -> Json:
    """The response as the request alone decides it."""
    choice, form = asked.tool_choice, asked.text.format if asked.text else None
    functions = [tool.function for tool in asked.tools or () if tool.function is not None]
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
        "reasoning": {"effort": asked.reasoning and asked.reasoning.effort, "summary": None},
        "store": asked.store is not False,
        "temperature": asked.temperature,
        "text": {"format": shown(form) if form else {"type": "text"}},
        "tool_choice": shown(choice) if isinstance(choice, Shape) else choice or "auto",
        "tools": [{"type": "function", **tool.model_dump()} for tool in functions],
        "top_p": asked.top_p,
        "truncation": "disabled",
        "usage": None,
    }


def shown(shape: Shape) -> Json:
    """As the client sent it."""
    return shape.model_dump(by_alias=True, exclude_none=True)

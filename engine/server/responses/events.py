"""An answer as the items and the events of the Responses API.

Clients check the order: an item is added before anything is said of it, has one id for ever, and
is done before the next one begins (openai-python, lib/streaming/responses). Source of the shapes:
OpenAI's API reference, the response object and its streaming events.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from engine.server.failures import Failure
from engine.server.responses.output import Answer, Call, Thoughts
from engine.server.responses.tools import ToolNames
from engine.server.stream import Json
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


class ResponseEvents:
    """Turns one answer into events. `base` is the response without what only the answer decides.

    `names` has the tools that can be called. With `has_summary` the thoughts are sent as a summary.
    """

    def __init__(
        self, base: Json, names: ToolNames | None = None, has_summary: bool = False
    ) -> None:
        self._base = base
        self._names = names or ToolNames()
        self._has_summary = has_summary
        self._called: set[str] = set()
        self._numbers = count()
        self._done: list[Json] = []
        self._open: Answer | Thoughts | Call | None = None
        self.response: Json = self._response("in_progress")

    def opening(self) -> Iterator[Json]:
        for kind in ("response.created", "response.in_progress"):
            yield self._event(kind, response=self.response)

    def keepalive(self) -> Iterator[Json]:
        """Repeat the second event of the opening, which is still true."""
        yield self._event("response.in_progress", response=self.response)

    def said(self, event: ParsedEvent) -> Iterator[Json]:
        match event:
            case TextDelta(channel):
                item = self._open
                if isinstance(item, Call) or item is None or item.channel is not channel:
                    item = self._text(channel)
                    yield from self._begin(item)
                yield self._about_item(*item.add(event))
            case ToolCallDelta(id, name, text):
                yield from self._call(id, name, text)
            case ToolCall(id, name, arguments):
                yield from self._call(id, name, self._rest(id, arguments))

    def finished(self, finished: Finished) -> Iterator[Json]:
        is_cut = finished.reason is FinishReason.LENGTH
        status = "incomplete" if is_cut else "completed"
        yield from self._end(status)
        self.response = self._response(status) | {
            "incomplete_details": {"reason": "max_output_tokens"} if is_cut else None,
            "usage": usage(finished.usage),
        }
        yield self._event(f"response.{status}", response=self.response)

    def failed(self, failure: Failure) -> Json:
        error = {"code": failure.code or failure.type, "message": failure.message}
        self.response = self._response("failed") | {"error": error}
        return self._event("response.failed", response=self.response)

    def _text(self, channel: Channel) -> Answer | Thoughts:
        if channel is Channel.ANALYSIS:
            return Thoughts(self._has_summary)
        return Answer(channel)

    def _begin(self, item: Answer | Thoughts | Call) -> Iterator[Json]:
        yield from self._end("completed")
        self._open = item
        yield self._event(
            "response.output_item.added", output_index=len(self._done), item=item.begun()
        )
        for kind, fields in item.opening():
            yield self._about_item(kind, fields)

    def _end(self, status: str) -> Iterator[Json]:
        item = self._open
        if item is None:
            return
        for kind, fields in item.closing():
            yield self._about_item(kind, fields)
        whole = item.whole(status)
        yield self._event("response.output_item.done", output_index=len(self._done), item=whole)
        self._done.append(whole)
        self._open = None

    def _call(self, id: str, name: str, text: str) -> Iterator[Json]:
        """Yield the next piece, which may be empty. A call that is done is not begun again."""
        if id not in self._called:
            self._called.add(id)
            yield from self._begin(Call(id, self._names.own(name)))
        call = self._open_call(id)
        if call and text:
            yield self._about_item(*call.add(text))

    def _rest(self, id: str, arguments: str) -> str:
        """Return what is not sent yet of a whole call's arguments."""
        call = self._open_call(id)
        sent = call.arguments if call else ""
        return arguments[len(sent) :] if arguments.startswith(sent) else ""

    def _open_call(self, id: str) -> Call | None:
        item = self._open
        return item if isinstance(item, Call) and item.call_id == id else None

    def _about_item(self, kind: str, fields: Json) -> Json:
        assert self._open is not None
        about = {"item_id": self._open.id, "output_index": len(self._done)}
        return self._event(kind, **about, **fields)

    def _event(self, kind: str, **fields: object) -> Json:
        return {"type": kind, "sequence_number": next(self._numbers), **fields}

    def _response(self, status: str) -> Json:
        return self._base | {"status": status, "output": [*self._done]}


def usage(usage: Usage | None) -> Json | None:
    if usage is None:
        return None
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.context_tokens,
    }

"""An answer as the items and the events of the Responses API.

Clients check the order: an item is added before anything is said of it, has one id for ever, and
is done before the next one begins (openai-python, lib/streaming/responses). Source of the shapes:
OpenAI's API reference, the response object and its streaming events.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from itertools import count

from engine.server import convert
from engine.server.failures import Failure
from engine.server.stream import Json
from engine.types import (
    Channel,
    Finished,
    FinishReason,
    ParsedEvent,
    TextDelta,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
    Usage,
)

PHASES = {Channel.COMMENTARY: "commentary", Channel.FINAL: "final_answer"}


def new_id(prefix: str) -> str:
    return f"{prefix}_{uuid.uuid4().hex}"


class ResponseEvents:
    """Tells one answer. `base` is the response without what only its answer decides."""

    def __init__(self, base: Json, has_logprobs: bool = False) -> None:
        self._base = base
        self._has_logprobs = has_logprobs
        self._numbers = count()
        self._done: list[Json] = []
        self._open: _Text | _Call | None = None
        self.response: Json = self._response("in_progress")

    def opening(self) -> Iterator[Json]:
        for kind in ("response.created", "response.in_progress"):
            yield self._event(kind, response=self.response)

    def said(self, event: ParsedEvent) -> Iterator[Json]:
        match event:
            case TextDelta(channel, text, logprobs):
                if not (isinstance(self._open, _Text) and self._open.channel is channel):
                    yield from self._begin(_Text(channel, self._has_logprobs))
                assert isinstance(self._open, _Text)
                yield self._about_item(*self._open.add(text, logprobs))
            case ToolCallDelta(id, name, text):
                yield from self._call(id, name)
                if text:
                    yield self._piece(text)
            case ToolCall(id, name, arguments):
                if not self._is_of_call(id):
                    yield from self._call(id, name)
                    yield self._piece(arguments)

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

    def _begin(self, item: _Text | _Call) -> Iterator[Json]:
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

    def _call(self, id: str, name: str) -> Iterator[Json]:
        if not self._is_of_call(id):
            yield from self._begin(_Call(id, name))

    def _is_of_call(self, id: str) -> bool:
        return isinstance(self._open, _Call) and self._open.call_id == id

    def _piece(self, text: str) -> Json:
        assert isinstance(self._open, _Call)
        return self._about_item(*self._open.add(text))

    def _about_item(self, kind: str, fields: Json) -> Json:
        assert self._open is not None
        about = {"item_id": self._open.id, "output_index": len(self._done)}
        return self._event(kind, **about, **fields)

    def _event(self, kind: str, **fields: object) -> Json:
        return {"type": kind, "sequence_number": next(self._numbers), **fields}

    def _response(self, status: str) -> Json:
        return self._base | {"status": status, "output": [*self._done]}


class _Text:
    """A message, or thoughts, of one part each."""

    def __init__(self, channel: Channel, has_logprobs: bool) -> None:
        self.channel = channel
        self._is_reasoning = channel is Channel.ANALYSIS
        self._has_logprobs = has_logprobs and not self._is_reasoning
        self.id = new_id("rs" if self._is_reasoning else "msg")
        self._kind = "reasoning_text" if self._is_reasoning else "output_text"
        self._text = ""
        self._logprobs: list[Json] = []

    def begun(self) -> Json:
        return self._item([], "in_progress")

    def opening(self) -> Iterator[tuple[str, Json]]:
        yield "response.content_part.added", {"content_index": 0, "part": self._part()}

    def add(self, text: str, logprobs: Sequence[TokenLogprob]) -> tuple[str, Json]:
        told = convert.token_logprobs([TextDelta(self.channel, text, tuple(logprobs))])
        self._text += text
        self._logprobs += told
        fields: Json = {"content_index": 0, "delta": text}
        return f"response.{self._kind}.delta", self._with_logprobs(fields, told)

    def closing(self) -> Iterator[tuple[str, Json]]:
        done: Json = {"content_index": 0, "text": self._text}
        yield f"response.{self._kind}.done", self._with_logprobs(done, self._logprobs)
        yield "response.content_part.done", {"content_index": 0, "part": self._part()}

    def whole(self, status: str) -> Json:
        return self._item([self._part()], status)

    def _with_logprobs(self, fields: Json, logprobs: list[Json]) -> Json:
        return fields if self._is_reasoning else fields | {"logprobs": logprobs}

    def _part(self) -> Json:
        part: Json = {"type": self._kind, "text": self._text}
        return (
            part if self._is_reasoning else part | {"annotations": [], "logprobs": self._logprobs}
        )

    def _item(self, content: list[Json], status: str) -> Json:
        if self._is_reasoning:
            return {
                "id": self.id,
                "type": "reasoning",
                "summary": [],
                "content": content,
                "encrypted_content": None,
                "status": status,
            }
        return {
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "phase": PHASES[self.channel],
            "content": content,
            "status": status,
        }


class _Call:
    def __init__(self, call_id: str, name: str) -> None:
        self.id = new_id("fc")
        self.call_id = call_id
        self._name = name
        self._arguments = ""

    def begun(self) -> Json:
        return self.whole("in_progress")

    def opening(self) -> Iterator[tuple[str, Json]]:
        return iter(())

    def add(self, text: str) -> tuple[str, Json]:
        self._arguments += text
        return "response.function_call_arguments.delta", {"delta": text}

    def closing(self) -> Iterator[tuple[str, Json]]:
        done = {"name": self._name, "arguments": self._arguments}
        yield "response.function_call_arguments.done", done

    def whole(self, status: str) -> Json:
        return {
            "id": self.id,
            "type": "function_call",
            "call_id": self.call_id,
            "name": self._name,
            "arguments": self._arguments,
            "status": status,
        }


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

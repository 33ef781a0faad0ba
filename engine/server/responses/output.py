"""Builds the items of an answer, and the events of each, while the model writes them.

Source of the shapes: OpenAI's API reference, the response object and its streaming events.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from engine.server import convert
from engine.server.responses.tools import OwnName
from engine.server.stream import Json
from engine.types import Channel, TextDelta

PHASES = {Channel.COMMENTARY: "commentary", Channel.FINAL: "final_answer"}

ItemEvent = tuple[str, Json]
"""The type and the fields of an event, without those that all events of an item have."""


def new_id(prefix: str) -> str:
    return f"{prefix}_{uuid.uuid4().hex}"


@dataclass(frozen=True, slots=True)
class PartEvents:
    """Names the events of a part: those of the part itself, those of its text, and its index."""

    part: str
    text: str
    index: str

    def added(self, part: Json) -> ItemEvent:
        return f"response.{self.part}.added", {self.index: 0, "part": part}

    def delta(self, text: str) -> ItemEvent:
        return f"response.{self.text}.delta", {self.index: 0, "delta": text}

    def text_done(self, text: str) -> ItemEvent:
        return f"response.{self.text}.done", {self.index: 0, "text": text}

    def done(self, part: Json) -> ItemEvent:
        return f"response.{self.part}.done", {self.index: 0, "part": part}


OUTPUT = PartEvents("content_part", "output_text", "content_index")
REASONING = PartEvents("content_part", "reasoning_text", "content_index")
SUMMARY = PartEvents("reasoning_summary_part", "reasoning_summary_text", "summary_index")


class Answer:
    """Builds a message of one part."""

    def __init__(self, channel: Channel) -> None:
        self.id = new_id("msg")
        self.channel = channel
        self._text = ""
        self._logprobs: list[Json] = []

    def begun(self) -> Json:
        return self._item([], "in_progress")

    def opening(self) -> Iterator[ItemEvent]:
        yield OUTPUT.added(self._part())

    def add(self, delta: TextDelta) -> ItemEvent:
        logprobs = convert.token_logprobs([delta])
        self._text += delta.text
        self._logprobs += logprobs
        return with_logprobs(OUTPUT.delta(delta.text), logprobs)

    def closing(self) -> Iterator[ItemEvent]:
        yield with_logprobs(OUTPUT.text_done(self._text), self._logprobs)
        yield OUTPUT.done(self._part())

    def whole(self, status: str) -> Json:
        return self._item([self._part()], status)

    def _part(self) -> Json:
        part: Json = {"type": "output_text", "text": self._text}
        return part | {"annotations": [], "logprobs": [*self._logprobs]}

    def _item(self, content: list[Json], status: str) -> Json:
        return {
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "phase": PHASES[self.channel],
            "content": content,
            "status": status,
        }


class Thoughts:
    """Builds a reasoning item of one part.

    With a summary, which has the thoughts themselves, the events contain only the summary: a client
    that shows both would show the thoughts twice. The item contains both.
    """

    channel = Channel.ANALYSIS

    def __init__(self, has_summary: bool) -> None:
        self.id = new_id("rs")
        self._has_summary = has_summary
        self._events = SUMMARY if has_summary else REASONING
        self._text = ""

    def begun(self) -> Json:
        return self._item([], [], "in_progress")

    def opening(self) -> Iterator[ItemEvent]:
        yield self._events.added(self._part())

    def add(self, delta: TextDelta) -> ItemEvent:
        self._text += delta.text
        return self._events.delta(delta.text)

    def closing(self) -> Iterator[ItemEvent]:
        yield self._events.text_done(self._text)
        yield self._events.done(self._part())

    def whole(self, status: str) -> Json:
        summary = [self._summary()] if self._has_summary else []
        return self._item(summary, [self._content()], status)

    def _part(self) -> Json:
        return self._summary() if self._has_summary else self._content()

    def _summary(self) -> Json:
        return {"type": "summary_text", "text": self._text}

    def _content(self) -> Json:
        return {"type": "reasoning_text", "text": self._text}

    def _item(self, summary: list[Json], content: list[Json], status: str) -> Json:
        return {
            "id": self.id,
            "type": "reasoning",
            "summary": summary,
            "content": content,
            "encrypted_content": None,
            "status": status,
        }


class Call:
    """Builds the call of a tool under the client's own name."""

    def __init__(self, call_id: str, tool: OwnName) -> None:
        self.id = new_id("fc")
        self.call_id = call_id
        self.arguments = ""
        self._tool = tool

    def begun(self) -> Json:
        return self.whole("in_progress")

    def opening(self) -> Iterator[ItemEvent]:
        return iter(())

    def add(self, text: str) -> ItemEvent:
        self.arguments += text
        return "response.function_call_arguments.delta", {"delta": text}

    def closing(self) -> Iterator[ItemEvent]:
        done = {"name": self._tool.name, "arguments": self.arguments}
        yield "response.function_call_arguments.done", done

    def whole(self, status: str) -> Json:
        namespace = self._tool.namespace
        return {
            "id": self.id,
            "type": "function_call",
            "call_id": self.call_id,
            "name": self._tool.name,
            **({} if namespace is None else {"namespace": namespace}),
            "arguments": self.arguments,
            "status": status,
        }


def with_logprobs(event: ItemEvent, logprobs: list[Json]) -> ItemEvent:
    kind, fields = event
    return kind, fields | {"logprobs": [*logprobs]}

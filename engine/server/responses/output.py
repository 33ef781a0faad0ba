"""The items of an answer while they are written: how each begins, goes on, ends, and looks whole.

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

Told = tuple[str, Json]
"""An event's type and its fields, but for those that all events of an item have."""


def new_id(prefix: str) -> str:
    return f"{prefix}_{uuid.uuid4().hex}"


@dataclass(frozen=True, slots=True)
class PartEvents:
    """What the events of a part are called: those of the part, those of its text, its number."""

    part: str
    text: str
    index: str

    def added(self, part: Json) -> Told:
        return f"response.{self.part}.added", {self.index: 0, "part": part}

    def delta(self, text: str) -> Told:
        return f"response.{self.text}.delta", {self.index: 0, "delta": text}

    def text_done(self, text: str) -> Told:
        return f"response.{self.text}.done", {self.index: 0, "text": text}

    def done(self, part: Json) -> Told:
        return f"response.{self.part}.done", {self.index: 0, "part": part}


OUTPUT = PartEvents("content_part", "output_text", "content_index")
REASONING = PartEvents("content_part", "reasoning_text", "content_index")
SUMMARY = PartEvents("reasoning_summary_part", "reasoning_summary_text", "summary_index")


class Answer:
    """A message of one part."""

    def __init__(self, channel: Channel) -> None:
        self.id = new_id("msg")
        self.channel = channel
        self._text = ""
        self._logprobs: list[Json] = []

    def begun(self) -> Json:
        return self._item([], "in_progress")

    def opening(self) -> Iterator[Told]:
        yield OUTPUT.added(self._part())

    def add(self, delta: TextDelta) -> Told:
        logprobs = convert.token_logprobs([delta])
        self._text += delta.text
        self._logprobs += logprobs
        return with_logprobs(OUTPUT.delta(delta.text), logprobs)

    def closing(self) -> Iterator[Told]:
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
    """Thoughts of one part. With a summary, which is the thoughts themselves, they are told as
    such only: a client that shows both would show them twice."""

    channel = Channel.ANALYSIS

    def __init__(self, has_summary: bool) -> None:
        self.id = new_id("rs")
        self._has_summary = has_summary
        self._told = SUMMARY if has_summary else REASONING
        self._text = ""

    def begun(self) -> Json:
        return self._item([], [], "in_progress")

    def opening(self) -> Iterator[Told]:
        yield self._told.added(self._part())

    def add(self, delta: TextDelta) -> Told:
        self._text += delta.text
        return self._told.delta(delta.text)

    def closing(self) -> Iterator[Told]:
        yield self._told.text_done(self._text)
        yield self._told.done(self._part())

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
    """A call of a tool, which the client knows by its own name."""

    def __init__(self, call_id: str, tool: OwnName) -> None:
        self.id = new_id("fc")
        self.call_id = call_id
        self.arguments = ""
        self._tool = tool

    def begun(self) -> Json:
        return self.whole("in_progress")

    def opening(self) -> Iterator[Told]:
        return iter(())

    def add(self, text: str) -> Told:
        self.arguments += text
        return "response.function_call_arguments.delta", {"delta": text}

    def closing(self) -> Iterator[Told]:
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


def with_logprobs(told: Told, logprobs: list[Json]) -> Told:
    kind, fields = told
    return kind, fields | {"logprobs": [*logprobs]}

"""A chat completion from its body to its answer."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator, Sequence

from engine.server.asking import Asked
from engine.server.chat import convert
from engine.server.chat.convert import ChoiceChunks, Heading
from engine.server.chat.wire import ChatCompletionRequest
from engine.server.failures import Failure
from engine.server.stream import DONE, Answered, Json, data_event
from engine.server.wire import parse
from engine.types import Finished, ParsedEvent, Usage


def ask_chat(body: bytes) -> Asked:
    """Raises BadRequest."""
    asked = parse(ChatCompletionRequest, body)
    requests = convert.chat_requests(asked)
    return Asked(
        asked.model,
        requests,
        lambda model: ChatReply(_heading(asked, model), len(requests)),
        asked.stream is True,
    )


def _heading(asked: ChatCompletionRequest, model: str) -> Heading:
    options, reasoning = asked.stream_options, asked.reasoning
    return Heading(
        id=f"chatcmpl-{uuid.uuid4().hex}",
        created=int(time.time()),
        model=model,
        has_usage=options is not None and options.include_usage is True,
        has_reasoning=reasoning is None or reasoning.exclude is not True,
    )


class ChatReply:
    """A Reply of so many choices."""

    def __init__(self, heading: Heading, choices: int) -> None:
        self._heading = heading
        self._choices = [ChoiceChunks(heading, number) for number in range(choices)]
        self._usages: list[Usage | None] = []

    def whole(self, answers: Sequence[Answered]) -> Json:
        return convert.completion(self._heading, answers)

    def opening(self) -> Iterable[bytes]:
        return [data_event(choice.opening()) for choice in self._choices]

    def said(self, number: int, event: ParsedEvent) -> Iterator[bytes]:
        for chunk in self._choices[number].of(event):
            yield data_event(chunk)

    def finished(self, number: int, finished: Finished) -> Iterable[bytes]:
        self._usages.append(finished.usage)
        return [data_event(self._choices[number].closing(finished))]

    def closing(self) -> Iterator[bytes]:
        if self._heading.has_usage:
            yield data_event(convert.usage_chunk(self._heading, self._usages))
        yield DONE

    def failed(self, failure: Failure) -> Iterable[bytes]:
        return [data_event(failure.body())]

"""A chat completion from its body to its answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.server.asking import Asked
from engine.server.chat import convert
from engine.server.chat.convert import ChoiceChunks
from engine.server.chat.wire import ChatCompletionRequest
from engine.server.convert import Heading, new_heading
from engine.server.failures import OWN_FIELDS, Failure
from engine.server.stream import DONE, KEEPALIVE, Answered, Json, data_event
from engine.server.wire import parse
from engine.types import Finished, ParsedEvent, Usage


def ask_chat(body: bytes) -> Asked:
    """Raises BadRequest."""
    asked = parse(ChatCompletionRequest, body)
    requests = convert.chat_requests(asked)
    has_reasoning = asked.reasoning is None or asked.reasoning.exclude is not True

    def reply(model: str) -> ChatReply:
        heading = new_heading("chatcmpl", model, asked.stream_options)
        return ChatReply(heading, len(requests), has_reasoning)

    return Asked(asked.model, requests, reply, asked.stream is True, OWN_FIELDS)


class ChatReply:
    """A Reply of so many choices."""

    def __init__(self, heading: Heading, choices: int, has_reasoning: bool) -> None:
        self._heading = heading
        self._has_reasoning = has_reasoning
        self._choices = [ChoiceChunks(heading, n, has_reasoning) for n in range(choices)]
        self._usages: list[Usage | None] = []

    def whole(self, answers: Sequence[Answered]) -> Json:
        return convert.completion(self._heading, answers, self._has_reasoning)

    def opening(self) -> Iterable[bytes]:
        return [data_event(choice.opening()) for choice in self._choices]

    def keepalive(self) -> Iterable[bytes]:
        return (KEEPALIVE,)

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

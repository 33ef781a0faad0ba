"""A text completion from its body to its answer."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator, Sequence

from engine.server.asking import Asked
from engine.server.completions import convert
from engine.server.completions.convert import Heading
from engine.server.completions.wire import CompletionRequestBody
from engine.server.failures import Failure
from engine.server.stream import DONE, Answered, Json, data_event
from engine.server.wire import parse
from engine.types import Finished, ParsedEvent, TextDelta, Usage


def ask_completion(body: bytes) -> Asked:
    """Raises BadRequest."""
    asked = parse(CompletionRequestBody, body)
    requests = convert.completion_requests(asked)
    prompts = [request.prompt if asked.echo else "" for request in requests]
    options = asked.stream_options

    def reply(model: str) -> CompletionReply:
        return CompletionReply(
            Heading(
                id=f"cmpl-{uuid.uuid4().hex}",
                created=int(time.time()),
                model=model,
                echoes=[prompt for prompt in prompts if isinstance(prompt, str)],
                each=asked.n or 1,
                has_usage=options is not None and options.include_usage is True,
            )
        )

    return Asked(asked.model, requests, reply, asked.stream is True)


class CompletionReply:
    """A Reply of so many choices as there are echoes."""

    def __init__(self, heading: Heading) -> None:
        self._heading = heading
        self._offsets = [len(echo) for echo in heading.echoes]
        self._usages: list[Usage | None] = []

    def whole(self, answers: Sequence[Answered]) -> Json:
        choices = [
            convert.choice(number, texts(answer.said), answer.finished.reason, echo)
            for number, (answer, echo) in enumerate(zip(answers, self._heading.echoes, strict=True))
        ]
        return convert.completion(
            self._heading, choices, [answer.finished.usage for answer in answers]
        )

    def opening(self) -> Iterator[bytes]:
        for number, echo in enumerate(self._heading.echoes):
            if echo:
                yield self._chunk(convert.choice(number, (), None, echo))

    def said(self, number: int, event: ParsedEvent) -> Iterator[bytes]:
        for delta in texts([event]):
            offset = self._offsets[number]
            self._offsets[number] += len(delta.text)
            yield self._chunk(convert.choice(number, [delta], None, offset=offset))

    def finished(self, number: int, finished: Finished) -> Iterator[bytes]:
        self._usages.append(finished.usage)
        yield self._chunk(convert.choice(number, (), finished.reason))

    def closing(self) -> Iterator[bytes]:
        if self._heading.has_usage:
            yield data_event(convert.completion(self._heading, [], self._usages))
        yield DONE

    def failed(self, failure: Failure) -> Iterable[bytes]:
        return [data_event(failure.body())]

    def _chunk(self, choice: Json) -> bytes:
        return data_event(convert.chunk(self._heading, [choice]))


def texts(events: Iterable[ParsedEvent]) -> list[TextDelta]:
    return [event for event in events if isinstance(event, TextDelta)]

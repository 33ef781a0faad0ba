"""A text completion from its body to its answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.server.asking import Asked
from engine.server.completions import convert
from engine.server.completions.wire import CompletionRequestBody
from engine.server.convert import Heading, chunk_of, new_heading, object_of, usage
from engine.server.failures import Failure
from engine.server.stream import DONE, KEEPALIVE, Answered, Json, data_event
from engine.server.wire import parse
from engine.types import Finished, ParsedEvent, TextDelta, Usage

KIND = "text_completion"
FIELDS = {"messages": "prompt"}


def ask_completion(body: bytes) -> Asked:
    """Raises BadRequest."""
    asked = parse(CompletionRequestBody, body)
    requests = convert.completion_requests(asked)
    prompts = [request.prompt if asked.echo else "" for request in requests]
    echoes = [prompt for prompt in prompts if isinstance(prompt, str)]

    def reply(model: str) -> CompletionReply:
        heading = new_heading("cmpl", model, asked.stream_options)
        return CompletionReply(heading, echoes, asked.n or 1)

    return Asked(asked.model, requests, reply, asked.stream is True, FIELDS)


class CompletionReply:
    """A Reply of as many choices as there are echoes, which are repeated before the choices' texts.

    So many choices in a row, `each`, have one prompt.
    """

    def __init__(self, heading: Heading, echoes: Sequence[str], each: int) -> None:
        self._heading = heading
        self._echoes = echoes
        self._each = each
        self._offsets = [len(echo) for echo in echoes]
        self._usages: list[Usage | None] = []

    def whole(self, answers: Sequence[Answered]) -> Json:
        choices = [
            convert.choice(number, texts(answer.said), answer.finished.reason, echo)
            for number, (answer, echo) in enumerate(zip(answers, self._echoes, strict=True))
        ]
        return self._with_usage(choices, [answer.finished.usage for answer in answers])

    def opening(self) -> Iterator[bytes]:
        for number, echo in enumerate(self._echoes):
            if echo:
                yield self._chunk(convert.choice(number, (), None, echo))

    def keepalive(self) -> Iterable[bytes]:
        return (KEEPALIVE,)

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
            yield data_event(self._with_usage([], self._usages))
        yield DONE

    def failed(self, failure: Failure) -> Iterable[bytes]:
        return [data_event(failure.body())]

    def _chunk(self, choice: Json) -> bytes:
        return data_event(chunk_of(KIND, self._heading, [choice]))

    def _with_usage(self, choices: Sequence[Json], usages: Sequence[Usage | None]) -> Json:
        return object_of(KIND, self._heading, choices) | {"usage": usage(usages, self._each)}


def texts(events: Iterable[ParsedEvent]) -> list[TextDelta]:
    return [event for event in events if isinstance(event, TextDelta)]

"""A model on another machine, as the engine's thread sees any model."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from engine.cancellation import Cancellation, Cancelled
from engine.errors import BadRequest, RemoteFailed
from engine.models.download.connections import Connections
from engine.remote.failures import FAILURES, ServerFailed, as_sentence, message_in, sentence_for
from engine.remote.remote import Remote
from engine.remote.sse import values
from engine.remote.values import list_in, object_in, parsed, text_in
from engine.remote.wire import chat_fields, completion_fields
from engine.types import (
    ChatRequest,
    Device,
    GenerationEvent,
    ModelInfo,
    ParsedEvent,
    Request,
    Started,
)

if TYPE_CHECKING:
    from engine.remote.stream import Reading


class RemoteModel:
    """A Model. Every request is permitted, and in the ledger, before it is sent."""

    def __init__(self, remote: Remote, key: str | None, connections: Connections) -> None:
        from engine.remote.line import Line

        self._remote = remote
        self._line = Line()
        self._client = self._line.client(remote.base_url, key)
        self._connections = connections
        reason = "what you write leaves this computer: the model runs there."
        self.info = ModelInfo(
            id=remote.id,
            name=remote.name,
            context_length=remote.context_length,
            size_bytes=0,
            device=Device(remote.host, reason, is_here=False),
            has_effort=True,
        )

    @classmethod
    def open(cls, remote: Remote, key: str | None, connections: Connections) -> RemoteModel:
        """Ask the server whether it has the model. Raises RemoteFailed, Offline."""
        model = cls(remote, key, connections)
        model.check()
        return model

    def check(self) -> None:
        """Compare the name with the server's list. A list of another form proves nothing."""
        host = self._remote.host
        with self._asking("is the model there"):
            response = self._client.models.with_raw_response.list().http_response
            listed = parsed(response.text)
        if failure := message_in(object_in(listed).get("error")):
            raise RemoteFailed(f"{host} does not list its models: {as_sentence(failure)}")
        names = names_in(listed)
        if names and self._remote.model not in names:
            raise RemoteFailed(
                f"{host} has no model '{self._remote.model}'. It has: {', '.join(names)}."
            )

    def answer(
        self, request: Request, cancellation: Cancellation, answer_now: Callable[[], bool]
    ) -> Iterator[GenerationEvent]:
        """Yield the events of an answer. `answer_now` is unused: no server ends thoughts early.

        Raises RemoteFailed, BadRequest, Offline.
        """
        from engine.remote.stream import Reading

        reading = Reading()
        try:
            yield Started(0, 0)
            yield from self._events(request, reading, cancellation)
            yield reading.finished()
        except Cancelled:
            yield reading.finished(is_cancelled=True)

    def count_tokens(self, text: str) -> int | None:
        return None

    def reset(self) -> None:
        """The server looks after its cache."""

    def _events(
        self, request: Request, reading: Reading, cancellation: Cancellation
    ) -> Iterator[ParsedEvent]:
        ask = self._sender(request)
        asking = self._asking("a question to a remote model", cancellation)
        with asking, self._line.cut_by(cancellation):
            with ask() as response:
                for value in received(response, reading):
                    yield from reading.read(value)
                    cancellation.check()
            cancellation.check()  # a connection that is cut may look like one that has ended
            if not reading.is_whole:
                raise ServerFailed
            yield from reading.rest()

    def _sender(self, request: Request) -> Callable[[], Any]:
        """Return the call that sends a request. Raises BadRequest for what JSON cannot hold."""
        if isinstance(request, ChatRequest):
            fields = chat_fields(request)
            create: Callable[..., Any] = (
                self._client.chat.completions.with_streaming_response.create
            )
        else:
            fields = completion_fields(request)
            create = self._client.completions.with_streaming_response.create
        check_json(fields)
        options = {"stream": True, "stream_options": {"include_usage": True}}
        return partial(create, model=self._remote.model, **fields, **options)

    @contextmanager
    def _asking(self, purpose: str, cancellation: Cancellation | None = None) -> Generator[None]:
        """Turn the errors of the client, the connection and the reading into sentences."""
        from engine.remote.line import ERRORS

        self._connections.permit(self._remote.host, purpose)
        try:
            yield
        except (*ERRORS, *FAILURES) as error:
            if cancellation is not None and cancellation.is_set:
                raise Cancelled from None
            raise sentence_for(error, self._remote.host) from None


def received(response: Any, reading: Reading) -> Iterator[object]:
    """Yield the values of a stream. A connection may break once the answer is whole."""
    from engine.remote.line import BROKEN

    try:
        yield from values(response.iter_bytes())
    except BROKEN:
        if not reading.is_whole:
            raise


def check_json(fields: Mapping[str, Any]) -> None:
    """Raises BadRequest."""
    try:
        json.dumps(fields, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, TypeError, RecursionError):
        raise BadRequest("A message or tool is not Unicode text or plain JSON.") from None


def names_in(listed: object) -> list[str]:
    """Return the models' names of a list: OpenAI's data, or Ollama's models, or a bare list."""
    fields = object_in(listed)
    items = list_in(fields.get("data")) or list_in(fields.get("models")) or list_in(listed)
    return [name for item in items if (name := name_in(item))]


def name_in(item: object) -> str:
    fields = object_in(item)
    named = (fields.get("id"), fields.get("name"), fields.get("model"), item)
    return next((text for value in named if (text := text_in(value))), "")

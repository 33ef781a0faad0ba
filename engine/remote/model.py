"""A model on another machine, as the engine's thread sees any model."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from engine.cancellation import Cancellation, Cancelled
from engine.errors import BadRequest, RemoteFailed
from engine.models.download.connections import Connections
from engine.remote.remote import Remote
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
    from openai import APIStatusError

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
        with self._asking("is the model there"):
            names = [one.id for one in self._client.models.list()]
        if names and self._remote.model not in names:
            raise RemoteFailed(
                f"{self._remote.host} has no model '{self._remote.model}'. It has: "
                f"{', '.join(names)}."
            )

    def answer(
        self, request: Request, cancellation: Cancellation, answer_now: Callable[[], bool]
    ) -> Iterator[GenerationEvent]:
        """Thoughts there cannot be ended from here, so `answer_now` is not asked.

        Raises RemoteFailed, BadRequest, Offline.
        """
        from engine.remote.stream import Reading

        reading = Reading()
        try:
            yield Started(0, 0)
            yield from self._events(request, reading, cancellation)
            yield from reading.calls()
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
        if isinstance(request, ChatRequest):
            fields, read = chat_fields(request), reading.chat
            ask: Callable[..., Any] = self._client.chat.completions.create
        else:
            fields, read = completion_fields(request), reading.completion
            ask = self._client.completions.create
        options = {"stream": True, "stream_options": {"include_usage": True}}
        asking = self._asking("a question to a remote model", cancellation)
        with asking, self._line.cut_by(cancellation):
            for chunk in ask(model=self._remote.model, **fields, **options):
                yield from read(chunk)
                cancellation.check()
        if not reading.is_whole:
            host = self._remote.host
            raise RemoteFailed(f"{host} broke the answer off. What is in its log may say why.")

    @contextmanager
    def _asking(self, purpose: str, cancellation: Cancellation | None = None) -> Generator[None]:
        """The client's errors in words."""
        import httpx2
        import openai

        host = self._remote.host
        self._connections.permit(host, purpose)
        try:
            yield
        except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
            raise BadRequest(f"{host} refuses this: {told_by(error)}") from None
        except openai.AuthenticationError:
            raise RemoteFailed(f"{host} does not accept the key.") from None
        except openai.APIStatusError as error:
            raise RemoteFailed(f"{host} answers {error.status_code}: {told_by(error)}") from None
        except (openai.APIError, httpx2.HTTPError, httpx2.StreamError) as error:
            if cancellation is not None and cancellation.is_set:
                raise Cancelled from None
            raise RemoteFailed(f"{host} cannot be reached, or has hung up: {error}") from None


def told_by(error: APIStatusError) -> str:
    """The server's own sentence."""
    body: object = error.body
    told = cast("dict[str, object]", body) if isinstance(body, dict) else {}
    return str(told.get("message") or error.message).rstrip(".") + "."

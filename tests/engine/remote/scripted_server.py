"""Serves the exact bytes of a test on loopback, as an OpenAI-compatible server would."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from engine.cancellation import Cancellation
from engine.generate import never
from engine.models.download.connections import Connections
from engine.remote.model import RemoteModel
from engine.remote.remote import new_remote
from engine.types import (
    Channel,
    ChatRequest,
    CompletionRequest,
    Finished,
    GenerationEvent,
    Message,
    Role,
    TextDelta,
    ToolCall,
)

DONE = "data: [DONE]\n\n"
QUESTION = ChatRequest((Message.of(Role.USER, "Hi"),))


@dataclass(frozen=True)
class Script:
    """Holds one answer. With `is_cut` the connection ends before the body does."""

    pieces: Sequence[bytes]
    status: int = 200
    kind: str = "text/event-stream"
    is_cut: bool = False


class ScriptedServer:
    """Answers all POSTs by `answer` and all GETs by `models`."""

    def __init__(self) -> None:
        self.answer = Script(())
        self.models = whole({"object": "list", "data": [{"id": "m", "object": "model"}]})
        handler = type("OwnHandler", (Handler,), {"scripted": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        self.http.handle_error = lambda request, client_address: None  # clients may leave

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    scripted: ScriptedServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._send(self.scripted.models)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._send(self.scripted.answer)

    def _send(self, script: Script) -> None:
        self.send_response(script.status)
        self.send_header("Content-Type", script.kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.close_connection = True
        for piece in (piece for piece in script.pieces if piece):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        if not script.is_cut:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def scripted_server() -> Generator[ScriptedServer]:
    server = ScriptedServer()
    thread = threading.Thread(target=server.http.serve_forever, args=(0.01,), name="scripted")
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        server.http.server_close()
        thread.join()


def whole(value: object, status: int = 200) -> Script:
    """Return a plain JSON body."""
    return Script([json.dumps(value).encode()], status, "application/json")


def stream(*chunks: object, end: str = DONE) -> Script:
    """Return a stream of chunks. A text is sent as it is."""
    texts = (one if isinstance(one, str) else f"data: {json.dumps(one)}\n\n" for one in chunks)
    return Script([*(text.encode() for text in texts), end.encode()])


def choice(delta: object, reason: object = None, **fields: object) -> dict[str, object]:
    """Return a chunk with one choice, as OpenAI sends it."""
    one = {"index": 0, "delta": delta, "finish_reason": reason, **fields}
    return {"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [one]}


def called(*pieces: object, reason: object = None) -> dict[str, object]:
    return choice({"tool_calls": [*pieces]}, reason)


def cut(script: Script) -> Script:
    return replace(script, is_cut=True)


@dataclass(frozen=True)
class Client:
    """Sends requests to the scripted server by way of a remote model."""

    server: ScriptedServer
    model: RemoteModel

    def ask(
        self, script: Script, request: ChatRequest | CompletionRequest = QUESTION
    ) -> list[GenerationEvent]:
        self.server.answer = script
        return [*self.model.answer(request, Cancellation(), never)]

    def answer(self, *chunks: object, end: str = DONE) -> list[GenerationEvent]:
        return self.ask(stream(*chunks, end=end))


def client_of(server: ScriptedServer, folder: Path) -> Client:
    remote = new_remote(folder, "far", server.url, "m", 4096)
    return Client(server, RemoteModel(remote, None, Connections(folder / "ledger.jsonl")))


def text_of(events: Sequence[GenerationEvent], channel: Channel = Channel.FINAL) -> str:
    return "".join(e.text for e in events if isinstance(e, TextDelta) and e.channel is channel)


def calls_of(events: Sequence[GenerationEvent]) -> list[tuple[str, str]]:
    return [(e.name, e.arguments) for e in events if isinstance(e, ToolCall)]


def finish_of(events: Sequence[GenerationEvent]) -> Finished:
    finished = events[-1]
    assert isinstance(finished, Finished)
    return finished

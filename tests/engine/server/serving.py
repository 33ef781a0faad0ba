"""A real engine thread behind a real server on a free port; only the decoder is scripted."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx

import resources
from engine.server.access import Access
from engine.server.run import LocalServer
from engine.thread import EngineThread, Generation
from engine.types import Loading, Request, Sink
from tests.fakes import ScriptedDecoder, scripted_model

KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
AUTHORIZED = {"authorization": f"Bearer {KEY}"}
PATIENCE_SECONDS = 10.0
WEB_PAGE = Path(resources.__file__).parent / "web"


class WatchedEngine(EngineThread):
    """An engine that also tells the test which generations it was given."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.submitted: queue.Queue[Generation] = queue.Queue()
        super().__init__(*arguments, **options)

    def submit_all(self, asked: Sequence[tuple[Request, Sink]], client: str) -> list[Generation]:
        generations = super().submit_all(asked, client)
        for generation in generations:
            self.submitted.put(generation)
        return generations

    def next_submitted(self) -> Generation:
        return self.submitted.get(timeout=PATIENCE_SECONDS)


@dataclass(frozen=True)
class Served:
    engine: WatchedEngine
    decoder: ScriptedDecoder
    server: LocalServer
    client: httpx.Client

    def ask(self, **fields: Any) -> httpx.Response:
        return self.client.post("/v1/chat/completions", json=question(**fields))

    def stream(self, **fields: Any) -> list[Any]:
        """The data of all events, parsed, and "[DONE]"."""
        return events(self.ask(stream=True, **fields).text.splitlines())

    @contextmanager
    def asking(self, **fields: Any) -> Generator[HTTPConnection]:
        """A request that has been sent and not been answered. Leaving the block hangs up."""
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE_SECONDS)
        with closing(connection):
            headers = AUTHORIZED | {"content-type": "application/json"}
            connection.request(
                "POST", "/v1/chat/completions", json.dumps(question(**fields)), headers
            )
            yield connection

    @contextmanager
    def kept_busy(self) -> Generator[None]:
        """One generation runs and one waits, until the block is left."""
        self.decoder.gate.clear()
        with self.asking(stream=True) as running:
            running.getresponse()  # it streams, so it has its turn
            with self.asking():
                self.engine.next_submitted()
                self.engine.next_submitted()
                yield
                self.decoder.gate.set()


def question(**fields: Any) -> dict[str, Any]:
    return {"model": "scripted", "messages": [{"role": "user", "content": "Hi"}]} | fields


def events(lines: Iterable[str]) -> list[Any]:
    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    return [item if item == "[DONE]" else json.loads(item) for item in data]


@contextmanager
def serving(
    decoder: ScriptedDecoder | None = None,
    *,
    is_loaded: bool = True,
    max_waiting: int = 16,
    before_open: Callable[[], object] = lambda: None,
    access: Access | None = None,
) -> Generator[Served]:
    """`before_open` runs on the engine thread before the model is there."""
    decoder = decoder or ScriptedDecoder("Red, green, blue.")
    with ExitStack() as stack:
        engine = _start_engine(decoder, is_loaded, max_waiting, before_open)
        stack.callback(engine.close)
        server = LocalServer(engine, access or Access(KEY, WEB_PAGE), port=0)
        url = server.start()
        stack.callback(server.close)
        client = httpx.Client(
            base_url=url, headers=AUTHORIZED, trust_env=False, timeout=PATIENCE_SECONDS
        )
        yield Served(engine, decoder, server, stack.enter_context(client))


def _start_engine(
    decoder: ScriptedDecoder,
    is_loaded: bool,
    max_waiting: int,
    before_open: Callable[[], object],
) -> WatchedEngine:
    has_begun = threading.Event()

    def open_model(*_: object) -> Any:
        before_open()
        return scripted_model(decoder)

    def on_state(state: object) -> None:
        if isinstance(state, Loading):
            has_begun.set()

    engine = WatchedEngine(open_model, on_state, max_waiting)
    if is_loaded:
        engine.load(Path("scripted"))
        assert has_begun.wait(PATIENCE_SECONDS)
    return engine

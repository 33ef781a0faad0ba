from __future__ import annotations

import random
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from engine.cancellation import Cancellation
from engine.models.download import transfer
from engine.models.download.connections import Connections
from engine.models.download.fetch import Fetch
from engine.models.download.http import Http
from engine.models.download.hub import Hub
from engine.models.download.watch import Watch
from tests.engine.models.download.hub_server import SOURCE, HubServer, facts, hub_server

READ_SECONDS = 2.0
FILES = {
    "config.json": b'{"a": 1}',
    "empty.txt": b"",
    "model-1.safetensors": random.Random(1).randbytes(3_000_000),
    "onnx/model 2.bin": random.Random(2).randbytes(1_500_000),
}


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "FIRST_WAIT_SECONDS", 0.001)
    monkeypatch.setattr(transfer, "LONGEST_WAIT_SECONDS", 0.01)


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_TOKEN", "")


@pytest.fixture
def server() -> Generator[HubServer]:
    with hub_server(dict(FILES)) as server:
        yield server


@pytest.fixture
def connections(tmp_path: Path) -> Connections:
    return Connections(tmp_path / "connections.jsonl")


@pytest.fixture
def hub(server: HubServer, connections: Connections) -> Hub:
    return Hub(connections, server.url)


@pytest.fixture
def http(connections: Connections) -> Generator[Http]:
    http = Http(connections, READ_SECONDS)
    yield http
    http.close()


Run = Callable[..., Path]


@pytest.fixture
def run(hub: Hub, http: Http, tmp_path: Path) -> Run:
    """Fetches all files to the folder `model` and returns it. Takes `known` to ask nothing."""

    def run(
        is_known: bool = True,
        on_progress: Callable[[int, int], None] = lambda done, total: None,
        cancellation: Cancellation | None = None,
        on_trouble: Callable[[str], None] = lambda sentence: None,
        place: Path = tmp_path / "model",
    ) -> Path:
        known = [facts(name, content) for name, content in FILES.items()] if is_known else []
        fetch = Fetch(hub, http, SOURCE, [*FILES], place, known)
        fetch.run(Watch(on_progress, on_trouble, cancellation or Cancellation()))
        return place

    return run

"""The API's switch over a real engine and a real server on any free port."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator

import pytest
from pytestqt.qtbot import QtBot

from desktop.api.service import ApiService, Reach
from desktop.bridge import EngineBridge
from desktop.secrets import ApiKeys
from engine.server.access import Access
from engine.server.run import LocalServer

MakeService = Callable[..., ApiService]


@pytest.fixture
def make_service(qtbot: QtBot, ready_bridge: EngineBridge) -> Generator[MakeService]:
    """Takes `keys` and a `port`. The keyring of the tests is none at all."""
    made: list[ApiService] = []

    def make_server(key: str, reach: Reach, port: int) -> LocalServer:
        names = ("lan.example",) if reach.has_network else ()
        access = Access(
            key, None, reach.origins, names, reach.host_names, needs_key=reach.needs_key
        )
        return LocalServer(ready_bridge.engine, access, port)

    def make(keys: ApiKeys | None = None, port: int = 0) -> ApiService:
        service = ApiService(lambda key, reach: make_server(key, reach, port), keys or ApiKeys())
        made.append(service)
        return service

    yield make
    for service in made:
        service.close()
    assert "http" not in {thread.name for thread in threading.enumerate()}

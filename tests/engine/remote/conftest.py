from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.engine.remote.scripted_server import (
    Client,
    ScriptedServer,
    client_of,
    scripted_server,
)


@pytest.fixture(scope="module")
def server() -> Generator[ScriptedServer]:
    with scripted_server() as server:
        yield server


@pytest.fixture
def client(server: ScriptedServer, tmp_path: Path) -> Client:
    return client_of(server, tmp_path)

"""Chance against the fetch: mishaps of servers, and kills at any moment."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.models.download.fetch import unfinished
from tests.engine.models.download.conftest import FILES
from tests.engine.models.download.hub_server import facts, hub_server, throttle
from tests.engine.models.download.mishaps import assert_right, survive

KILLS = 12
LONG_SECONDS = 60
CHILD = """
import sys
from pathlib import Path
from engine.models.download.connections import Connections
from engine.models.download.fetch import Fetch
from engine.models.download.http import Http
from engine.models.download.hub import Hub
from engine.models.download.watch import Watch
from tests.engine.models.download.conftest import FILES
from tests.engine.models.download.hub_server import SOURCE

connections = Connections(Path(sys.argv[2]) / "connections.jsonl")
hub, place = Hub(connections, sys.argv[1]), Path(sys.argv[2]) / "model"
print("ready", flush=True)
Fetch(hub, Http(connections), SOURCE, [*FILES], place).run(Watch())
"""


@pytest.mark.parametrize("seed", range(24))
def test_every_mishap_ends_in_a_right_folder_or_a_sentence(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    files = {f"model-{n}.bin": chance.randbytes(chance.randrange(1, 400_000)) for n in range(5)}
    with hub_server(files) as server:
        is_there, said = survive(seed, server, tmp_path)
    assert is_there or said.endswith((".", "HF_TOKEN."))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_kills_at_any_moment_cost_no_byte_that_was_there(tmp_path: Path) -> None:
    chance = random.Random(1)
    place = tmp_path / "model"
    with hub_server(dict(FILES)) as server:
        for _ in range(KILLS):
            for name in FILES:
                server.faults[name].clear()
                server.faults[name].append(throttle(50, 2.0))
            before = bytes_there(tmp_path)
            with started(server.url, tmp_path) as child:
                time.sleep(chance.uniform(0, 0.4))
                child.send_signal(signal.SIGKILL)
            assert bytes_there(tmp_path) >= before
            if place.exists():
                break
        server.faults.clear()
        if not place.exists():
            with started(server.url, tmp_path) as child:
                assert child.wait(LONG_SECONDS) == 0
    assert_right(place, [facts(name, content) for name, content in FILES.items()])


def started(url: str, folder: Path) -> subprocess.Popen[str]:
    """On its way: what it imports is imported."""
    command = [sys.executable, "-c", CHILD, url, str(folder)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def bytes_there(folder: Path) -> int:
    places = (folder / "model", unfinished(folder / "model"))
    files = (file for place in places for file in place.rglob("*") if file.is_file())
    return sum(file.stat().st_size for file in files if "manifest.json" not in file.name)

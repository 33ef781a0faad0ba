"""A server that does everything wrong, by chance, and what must come of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from engine.errors import FetchFailed
from engine.models.download.connections import Connections
from engine.models.download.fetch import Fetch
from engine.models.download.http import Http
from engine.models.download.hub import Hub
from engine.models.download.watch import Watch
from engine.models.manifest import FileFacts, Manifest
from engine.models.verify import damaged_files
from tests.engine.models.download.hub_server import (
    SOURCE,
    Fault,
    HubServer,
    corrupt,
    drop,
    facts,
    hang_up,
    ignore_range,
    no_length,
    other_part,
    stall,
    status,
    throttle,
)

READ_SECONDS = 0.5


def mishap(chance: random.Random, size: int) -> Fault:
    within = chance.randrange(size)
    kinds: list[Callable[[], Fault]] = [
        lambda: drop(within),
        lambda: drop(within),
        lambda: stall(within, READ_SECONDS * 1.3),
        lambda: corrupt(within),
        lambda: throttle(20, 0.2),
        lambda: status(chance.choice([408, 429, 500, 502, 503, 504, 416])),
        lambda: hang_up,
        lambda: ignore_range,
        lambda: other_part,
        lambda: no_length,
        lambda: status(chance.choice([401, 403, 404])),
    ]
    weights = [1.0] * (len(kinds) - 1) + [0.1]
    return chance.choices(kinds, weights)[0]()


def survive(seed: int, server: HubServer, folder: Path) -> tuple[bool, str]:
    """Fetches the server's files amid mishaps, as often as a user would try. Whether the folder is
    there, which must then be whole, and the sentences that were said."""
    chance = random.Random(seed)
    for name, content in server.files.items():
        mishaps = [mishap(chance, len(content)) for _ in range(chance.randrange(8))]
        server.faults[name].extend(mishaps)
    connections = Connections(folder / "connections.jsonl")
    known = [facts(name, content) for name, content in server.files.items()]
    said: list[str] = []
    with closing(Http(connections, READ_SECONDS)) as http:
        for _ in range(5):
            fetch = Fetch(
                Hub(connections, server.url), http, SOURCE, [*server.files], folder / "m", known
            )
            try:
                fetch.run(Watch())
                assert_right(folder / "m", known)
                return True, " ".join(said)
            except FetchFailed as error:
                said.append(str(error))
    return False, " ".join(said)


def assert_right(place: Path, files: list[FileFacts]) -> None:
    assert (
        damaged_files(place, Manifest(None, tuple(files)), lambda *_: None, Watch().cancellation)
        == []
    )
    assert not [*place.rglob("*.part")]

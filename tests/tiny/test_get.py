"""From a hub to an answer: fetched, checked, converted, opened, asked."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from engine.cancellation import Cancellation
from engine.loading import open_model
from engine.models.catalogue import Entry, Kind
from engine.models.download.connections import Connections
from engine.models.download.http import Http
from engine.models.download.hub import Hub
from engine.models.download.watch import Watch
from engine.models.get import Getting
from engine.models.needs import Target
from tests.engine.models.download.hub_server import SOURCE, hub_server
from tests.tiny.checkpoint import write_tiny_gpt_oss
from tests.tiny.test_tiny_gpt_oss import ask, question


def test_a_model_of_the_hub_answers(tmp_path: Path, gpt_oss_tokenizer: Path) -> None:
    write_tiny_gpt_oss(tmp_path / "published", gpt_oss_tokenizer)
    files = {file.name: file.read_bytes() for file in (tmp_path / "published").iterdir()}
    connections = Connections(tmp_path / "connections.jsonl")
    entry = Entry("tiny", "Tiny", Kind.CHECKPOINT, "MIT", 4096, SOURCE, tuple(files), (), {})
    getting = Getting(entry, tmp_path / "models", Target.CPU)
    stages: dict[str, tuple[int, int]] = {}

    def on_stage(stage: str, done: int, total: int) -> None:
        stages[stage] = done, total

    with hub_server(files) as server, closing(Http(connections)) as http:
        getting.run(Hub(connections, server.url), http, on_stage, Watch())
    assert [*stages] == ["Fetching", "Converting"]
    done, total = stages["Fetching"]
    assert done == total == sum(map(len, files.values()))
    model = open_model(getting.place, Cancellation())
    assert ask(model, question("Who wrote Hamlet?"))[0].answer == "William Shakespeare."

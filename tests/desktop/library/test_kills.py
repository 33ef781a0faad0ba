"""kill -9 at random moments: the library opens, and nothing that was shown is lost."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from desktop.library.records import Status
from desktop.library.store import Store
from desktop.settings import SettingsFile
from tests.conftest import ROOT

KILLS = int(os.environ.get("HEARTH_KILLS", "8"))
LONGEST_SECONDS = 0.6


def killed(database: Path, settings: Path, seed: int) -> list[dict[str, Any]]:
    """What it said before it was killed, at some moment after its first word."""
    command = [sys.executable, "-m", "tests.desktop.library.working", str(database), str(settings)]
    with subprocess.Popen([*command, str(seed)], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(random.Random(seed).uniform(0, LONGEST_SECONDS))
        process.kill()
        lines = [first, *process.stdout.read().splitlines(keepends=True)]
    return [json.loads(line) for line in lines if line.endswith(b"\n")]


@pytest.mark.parametrize("seed", range(KILLS))
def test_nothing_that_was_shown_is_lost(tmp_path: Path, seed: int) -> None:
    database, settings = tmp_path / "it.sqlite3", tmp_path / "settings.json"
    said = killed(database, settings, seed)
    store = Store(database)
    rows = store.database.all("SELECT id, text, reasoning, status FROM messages")
    found = {number: (text, reasoning) for number, text, reasoning, _ in rows}
    texts: dict[tuple[int, bool], str] = {}
    for change in said:
        if "message" in change:
            assert change["message"] in found
        if "text" in change:
            key = (change["message"], change["is_reasoning"])
            texts[key] = texts.get(key, "") + change["text"]
    for (number, is_reasoning), text in texts.items():
        assert found[number][is_reasoning].startswith(text)
    assert Status.STREAMING not in {Status(status) for *_, status in rows}
    titles = {conversation.title for conversation in store.conversations()}
    assert {change["imported"] for change in said if "imported" in change} <= titles
    assert store.database.one("PRAGMA integrity_check") == ("ok",)
    assert store.database.all("PRAGMA foreign_key_check") == []
    for conversation in store.conversations():
        assert store.messages(conversation.id)
    store.close()
    newest = [change["setting"] for change in said if "setting" in change]
    if newest:
        assert int(SettingsFile(settings).current.last_model.split()[1]) >= int(
            newest[-1].split()[1]
        )

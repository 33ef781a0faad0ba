"""SIGKILL at any moment of work on a model folder: the next start goes on or cleans up.

Fetching is in download/test_mishaps.py. More kills: HEARTH_KILLS=100 pytest FILE.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.cancellation import Cancellation
from engine.models.folder import find_models
from engine.models.importing import convert_checkpoint, copy_in, use_in_place
from engine.models.leftovers import clean_up
from engine.models.manifest import Manifest
from engine.models.needs import Target
from engine.models.remove import remove
from engine.models.verify import damaged_files
from engine.selftest.checkpoint import write_checkpoint
from tests.engine.models.test_importing import write_whole
from tests.fakes import byte_tokenizer

KILLS = int(os.environ.get("HEARTH_KILLS", "5"))
MIB = 1 << 20
NAME = "mine"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")


def nothing(*_: object) -> None:
    pass


def copy(source: Path, models: Path) -> None:
    copy_in(source, models, nothing, Cancellation())


def convert(source: Path, models: Path) -> None:
    convert_checkpoint(source, models, Target.CPU, nothing, Cancellation())


def verify(source: Path, models: Path) -> None:
    assert not damaged_files(models / NAME, Manifest.read(models / NAME), nothing, Cancellation())


def take_away(source: Path, models: Path) -> None:
    remove(models / NAME)


def use(source: Path, models: Path) -> None:
    use_in_place(source, models)


def write_large(folder: Path) -> Path:
    write_whole(folder)
    for number in range(24):
        (folder / f"more-{number}.bin").write_bytes(random.Random(number).randbytes(2 * MIB))
    return folder


def write_weights(folder: Path) -> Path:
    write_checkpoint(folder, layers=6)
    byte_tokenizer().save(str(folder / "tokenizer.json"))
    return folder


WORKS = {work.__name__: work for work in (copy, convert, verify, take_away, use)}
SOURCES = {"convert": write_weights}
NEEDS_A_MODEL = ("verify", "take_away")
LONGEST_SECONDS = {"copy": 0.25, "convert": 1.5, "verify": 0.1, "take_away": 0.02, "use": 0.6}


@pytest.mark.parametrize("name", WORKS)
def test_a_kill_at_any_moment_leaves_a_whole_model_or_none(name: str, tmp_path: Path) -> None:
    chance, source = random.Random(name), tmp_path / "elsewhere" / NAME
    SOURCES.get(name, write_large)(source)
    for round_ in range(KILLS):
        models = tmp_path / f"models-{round_}"
        if name in NEEDS_A_MODEL:
            copy(source, models)
        kill(name, source, models, chance.uniform(0, LONGEST_SECONDS[name]))
        clean_up(models)  # the next start
        assert not [*models.glob(".*.importing"), *models.glob(".*.removing")]
        check_listed(models)
        if name in NEEDS_A_MODEL or not find_models([models]):
            again(WORKS[name], source, models)
        check_listed(models)
        assert len(find_models([models])) == (name != "take_away")


def kill(name: str, source: Path, models: Path, seconds: float) -> None:
    """Counted from where the child begins to work."""
    command = [sys.executable, "-m", "tests.engine.models.test_kills", name, source, models]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)


def check_listed(models: Path) -> None:
    """Whatever is listed is whole."""
    for found in find_models([models]):
        if found.path.parent == models and Manifest.is_in(found.path):
            assert not damaged_files(found.path, Manifest.read(found.path), nothing, Cancellation())


def again(work: Callable[[Path, Path], None], source: Path, models: Path) -> None:
    if work is not take_away or (models / NAME).exists():
        work(source, models)


if __name__ == "__main__":
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    WORKS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))

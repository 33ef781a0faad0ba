"""A conversion that was killed goes on, and ends with the same bytes."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.cancellation import Cancellation, Cancelled
from engine.errors import CannotWrite
from engine.models.convert import gpt_oss
from engine.models.convert.gpt_oss_weights import RECIPES
from engine.models.folder import find_models
from engine.selftest.checkpoint import write_checkpoint
from tests.fakes import byte_tokenizer

TARGET = "cpu"
SLICES = 4
"""Of the largest weights: one for each expert."""
FIRST_WEIGHT_BYTES = 512 * 64 * 2
"""The embedding: after it a conversion from anew reports for the first time."""

KILLED = """
import os, signal, sys
from pathlib import Path
from engine.cancellation import Cancellation
from engine.models.convert import gpt_oss
from engine.models.convert.gpt_oss_weights import RECIPES

left = int(sys.argv[3])

def on_progress(done, total):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

source, out = Path(sys.argv[1]), Path(sys.argv[2])
gpt_oss.convert(source, out, RECIPES[sys.argv[4]], on_progress, Cancellation())
"""


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    write_checkpoint(folder, experts=SLICES, hidden=64, max_position_embeddings=256)
    byte_tokenizer().save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="module")
def whole(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a conversion that nothing interrupted."""
    out = tmp_path_factory.mktemp("models") / "whole"
    convert(checkpoint, out)
    return contents(out)


def convert(
    source: Path,
    out: Path,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    target: str = TARGET,
) -> None:
    gpt_oss.convert(source, out, RECIPES[target], on_progress, Cancellation())


def kill_after(slices: int, source: Path, out: Path, target: str = TARGET) -> bool:
    """Convert in a process that kills itself after so many slices; whether it came to that."""
    command = [sys.executable, "-c", KILLED, str(source), str(out), str(slices), target]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.returncode != 0


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def beginning(source: Path, out: Path, target: str = TARGET) -> int:
    """Finish a conversion; returns after how many bytes it began to write."""
    seen: list[int] = []
    convert(source, out, lambda done, total: seen.append(done), target)
    return seen[0]


@pytest.mark.parametrize("slices", [1, 20, 45])
def test_a_killed_conversion_goes_on_to_the_same_bytes(
    checkpoint: Path, whole: dict[str, bytes], tmp_path: Path, slices: int
) -> None:
    out = tmp_path / "out"
    assert kill_after(slices, checkpoint, out)
    assert not out.exists()
    assert not find_models([tmp_path])
    begun = beginning(checkpoint, out)
    assert slices == 1 or begun > len(whole["model.onnx.data"]) * slices / 200
    assert contents(out) == whole


def test_it_may_be_killed_again_and_again(
    checkpoint: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    kills = 0
    while kill_after(4 * SLICES, checkpoint, tmp_path / "out"):
        kills += 1
    assert kills > 2
    assert contents(tmp_path / "out") == whole


def cancelled(source: Path, out: Path, slices: int = 30, target: str = TARGET) -> Path:
    """Cancel a conversion after so many slices; returns its hidden folder."""
    cancellation, seen = Cancellation(), []

    def on_progress(done: int, total: int) -> None:
        seen.append(done)
        if len(seen) == slices:
            cancellation.set()

    with pytest.raises(Cancelled):
        gpt_oss.convert(source, out, RECIPES[target], on_progress, cancellation)
    assert len(seen) == slices, "it ends at once"
    assert not out.exists()
    return out.with_name(f".{out.name}.unfinished")


def test_a_cancelled_conversion_goes_on(
    checkpoint: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert cancelled(checkpoint, out).is_dir()
    assert not find_models([tmp_path])
    assert beginning(checkpoint, out) > FIRST_WEIGHT_BYTES
    assert contents(out) == whole
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_bytes_after_the_last_whole_weight_do_not_count(
    checkpoint: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    unfinished = cancelled(checkpoint, out)
    with (unfinished / "model.onnx.data").open("ab") as data:
        data.write(b"half a weight" * 1000)
    with (unfinished / "journal").open("a", encoding="utf-8") as journal:
        journal.write("9999")  # the machine went down within a line
    assert beginning(checkpoint, out) > FIRST_WEIGHT_BYTES
    assert contents(out) == whole


def shorten(unfinished: Path) -> None:
    data = unfinished / "model.onnx.data"
    data.write_bytes(data.read_bytes()[:100])


def garble(unfinished: Path) -> None:
    (unfinished / "journal").write_bytes(b"\xff\x00 no journal\n12\n")


def older(unfinished: Path) -> None:
    first, *rest = (unfinished / "journal").read_text("utf-8").splitlines(keepends=True)
    identity = json.loads(first) | {"version": gpt_oss.VERSION - 1}
    (unfinished / "journal").write_text(json.dumps(identity) + "\n" + "".join(rest), "utf-8")


def lose_data(unfinished: Path) -> None:
    (unfinished / "model.onnx.data").unlink()


@pytest.mark.parametrize("damage", [shorten, garble, older, lose_data])
def test_what_is_not_certain_is_made_anew(
    checkpoint: Path,
    whole: dict[str, bytes],
    tmp_path: Path,
    damage: Callable[[Path], None],
) -> None:
    out = tmp_path / "out"
    damage(cancelled(checkpoint, out))
    assert beginning(checkpoint, out) == FIRST_WEIGHT_BYTES
    assert contents(out) == whole


def test_another_target_begins_anew(
    checkpoint: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    cancelled(checkpoint, tmp_path / "out", target="float32")
    convert(checkpoint, tmp_path / "out")
    assert contents(tmp_path / "out") == whole


def test_another_checkpoint_begins_anew(
    checkpoint: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    other = tmp_path / "other"
    write_checkpoint(other, experts=SLICES, hidden=64, max_position_embeddings=256, seed=1)
    shutil.copy(checkpoint / "tokenizer.json", other)
    cancelled(other, tmp_path / "out")
    convert(checkpoint, tmp_path / "out")
    assert contents(tmp_path / "out") == whole


def test_a_full_disk_is_told_before_anything_is_written(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=64 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(CannotWrite, match=r"takes 0\.1 GB on the disk of .*, but 0\.1 GB are free"):
        convert(checkpoint, tmp_path / "models" / "out")
    assert not [*tmp_path.iterdir()]


def test_a_disk_that_fills_up_ends_it_until_there_is_room(
    checkpoint: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    seen: list[int] = []

    def on_progress(done: int, total: int) -> None:
        seen.append(done)
        if len(seen) == 30:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(CannotWrite, match="the same command goes on from here"):
        convert(checkpoint, tmp_path / "out", on_progress)
    assert beginning(checkpoint, tmp_path / "out") > FIRST_WEIGHT_BYTES
    assert contents(tmp_path / "out") == whole


def test_progress_ends_at_the_whole(checkpoint: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    convert(checkpoint, tmp_path / "out", lambda done, total: seen.append((done, total)))
    done, totals = zip(*seen, strict=True)
    assert list(done) == sorted(done)
    size = (tmp_path / "out" / "model.onnx.data").stat().st_size
    assert {*totals} == {size}
    assert size - 4096 < done[-1] <= size

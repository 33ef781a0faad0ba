"""hearth convert, as a shell starts it."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from engine.cancellation import Cancellation
from engine.cli.bar import byte_bar
from engine.cli.convert import TARGETS
from engine.cli.convert import convert as command
from engine.cli.shell import ExitCode
from engine.models.convert import gpt_oss
from engine.models.convert.gpt_oss_weights import RECIPES, Recipe
from engine.models.folder import ModelFolder
from engine.selftest.checkpoint import write_checkpoint
from tests.fakes import byte_tokenizer

HEARTH = [sys.executable, "-X", "faulthandler", "-W", "error", "-m", "desktop"]
SECONDS = 120
SLICES = 30


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    folder = tmp_path / "checkpoint"
    write_checkpoint(folder, experts=4, hidden=64, max_position_embeddings=256)
    byte_tokenizer().save(str(folder / "tokenizer.json"))
    return folder


def hearth_convert(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    words = [*HEARTH, "convert", *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, timeout=SECONDS, check=False)


def test_the_command_offers_the_targets_that_there_are() -> None:
    assert set(TARGETS) == set(RECIPES)


@pytest.mark.parametrize(("target", "provider"), [("cpu", ()), ("cuda", ("cuda",))])
def test_a_model_folder_is_made(
    checkpoint: Path, tmp_path: Path, target: str, provider: tuple[str, ...]
) -> None:
    out = tmp_path / "models" / "mine"
    done = hearth_convert(checkpoint, out, "--target", target)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{out} is a model folder now, 0.0 GB.\n"
    assert ModelFolder.read(out).providers == provider


def test_another_width_may_be_tried(checkpoint: Path, tmp_path: Path) -> None:
    assert hearth_convert(checkpoint, tmp_path / "out", "--dense-bits", "4").returncode == 0


def test_a_refused_checkpoint_is_one_sentence(tmp_path: Path) -> None:
    done = hearth_convert(tmp_path, tmp_path / "out")
    assert done.returncode == 1
    assert done.stderr == f"hearth: {tmp_path} is not a checkpoint: it has no config.json.\n"


def test_an_unknown_target_is_a_mistake_of_usage(tmp_path: Path) -> None:
    assert hearth_convert(tmp_path, tmp_path / "out", "--target", "abacus").returncode == 2


def test_control_c_ends_it_and_the_same_command_goes_on(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, seen = gpt_oss.convert, []

    def interrupted(
        source: Path, out: Path, recipe: Recipe, on_progress: gpt_oss.Progress, stop: Cancellation
    ) -> None:
        def on_slice(done: int, total: int) -> None:
            on_progress(done, total)
            seen.append(done)
            if len(seen) == SLICES:
                signal.raise_signal(signal.SIGINT)

        real(source, out, recipe, on_slice, stop)

    monkeypatch.setattr(gpt_oss, "convert", interrupted)
    before = signal.getsignal(signal.SIGINT)
    arguments = [str(checkpoint), str(tmp_path / "out")]
    first = CliRunner().invoke(command, arguments)
    assert (first.exit_code, len(seen)) == (ExitCode.INTERRUPTED, SLICES)
    assert first.stderr == "hearth: Interrupted. The same command goes on from here.\n"
    assert signal.getsignal(signal.SIGINT) == before
    assert not (tmp_path / "out").exists()
    assert CliRunner().invoke(command, arguments).exit_code == 0
    assert seen[SLICES] > seen[0]
    assert ModelFolder.read(tmp_path / "out").layers == 2


def test_a_terminal_shows_how_far_it_is() -> None:
    text = io.StringIO()
    with byte_bar(Console(file=text, force_terminal=True, width=100)) as bar:
        for done in range(5, 12):
            bar.show("Converting", done * 10**9, 13 * 10**9)
    assert "11.0/13.0 GB" in text.getvalue()


def test_a_pipe_shows_nothing() -> None:
    text = io.StringIO()
    with byte_bar(Console(file=text)) as bar:
        bar.show("Converting", 1, 2)
    assert not text.getvalue().strip()

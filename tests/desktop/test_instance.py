"""One window for each home."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from desktop.home import Home
from desktop.instance import SingleInstance

LONG_MS = 30_000
HOLD_UNTIL_KILLED = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from desktop.home import Home
from desktop.instance import SingleInstance
app = QCoreApplication([])
instance = SingleInstance(Home(Path(sys.argv[1]), Path(), Path(), Path()))
print(instance.begin(), flush=True)
app.exec()
"""


def home(path: Path) -> Home:
    return Home(path, path / "bundled", path / "web", path / "catalogue.json")


def test_a_second_start_shows_the_first_window_and_leaves(qtbot: QtBot, tmp_path: Path) -> None:
    first, second = SingleInstance(home(tmp_path)), SingleInstance(home(tmp_path))
    assert first.begin()
    with qtbot.waitSignal(first.shown_wanted, timeout=LONG_MS):
        assert not second.begin()
    first.close()


def test_another_home_is_another_program(qtbot: QtBot, tmp_path: Path) -> None:
    one, other = SingleInstance(home(tmp_path / "1")), SingleInstance(home(tmp_path / "2"))
    assert one.begin()
    assert other.begin()
    one.close()
    other.close()


def test_a_closed_program_gives_its_home_back(qtbot: QtBot, tmp_path: Path) -> None:
    first, second = SingleInstance(home(tmp_path)), SingleInstance(home(tmp_path))
    assert first.begin()
    first.close()
    assert second.begin()
    second.close()


def test_a_killed_program_does_not_keep_its_home(qtbot: QtBot, tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD_UNTIL_KILLED, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        assert not SingleInstance(home(tmp_path)).begin()
        os.kill(process.pid, signal.SIGKILL)
    after = SingleInstance(home(tmp_path))
    assert after.begin()
    after.close()

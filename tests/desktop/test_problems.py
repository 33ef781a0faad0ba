"""What nobody catches reaches the log file, and a sentence that the window shows."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
from collections.abc import Generator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer, qWarning
from pytestqt.qtbot import QtBot

from desktop.problems import Problems

LONG_MS = 30_000


@pytest.fixture
def problems(qtbot: QtBot, tmp_path: Path) -> Generator[Problems]:
    problems = Problems(tmp_path / "logs")
    level = logging.getLogger().level
    problems.watch()
    yield problems
    problems.close()
    logging.getLogger().setLevel(level)
    faulthandler.enable(2)  # as pytest had it


def logged(problems: Problems) -> str:
    return problems.log_file.read_text("utf-8")


def fail() -> None:
    raise RuntimeError("the lamp is out")


def test_an_exception_in_a_slot_is_logged_and_told(qtbot: QtBot, problems: Problems) -> None:
    with qtbot.waitSignal(problems.met, timeout=LONG_MS) as met:
        QTimer.singleShot(0, fail)
    assert met.args is not None
    assert "the lamp is out. The details are in" in met.args[0]
    assert str(problems.log_file) in met.args[0]
    assert "Traceback" in logged(problems)
    assert "RuntimeError: the lamp is out" in logged(problems)


def test_an_exception_in_a_thread_is_logged_and_told(qtbot: QtBot, problems: Problems) -> None:
    with qtbot.waitSignal(problems.met, timeout=LONG_MS) as met:
        threading.Thread(target=fail, name="lamplighter").start()
    assert met.args is not None
    assert "the lamp is out" in met.args[0]
    assert "CRITICAL lamplighter" in logged(problems)


def test_an_exception_without_words_is_told_by_its_name(qtbot: QtBot, problems: Problems) -> None:
    def fail_silently() -> None:
        raise ZeroDivisionError

    with qtbot.waitSignal(problems.met, timeout=LONG_MS) as met:
        QTimer.singleShot(0, fail_silently)
    assert met.args is not None
    assert "ZeroDivisionError" in met.args[0]


def test_what_qt_complains_about_is_logged(problems: Problems) -> None:
    qWarning("QLamp: no oil")
    assert "WARNING MainThread qt: QLamp: no oil" in logged(problems)


def test_what_the_engine_logs_is_in_the_file(problems: Problems) -> None:
    logging.getLogger("engine.thread").info("A step")
    assert "INFO MainThread engine.thread: A step" in logged(problems)


def test_a_crash_in_native_code_would_find_its_file(problems: Problems) -> None:
    crashes = problems.log_file.with_name("crash.log")
    assert faulthandler.is_enabled()
    with crashes.open("a+", encoding="utf-8") as file:
        faulthandler.dump_traceback(file)
    assert "test_problems.py" in crashes.read_text("utf-8")


def test_closing_gives_the_process_its_hooks_back(qtbot: QtBot, tmp_path: Path) -> None:
    before = (sys.excepthook, threading.excepthook, logging.getLogger().handlers[:])
    problems = Problems(tmp_path / "logs")
    problems.watch()
    problems.close()
    faulthandler.enable(2)
    assert (sys.excepthook, threading.excepthook, logging.getLogger().handlers[:]) == before

"""What nobody catches reaches the log file, and a sentence that the window shows."""

from __future__ import annotations

import faulthandler
import logging
import platform
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer, qWarning
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from desktop.problems import Problems
from desktop.program import Program
from desktop.report import ReportDialog
from desktop.shell import CRASHED, Shell
from tests.conftest import ROOT

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


def test_what_a_crash_left_is_told_once(qtbot: QtBot, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    code = (
        "import faulthandler, pathlib, sys\n"
        "from desktop.problems import Problems\n"
        "Problems(pathlib.Path(sys.argv[1])).watch()\n"
        "faulthandler._sigsegv()\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(logs)], check=False, cwd=ROOT)
    assert ended.returncode == -signal.SIGSEGV
    for is_told in (True, False):
        after = Problems(logs)
        after.watch()
        assert ("Fatal Python error: Segmentation fault" in after.last_crash) == is_told
        assert ("Segmentation fault" in after.report()) == is_told
        after.close()
    faulthandler.enable(2)


def test_the_report_has_versions_and_the_end_of_the_log(problems: Problems) -> None:
    logging.getLogger("hearth").info("x" * 30_000)
    logging.getLogger("hearth").info("The last line.")
    report = problems.report()
    assert "PySide6-Essentials 6." in report
    assert f"Python {platform.python_version()}" in report
    assert report.endswith("The last line.")
    assert len(report) < 21_000


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_notice_leads_to_a_report_that_can_be_copied(
    qtbot: QtBot, program: Program, make_shell: Callable[[], Shell]
) -> None:
    shell = make_shell()
    with qtbot.capture_exceptions():
        program.problems.met.emit("Something went wrong.")
    notice = shell.window.page.notice
    assert notice.text() == "Something went wrong."
    next(one for one in notice.findChildren(QToolButton) if one.text() == "Details").click()
    (dialog,) = shell.window.findChildren(ReportDialog)
    next(one for one in dialog.findChildren(QPushButton) if one.text() == "Copy all").click()
    assert f"Python {platform.python_version()}" in QGuiApplication.clipboard().text()
    notice.show_sentence("Another.")
    assert not any(one.isVisible() for one in notice.findChildren(QToolButton) if one.text())


def test_a_crash_is_said_at_the_next_start(
    program: Program, make_shell: Callable[[], Shell]
) -> None:
    program.problems.last_crash = "Fatal Python error: Segmentation fault"
    assert make_shell().window.page.notice.text() == CRASHED

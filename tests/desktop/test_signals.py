"""Real signals to this process, while Qt's event loop runs."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Generator

import pytest
from pytestqt.qtbot import QtBot

from desktop.signals import QuitSignals

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="os.kill ends the process on Windows, whatever the signal"
)


@pytest.fixture
def quit_signals(qtbot: QtBot) -> Generator[QuitSignals]:
    signals = QuitSignals()
    signals.watch()
    yield signals
    signals.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_to_quit(
    qtbot: QtBot, quit_signals: QuitSignals, number: signal.Signals
) -> None:
    with qtbot.waitSignal(quit_signals.quit_wanted, timeout=30_000):
        os.kill(os.getpid(), number)


def test_a_second_signal_asks_again(qtbot: QtBot, quit_signals: QuitSignals) -> None:
    for _ in range(2):
        with qtbot.waitSignal(quit_signals.quit_wanted, timeout=30_000):
            os.kill(os.getpid(), signal.SIGTERM)


def test_closing_gives_the_process_its_handlers_back(qtbot: QtBot) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    signals = QuitSignals()
    signals.watch()
    signals.close()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    assert signal.set_wakeup_fd(-1) == -1

"""How long the window stands still while an answer streams into it.

    .venv/bin/python -m tests.bench.frame_gap

Opens the whole window on the starter model, in a temporary HEARTH_HOME, and asks for a long story
through the composer. A precise QTimer of 5 ms in the same event loop notes the time between each
two of its ticks, from the first text of the answer to its end, or for 20 seconds. Whatever holds
the event loop up (a slot, a layout, a paint, a commit, the GIL) makes that gap longer by as much;
without load it is 5 ms. What is printed is one JSON object: the gaps in milliseconds, the tokens
per second, and the characters on the screen.

QT_QPA_PLATFORM says where the window opens; without it, offscreen.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from contextlib import ExitStack

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.app import make_application
from desktop.chat.composer import Editor
from desktop.chat.controller import ChatController
from desktop.home import default_home
from desktop.library.records import AnswerEnd
from desktop.program import Program
from desktop.shell import Shell
from desktop.window import MainWindow

QUESTION = (
    "Write a very long story about a lighthouse keeper, with a heading for each chapter, dialogue "
    "and a list of everything the keeper owns. Do not stop before the tenth chapter."
)
TICK_MS = 5
STREAMING_MS = 20_000


class Watch(QObject):
    """Asks, notes the gaps while the answer grows, stops it after a while, and leaves."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self.gaps_ms: list[float] = []
        self.end: AnswerEnd | None = None
        self._window = window
        self._last_tick: float | None = None
        self._length_without_answer = 0
        self._ticks = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._ticks.timeout.connect(self._tick)
        self._chat = window.page.findChildren(ChatController)[0]
        self._chat.usage_changed.connect(self._on_usage)

    @property
    def length(self) -> int:
        return len(self._window.page.transcript.toPlainText())

    @Slot()
    def ask(self) -> None:
        editor = self._window.findChildren(Editor)[0]
        QTest.keyClicks(editor, QUESTION)
        QTest.keyClick(editor, Qt.Key.Key_Return)
        self._chat.activity_changed.connect(self._on_activity)

    @Slot(str)
    def _on_activity(self, activity: str) -> None:
        """Before its first text the answer reads, waits and thinks; then it is "Answering…"."""
        if activity == "Answering…":
            self._ticks.start()

    @Slot()
    def _tick(self) -> None:
        now = time.perf_counter()
        if self._last_tick is not None:
            self.gaps_ms.append((now - self._last_tick) * 1000)
        self._last_tick = now
        if sum(self.gaps_ms) > STREAMING_MS:
            self._ticks.stop()
            self._chat.stop()

    @Slot(object)
    def _on_usage(self, end: AnswerEnd | None) -> None:
        """The figures come when the answer has ended."""
        if end is not None:
            self._ticks.stop()
            self.end = end
            QApplication.quit()


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        os.environ["HEARTH_HOME"] = home
        print(json.dumps(measure()))


def measure() -> dict[str, object]:
    app = make_application()
    with ExitStack() as on_exit:
        shell = Shell(app, Program(default_home(), on_exit), on_exit)
        watch = Watch(shell.window)
        shell.window.show()
        QTimer.singleShot(0, shell, shell.load_model)
        QTimer.singleShot(0, watch, watch.ask)  # waits in the engine until the model is loaded
        app.exec()
        return figures(watch)


def figures(watch: Watch) -> dict[str, object]:
    gaps = sorted(watch.gaps_ms)
    speed = watch.end and watch.end.tokens_per_second
    return {
        "platform": QApplication.platformName(),
        "max_ms": round(gaps[-1], 1),
        "p99_ms": round(gaps[len(gaps) * 99 // 100], 1),
        "median_ms": round(statistics.median(gaps), 1),
        "gaps": len(gaps),
        "tokens_per_second": speed and round(speed, 1),
        "characters": watch.length,
    }


if __name__ == "__main__":
    main()

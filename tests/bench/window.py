"""What the window costs: start, memory, a long conversation, an answer that streams fast.

    QT_QPA_PLATFORM=offscreen .venv/bin/python -m tests.bench.window

Each start in a process of its own, on a home of its own without a model; the last line is one JSON
object: milliseconds, MiB, and gaps between the ticks of a 5 ms timer.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import psutil
from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtTest import QTest

from desktop.app import make_application
from desktop.home import Home, default_home
from desktop.library.archive import KeptConversation, KeptMessage, add_conversations
from desktop.library.store import Store
from desktop.program import Program
from desktop.shell import Shell
from engine.types import Role

STARTS, MESSAGES, RATE = 5, 1000, 200
TOKENS = 2000
PARAGRAPH = (
    "An answer has **several** sentences, some `code` and a [link](https://example.org). It goes "
    "on for a while, as answers do.\n\n- one thing\n- another thing\n"
)
CODE = "```python\nfor number in range(10):\n    print(number)  # counts\n```\n"


def main() -> None:
    if sys.argv[1:] == ["--start"]:
        print(json.dumps(one_start()))
        return
    starts = [started() for _ in range(STARTS)]
    figures: dict[str, float] = {
        "visible_ms": statistics.median(one["visible_ms"] for one in starts[1:]),
        "memory_mib": statistics.median(one["memory_mib"] for one in starts[1:]),
    }
    with tempfile.TemporaryDirectory() as folder, ExitStack() as on_exit:
        home = home_in(Path(folder))
        write_long_conversation(home)
        app = make_application()
        shell = Shell(app, Program(home, on_exit), on_exit)
        shell.window.show()
        QTest.qWait(500)
        figures |= opened(shell) | streamed(shell)
        shell.window.close()
    print(json.dumps({name: round(value, 1) for name, value in figures.items()}))


def home_in(folder: Path) -> Home:
    return replace(default_home(), data=folder, bundled_models=folder / "none")


def started() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.window", "--start"],
            env={**os.environ, "HEARTH_HOME": folder},
            capture_output=True,
            text=True,
            check=True,
        )
    return json.loads(done.stdout.splitlines()[-1])


def one_start() -> dict[str, float]:
    """From the start of the process to the first idle moment of a window that is shown."""
    with ExitStack() as on_exit:
        home = default_home()
        app = make_application()
        shell = Shell(app, Program(home_in(home.data), on_exit), on_exit)
        shell.window.show()
        app.processEvents()
        visible = time.time() - psutil.Process().create_time()
        QTimer.singleShot(0, shell, shell.load_model)
        QTest.qWait(1500)
        memory = psutil.Process().memory_full_info().uss
        shell.window.close()
    return {"visible_ms": visible * 1e3, "memory_mib": memory / 2**20}


def write_long_conversation(home: Home) -> None:
    """A thousand messages, the answers some 400 characters with code in every fifth."""
    store = Store(home.database)
    messages = tuple(long_message(number) for number in range(1, MESSAGES + 1))
    add_conversations(store.database, [KeptConversation("Long", 0.0, 0.0, messages, MESSAGES)])
    store.close()


def long_message(number: int) -> KeptMessage:
    if number % 2:
        return KeptMessage(number, number - 1 or None, Role.USER, "What about this?", 0.0)
    text = PARAGRAPH * 2 + (CODE if number % 10 == 0 else "")
    return KeptMessage(number, number - 1, Role.ASSISTANT, text, 0.0, "It was thought about. " * 10)


def opened(shell: Shell) -> dict[str, float]:
    times: list[float] = []
    for _ in range(5):
        shell._chat.new_chat()
        QTest.qWait(50)
        clock = QElapsedTimer()
        clock.start()
        shell._chat.show(1)
        shell.window.repaint()
        times.append(clock.nsecsElapsed() / 1e6)
    return {"open_1000_messages_ms": statistics.median(times)}


def streamed(shell: Shell) -> dict[str, float]:
    """RATE tokens a second of four letters, flushed 30 times a second, below 50 shown messages."""
    transcript, gaps, clock = shell._page.transcript, list[float](), QElapsedTimer()
    ticks = QTimer(interval=5)
    ticks.timeout.connect(lambda: gaps.append(clock.nsecsElapsed() / 1e6) or clock.restart())
    text = (PARAGRAPH + CODE) * 60
    transcript.add_question("And now?")
    transcript.begin_answer()
    clock.start()
    ticks.start()
    step, written = RATE * 4 // 30, 0
    while written < TOKENS * 4:
        transcript.feed(text[written : written + step])
        written += step
        QTest.qWait(33)
    ticks.stop()
    gaps.sort()
    return {
        "stream_gap_p50_ms": statistics.median(gaps),
        "stream_gap_p99_ms": gaps[int(len(gaps) * 0.99)],
        "stream_gap_max_ms": gaps[-1],
    }


if __name__ == "__main__":
    main()

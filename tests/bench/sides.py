"""The sides of a comparison: each runs in a process of its own, whose last line is JSON.

A side that has printed its figures waits for the end of its input, so that its memory can be read
while it still holds all of it.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Event, Thread

import psutil

from engine.runtime.devices import cpu_threads
from tests.peer.environment import peer_python

ROOT = Path(__file__).resolve().parents[2]
SPEEDS = ("prefill_tokens_per_second", "decode_tokens_per_second")
WATCH_SECONDS = 0.05

Figures = dict[str, float]


class NoFigures(Exception):
    """A side ended before it had printed any."""


def hearth(folder: Path, *counts: int, prefix: Iterable[str] = ()) -> Figures:
    """`counts`: tokens of prompt and answer, repeats, tokens of context (0 for none)."""
    return run_side([*prefix, sys.executable, "-m", "tests.bench.run_hearth", folder, *counts])


def llama_cpp(gguf: Path, *counts: int) -> Figures:
    """`counts` as for hearth()."""
    script = Path(__file__).with_name("run_llama_cpp.py")
    return run_side([peer_python(), script, gguf, cpu_threads(), *counts])


def run_side(command: Sequence[object]) -> Figures:
    """What it says of itself, and its memory in MiB: anonymous, at most and at the end; of files.

    Raises NoFigures.
    """
    words = [str(word) for word in command]
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as process,
        MemoryWatch(process.pid) as memory,
    ):
        assert process.stdout is not None
        line = next((line for line in process.stdout if line.startswith("{")), None)
        if line is not None:
            return json.loads(line) | memory.figures()
    raise NoFigures(f"{' '.join(words)}: ended with {process.returncode}")


class MemoryWatch:
    """Looks at a process's memory all the while: the system keeps no peak of anonymous memory."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._done = Event()
        self._thread = Thread(target=self._watch)
        self._peak_bytes = 0

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def figures(self) -> Figures:
        now = self._process.memory_info()
        anonymous = now.rss - now.shared
        mib = {
            "peak_anonymous_mib": max(anonymous, self._peak_bytes),
            "anonymous_mib": anonymous,
            "file_mib": now.shared,
        }
        return {name: round(value / 2**20) for name, value in mib.items()}

    def _watch(self) -> None:
        while not self._done.wait(WATCH_SECONDS):
            try:
                now = self._process.memory_info()
            except psutil.NoSuchProcess:
                return
            self._peak_bytes = max(self._peak_bytes, now.rss - now.shared)


def medians(runs: Sequence[Figures], names: Iterable[str]) -> Figures:
    return {name: round(statistics.median(run[name] for run in runs), 2) for name in names}


def ratios(ours: Figures, theirs: Figures) -> Figures:
    return {name: round(ours[name] / theirs[name], 3) for name in SPEEDS}


def print_speeds(ours: Figures, theirs: Figures) -> None:
    for name, ratio in ratios(ours, theirs).items():
        line = f"{name:28} Hearth {ours[name]:8.1f}  llama.cpp {theirs[name]:8.1f}"
        print(f"{line}  ratio {ratio:.2f}")

"""Long work that is counted in bytes: its bar, and Ctrl-C that ends it in order."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Lock

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from engine.cancellation import Cancellation, Cancelled
from engine.cli.shell import ExitCode


class ByteBar:
    """One bar for each stage, where the console is a terminal; it begins where the work goes on."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._tasks: dict[str, TaskID] = {}
        self._lock = Lock()

    def show(self, stage: str, done: int, total: int) -> None:
        """The first call's bytes are no work of this process, so they do not count as speed."""
        with self._lock:
            if stage not in self._tasks:
                self._tasks[stage] = self._bar.add_task(stage, total=total, completed=done)
            self._bar.update(self._tasks[stage], completed=done)


@contextmanager
def byte_bar(console: Console | None = None) -> Generator[ByteBar]:
    console = console or Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    with bar:
        yield ByteBar(bar)


@contextmanager
def working() -> Generator[tuple[Cancellation, Callable[[str, int, int], None]]]:
    """What ends the work, and what shows a stage of it; leaves by SystemExit after a Ctrl-C."""
    cancellation = Cancellation()
    before = signal.signal(signal.SIGINT, lambda number, frame: cancellation.set())
    try:
        with byte_bar() as bar:
            yield cancellation, bar.show
    except Cancelled:
        click.echo("hearth: Interrupted. The same command goes on from here.", err=True)
        raise SystemExit(ExitCode.INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGINT, before)

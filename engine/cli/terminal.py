"""What a terminal needs: a progress bar for long prompts, and text that cannot command it."""

from __future__ import annotations

import re
import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

SHOWN_AFTER_SECONDS = 0.5
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def without_control_characters(text: str) -> str:
    """A model's text must not move the cursor, change colours or write the clipboard."""
    return CONTROL_CHARACTERS.sub("\N{REPLACEMENT CHARACTER}", text)


class PrefillBar:
    """A bar on standard error while a prompt is read, if that is a terminal and it takes long."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> PrefillBar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.hide()

    def show(self, done: int, total: int) -> None:
        if self._bar is None and self._is_worth_it(done, total):
            self._bar = Progress(
                TextColumn("Reading the conversation"),
                BarColumn(),
                TextColumn("{task.completed:,} of {task.total:,} tokens"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task("", total=total)
            self._bar.start()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done)

    def hide(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _is_worth_it(self, done: int, total: int) -> bool:
        long = time.monotonic() - self._begun > SHOWN_AFTER_SECONDS
        return long and done < total and sys.stderr.isatty()

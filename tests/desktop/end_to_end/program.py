"""The program as a user has it: a process, seen as a screen reader sees it, touched by keys and
clicks of the X server.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.conftest import ROOT
from tests.desktop.end_to_end.screen_reader import ScreenReader
from tests.desktop.end_to_end.seen import Seen, State
from tests.desktop.end_to_end.stage import PATIENCE_SECONDS, Stage

LOOK_SECONDS = 0.05
BUTTON, MENU_BUTTON, MENU_ITEM = "push button", "button menu", "menu item"
FIELD, SWITCH, LIST_ITEM, LABEL, DIALOG = "text", "check box", "list item", "label", "dialog"
MESSAGE = "Message"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Desktop:
    stage: Stage
    reader: ScreenReader

    @contextmanager
    def running(self, home: Path) -> Generator[Program]:
        program = Program(self.stage, self.reader, home)
        try:
            yield program
        finally:
            program.leave()


class Program:
    """Owns the process. What is waited for comes, or the tree that was seen last is the failure."""

    def __init__(self, stage: Stage, reader: ScreenReader, home: Path) -> None:
        self._stage = stage
        self._reader = reader
        environment = {**stage.environment, "HEARTH_HOME": str(home)}
        command = [sys.executable, "-m", "desktop"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=pipe, stderr=subprocess.STDOUT, text=True
        )

    # what can be seen

    def until(self, find: Callable[[Seen], T]) -> T:
        """What was found, once it is true."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        seen = None
        while time.monotonic() < deadline:
            assert self._process.poll() is None, f"it ended: {self.ended()}"
            seen = self._reader.look(self._process.pid)
            if seen and (found := find(seen)):
                return found
            time.sleep(LOOK_SECONDS)
        raise AssertionError(f"it did not come:\n{seen.in_words() if seen else 'no window'}")

    def find(self, role: str, name: str = "") -> Seen:
        """The first that is enabled and whose name begins so."""
        found = self.until(
            lambda seen: [one for one in seen.all(role, name) if State.ENABLED in one.states]
        )
        return found[0]

    def shows(self, text: str, conversation: str = "Conversation") -> Seen:
        """In the conversation, by its name in the window's language."""
        return self.until(
            lambda seen: [one for one in seen.all(LABEL, conversation) if text in one.text]
        )[0]

    def announced_after(self, act: Callable[[], None]) -> str:
        """What screen readers are told first of what follows."""
        try:
            return self._reader.announcement_after(act)
        except TimeoutError:
            seen = self._reader.look(self._process.pid)
            raise AssertionError(f"nothing was said:\n{seen and seen.in_words()}") from None

    # what can be done

    def click(self, role: str, name: str = "") -> None:
        self._click_on(self.find(role, name))

    def focus(self, role: str, name: str) -> None:
        self.click(role, name)
        self.until(lambda seen: [o for o in seen.all(role, name) if State.FOCUSED in o.states])

    def press(self, keys: str) -> None:
        """As xdotool names them, such as ctrl+k."""
        self._do("key", keys)

    def type(self, text: str) -> None:
        self._do("type", text)

    def ask(self, question: str) -> None:
        self.focus(FIELD, MESSAGE)
        self.type(question)
        self.press("Return")

    def menu_of(self, button: str) -> Seen:
        return self._reader.menu_after(lambda: self.click(MENU_BUTTON, button))

    def menu_at(self, keys: str) -> Seen:
        return self._reader.menu_after(lambda: self.press(keys))

    def choose(self, menu: Seen, item: str) -> None:
        """In a menu that is open."""
        self._click_on(menu.all(MENU_ITEM, item)[0])

    # its end

    def quit(self, message: str = MESSAGE) -> tuple[int, str]:
        """By the keyboard, from the field of that name. The exit code, and all that it has said in
        the terminal."""
        self.focus(FIELD, message)  # without a window manager nothing has it after a dialog
        self.press("ctrl+q")
        return self.ended()

    def ended(self) -> tuple[int, str]:
        said, _ = self._process.communicate(timeout=PATIENCE_SECONDS)
        return self._process.returncode, said

    def leave(self) -> None:
        """Whatever has happened."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()

    def _click_on(self, seen: Seen) -> None:
        x, y = seen.box.centre
        self._do("mousemove", str(x), str(y), "click", "1")

    def _do(self, *words: str) -> None:
        environment = self._stage.environment
        command = ["xdotool", *words]
        subprocess.run(command, env=environment, check=True, timeout=PATIENCE_SECONDS)

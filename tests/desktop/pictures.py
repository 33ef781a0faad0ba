"""Pictures of every page of the real window, with the real starter.

    QT_QPA_PLATFORM=offscreen .venv/bin/python -m tests.desktop.pictures
    QT_QPA_PLATFORM=offscreen .venv/bin/python -m tests.desktop.pictures --all FOLDER

The first takes the README's, into resources/screenshots; what the model answers differs from time
to time. The second takes all pages, light and dark, at one and two device pixels per pixel, in each
language, to be looked at.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

import resources
from desktop.app import make_application
from desktop.chat.manner import MannerDialog
from desktop.home import default_home
from desktop.language import use
from desktop.library.records import COMPLETED, AnswerEnd, Status
from desktop.library.store import Store
from desktop.preferences.encryption import KeyDialog
from desktop.program import Program
from desktop.report import ReportDialog
from desktop.settings import ColourChoice, Language
from desktop.shell import Place, Shell

QUESTIONS = (
    "Name three primary colours.",
    "Write a short Python function that checks whether a number is even.",
)
ANSWER = """A number is **even** if dividing it by two leaves nothing.

```python
def is_even(number: int) -> bool:
    return number % 2 == 0
```

| number | remainder | even |
|---:|---:|:---|
| 7 | 1 | no |
| 12 | 0 | yes |

1. It takes any `int`, also a negative one.
2. See [the manual](https://docs.python.org/3/library/stdtypes.html).

> Zero is even, too.
"""
THOUGHTS = "The user wants a function. The remainder of a division by two tells it."
END = AnswerEnd(Status.COMPLETE, "", 412, 11.4, 3.2, 0.8, 58, 143)
SETTLE_MS = 300
LOAD_MS = 60_000
SCALES = (1, 2)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", type=Path)
    parser.add_argument("--scaled", type=Path, help="one scale of --all, in a process of its own")
    options = parser.parse_args()
    if options.all:
        for scale in SCALES:
            take_scaled(options.all, scale)
    elif options.scaled:
        take_all(options.scaled)
    else:
        take_readme(Path(resources.__file__).parent / "screenshots")


def take_scaled(folder: Path, scale: int) -> None:
    """Qt takes its scale when it starts."""
    into = folder / f"{scale}x"
    into.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.desktop.pictures", "--scaled", str(into)]
    subprocess.run(command, env={**os.environ, "QT_SCALE_FACTOR": str(scale)}, check=True)


def take_readme(folder: Path) -> None:
    app = make_application()
    with opened(app, Language.ENGLISH, ColourChoice.LIGHT) as shell:
        for question in QUESTIONS:
            ask(shell, question)
        save(shell.window, folder / "window.png")


def take_all(folder: Path) -> None:
    app = make_application()
    for language in (Language.ENGLISH, Language.GERMAN, Language.CHINESE):
        for colours in (ColourChoice.LIGHT, ColourChoice.DARK):
            with opened(app, language, colours) as shell:
                for name, widget in pages(shell):
                    save(widget, folder / f"{language}-{colours}-{name}.png")


def pages(shell: Shell) -> Iterator[tuple[str, QWidget]]:
    yield "welcome", shell.window
    write_conversation(shell)
    yield "chat", shell.window
    openers: dict[str, Callable[[], None]] = {
        "models": shell._show_models,
        "api": shell._show_api,
        "connections": shell._show_connections,
        "preferences": shell._show_preferences,
        "manner": shell._page.composer.manner._show_dialog,
        "report": shell._show_report,
        "key": KeyDialog(bytes(range(32)), shell.window).open,
    }
    for name, show in openers.items():
        show()
        yield name, front(shell)
        front(shell).close()


def front(shell: Shell) -> QWidget:
    kinds = (MannerDialog, ReportDialog, KeyDialog)
    dialogs = [one for kind in kinds for one in shell.window.findChildren(kind)]
    pages = [shell._pages._models_dialog, shell._pages._api_dialog]
    pages += [shell._pages._connections_dialog, shell._pages.preferences]
    return next(one for one in [*dialogs, *pages] if one.isVisible())


def write_conversation(shell: Shell) -> None:
    question = shell._store.add_question(None, QUESTIONS[1])
    shell._store.append(question.answer_id, THOUGHTS, is_reasoning=True)
    shell._store.append(question.answer_id, ANSWER)
    shell._store.finish(question.answer_id, END)
    shell._library.refresh()
    shell._chat.show(question.conversation_id)


class opened:
    """A window with some conversations, whose model is loaded."""

    def __init__(self, app: QApplication, language: Language, colours: ColourChoice) -> None:
        self._on_exit = ExitStack()
        data = self._on_exit.enter_context(tempfile.TemporaryDirectory())
        home = replace(default_home(), data=Path(data))
        fill(home.database)
        program = Program(home, self._on_exit)
        program.connections().permit("huggingface.co", "get gpt-oss-20b")
        program.remember(colours=colours, language=language)
        use(language)
        self._shell = Shell(app, program, self._on_exit)
        self._shell.window.show()
        self._shell.begin(Place())

    def __enter__(self) -> Shell:
        while not self._shell._bridge.engine.count_tokens("ready"):
            QTest.qWait(50)
        return self._shell

    def __exit__(self, *_: object) -> None:
        self._on_exit.close()


def fill(database: Path) -> None:
    store = Store(database)
    for title in ("A trip to Lisbon", "Why bread rises", "Letter to the landlord"):
        store.finish(store.add_question(None, title).answer_id, COMPLETED)
    store.pin(store.conversations()[0].id, True)
    store.close()


def ask(shell: Shell, question: str) -> None:
    shell._page.composer.set_text(question)
    shell._page.composer.sent.emit(question)
    while shell._chat.is_answering:
        QTest.qWait(50)


def save(widget: QWidget, path: Path) -> None:
    QTest.qWait(SETTLE_MS)
    widget.grab().save(str(path))


if __name__ == "__main__":
    main()

"""The README's pictures, taken of the real window with the real starter.

    QT_QPA_PLATFORM=offscreen .venv/bin/python -m tests.desktop.pictures [FOLDER]

Into resources/screenshots, or into FOLDER. What the model answers differs from time to time.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from PySide6.QtTest import QTest

import resources
from desktop.app import make_application
from desktop.home import default_home
from desktop.program import Program
from desktop.settings import ColourChoice
from desktop.shell import Shell

QUESTIONS = (
    "Name three primary colours.",
    "Write a short Python function that checks whether a number is even.",
)
SETTLE_MS = 500


def main() -> None:
    screenshots = Path(resources.__file__).parent / "screenshots"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else screenshots
    app = make_application()
    with tempfile.TemporaryDirectory() as data, ExitStack() as on_exit:
        program = Program(replace(default_home(), data=Path(data)), on_exit)
        program.remember(colours=ColourChoice.LIGHT)
        shell = Shell(app, program, on_exit)
        shell.window.show()
        shell.load_model()
        for question in QUESTIONS:
            ask(shell, question)
        QTest.qWait(SETTLE_MS)
        shell.window.grab().save(str(folder / "window.png"))


def ask(shell: Shell, question: str) -> None:
    """It waits for the model, too."""
    shell._page.composer.set_text(question)
    shell._page.composer.sent.emit(question)
    while shell._chat._turns:
        QTest.qWait(50)


if __name__ == "__main__":
    main()

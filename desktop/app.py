"""The process: one instance, the engine, and one window after the other.

A window is on the screen before numpy, onnxruntime and the model are touched: those come on the
engine thread.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox, QProgressDialog

from desktop.home import Home
from desktop.instance import SingleInstance
from desktop.language import tr, use
from desktop.program import Program
from desktop.shell import NEW_WINDOW, Place, Shell
from desktop.style.icons import application_icon
from engine.errors import HearthError

T = TypeVar("T")
LOOK_SECONDS = 0.03


def run_window(home: Home) -> int:
    """Until the user quits. Returns the process's exit code."""
    app = make_application()
    with ExitStack() as on_exit:
        try:
            instance = SingleInstance(home)
            on_exit.callback(instance.close)
            if not instance.begin():
                return 0
            return _show_windows(app, Program(home, on_exit), instance)
        except HearthError as error:
            return _refuse(str(error))
        except OSError as error:
            return _refuse(
                tr(
                    "Hearth cannot keep its files in {folder}: {reason}.",
                    folder=home.data,
                    reason=error.strerror,
                )
            )


def _show_windows(app: QApplication, program: Program, instance: SingleInstance) -> int:
    """One after the other: another language takes a new window, and the engine stays."""
    code, place = NEW_WINDOW, Place()
    while code == NEW_WINDOW:
        use(program.settings.current.language)
        with ExitStack() as on_close:
            shell = Shell(app, program, on_close)
            instance.shown_wanted.connect(shell.window.come_forward)
            shell.window.show()
            QTimer.singleShot(0, shell, partial(shell.begin, place))
            code = app.exec()
            if code == NEW_WINDOW:
                place = shell.place()
        place = _changed(program, place)
    return code


def _changed(program: Program, place: Place) -> Place:
    """While no window has the library open; some seconds for a large one."""
    if not program.vault.is_change_wanted:
        return place
    try:
        return replace(place, new_key=_busy_with(program.vault.change))
    except HearthError as error:
        return replace(place, sentence=str(error))


def _busy_with(work: Callable[[], T]) -> T:
    """In a thread, so that something moves while it lasts. Raises what the work raises."""
    busy = QProgressDialog(tr("The conversations are written anew…"), "", 0, 0)
    busy.setCancelButton(None)  # pyright: ignore[reportArgumentType]  # what has begun is finished
    busy.setWindowTitle("Hearth")
    busy.show()
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work)
        while not done.done():
            QApplication.processEvents()
            time.sleep(LOOK_SECONDS)
    busy.close()
    return done.result()


def _refuse(sentence: str) -> int:
    QMessageBox.critical(None, "Hearth", sentence)
    return 1


def make_application() -> QApplication:
    app = QApplication(sys.argv[:1])
    app.setApplicationName("hearth")
    app.setApplicationDisplayName("Hearth")
    app.setDesktopFileName("hearth")
    app.setWindowIcon(application_icon())
    app.setQuitOnLastWindowClosed(False)  # the tray may hold the program
    return app

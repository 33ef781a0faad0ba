"""The whole window in a process of its own, driven by lines of JSON.

    python -m tests.desktop.driving [--script TEXT] [--no-model]

`run_window` runs as the program runs it; HEARTH_HOME says where. Each line on stdin is a command
for the main thread, each line on stdout what the window shows, whenever that has changed, and
last the exit code and the threads that were left. `--script` puts the scripted decoder in the
starter's place, `--no-model` takes all models away.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QMessageBox

import desktop.app
import desktop.program
from desktop.api.dialog import ApiDialog
from desktop.chat.composer import Editor
from desktop.chat.page import Welcome
from desktop.home import default_home
from desktop.library.panel import ConversationList
from desktop.window import MainWindow
from tests.fakes import ScriptedDecoder, scripted_model

LOOK_MS = 5
SECONDS_PER_TOKEN = 0.002


class Driver(QObject):
    commanded = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[str, Any] = {}
        self.commanded.connect(self._do)
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        self._reader: threading.Thread | None = None

    def _listen(self) -> None:
        if self._reader is None:
            self._reader = threading.Thread(target=self._read, name="commands", daemon=True)
            self._reader.start()

    def _read(self) -> None:
        for line in sys.stdin:
            self.commanded.emit(json.loads(line))

    @Slot()
    def _look(self) -> None:
        for box in QApplication.topLevelWidgets():
            if isinstance(box, QMessageBox) and box.isVisible():
                say({"box": box.text()})
                box.accept()
        seen = self._seen()
        if seen.get("is_shown"):
            self._listen()
        if seen != self._told:
            say(seen)
            self._told = seen

    def _seen(self) -> dict[str, Any]:
        window = self._window()
        if window is None:
            return {}
        titles = window.findChildren(ConversationList)[0].model()
        welcome = window.findChildren(Welcome)[0].findChildren(QLabel)
        notice = window.page.notice
        key = next((f for f in self._api_fields(window) if f.accessibleName() == "Key"), None)
        return {
            "is_shown": window.isVisible(),
            "shown": window.page.transcript.toPlainText(),
            "status": window.status.text(),
            "welcome": " ".join(label.text() for label in welcome),
            "notice": notice.text() if notice.isVisible() else "",
            "titles": [titles.index(row, 0).data() for row in range(titles.rowCount())],
            "composer": window.page.composer.text(),
            "key": key.text() if key and key.isVisible() else "",
        }

    def _api_fields(self, window: MainWindow) -> list[QLineEdit]:
        """The dialog is made once the window is shown."""
        dialogs = window.findChildren(ApiDialog)
        return dialogs[0].findChildren(QLineEdit) if dialogs else []

    @Slot(object)
    def _do(self, command: dict[str, Any]) -> None:
        window = self._window()
        assert window is not None
        match command:
            case {"ask": text}:
                editor = window.findChildren(Editor)[0]
                QTest.keyClicks(editor, text)
                QTest.keyClick(editor, Qt.Key.Key_Return)
            case {"choose": name}:
                menu = window.chooser.menu()
                menu.aboutToShow.emit()
                next(one for one in menu.actions() if one.text().startswith(name)).trigger()
            case {"open": row}:
                conversations = window.findChildren(ConversationList)[0]
                at = conversations.visualRect(conversations.model().index(row, 0)).center()
                QTest.mouseClick(conversations.viewport(), Qt.MouseButton.LeftButton, pos=at)
            case {"press": name}:
                dialogs = [one for one in window.findChildren(ApiDialog) if one.isVisible()]
                front = dialogs[0] if dialogs else window
                buttons = front.findChildren(QAbstractButton)
                next(button for button in buttons if button.accessibleName() == name).click()
            case {"fail": text}:
                raise RuntimeError(text)
            case _:
                window.close()

    def _window(self) -> MainWindow | None:
        widgets = QApplication.topLevelWidgets()
        return next((widget for widget in widgets if isinstance(widget, MainWindow)), None)


def say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--script")
    parser.add_argument("--no-model", action="store_true")
    options = parser.parse_args()
    home = default_home()
    if options.no_model:
        home = replace(home, bundled_models=home.data / "none")
    if options.script is not None:
        decoder = ScriptedDecoder(options.script, SECONDS_PER_TOKEN, context_length=100_000)
        desktop.program.Opener = lambda *_: lambda path, cancellation: scripted_model(decoder)
    make_application = desktop.app.make_application
    drivers: list[Driver] = []

    def make_driven_application() -> QApplication:
        app = make_application()
        drivers.append(Driver())
        return app

    desktop.app.make_application = make_driven_application
    code = desktop.app.run_window(home)
    left = {thread.name for thread in threading.enumerate()} - {"MainThread", "commands"}
    say({"code": code, "threads": sorted(left)})
    sys.exit(code)


if __name__ == "__main__":
    main()

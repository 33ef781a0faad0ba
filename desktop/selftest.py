"""`hearth --self-test`: whether this installation works, without touching what the user has.

The real window with a home of its own: a question is typed while the starter loads, the API answers
a client, the keyring keeps an entry. Installers are tested by it; an IT department may use it too.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from http.client import OK, HTTPConnection
from pathlib import Path
from typing import Any

import click
import psutil
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPdfWriter
from PySide6.QtWidgets import QApplication

from desktop.app import make_application
from desktop.attachments.text import text_of
from desktop.chat.formulas import drawing_of
from desktop.home import Home
from desktop.language import NAMES, tr, tr_later, use
from desktop.library import encryption
from desktop.library.store import Store
from desktop.program import Program
from desktop.secrets import RemoteKeys, keyring_name, new_key
from desktop.shell import Place, Shell
from engine.server.access import LOOPBACK, Access
from engine.types import Broken, Ready

QUESTION = "Name three primary colours."
FORMULA, SENTENCE = r"\(\frac{1}{2} x^2\)", tr_later("Preferences")
SERVICE, ENTRY = "hearth-self-test", "self-test"
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.002

Figures = dict[str, float | str]


class Faulty(Exception):
    """The text is a sentence."""


def run(home: Home) -> int:
    """Prints a line for each part, and at last one JSON object. Returns the exit code."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(prefix="hearth-self-test-") as folder, ExitStack() as on_exit:
        app = make_application()
        own = replace(home, data=Path(folder), chosen_models=None)
        test = SelfTest(app, Program(own, on_exit), on_exit)
        return test.run()


class SelfTest:
    """Its parts run in turn; one that fails does not keep the next from running."""

    def __init__(self, app: QApplication, program: Program, on_exit: ExitStack) -> None:
        self._app = app
        self._program = program
        self._begun = psutil.Process().create_time()
        use(program.settings.current.language)
        self._shell = Shell(app, program, on_exit)

    def run(self) -> int:
        figures: Figures = {}
        failed = 0
        for name, part in self._parts():
            try:
                found = part()
            except Exception as error:  # a library that is missing, too, is to be named here
                failed += 1
                _say("FAILED", name, f"{error}" or type(error).__name__)
            else:
                figures |= found
                _say("ok", name, ", ".join(f"{key} {value}" for key, value in found.items()))
        click.echo(json.dumps({"failed": failed, **figures}))
        return min(failed, 1)

    def _parts(self) -> Iterator[tuple[str, Callable[[], Figures]]]:
        yield "window", self._window
        yield "answer", self._answer
        yield "api", self._api
        yield "keyring", _keyring
        yield "cipher", self._cipher
        yield "files", self._files
        yield "formula", _formula
        yield "words", _words
        yield "offline", self._offline
        yield "memory", _memory

    def _window(self) -> Figures:
        self._shell.window.show()
        self._app.processEvents()
        visible = self._since_begin()
        self._shell.begin(Place())
        return {"platform": self._app.platformName(), "visible_seconds": visible}

    def _answer(self) -> Figures:
        """Typed at once, while the model loads, as somebody in a hurry does; and stopped, since the
        starter may go on for minutes."""
        page = self._shell.window.page
        page.composer.set_text(QUESTION)
        self._press(Qt.Key.Key_Return)
        self._wait("it was not taken", lambda: self._shell.is_answering)
        self._wait("nothing came", lambda: _has_text(page.transcript.toPlainText()))
        first = self._since_begin()
        self._press(Qt.Key.Key_Escape)
        self._wait("it did not end", lambda: not self._shell.is_answering)
        if page.notice.isVisible():
            raise Faulty(page.notice.text())
        return {"first_text_seconds": first}

    def _api(self) -> Figures:
        """One request, as another program makes it."""
        from engine.server.run import LocalServer

        begun, key = time.monotonic(), new_key()
        access = Access(key, self._program.home.web_page)
        server = LocalServer(self._program.bridge.engine, access, port=0)
        server.start()
        try:
            answer = _ask(server.port, key, self._model_id())
        finally:
            server.close()
        if not answer["choices"][0]["message"]["content"]:
            raise Faulty("The API answered without a word.")
        return {"api_seconds": round(time.monotonic() - begun, 2)}

    def _model_id(self) -> str:
        state = self._program.bridge.state
        if not isinstance(state, Ready):
            raise Faulty("No model is ready.")
        return state.model.id

    def _cipher(self) -> Figures:
        """Conversations that are encrypted on the disk."""
        path, key = self._program.home.data / "cipher.sqlite3", encryption.new_key()
        for _ in range(2):
            Store(path, key).close()
        if not encryption.is_encrypted(path):
            raise Faulty("What should be encrypted is not.")
        return {}

    def _files(self) -> Figures:
        """The texts of a PDF and of a Word document are read."""
        pdf, word = (self._program.home.data / f"text.{kind}" for kind in ("pdf", "docx"))
        _write_pdf(pdf)
        _write_word(word)
        for path in (pdf, word):
            if (text := text_of(path)).split() != QUESTION.split():
                raise Faulty(f"Of {path.name} was read: {text}")
        return {}

    def _offline(self) -> Figures:
        """Hearth's own ledger; a network namespace without a route proves it from outside."""
        if made := len([*self._program.connections().all()]):
            raise Faulty(f"{made} connections to other machines were made.")
        return {"connections": 0}

    def _press(self, key: Qt.Key) -> None:
        none = Qt.KeyboardModifier.NoModifier
        composer = self._shell.window.page.composer
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            self._app.sendEvent(composer.focusProxy() or composer, QKeyEvent(kind, key, none))

    def _wait(self, otherwise: str, is_so: Callable[[], bool]) -> None:
        """Raises Faulty."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            if isinstance(state := self._program.bridge.state, Broken):
                raise Faulty(str(state.error))
            if time.monotonic() > until:
                raise Faulty(f"{otherwise} in {PATIENCE_SECONDS:.0f} seconds")
            self._app.processEvents()
            time.sleep(LOOK_SECONDS)

    def _since_begin(self) -> float:
        return round(time.time() - self._begun, 2)


def _has_text(transcript: str) -> bool:
    """An activity, which stands there before the answer, ends with an ellipsis."""
    said = transcript.removeprefix(QUESTION).strip()
    return bool(said) and not said.endswith("…")


def _keyring() -> Figures:
    """An entry of the test's own is kept, read and deleted."""
    begun, keys, key = time.monotonic(), RemoteKeys(SERVICE), new_key()
    keys.set(ENTRY, key)
    kept = keys.get(ENTRY)
    keys.delete(ENTRY)
    if kept != key or keys.get(ENTRY) is not None:
        raise Faulty("The keyring does not keep what it is given.")
    return {"keyring": keyring_name(), "keyring_seconds": round(time.monotonic() - begun, 2)}


def _write_pdf(path: Path) -> None:
    writer = QPdfWriter(str(path))
    painter = QPainter(writer)
    painter.drawText(1000, 1000, QUESTION)
    painter.end()


def _write_word(path: Path) -> None:
    from docx import Document

    document = Document()
    document.add_paragraph(QUESTION)
    document.save(str(path))


def _formula() -> Figures:
    if drawing_of(FORMULA) is None:
        raise Faulty(f"{FORMULA} cannot be drawn.")
    return {}


def _words() -> Figures:
    """Each language of the window says something else."""
    said: set[str] = set()
    for language in NAMES:
        use(language)
        said.add(tr(SENTENCE))
    if len(said) < len(NAMES):
        raise Faulty("A language of the window is missing.")
    return {"languages": len(said)}


def _memory() -> Figures:
    return {"memory_mib": round(psutil.Process().memory_full_info().uss / 2**20)}


def _ask(port: int, key: str, model: str) -> dict[str, Any]:
    """Past any proxy. Raises Faulty, OSError."""
    messages = [{"role": "user", "content": QUESTION}]
    body = json.dumps({"model": model, "messages": messages, "max_tokens": 8})
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection = HTTPConnection(LOOPBACK, port, timeout=PATIENCE_SECONDS)
    with closing(connection):
        connection.request("POST", "/v1/chat/completions", body, headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    if response.status != OK:
        raise Faulty(f"The API answered {response.status}: {answer}")
    return answer


def _say(result: str, name: str, text: str) -> None:
    click.echo(f"{result:7} {name:8} {text}")
    if sys.stdout is not None:
        sys.stdout.flush()

"""A window over a real store and a real engine; only the decoder is a fake."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import desktop.program
from desktop.bridge import EngineBridge
from desktop.chat.controller import ChatController
from desktop.chat.page import ChatPage
from desktop.chooser import ModelChooser
from desktop.home import default_home
from desktop.library.panel import LibraryPanel
from desktop.library.store import Store
from desktop.program import Program
from desktop.settings import ColourChoice
from desktop.shell import Place, Shell
from desktop.sidebar import Sidebar
from desktop.status import StatusLine
from desktop.style.appearance import Appearance
from desktop.style.theme import DARK, LIGHT, Theme
from desktop.window import MainWindow
from engine.types import Ready
from tests.fakes import ScriptedDecoder, scripted_model

QLocale.setDefault(QLocale("en_US"))  # as desktop.language does; what is shown has no other

ANY_FOLDER = Path("any")
LONG_MS = 30_000

OpenWindow = Callable[[], "Desk"]


@dataclass(frozen=True, slots=True)
class Desk:
    """What app.py would have wired, without the process's hooks, the keyring and the API."""

    window: MainWindow
    chat: ChatController
    library: LibraryPanel
    store: Store
    bridge: EngineBridge
    decoder: ScriptedDecoder
    appearance: Appearance

    @property
    def page(self) -> ChatPage:
        return self.window.page

    @property
    def shown_text(self) -> str:
        return self.page.transcript.toPlainText()

    @property
    def status_text(self) -> str:
        return self.window.status.text()


@pytest.fixture(params=[LIGHT, DARK], ids=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> Theme:
    return request.param


@pytest.fixture
def decoder() -> ScriptedDecoder:
    """Change its `script` before asking."""
    return ScriptedDecoder("Good day.")


@pytest.fixture
def store(tmp_path: Path) -> Generator[Store]:
    store = Store(tmp_path / "conversations.sqlite3")
    yield store
    store.close()


@pytest.fixture
def bridge(qapp: QApplication, decoder: ScriptedDecoder) -> Generator[EngineBridge]:
    """A real engine thread, on which no model is loaded yet."""
    bridge = EngineBridge(lambda folder, cancellation: scripted_model(decoder))
    yield bridge
    decoder.gate.set()
    assert bridge.close(), "the engine thread did not end"
    qapp.processEvents()  # what it told last must not arrive in the next test


@pytest.fixture
def ready_bridge(qtbot: QtBot, bridge: EngineBridge) -> EngineBridge:
    bridge.load(ANY_FOLDER)
    qtbot.waitUntil(lambda: isinstance(bridge.state, Ready), timeout=LONG_MS)
    return bridge


@pytest.fixture
def appearance(qapp: QApplication) -> Generator[Appearance]:
    """The application in Hearth's dress, light; undressed afterwards."""
    before = qapp.palette()
    yield Appearance(qapp, ColourChoice.LIGHT)
    qapp.setStyleSheet("")
    qapp.setPalette(before)


@pytest.fixture
def program(
    own_home: Path, decoder: ScriptedDecoder, monkeypatch: pytest.MonkeyPatch
) -> Generator[Program]:
    """As the process has it, with models that the script answers for."""
    monkeypatch.setattr(
        desktop.program,
        "Opener",
        lambda *_: lambda path, cancellation: scripted_model(decoder, path.name),
    )
    with ExitStack() as on_exit:
        home = replace(default_home(), bundled_models=own_home.parent / "bundled")
        yield Program(home, on_exit)


class Windows:
    """Makes the whole window, shown, as the program does: one after the other."""

    def __init__(self, app: QApplication, program: Program) -> None:
        self._app = app
        self._program = program
        self._on_close = ExitStack()

    def __call__(self, place: Place | None = None) -> Shell:
        self.close()
        shell = Shell(self._app, self._program, self._on_close)
        shell.window.show()
        shell.begin(place or Place())
        return shell

    def close(self) -> None:
        self._on_close.close()


@pytest.fixture
def make_shell(qapp: QApplication, program: Program) -> Generator[Windows]:
    windows = Windows(qapp, program)
    yield windows
    windows.close()
    qapp.setStyleSheet("")


@pytest.fixture
def make_window(
    qtbot: QtBot,
    appearance: Appearance,
    store: Store,
    bridge: EngineBridge,
    decoder: ScriptedDecoder,
) -> Generator[OpenWindow]:
    """Call it once the store holds what the test needs; the window is shown and active."""
    made: list[Desk] = []

    def make() -> Desk:
        library = LibraryPanel(store)
        sidebar = Sidebar(library, appearance.theme)
        window = MainWindow(sidebar, ModelChooser(list), ChatPage(appearance.theme), StatusLine())
        chat = ChatController(bridge, store, window.page)
        desk = Desk(window, chat, library, store, bridge, decoder, appearance)
        made.append(desk)
        _connect(desk)
        qtbot.addWidget(window)
        with qtbot.waitActive(window, timeout=LONG_MS):
            window.show()
            window.activateWindow()
        return desk

    yield make
    for desk in made:
        desk.chat.close()


@pytest.fixture
def desk(make_window: OpenWindow, ready_bridge: EngineBridge) -> Desk:
    """A window whose model is ready, on a new chat."""
    return make_window()


def _connect(desk: Desk) -> None:
    status = desk.window.status
    status.show_state(desk.bridge.state)
    desk.bridge.state_changed.connect(status.show_state)
    desk.chat.activity_changed.connect(status.show_activity)
    desk.chat.usage_changed.connect(status.show_usage)
    desk.window.new_chat_wanted.connect(desk.chat.new_chat)
    desk.library.opened.connect(desk.chat.show)
    desk.library.deleted.connect(desk.chat.forget)
    desk.chat.conversation_changed.connect(desk.library.select)
    desk.chat.library_changed.connect(desk.library.refresh)
    desk.appearance.changed.connect(desk.window.sidebar.set_theme)
    desk.appearance.changed.connect(desk.page.set_theme)
    desk.appearance.changed.connect(desk.chat.refresh)

"""All wiring. Start-up is the list in `Shell.__init__`; shutdown is that list reversed.

The window is on the screen before numpy, onnxruntime and the model are touched: those come on
the engine thread.
"""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, QTimer, Slot
from PySide6.QtWidgets import QApplication, QMessageBox

from desktop.bridge import EngineBridge
from desktop.chat.attaching import Attaching
from desktop.chat.controller import ChatController
from desktop.chat.page import ChatPage
from desktop.chooser import Choice, ModelChooser
from desktop.home import Home
from desktop.instance import SingleInstance
from desktop.language import tr
from desktop.library.panel import LibraryPanel
from desktop.library.store import Store
from desktop.problems import Problems
from desktop.secrets import RemoteKeys
from desktop.settings import ColourChoice, SettingsFile
from desktop.sidebar import Sidebar
from desktop.signals import QuitSignals
from desktop.status import StatusLine
from desktop.style.appearance import Appearance
from desktop.style.icons import application_icon
from desktop.style.theme import Theme
from desktop.window import MainWindow
from engine.errors import HearthError
from engine.loading import Opener
from engine.models.download.connections import Connections
from engine.models.folder import ModelFolder, find_models
from engine.records import Records
from engine.remote.remote import find_remotes
from engine.types import Broken, EngineState, Loading, ModelInfo, Ready

if TYPE_CHECKING:
    from desktop.pages import Pages

log = logging.getLogger(__name__)

GEOMETRY = "geometry"


def run_window(home: Home) -> int:
    """Until the window is closed. Returns the process's exit code."""
    app = make_application()
    with ExitStack() as on_exit:
        try:
            instance = SingleInstance(home)
            on_exit.callback(instance.close)
            if not instance.begin():
                return 0
            shell = Shell(app, home, on_exit)
            instance.shown_wanted.connect(shell.window.come_forward)
        except HearthError as error:
            return _refuse(str(error))
        except OSError as error:
            return _refuse(
                tr(
                    "Hearth cannot keep its files in {data}: {strerror}.",
                    data=home.data,
                    strerror=error.strerror,
                )
            )
        shell.window.show()
        QTimer.singleShot(0, shell, shell.load_model)
        return app.exec()


def _refuse(sentence: str) -> int:
    QMessageBox.critical(None, "Hearth", sentence)
    return 1


def make_application() -> QApplication:
    app = QApplication(sys.argv[:1])
    app.setApplicationName("hearth")
    app.setApplicationDisplayName("Hearth")
    app.setDesktopFileName("hearth")
    app.setWindowIcon(application_icon())
    return app


class Shell(QObject):
    """Makes the parts, connects them, and leaves on `on_exit` how each is closed."""

    def __init__(self, app: QApplication, home: Home, on_exit: ExitStack) -> None:
        super().__init__()
        self._app = app
        self._home = home
        self._on_exit = on_exit

        self._problems = Problems(home.logs)
        self._problems.watch()
        on_exit.callback(self._problems.close)

        self._settings = SettingsFile(home.settings)
        self._ledger = Connections(home.connections, self._settings.current.is_offline)

        self._store = Store(home.database)
        on_exit.callback(self._store.close)

        self._bridge = EngineBridge(
            Opener(self._connections, RemoteKeys().get, Records(home.records))
        )
        on_exit.callback(self._bridge.close)

        self._appearance = Appearance(app, self._settings.current.colours)
        self._library = LibraryPanel(self._store)
        self._page = ChatPage(self._appearance.theme)
        self._status = StatusLine()
        self._sidebar = Sidebar(
            self._library, self._appearance.theme, self._settings.current.colours
        )
        self._chooser = ModelChooser(self._choices)
        self.window = MainWindow(self._sidebar, self._chooser, self._page, self._status)
        self._restore_geometry()
        on_exit.callback(self._save_geometry)

        self._chat = ChatController(self._bridge, self._store, self._page)
        on_exit.callback(self._chat.close)

        self._attaching = Attaching(self._bridge, self._page)
        on_exit.callback(self._attaching.close)

        self._quit_signals = QuitSignals()
        self._quit_signals.watch()
        on_exit.callback(self._quit_signals.close)

        self._connect()

    def _connect(self) -> None:
        self._quit_signals.quit_wanted.connect(self._app.quit)
        self._problems.met.connect(self._page.notice.show_sentence)

        self._bridge.state_changed.connect(self._on_engine_state)
        self._bridge.state_changed.connect(self._status.show_state)
        self._bridge.state_changed.connect(self._chooser.show_state)
        self._chooser.chosen.connect(self._load)
        self._chooser.page_wanted.connect(self._show_models)
        self._page.models_wanted.connect(self._show_models)
        self._chat.activity_changed.connect(self._status.show_activity)
        self._chat.usage_changed.connect(self._status.show_usage)

        self.window.new_chat_wanted.connect(self._chat.new_chat)
        self._library.opened.connect(self._chat.show)
        self._library.deleted.connect(self._chat.forget)
        self._library.told.connect(self._page.notice.show_sentence)
        self._chat.conversation_changed.connect(self._library.select)
        self._chat.library_changed.connect(self._library.refresh)

        self._sidebar.colours_chosen.connect(self._choose_colours)
        self._appearance.changed.connect(self._on_theme)
        self._sidebar.api_wanted.connect(self._show_api)
        self._sidebar.connections_wanted.connect(self._show_connections)
        self._sidebar.show_offline(self._ledger.is_offline)

    def _connections(self) -> Connections:
        """One for all, so that the offline switch reaches whoever holds it."""
        return self._ledger

    # the model

    @Slot()
    def load_model(self) -> None:
        """The one used last, or else the first there is; once the window is shown."""
        pages = self._pages  # before the model: they hear of its state
        choices, last = self._choices(), Path(self._settings.current.last_model)
        last_or_first = [
            *(one for one in choices if one.path == last),
            *(one for one in choices if isinstance(one, ModelFolder)),
        ]
        if last_or_first:
            self._load(last_or_first[0])
        else:
            self._page.set_welcome(_how_to_get_a_model(self._home), offers_models=True)
        pages.begin()

    @cached_property
    def _pages(self) -> Pages:
        from desktop.pages import Pages

        pages = Pages(
            self._bridge, self._home, self._settings.current, self._connections, self.window
        )
        self._on_exit.callback(pages.close)
        pages.told.connect(self._page.notice.show_sentence)
        pages.model_ready.connect(self._take_first_model)
        pages.api_turned.connect(self._sidebar.show_api)
        pages.origins_changed.connect(self._remember_origins)
        pages.offline_changed.connect(self._on_offline)
        return pages

    @property
    def _is_on_its_own(self) -> bool:
        """Without a model, or with the small one that came with Hearth."""
        last = Path(self._settings.current.last_model)
        return last.parent == self._home.bundled_models or not last.is_dir()

    @Slot(str)
    def _take_first_model(self, id: str) -> None:
        """The user's own model takes the starter's place by itself."""
        found = [one for one in self._choices() if one.id == id]
        if found and self._is_on_its_own:
            self._load(found[0])

    @Slot()
    def _show_models(self) -> None:
        self._pages.show_models()

    def _choices(self) -> Sequence[Choice]:
        roots = self._home.model_roots
        return [*find_models(roots), *find_remotes(roots)]

    @Slot(object)
    def _load(self, model: Choice) -> None:
        self._bridge.load(model.path)
        self._remember(last_model=str(model.path))

    @Slot(object)
    def _on_engine_state(self, state: EngineState) -> None:
        match state:
            case Loading():
                self._page.set_welcome(tr("The model is loading. You can write already."))
            case Ready(model):
                self._page.set_welcome(_who_answers(model), offers_models=self._is_on_its_own)
                self._page.composer.manner.set_has_effort(model.has_effort)
                # What start-up made stays; to look through it costs the window 25 ms each time.
                gc.freeze()
            case Broken(error):
                self._page.set_welcome("")
                self._page.notice.show_sentence(
                    tr("The model could not be loaded. {error}", error=error)
                )
            case _:
                pass

    def _remember(self, **changes: object) -> None:
        """A disk that cannot be written must not keep the user from going on."""
        try:
            self._settings.change(**changes)
        except OSError:
            log.warning("The settings cannot be written", exc_info=True)

    # light and dark

    @Slot(object)
    def _choose_colours(self, choice: ColourChoice) -> None:
        self._appearance.choose(choice)
        self._remember(colours=choice)

    @Slot(object)
    def _on_theme(self, theme: Theme) -> None:
        self._sidebar.set_theme(theme)
        self._page.set_theme(theme)
        self._chat.refresh()

    @Slot()
    def _show_api(self) -> None:
        self._pages.show_api()

    @Slot()
    def _show_connections(self) -> None:
        self._pages.show_connections()

    @Slot(bool)
    def _on_offline(self, is_offline: bool) -> None:
        self._sidebar.show_offline(is_offline)
        self._remember(is_offline=is_offline)

    @Slot(str)
    def _remember_origins(self, origins: str) -> None:
        self._remember(api_origins=origins)

    # the window's place

    def _geometry_file(self) -> QSettings:
        return QSettings(str(self._home.data / "window.ini"), QSettings.Format.IniFormat)

    def _restore_geometry(self) -> None:
        if stored := self._geometry_file().value(GEOMETRY):
            self.window.restoreGeometry(stored)

    def _save_geometry(self) -> None:
        self._geometry_file().setValue(GEOMETRY, self.window.saveGeometry())


def _who_answers(model: ModelInfo) -> str:
    if model.device.is_here:
        return tr("{name} answers on this computer. Nothing you write leaves it.", name=model.name)
    return tr(
        "{model} answers on {device}. What you write leaves this computer.",
        model=model.name,
        device=model.device.name,
    )


def _how_to_get_a_model(home: Home) -> str:
    return tr(
        "There is no model yet. “Choose a model” above gets OpenAI's; “make run” in a "
        "terminal fetches the small starter. A model of your own is a folder in ONNX Runtime "
        "GenAI's layout (genai_config.json, model.onnx, tokenizer.json) inside {models}.",
        models=home.models,
    )

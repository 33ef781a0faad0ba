"""All wiring of the window. Start-up is the list in `Shell.__init__`; shutdown is that list
reversed."""

from __future__ import annotations

import gc
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSettings, Slot
from PySide6.QtWidgets import QApplication

from desktop.chat.attaching import Attaching
from desktop.chat.controller import ChatController
from desktop.chat.formulas import prepare_formulas
from desktop.chat.page import ChatPage
from desktop.chat.titles import Titles
from desktop.chooser import Choice, ModelChooser
from desktop.home import Home
from desktop.language import tr, tr_later
from desktop.library.panel import LibraryPanel
from desktop.preferences.dialog import ENCRYPTED
from desktop.preferences.encryption import KeyDialog, ask_for_key, is_sure
from desktop.program import Program
from desktop.report import ReportDialog
from desktop.settings import Settings
from desktop.sidebar import Sidebar
from desktop.signals import QuitSignals
from desktop.status import StatusLine
from desktop.style.appearance import Appearance
from desktop.style.theme import Theme
from desktop.tray import Tray
from desktop.window import MainWindow
from engine.models.folder import ModelFolder, find_models
from engine.remote.remote import find_remotes
from engine.types import Broken, EngineState, Idle, Loading, ModelInfo, Ready

if TYPE_CHECKING:
    from desktop.pages import Pages

GEOMETRY = "geometry"
NEW_WINDOW = 64
"""Instead of an exit code: the window is wanted anew."""
TAKE_A_NEW_WINDOW = ("language", "models_folder", ENCRYPTED)
CRASHED = tr_later("Hearth ended unexpectedly the last time. What you saw is kept.")
ANSWERING = tr_later("An answer is on its way. Wait for it or stop it, and then choose again.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the user is: the conversation's id, and whether the preferences are open."""

    conversation: int | None = None
    has_preferences: bool = False
    sentence: str = ""
    """What is to be said there."""
    new_key: bytes | None = None
    """What is to be kept by the user."""


class Shell(QObject):
    """Makes the window's parts, connects them, and leaves on `on_close` how each is closed."""

    def __init__(self, app: QApplication, program: Program, on_close: ExitStack) -> None:
        super().__init__()
        self._app = app
        self._program = program
        self._home = program.home
        self._bridge = program.bridge
        self._on_close = on_close
        self._preparing: threading.Thread | None = None

        self._store = program.vault.open_store(ask_for_key)
        on_close.callback(self._store.close)

        self._appearance = Appearance(app, self._settings.colours)
        self._library = LibraryPanel(self._store)
        self._page = ChatPage(self._appearance.theme)
        self._status = StatusLine()
        self._sidebar = Sidebar(self._library, self._appearance.theme)
        self._chooser = ModelChooser(self._choices)
        self.window = MainWindow(self._sidebar, self._chooser, self._page, self._status)
        on_close.callback(self._vanish)
        self._restore_geometry()
        on_close.callback(self._save_geometry)

        self._tray = Tray(self.window)
        self._tray.set_stays(self._settings.stays_in_tray)
        on_close.callback(self._tray.close)

        self._chat = ChatController(self._bridge, self._store, self._page)
        on_close.callback(self._chat.close)

        self._titles = Titles(
            self._bridge, self._store, lambda: self._settings.writes_titles, self._page
        )
        on_close.callback(self._titles.give_way)

        self._attaching = Attaching(self._bridge, self._page)
        on_close.callback(self._attaching.close)

        self._quit_signals = QuitSignals()
        self._quit_signals.watch()
        on_close.callback(self._quit_signals.close)

        self._connect()

    def _connect(self) -> None:
        self._quit_signals.quit_wanted.connect(self._app.quit)
        self.window.quit_wanted.connect(self._app.quit)
        self.window.closed.connect(self._on_closed)
        self.window.became_active.connect(self._tray.look_away)
        self._tray.quit_wanted.connect(self._app.quit)
        self._tray.shown_wanted.connect(self.window.come_forward)
        self._tray.new_chat_wanted.connect(self._chat.new_chat)
        self._tray.new_chat_wanted.connect(self.window.come_forward)
        self._program.problems.met.connect(self._on_problem)

        self._bridge.state_changed.connect(self._on_engine_state)
        self._bridge.state_changed.connect(self._status.show_state)
        self._bridge.state_changed.connect(self._chooser.show_state)
        self._chooser.chosen.connect(self._load)
        self._chooser.page_wanted.connect(self._show_models)
        self._page.models_wanted.connect(self._show_models)
        self._chat.activity_changed.connect(self._status.show_activity)
        self._chat.usage_changed.connect(self._status.show_usage)
        self._chat.asked.connect(self._titles.give_way)
        self._chat.answered.connect(self._titles.consider)
        self._titles.named.connect(self._library.refresh)
        self._chat.took_long.connect(self._notify)

        self.window.new_chat_wanted.connect(self._chat.new_chat)
        self._library.opened.connect(self._chat.show)
        self._library.deleted.connect(self._chat.forget)
        self._library.told.connect(self._page.notice.show_sentence)
        self._chat.conversation_changed.connect(self._library.select)
        self._chat.library_changed.connect(self._library.refresh)

        self._appearance.changed.connect(self._on_theme)
        self._sidebar.api_wanted.connect(self._show_api)
        self._sidebar.connections_wanted.connect(self._show_connections)
        self._sidebar.preferences_wanted.connect(self._show_preferences)
        self.window.preferences_wanted.connect(self._show_preferences)
        self._sidebar.show_offline(self._program.connections().is_offline)

    @property
    def _settings(self) -> Settings:
        return self._program.settings.current

    # its life

    def begin(self, place: Place) -> None:
        """Once the window is shown."""
        self.load_model()
        if place.conversation is not None:
            self._chat.show(place.conversation)
        if place.has_preferences:
            self._show_preferences()
        if place.sentence:
            self._page.notice.show_sentence(place.sentence)
        if place.new_key is not None:
            KeyDialog(place.new_key, self.window).open()
        if self._program.problems.last_crash and place == Place():
            self._on_problem(tr(CRASHED))
        if self._program.is_api_wanted:
            self._pages.turn_api_on()

    @property
    def is_answering(self) -> bool:
        return self._chat.is_answering

    def place(self) -> Place:
        return Place(self._chat.shown, self._pages.preferences.isVisible())

    @Slot()
    def _on_closed(self) -> None:
        if not self._tray.holds_the_program:
            self._app.quit()

    def _vanish(self) -> None:
        """With all that hears of the engine, which may live on."""
        for part in (self.window, self._appearance, self):
            part.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    @Slot(str)
    def _on_problem(self, sentence: str) -> None:
        self._page.notice.offer(sentence, tr("Details"), self._show_report)

    def _show_report(self) -> None:
        ReportDialog(self._program.problems.report(), self.window).open()

    @Slot(str)
    def _notify(self, sentence: str) -> None:
        if self._settings.notifies:
            self._tray.notify(sentence)

    # the model

    @Slot()
    def load_model(self) -> None:
        """The one used last, or else the first there is, unless the engine has one already."""
        pages = self._pages  # before the model: they hear of its state
        pages.begin()
        if isinstance(self._bridge.state, Idle):
            self._load_last_or_first()
        else:
            self._bridge.tell_state()

    def _load_last_or_first(self) -> None:
        choices, last = self._choices(), Path(self._settings.last_model)
        last_or_first = [
            *(one for one in choices if one.path == last),
            *(one for one in choices if isinstance(one, ModelFolder)),
        ]
        if last_or_first:
            self._load(last_or_first[0])
        else:
            self._page.set_welcome(_how_to_get_a_model(self._home), offers_models=True)

    @cached_property
    def _pages(self) -> Pages:
        from desktop.pages import Pages

        pages = Pages(self._program, self.window)
        self._on_close.callback(pages.close)
        pages.told.connect(self._page.notice.show_sentence)
        pages.happened.connect(self._notify)
        pages.model_ready.connect(self._take_first_model)
        pages.api_turned.connect(self._sidebar.show_api)
        pages.offline_changed.connect(self._sidebar.show_offline)
        pages.preferences.wanted.connect(self._change)
        pages.models_folder_wanted.connect(partial(self._change, "models_folder"))
        return pages

    @property
    def _is_on_its_own(self) -> bool:
        """Without a model, or with the small one that came with Hearth."""
        last = Path(self._settings.last_model)
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
        self._program.remember(last_model=str(model.path))

    @Slot(object)
    def _on_engine_state(self, state: EngineState) -> None:
        match state:
            case Loading():
                self._page.set_welcome(tr("The model is loading. You can write already."))
            case Ready(model):
                self._page.set_welcome(_who_answers(model), offers_models=self._is_on_its_own)
                self._page.composer.manner.set_has_effort(model.has_effort)
                self._prepare_formulas()
                # What start-up made stays; to look through it costs the window 25 ms each time.
                gc.freeze()
            case Broken(error):
                self._page.set_welcome("")
                self._page.notice.show_sentence(
                    tr("The model could not be loaded. {error}", error=error)
                )
            case _:
                pass

    def _prepare_formulas(self) -> None:
        """Once, while nobody waits: the import would hold the first formula's answer up."""
        if self._preparing is None:
            self._preparing = threading.Thread(target=prepare_formulas, name="formulas")
            self._preparing.start()
            self._on_close.callback(self._preparing.join)

    # preferences

    @Slot(str, object)
    def _change(self, name: str, value: object) -> None:
        """At once."""
        if name in TAKE_A_NEW_WINDOW and not self._may_close(name, value):
            return
        if name == ENCRYPTED:
            self._program.vault.want(bool(value))
            self._app.exit(NEW_WINDOW)
            return
        self._program.remember(**{name: value})
        match name:
            case "models_folder":
                self._program.keep_models_in(self._settings.models_folder)
                self._app.exit(NEW_WINDOW)
            case "language":
                self._app.exit(NEW_WINDOW)
            case "colours":
                self._appearance.choose(self._settings.colours)
            case "rest_minutes":
                self._bridge.rest_after(self._settings.rest_minutes)
            case "stays_in_tray":
                self._tray.set_stays(self._settings.stays_in_tray)
            case _:
                pass  # it is looked up when it matters

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

    def _may_close(self, name: str, value: object) -> bool:
        preferences = self._pages.preferences
        if self._chat.is_answering and name == "models_folder":
            self._page.notice.show_sentence(tr(ANSWERING))
        elif self._chat.is_answering:
            preferences.refuse(name, tr(ANSWERING))
        elif name == ENCRYPTED and not is_sure(preferences, bool(value)):
            preferences.leave(name)
        else:
            return True
        return False

    @Slot()
    def _show_preferences(self) -> None:
        self._pages.show_preferences()

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

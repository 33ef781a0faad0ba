"""The pages beside the chat: models, API, connections. They are made once the window is shown:
their libraries take a fifth of a second."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QDialog, QWidget

from desktop.api.dialog import ApiDialog
from desktop.api.service import ApiService, ApiState, On, Reach, Turning
from desktop.connections import ConnectionsDialog
from desktop.models.dialog import ModelsDialog
from desktop.models.service import ModelService
from desktop.preferences.dialog import PreferencesDialog
from desktop.program import Program
from desktop.secrets import ApiKeys
from desktop.tray import has_tray
from engine.network import network_names
from engine.records import Records
from engine.server.access import Access, host_names_of, origins_of
from engine.types import EngineState, Ready

if TYPE_CHECKING:
    from desktop.about.dialog import AboutDialog
    from engine.server.run import LocalServer


class Pages(QObject):
    told = Signal(str)
    """A sentence for the user, where no page is open that says it."""
    happened = Signal(str)
    """A sentence for the user, who may look elsewhere."""
    model_ready = Signal(str)
    """The id of a model that has been got."""
    api_turned = Signal(bool)
    offline_changed = Signal(bool)
    models_folder_wanted = Signal(str)

    def __init__(self, program: Program, window: QWidget) -> None:
        super().__init__(window)
        self._program = program
        home, bridge, settings = program.home, program.bridge, program.settings.current
        reach = Reach(
            origins=origins_of(settings.api_origins),
            host_names=host_names_of(settings.api_host_names),
            is_keyless=settings.api_is_keyless,
        )
        self._api = ApiService(self._make_server, ApiKeys(), reach)
        self._api.state_changed.connect(self._on_api_state)
        self._api_dialog = ApiDialog(self._api, window)
        roots, connections = home.model_roots, program.connections
        self._models = ModelService(
            roots, home.catalogue, connections, bridge, Records(home.records), home.user_roots
        )
        self._models.told.connect(self._on_told)
        self._models.ready.connect(self.model_ready)
        self._models_dialog = ModelsDialog(self._models, window)
        self._models_dialog.folder_wanted.connect(self.models_folder_wanted)
        self._ledger = connections()
        self._connections_dialog = ConnectionsDialog(self._ledger, window)
        self._connections_dialog.offline_wanted.connect(self._set_offline)
        self.preferences = PreferencesDialog(settings, has_tray(), window)
        self._window = window
        self.preferences.about_wanted.connect(self.show_about)
        bridge.state_changed.connect(self._on_engine_state)
        bridge.state_changed.connect(self._models_dialog.show_state)

    def begin(self) -> None:
        """Go on with the models that an earlier run was getting."""
        self._models.start()

    def close(self) -> None:
        self._models.close()
        self._api.close()

    @Slot()
    def show_models(self) -> None:
        show_in_front(self._models_dialog)

    @Slot()
    def show_api(self) -> None:
        show_in_front(self._api_dialog)

    @Slot()
    def show_connections(self) -> None:
        show_in_front(self._connections_dialog)

    @Slot()
    def show_about(self) -> None:
        show_in_front(self._about)

    @cached_property
    def _about(self) -> AboutDialog:
        from desktop.about.dialog import AboutDialog
        from desktop.about.updates import UpdateCheck, address_of_updates

        check = UpdateCheck(address_of_updates(), self._ledger)
        return AboutDialog(check, self._program.home.licences, self._window)

    @Slot()
    def show_preferences(self) -> None:
        self.preferences.show_settings(
            self._program.settings.current, self._program.vault.is_encrypted
        )
        show_in_front(self.preferences)

    def turn_api_on(self) -> None:
        self._api.turn_on()

    @Slot(bool)
    def _set_offline(self, is_offline: bool) -> None:
        """At once: what is being got waits until the switch is off again."""
        self._ledger.is_offline = is_offline
        self._program.remember(is_offline=is_offline)
        self._connections_dialog.show_offline()
        if is_offline:
            self._models.rest()
        else:
            self._models.start()
        self.offline_changed.emit(is_offline)

    def _make_server(self, key: str, reach: Reach) -> LocalServer:
        from engine.server.run import LocalServer  # takes 0.1 s, and most never need it

        names = tuple(network_names()) if reach.has_network else ()
        access = Access(
            key,
            self._program.home.web_page,
            reach.origins,
            names,
            reach.host_names,
            needs_key=reach.needs_key,
        )
        return LocalServer(
            self._program.bridge.engine, access, self._program.settings.current.api_port
        )

    @Slot(object)
    def _on_engine_state(self, state: EngineState) -> None:
        if isinstance(state, Ready):
            self._api_dialog.set_model(state.model.id)

    @Slot(object)
    def _on_api_state(self, state: ApiState) -> None:
        self.api_turned.emit(isinstance(state, On))
        if not isinstance(state, Turning):
            self._program.is_api_wanted = isinstance(state, On)
        if isinstance(state, On):
            self._program.remember(
                api_origins=" ".join(sorted(state.reach.origins)),
                api_host_names=" ".join(sorted(state.reach.host_names)),
                api_is_keyless=state.reach.is_keyless,
            )

    @Slot(str)
    def _on_told(self, sentence: str) -> None:
        self.happened.emit(sentence)
        if not self._models_dialog.isVisible():
            self.told.emit(sentence)


def show_in_front(dialog: QDialog) -> None:
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()

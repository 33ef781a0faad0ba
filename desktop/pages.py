"""The pages beside the chat: models, API, connections. They are made once the window is shown:
their libraries take a fifth of a second."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QDialog, QWidget

from desktop.api.dialog import ApiDialog
from desktop.api.service import ApiService, ApiState, On, Reach
from desktop.bridge import EngineBridge
from desktop.connections import ConnectionsDialog
from desktop.home import Home
from desktop.models.dialog import ModelsDialog
from desktop.models.service import ModelService
from desktop.secrets import ApiKeys
from desktop.settings import Settings
from engine.models.download.connections import Connections
from engine.network import network_names
from engine.server.access import Access, origins_of
from engine.types import EngineState, Ready

if TYPE_CHECKING:
    from engine.server.run import LocalServer


class Pages(QObject):
    told = Signal(str)
    """A sentence for the user, where no page is open that says it."""
    model_ready = Signal(str)
    """The id of a model that has been got."""
    api_turned = Signal(bool)
    origins_changed = Signal(str)
    """The web pages that the API answers, with spaces between them."""

    offline_changed = Signal(bool)

    def __init__(
        self,
        bridge: EngineBridge,
        home: Home,
        settings: Settings,
        connections: Callable[[], Connections],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._home = home
        self._port = settings.api_port
        reach = Reach(origins=origins_of(settings.api_origins))
        self._api = ApiService(self._make_server, ApiKeys(), reach)
        self._api.state_changed.connect(self._on_api_state)
        self._api_dialog = ApiDialog(self._api, window)
        self._models = ModelService(home.model_roots, home.catalogue, connections, bridge.machine)
        self._models.told.connect(self._on_told)
        self._models.ready.connect(self.model_ready)
        self._models_dialog = ModelsDialog(self._models, window)
        self._ledger = connections()
        self._connections_dialog = ConnectionsDialog(self._ledger, window)
        self._connections_dialog.offline_wanted.connect(self._set_offline)
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

    @Slot(bool)
    def _set_offline(self, is_offline: bool) -> None:
        """At once: what is being got waits until the switch is off again."""
        self._ledger.is_offline = is_offline
        self._connections_dialog.show_offline()
        if is_offline:
            self._models.rest()
        else:
            self._models.start()
        self.offline_changed.emit(is_offline)

    def _make_server(self, key: str, reach: Reach) -> LocalServer:
        from engine.server.run import LocalServer  # takes 0.1 s, and most never need it

        names = tuple(network_names()) if reach.has_network else ()
        access = Access(key, self._home.web_page, reach.origins, names)
        return LocalServer(self._bridge.engine, access, self._port)

    @Slot(object)
    def _on_engine_state(self, state: EngineState) -> None:
        if isinstance(state, Ready):
            self._api_dialog.set_model(state.model.id)

    @Slot(object)
    def _on_api_state(self, state: ApiState) -> None:
        self.api_turned.emit(isinstance(state, On))
        if isinstance(state, On):
            self.origins_changed.emit(" ".join(sorted(state.reach.origins)))

    @Slot(str)
    def _on_told(self, sentence: str) -> None:
        if not self._models_dialog.isVisible():
            self.told.emit(sentence)


def show_in_front(dialog: QDialog) -> None:
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()

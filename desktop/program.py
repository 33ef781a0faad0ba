"""What outlives a window: the settings, the ledger of connections, the engine."""

from __future__ import annotations

import logging
from contextlib import ExitStack

from desktop.bridge import EngineBridge
from desktop.home import Home
from desktop.problems import Problems
from desktop.secrets import LibraryKey, RemoteKeys
from desktop.settings import SettingsFile
from desktop.vault import Vault
from engine.loading import Opener
from engine.models.download.connections import Connections
from engine.models.folder import find_models, point_to
from engine.records import Records

log = logging.getLogger(__name__)


class Program:
    """One for each process. Leaves on `on_exit` how its parts are closed."""

    def __init__(self, home: Home, on_exit: ExitStack) -> None:
        """Raises OSError where the home cannot be written."""
        self.home = home
        self.problems = Problems(home.logs)
        self.problems.watch()
        on_exit.callback(self.problems.close)

        self.settings = SettingsFile(home.settings)
        self._ledger = Connections(home.connections, self.settings.current.is_offline)

        self.bridge = EngineBridge(
            Opener(self.connections, RemoteKeys().get, Records(home.records))
        )
        on_exit.callback(self.bridge.close)
        self.bridge.rest_after(self.settings.current.rest_minutes)

        self.vault = Vault(home.database, LibraryKey())

        self.is_api_wanted = self.settings.current.api_at_start
        """Whether the next window turns it on."""

    def connections(self) -> Connections:
        """One for all, so that the offline switch reaches whoever holds it."""
        return self._ledger

    def keep_models_in(self, folder: str) -> None:
        """For the next window; those in a folder that was chosen before are listed where they are.
        Raises CannotWrite."""
        before, self.home = self.home.models, self.home.keeping_models_in(folder)
        if before not in self.home.user_roots:
            for model in find_models([before]):
                point_to(model.path, model.id, self.home.models)

    def remember(self, **changes: object) -> None:
        """A disk that cannot be written must not keep the user from going on."""
        try:
            self.settings.change(**changes)
        except OSError:
            log.warning("The settings cannot be written", exc_info=True)

"""Where Hearth keeps its files. The one place that asks the system for folders."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

import resources
from desktop.settings import SettingsFile


@dataclass(frozen=True, slots=True)
class Home:
    """`data` is the user's; the rest came with the program, `web_page` for the localhost API.
    `chosen_models` is where the user wants models to be put instead."""

    data: Path
    bundled_models: Path
    web_page: Path
    catalogue: Path
    chosen_models: Path | None = None

    @property
    def own_models(self) -> Path:
        return self.data / "models"

    @property
    def models(self) -> Path:
        """Where models are put. A chosen folder that is not there, as on a disk that is unplugged,
        is passed over meanwhile."""
        chosen = self.chosen_models
        return chosen if chosen is not None and chosen.is_dir() else self.own_models

    @property
    def model_roots(self) -> tuple[Path, ...]:
        """Folders whose subfolders are models, the one where they are put first."""
        return (*self.user_roots, self.bundled_models)

    @property
    def user_roots(self) -> tuple[Path, ...]:
        """Those whose models the user may delete."""
        return tuple(dict.fromkeys((self.models, self.own_models)))

    def keeping_models_in(self, folder: str) -> Home:
        """Empty: its own."""
        return replace(self, chosen_models=Path(folder) if folder else None)

    @property
    def database(self) -> Path:
        return self.data / "conversations.sqlite3"

    @property
    def settings(self) -> Path:
        return self.data / "settings.json"

    @property
    def connections(self) -> Path:
        """The ledger of all connections that were made."""
        return self.data / "connections.jsonl"

    @property
    def records(self) -> Path:
        """What this machine has shown of devices and models."""
        return self.data / "records.json"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def licences(self) -> Path:
        """Of what is inside the program."""
        return self.catalogue.parent / "licences"


def default_home() -> Home:
    """The user's data folder, or $HEARTH_HOME if that is set (tests, portable installs)."""
    own = os.environ.get("HEARTH_HOME")
    data = Path(own) if own else platformdirs.user_data_path("hearth", appauthor=False)
    bundled = Path(resources.__file__).parent
    home = Home(data, bundled / "models", bundled / "web", bundled / "catalogue.json")
    return home.keeping_models_in(SettingsFile(home.settings).current.models_folder)

"""Where Hearth keeps its files. The one place that asks the system for folders."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

import resources


@dataclass(frozen=True, slots=True)
class Home:
    """`data` is the user's; the rest came with the program, `web_page` for the localhost API."""

    data: Path
    bundled_models: Path
    web_page: Path
    catalogue: Path

    @property
    def models(self) -> Path:
        return self.data / "models"

    @property
    def model_roots(self) -> tuple[Path, ...]:
        """Folders whose subfolders are models, the user's own first."""
        return (self.models, self.bundled_models)

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


def default_home() -> Home:
    """The user's data folder, or $HEARTH_HOME if that is set (tests, portable installs)."""
    own = os.environ.get("HEARTH_HOME")
    data = Path(own) if own else platformdirs.user_data_path("hearth", appauthor=False)
    bundled = Path(resources.__file__).parent
    return Home(data, bundled / "models", bundled / "web", bundled / "catalogue.json")

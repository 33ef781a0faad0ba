"""Manners of answering that the user has named, to be taken again in another conversation."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.library.database import Database
from desktop.library.manner import Manner


@dataclass(frozen=True, slots=True)
class Preset:
    name: str
    manner: Manner


class Presets:
    """Every method raises LibraryUnavailable, in words, where SQLite cannot do it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Preset]:
        """By their names."""
        rows = self._database.all("SELECT name, manner FROM presets ORDER BY name COLLATE NOCASE")
        return [Preset(name, Manner.from_json(manner)) for name, manner in rows]

    def keep(self, preset: Preset) -> None:
        """In place of the one that has its name."""
        self._database.do(
            "INSERT INTO presets (name, manner) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET manner = excluded.manner",
            (preset.name, preset.manner.as_json()),
        )

    def remove(self, name: str) -> None:
        self._database.do("DELETE FROM presets WHERE name = ?", (name,))

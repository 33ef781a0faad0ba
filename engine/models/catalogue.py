"""The models that Hearth can fetch: resources/catalogue.json, read and checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from engine.errors import UnknownEntry
from engine.models.manifest import FileFacts, Source, check_paths
from engine.models.needs import Needs, Target


class Kind(StrEnum):
    MODEL = "model"
    """A folder that runs as it is."""
    CHECKPOINT = "checkpoint"
    """OpenAI's weights, which are converted here."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`paths` are the files that are wanted; `known` is what was published of them, the hub tells
    the rest. `context_length` is in tokens."""

    id: str
    name: str
    kind: Kind
    licence: str
    context_length: int
    source: Source
    paths: tuple[str, ...]
    known: tuple[FileFacts, ...]
    needs: Mapping[Target, Needs]
    """By what it can be had for; empty where nobody has looked."""

    @property
    def size_bytes(self) -> int | None:
        """Of the download; None where the hub must be asked."""
        is_known = len(self.known) == len(self.paths)
        return sum(file.size for file in self.known) if is_known else None

    def disk_bytes(self, target: Target) -> int:
        """What must be free to get it: a checkpoint lies beside the model while it is converted."""
        fetched = self.size_bytes or 0
        is_converted = self.kind is Kind.CHECKPOINT
        return fetched + (self.needs[target].weights if is_converted else 0)


@dataclass(frozen=True, slots=True)
class Catalogue:
    entries: tuple[Entry, ...]

    @classmethod
    def read(cls, path: Path) -> Catalogue:
        """Raises ValueError, KeyError and TypeError for a file that is not one of ours."""
        stored = cast("dict[str, Any]", json.loads(path.read_text("utf-8")))
        return cls(tuple(_entry(entry) for entry in stored["entries"]))

    def find(self, id: str) -> Entry:
        """Raises UnknownEntry."""
        for entry in self.entries:
            if entry.id == id:
                return entry
        raise UnknownEntry(id, [entry.id for entry in self.entries])


def _entry(stored: Mapping[str, Any]) -> Entry:
    files = cast("list[dict[str, Any]]", stored["files"])
    paths = tuple(str(file["path"]) for file in files)
    check_paths(paths)
    return Entry(
        id=stored["id"],
        name=stored["name"],
        kind=Kind(stored["kind"]),
        licence=stored["licence"],
        context_length=stored["context_length"],
        source=Source(**stored["source"]),
        paths=paths,
        known=tuple(FileFacts(**file) for file in files if len(file) > 1),
        needs={Target(name): Needs(**one) for name, one in stored.get("needs", {}).items()},
    )

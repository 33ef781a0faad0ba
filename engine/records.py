"""What this machine has shown before: how its devices did in the self-test, and models at first."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

Kind = dict[str, Any]
log = logging.getLogger(__name__)

DEVICES, MODELS = "devices", "models"
KEPT_DEVICES = 4


@dataclass(frozen=True, slots=True)
class Shown:
    """Of a model's first load on a device: tokens per second, and the bytes that it took there (0
    where nobody tells)."""

    device: str
    prefill: float
    decode: float
    memory: int


class Records:
    """A file that may be lost at any time: all in it is found out again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def problem_of(self, device: str) -> str | None:
        """What the self-test has found, empty where it passed; None for a device that is new."""
        told = self._read().get(DEVICES, {}).get(device)
        return told if isinstance(told, str) else None

    def note_device(self, device: str, problem: str) -> None:
        self._add(DEVICES, device, problem)

    def shown(self, model: str, device: str | None = None) -> Shown | None:
        """By the model's id: on this device, or on the one that it was measured on last."""
        for told in self._of_model(model):
            try:
                shown = Shown(**told)
            except TypeError:  # written by another version
                continue
            if device in (None, shown.device):
                return shown
        return None

    def note_shown(self, model: str, shown: Shown) -> None:
        others = [told for told in self._of_model(model) if told.get("device") != shown.device]
        self._add(MODELS, model, [asdict(shown), *others][:KEPT_DEVICES])

    def _of_model(self, model: str) -> list[Kind]:
        """The last one first."""
        told = self._read().get(MODELS, {}).get(model)
        all_told = cast("list[object]", told) if isinstance(told, list) else []
        return [cast("Kind", one) for one in all_told if isinstance(one, dict)]

    def _add(self, kind: str, name: str, value: Any) -> None:
        records = self._read()
        records[kind] = {**records.get(kind, {}), name: value}
        unfinished = self._path.with_name(f".{self._path.name}.unfinished")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(json.dumps(records, indent=2), "utf-8")
            os.replace(unfinished, self._path)
        except OSError as error:
            log.warning("%s cannot be written: %s", self._path, error)

    def _read(self) -> dict[str, Kind]:
        try:
            records = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(records, dict):
            return {}
        kinds = cast("dict[str, object]", records)
        return {kind: cast("Kind", told) for kind, told in kinds.items() if isinstance(told, dict)}

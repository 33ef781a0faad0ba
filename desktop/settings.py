"""The settings: declared once, kept in a JSON file that is replaced whole."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from engine.errors import BadRequest
from engine.server import DEFAULT_PORT
from engine.server.access import host_names_of, origins_of

log = logging.getLogger(__name__)


NEVER = 0
LONGEST_REST_MINUTES = 1440


class Language(StrEnum):
    """As Qt names locales."""

    SYSTEM = ""
    ENGLISH = "en"
    GERMAN = "de"
    CHINESE = "zh_CN"


class ColourChoice(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


def _is_port(value: int) -> bool:
    return 1024 <= value <= 65535


def _is_rest(value: int) -> bool:
    return NEVER <= value <= LONGEST_REST_MINUTES


def _are_origins(value: str) -> bool:
    try:
        origins_of(value)
    except BadRequest:
        return False
    return True


def _are_host_names(value: str) -> bool:
    try:
        host_names_of(value)
    except BadRequest:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Settings:
    """`last_model` is the path of the model folder that was loaded last, or empty. `api_origins`
    are the web pages that the API answers, `api_host_names` further names of this computer, with
    spaces between them. With `api_is_keyless` the API answers programs without a key. With
    `is_offline` no connection leaves this machine. After `rest_minutes` without a question a model
    gives its memory back; NEVER keeps it. `models_folder` is where models are put, empty for
    Hearth's own folder.
    """

    language: Language = Language.SYSTEM
    colours: ColourChoice = ColourChoice.SYSTEM
    last_model: str = ""
    models_folder: str = ""
    api_port: int = field(default=DEFAULT_PORT, metadata={"is_valid": _is_port})
    is_offline: bool = False
    api_origins: str = field(default="", metadata={"is_valid": _are_origins})
    api_host_names: str = field(default="", metadata={"is_valid": _are_host_names})
    api_is_keyless: bool = False
    api_at_start: bool = False
    rest_minutes: int = field(default=30, metadata={"is_valid": _is_rest})
    writes_titles: bool = True
    stays_in_tray: bool = False
    notifies: bool = True


class SettingsFile:
    """Owns the current settings and their file. Keys it does not know survive a change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stored = _read(path)
        self.current = _settings_from(self._stored)

    def change(self, **changes: object) -> None:
        """Take on and write down. Raises OSError if the file cannot be written."""
        self.current = replace(self.current, **changes)
        self._stored = {**self._stored, **asdict(self.current)}
        _replace_file(self._path, json.dumps(self._stored, indent=2, ensure_ascii=False) + "\n")


def _read(path: Path) -> dict[str, Any]:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        log.warning("The settings in %s cannot be read, the defaults are used: %s", path, error)
        return {}
    if not isinstance(stored, dict):
        log.warning("The settings in %s are no JSON object, the defaults are used", path)
        return {}
    return stored


def _settings_from(stored: Mapping[str, Any]) -> Settings:
    known = {entry.name: entry for entry in fields(Settings) if entry.name in stored}
    return Settings(**{name: _valid(entry, stored[name]) for name, entry in known.items()})


def _valid(entry: Field[Any], value: Any) -> Any:
    """`value` as the setting's type, or the default if it is not one of its values."""
    kind = type(entry.default)
    try:
        if type(value) is not (str if issubclass(kind, str) else kind):
            raise ValueError(f"{type(value).__name__} instead of {kind.__name__}")
        converted = kind(value)
        if not entry.metadata.get("is_valid", lambda _: True)(converted):
            raise ValueError("out of range")
    except ValueError as error:
        log.warning("Setting %s is %r: %s; the default is used", entry.name, value, error)
        return entry.default
    return converted


def _replace_file(path: Path, text: str) -> None:
    beside = path.with_name(path.name + ".new")
    path.parent.mkdir(parents=True, exist_ok=True)
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)

"""Where a remote model is: one small file among the models. Its key is not in it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from engine.errors import BadRemote, BadRequest, CannotWrite
from engine.models.folder import found_in

SUFFIX = ".remote"
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
CONTEXT_LENGTH = 131_072
"""gpt-oss's; only the server knows what it was started with."""


@dataclass(frozen=True, slots=True)
class Remote:
    """`base_url` ends before /chat/completions; `model` is the server's name of it.

    Only with `has_key` is the keyring asked: there may be none.
    """

    path: Path
    base_url: str
    model: str
    context_length: int = CONTEXT_LENGTH
    has_key: bool = False

    @property
    def id(self) -> str:
        return self.path.name.removesuffix(SUFFIX)

    @property
    def name(self) -> str:
        return self.id

    @property
    def size_bytes(self) -> int:
        """Here it takes nothing."""
        return 0

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    @classmethod
    def read(cls, path: Path) -> Remote:
        """Raises BadRemote."""
        try:
            stored = json.loads(path.read_text("utf-8"))
            return cls(
                path,
                check_url(stored["base_url"]),
                str(stored["model"]),
                int(stored["context_length"]),
                bool(stored["has_key"]),
            )
        except (OSError, ValueError, KeyError, TypeError, BadRequest) as error:
            raise BadRemote(f"{path} cannot be read: {error}") from None

    def write(self) -> None:
        """Whole or not at all. Raises CannotWrite."""
        told = {name: value for name, value in asdict(self).items() if name != "path"}
        unfinished = self.path.with_name(f".{self.path.name}.unfinished")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(json.dumps(told, indent=2), "utf-8")
            os.replace(unfinished, self.path)
        except OSError as error:
            raise CannotWrite(f"{self.path} cannot be written: {error.strerror}.") from None


def new_remote(
    models: Path, id: str, base_url: str, model: str, context_length: int, has_key: bool = False
) -> Remote:
    """Raises BadRequest, in words, for what cannot be one."""
    if not ID.fullmatch(id):
        raise BadRequest(f"'{id}' is no name: letters, digits, dots and hyphens make one.")
    path = models / f"{id}{SUFFIX}"
    return Remote(path, check_url(base_url), model, context_length, has_key)


def check_url(url: str) -> str:
    """Raises BadRequest."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadRequest(f"'{url}' is no address of a server: https://host/v1 is one.")
    if parts.username or parts.password:
        raise BadRequest("A key in the address would be shown and logged: give it apart.")
    return url.rstrip("/")


def is_remote(path: Path) -> bool:
    return path.name.endswith(SUFFIX)


def find_remotes(roots: Iterable[Path]) -> list[Remote]:
    """By name. One that cannot be read is left out."""
    found: dict[str, Remote] = {}
    for path in (path for root in roots for path in found_in(root, f"*{SUFFIX}")):
        try:
            found.setdefault(path.name, Remote.read(path))
        except BadRemote:
            continue
    return sorted(found.values(), key=lambda remote: remote.name.casefold())

"""What a model folder must hold: files, their sizes and hashes, and where they are from."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, cast

from engine.errors import BadModelFolder

MANIFEST_FILE = "manifest.json"
SHA256, GIT = "sha256", "git"


class Hash(Protocol):
    def update(self, data: bytes | memoryview, /) -> None: ...

    def hexdigest(self) -> str: ...


@dataclass(frozen=True, slots=True)
class FileFacts:
    """`path` is relative, with slashes. `digest` is "sha256:" or "git:" and hexadecimal digits; the
    latter, for small files that the hub keeps in git, is of git's own blob format."""

    path: str
    size: int
    digest: str

    def new_hash(self) -> Hash:
        """To be fed with the file's bytes."""
        if self.kind == SHA256:
            return hashlib.sha256()
        return hashlib.sha1(f"blob {self.size}\0".encode(), usedforsecurity=False)

    def is_digest_of(self, hashed: Hash) -> bool:
        return self.digest == f"{self.kind}:{hashed.hexdigest()}"

    @property
    def kind(self) -> str:
        return self.digest.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Source:
    """A repository of the hub at one revision; `subfolder` is the part of it that is wanted."""

    repo: str
    revision: str
    subfolder: str = ""

    def path_of(self, file: str) -> str:
        """A file of ours as the repository has it."""
        return f"{self.subfolder}/{file}" if self.subfolder else file


@dataclass(frozen=True, slots=True)
class Manifest:
    """`source` None is a folder that was made here: nobody else has its files."""

    source: Source | None
    files: tuple[FileFacts, ...]

    @property
    def size_bytes(self) -> int:
        return sum(file.size for file in self.files)

    @staticmethod
    def is_in(folder: Path) -> bool:
        return (folder / MANIFEST_FILE).is_file()

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Raises BadModelFolder."""
        path = folder / MANIFEST_FILE
        try:
            stored = cast("dict[str, Any]", json.loads(path.read_text("utf-8")))
            files = tuple(FileFacts(**facts) for facts in stored["files"])
            check_paths(file.path for file in files)
            source = stored["source"]
            return cls(None if source is None else Source(**source), files)
        except FileNotFoundError:
            raise BadModelFolder(
                f"{folder} has no {MANIFEST_FILE}: what it should hold is not known."
            ) from None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise BadModelFolder(f"{path} cannot be read: {error}") from None

    @classmethod
    def made_of(cls, folder: Path) -> Manifest:
        """Of what lies there now. Raises OSError."""
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        return cls(None, tuple(_facts(folder, path) for path in paths))

    def write(self, folder: Path) -> None:
        """Whole or not at all. Raises OSError."""
        beside = folder / f".{MANIFEST_FILE}.new"
        with beside.open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(folder / MANIFEST_FILE)


def _facts(folder: Path, path: Path) -> FileFacts:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, SHA256).hexdigest()
    name = path.relative_to(folder).as_posix()
    return FileFacts(name, path.stat().st_size, f"{SHA256}:{digest}")


def check_paths(paths: Iterable[str]) -> None:
    """Raises ValueError for one that leaves the folder, or that Windows would read otherwise."""
    for path in paths:
        parts: Sequence[str] = PurePosixPath(path).parts
        is_odd = not parts or path.startswith("/") or ".." in parts or any(c in path for c in "\\:")
        if is_odd:
            raise ValueError(f"{path!r} is not a path inside the folder")

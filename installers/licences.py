"""The notices of everything inside a frozen program, made from the files that went in.

Each file belongs to a package of the environment, to Python, to a package of the system, or to
Hearth. A package without a text of its licence stops the build: resources/licences/ has the texts
of those whose wheels bring none.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path

from installers.errors import Failed
from installers.project import RESOURCES

KEPT = RESOURCES / "licences"
KEPT_TEXTS: Mapping[str, tuple[str, ...]] = {
    # Names in lower case, with hyphens; files of resources/licences/.
    "flatbuffers": ("Apache-2.0.txt",),
    "latex2mathml": ("latex2mathml.txt",),
    "pyside6-essentials": ("Qt.txt", "LGPL-3.0.txt", "GPL-3.0.txt", "Qt-third-party.txt"),
    "shiboken6": ("Qt.txt", "LGPL-3.0.txt", "GPL-3.0.txt"),
    "smollm2-135m-instruct": ("Apache-2.0.txt",),
    "tokenizers": ("Apache-2.0.txt",),
}
WORDS_OF_LICENCES = ("licen", "copying", "notice", "copyright")
CODE = (".py", ".pyc", ".pyi", ".so")
HEARTH, PYTHON, BOOTLOADER = "hearth", "Python", "pyinstaller"
MADE_BY_PYINSTALLER = "base_library.zip"
"""Of Python's standard library."""
LONGEST_NAME = 60
"""Of a licence; some packages have the whole text there."""
RULE = "=" * 100


@dataclass(frozen=True, slots=True)
class Part:
    """What was bundled, and the whole texts of its licence."""

    name: str
    version: str
    licence: str
    texts: tuple[str, ...]
    is_distribution: bool = False
    """Of Python's package index."""

    @property
    def title(self) -> str:
        return " ".join(part for part in (self.name, self.version, self.licence) if part)


def notices(parts: Iterable[Part]) -> str:
    """One page for all; equal texts once."""
    parts = list(parts)
    by_text: dict[str, list[Part]] = {}
    for part in parts:
        for text in part.texts:
            by_text.setdefault(text.strip(), []).append(part)
    inside = "\n".join(f"    {part.title}" for part in parts)
    sections = (
        f"{RULE}\n{', '.join(part.name for part in owners)}\n{RULE}\n\n{text}\n"
        for text, owners in by_text.items()
    )
    return "\n".join([f"Hearth contains the work of others:\n\n{inside}\n", *sections])


def parts_of(sources: Iterable[Path], root: Path) -> list[Part]:
    """Whose the files are, by name; `root` is Hearth's own tree. PyInstaller's bootloader is in
    every program. Raises Failed."""
    owners = {owner_of(source, root) for source in sources} | {BOOTLOADER}
    found = [part_of(owner) for owner in sorted(owners - {HEARTH}, key=str.lower)]
    if missing := [part.name for part in found if not part.texts]:
        raise Failed(
            f"No licence is known of {', '.join(missing)}: put its text into resources/licences "
            "and name it in installers/licences.py."
        )
    return found


def owner_of(source: Path, root: Path) -> str:
    """A distribution's name, `Python`, `system:PACKAGE`, a bundled model's, or `hearth`."""
    path = source.resolve()
    if path.name == MADE_BY_PYINSTALLER:
        return PYTHON
    if owner := files_of_distributions().get(path):
        return owner
    for folder in (sysconfig.get_path("stdlib"), sys.base_prefix):
        if path.is_relative_to(Path(folder).resolve()) and not _is_system(path):
            return PYTHON
    if path.is_relative_to(root / "resources" / "models"):
        return path.relative_to(root / "resources" / "models").parts[0]
    if path.is_relative_to(root):
        return HEARTH
    return f"system:{package_of_system(path)}"


def part_of(owner: str) -> Part:
    if owner == PYTHON:
        text = Path(sysconfig.get_path("stdlib"), "LICENSE.txt")
        texts = (_read(text),) if text.is_file() else ()
        return Part(PYTHON, sys.version.split()[0], "PSF-2.0", texts)
    if owner.startswith("system:"):
        name = owner.removeprefix("system:")
        copyright_file = Path("/usr/share/doc", name.partition(":")[0], "copyright")
        texts = (_read(copyright_file),) if copyright_file.is_file() else ()
        return Part(name, "", "of the system that Hearth was built on", texts)
    kept = tuple(_read(KEPT / file) for file in KEPT_TEXTS.get(_plain(owner), ()))
    distribution = _distributions().get(_plain(owner))
    if distribution is None:
        return Part(owner, "", "", kept)
    texts = texts_in(distribution) + kept
    return Part(distribution.name, distribution.version, _licence(distribution), texts, True)


def texts_in(distribution: Distribution) -> tuple[str, ...]:
    """What the wheel brings, licences of what it holds itself included."""
    files = [
        file
        for file in distribution.files or ()
        if file.suffix not in CODE and any(word in file.name.lower() for word in WORDS_OF_LICENCES)
    ]
    return tuple(_read(Path(str(file.locate()))) for file in files)


@cache
def files_of_distributions() -> Mapping[Path, str]:
    """Whose each file of the environment is."""
    return {
        Path(str(file.locate())).resolve(): name
        for name, distribution in _distributions().items()
        for file in distribution.files or ()
    }


@cache
def _distributions() -> Mapping[str, Distribution]:
    return {_plain(one.name): one for one in distributions()}


def package_of_system(path: Path) -> str:
    """Debian's name of it; elsewhere the path itself, of which no licence is known."""
    if shutil.which("dpkg"):
        for name in (path, Path("/", *path.parts[2:])):  # /lib is a link to /usr/lib
            found = subprocess.run(
                ["dpkg", "-S", str(name)], capture_output=True, text=True, check=False
            )
            if found.returncode == 0:
                return found.stdout.partition(": ")[0].partition(":")[0]
    return str(path)


def _is_system(path: Path) -> bool:
    """Where Python itself lies in /usr, its prefix has all the system's libraries."""
    return sys.base_prefix == "/usr" and not path.is_relative_to(sysconfig.get_path("stdlib"))


def _licence(distribution: Distribution) -> str:
    fields = distribution.metadata.json
    words = str(fields.get("license_expression") or fields.get("license") or "")
    return words if len(words) < LONGEST_NAME and "\n" not in words else ""


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _read(file: Path) -> str:
    return file.read_text("utf-8", errors="replace")

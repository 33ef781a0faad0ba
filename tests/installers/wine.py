"""A Windows of its own for each test: Wine with an empty profile.

What Wine makes once (some 700 MB) is shared; the registry and the user's folder are each test's.
Nothing reaches the developer's own folders: not by the links that Wine makes into the home, nor by
its winemenubuilder, which copies shortcuts into the desktop's menu.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

WINE, WINESERVER = (
    "/usr/lib/wine/wine64",
    "/usr/lib/wine/wineserver64",
)  # /usr/bin/wine wants 32 bit
REGISTRIES = ("system.reg", "user.reg", "userdef.reg", ".update-timestamp")
PATIENCE_SECONDS = 120
VALUE = re.compile(r'"(?P<name>.*?)"=(?:(?P<type>[a-z]+(?:\(\d\))?):)?(?P<text>.*)')


class Windows:
    """`home`: the folder of its user."""

    def __init__(self, prefix: Path, environment: Mapping[str, str]) -> None:
        self._prefix = prefix
        self._environment = {**environment, "WINEPREFIX": str(prefix)}
        self._started: list[subprocess.Popen[bytes]] = []

    @property
    def home(self) -> Path:
        users = self._prefix / "drive_c" / "users"
        return next(path for path in users.iterdir() if path.name != "Public")

    @property
    def local(self) -> Path:
        return self.home / "AppData" / "Local"

    def path(self, file: Path) -> str:
        """As Windows writes it."""
        return "C:\\" + str(file.relative_to(self._prefix / "drive_c")).replace("/", "\\")

    def run(self, program: Path, *arguments: str) -> int:
        """Its exit code, once everything that it started has ended as well."""
        exit_code = self.start(program, *arguments).wait(PATIENCE_SECONDS)
        self.settle()
        return exit_code

    def start(self, program: Path, *arguments: str) -> subprocess.Popen[bytes]:
        quiet = subprocess.DEVNULL
        command = [WINE, str(program), *arguments]
        process = subprocess.Popen(command, env=self._environment, stdout=quiet, stderr=quiet)
        self._started.append(process)
        return process

    def settle(self) -> None:
        """Until no program runs. Only then the registry is on the disk."""
        self._server("-w")

    def end(self) -> None:
        """All programs of this Windows."""
        self._server("-k")
        self.settle()
        for process in self._started:
            process.wait(PATIENCE_SECONDS)

    def _server(self, option: str) -> None:
        command = [WINESERVER, option]
        subprocess.run(command, env=self._environment, timeout=PATIENCE_SECONDS, check=False)

    def write(self, key: str, name: str, kind: str, text: str) -> None:
        options = ["/v", name, "/t", kind, "/d", text, "/f"]
        assert self.run(Path("reg"), "add", f"HKCU\\{key}", *options) == 0

    def keys(self) -> set[str]:
        """All of the user's."""
        registry = (self._prefix / "user.reg").read_text("utf-8")
        return set(re.findall(r"^\[(.*)\]", registry, re.MULTILINE))

    def read(self, key: str) -> dict[str, str]:
        """The key's values, names in small letters. A number is as Wine writes it, in 16s."""
        matches = [VALUE.fullmatch(line) for line in self._lines(key)]
        return {match["name"].lower(): _unescaped(match["text"]) for match in matches if match}

    def raw(self, key: str, name: str) -> str:
        """A value with its type, as Wine writes it."""
        return next(line for line in self._lines(key) if line.startswith(f'"{name}"='))

    def _lines(self, key: str) -> list[str]:
        wanted = "[" + key.replace("\\", "\\\\").lower() + "]"
        registry = (self._prefix / "user.reg").read_text("utf-8")
        found = [part for part in registry.split("\n\n") if part.lower().startswith(wanted)]
        return [line for part in found for line in part.splitlines()]


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text


def shared_windows(folder: Path, environment: Mapping[str, str]) -> Path:
    """The prefix that the others are made from: a Windows 10."""
    windows = Windows(folder, environment)
    quiet = subprocess.DEVNULL
    variables = {**environment, "WINEPREFIX": str(folder)}
    subprocess.run(["wineboot", "-i"], env=variables, stdout=quiet, stderr=quiet, check=True)
    windows.settle()
    windows.write("Software\\Wine", "Version", "REG_SZ", "win10")
    return folder


@contextmanager
def fresh_windows(shared: Path, folder: Path, environment: Mapping[str, str]) -> Generator[Windows]:
    (folder / "drive_c").mkdir(parents=True)
    for name in REGISTRIES:
        shutil.copy2(shared / name, folder)
    shutil.copytree(shared / "dosdevices", folder / "dosdevices", symlinks=True)
    for path in (shared / "drive_c").iterdir():
        if path.name != "users":
            (folder / "drive_c" / path.name).symlink_to(path)
    shutil.copytree(shared / "drive_c/users", folder / "drive_c/users", symlinks=True)
    windows = Windows(folder, environment)
    _own_desktop(windows.home)
    try:
        yield windows
    finally:
        windows.end()


def _own_desktop(home: Path) -> None:
    """In place of Wine's link to the developer's."""
    desktop = home / "Desktop"
    if desktop.is_symlink():
        desktop.unlink()
    desktop.mkdir(exist_ok=True)


def wine_environment(home: Path, display: str) -> dict[str, str]:
    return {
        **os.environ,
        "HOME": str(home),
        "DISPLAY": display,
        "WINEARCH": "win64",
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "winemenubuilder.exe,mscoree,mshtml=d",
    }

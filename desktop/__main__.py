"""The program `hearth`: gives the command line this machine's folders, keyring and window."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib.metadata import version

from desktop.home import Home, default_home
from desktop.secrets import ApiKeys, RemoteKeys, keyring_name
from desktop.settings import SettingsFile
from engine.cli.main import main as run_command_line
from engine.cli.shell import Shell
from engine.models.download.connections import Connections
from engine.records import Records


def main() -> None:
    home = default_home()
    run_command_line(
        Shell(
            model_roots=home.model_roots,
            web_page=home.web_page,
            catalogue=home.catalogue,
            connections=lambda: connections(home),
            has_display=has_display(),
            open_window=lambda: open_window(home),
            self_test=lambda: self_test(home),
            api_key=lambda: ApiKeys().current(),
            remote_keys=RemoteKeys(),
            records=Records(home.records),
            facts=lambda: facts(home),
        )
    )


def open_window(home: Home) -> int:
    from desktop.app import run_window  # Qt is not needed in a terminal

    return run_window(home)


def self_test(home: Home) -> int:
    from desktop.selftest import run

    return run(home)


def connections(home: Home) -> Connections:
    return Connections(home.connections, SettingsFile(home.settings).current.is_offline)


def has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def facts(home: Home) -> Mapping[str, str]:
    return {
        "Window": f"PySide6 {version('PySide6-Essentials')}, a display {_is(has_display())} found",
        "Data": str(home.data),
        "Keyring": keyring_name(),
    }


def _is(true: bool) -> str:
    return "was" if true else "was not"


if __name__ == "__main__":
    main()

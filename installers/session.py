"""A keyring for tests: an own D-Bus with a gnome-keyring that is unlocked, in folders of its own.

Nothing of the user's own keyring is touched: HOME and all XDG folders are new.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from installers.system_packages import KEYRING_PROGRAMS, missing_programs

UNLOCKED = """
printf '\\n' | gnome-keyring-daemon --unlock --components=secrets > "$HOME/daemon"
exec "$@"
"""
FOLDERS = ("HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
LEFT_OUT = (
    "PYTHON_KEYRING_BACKEND",
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "GNOME_KEYRING_CONTROL",
)


def missing() -> list[str]:
    """The packages of programs that it needs and that are not installed."""
    return missing_programs(KEYRING_PROGRAMS)


def command(*wanted: str, is_unlocked: bool = True) -> Sequence[str]:
    """Runs `wanted` in it. Without `is_unlocked`, a prompt is wanted that cannot appear."""
    unlock = ["sh", "-c", UNLOCKED, "sh"] if is_unlocked else []
    return ["dbus-run-session", "--", *unlock, *wanted]


def environment(folder: Path) -> dict[str, str]:
    own = {name: str(folder / name.lower()) for name in FOLDERS}
    for path in own.values():
        Path(path).mkdir(mode=0o700, parents=True)
    kept = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    return kept | own

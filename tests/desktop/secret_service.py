"""Runs Python beside a real, isolated Secret Service: an own D-Bus and a gnome-keyring.

Nothing of the user's own keyring is touched: HOME and all XDG folders are new.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PROGRAMS = ("dbus-run-session", "gnome-keyring-daemon")
MISSING = [program for program in PROGRAMS if shutil.which(program) is None]
needs_secret_service = pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {' and '.join(MISSING)}"
)
UNLOCKED = """
printf '\\n' | gnome-keyring-daemon --unlock --components=secrets > "$HOME/daemon"
exec "$@"
"""
LEFT_OUT = (
    "PYTHON_KEYRING_BACKEND",
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "GNOME_KEYRING_CONTROL",
)
PATIENCE_SECONDS = 60


def run_in_session(folder: Path, code: str, *arguments: str, is_unlocked: bool = True) -> str:
    """What `code` prints. Without `is_unlocked`, the service wants a prompt that cannot appear."""
    command = [sys.executable, "-c", code, *arguments]
    if is_unlocked:
        command = ["sh", "-c", UNLOCKED, "sh", *command]
    done = subprocess.run(
        ["dbus-run-session", "--", *command],
        env=_environment(folder),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _environment(folder: Path) -> dict[str, str]:
    names = ("HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
    own = {name: str(folder / name.lower()) for name in names}
    for path in own.values():
        Path(path).mkdir(mode=0o700, parents=True)
    kept = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    return kept | own

"""A desktop of the test's own: a display, a D-Bus session, a keyring, and a screen reader's wish.

Nothing of the user's own session is touched: HOME and all XDG folders are new. When the bus goes,
the accessibility bus and the keyring go with it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installers.session import FOLDERS, LEFT_OUT
from tests.desktop.secret_service import PATIENCE_SECONDS as PATIENCE_SECONDS

SCREEN = "1280x1000x24"
PROGRAMS = (
    "Xvfb",
    "dbus-daemon",
    "gnome-keyring-daemon",
    "xdotool",
    "/usr/libexec/at-spi-bus-launcher",
)
UNLOCK_KEYRING = ("gnome-keyring-daemon", "--unlock", "--components=secrets")


@dataclass(frozen=True, slots=True)
class Stage:
    """`environment` is what a program gets that runs here, `bus` the address of its session."""

    environment: Mapping[str, str]
    bus: str


@contextmanager
def raised_stage(folder: Path) -> Generator[Stage]:
    """`folder` is empty."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    assert not missing, f"make test installs {', '.join(missing)} where it can"
    environment = _environment(folder)
    with display() as number:
        environment["DISPLAY"] = number
        with _session_bus(environment) as bus:
            environment["DBUS_SESSION_BUS_ADDRESS"] = bus
            _unlock_keyring(environment)
            yield Stage(environment, bus)


def _environment(folder: Path) -> dict[str, str]:
    own = {name: str(folder / name.lower()) for name in FOLDERS}
    for path in own.values():
        Path(path).mkdir(mode=0o700, parents=True)
    kept = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    return {**kept, **own, "QT_QPA_PLATFORM": "xcb", "GSETTINGS_BACKEND": "memory"}


@contextmanager
def display() -> Generator[str]:
    """The X server chooses a number that is free, and tells it once it can be used."""
    ours, servers = os.pipe()
    command = ["Xvfb", "-displayfd", str(servers), "-screen", "0", SCREEN, "-nolisten", "tcp"]
    with _running(command, pass_fds=(servers,), stderr=subprocess.DEVNULL):
        os.close(servers)
        with open(ours) as told:
            number = told.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"


@contextmanager
def _session_bus(environment: Mapping[str, str]) -> Generator[str]:
    command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
    out, errors = subprocess.PIPE, subprocess.DEVNULL
    with _running(command, env=environment, text=True, stdout=out, stderr=errors) as process:
        assert process.stdout is not None
        with process.stdout as told:
            yield told.readline().strip()


def _unlock_keyring(environment: Mapping[str, str]) -> None:
    """It goes to the background once it can be asked."""
    subprocess.run(
        UNLOCK_KEYRING,
        env=environment,
        input=b"\n",  # an empty password
        stdout=subprocess.DEVNULL,
        timeout=PATIENCE_SECONDS,
        check=True,
    )


@contextmanager
def _running(command: list[str], **options: Any) -> Generator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, **options)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)

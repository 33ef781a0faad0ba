"""A clean Debian in a folder, as debootstrap makes it, and commands in it.

Each command has a mount namespace of its own, so that nothing of this machine is ever mounted into
the folder: to remove it can harm nothing else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from installers import session
from installers.environments import CACHE

SUITE = "bookworm"
ENTER = """
mount -t proc proc "$0/proc" && mount -t tmpfs tmpfs "$0/dev/shm" || exit 125
[ "$NETWORK" = own ] && { ip link set lo up || exit 125; }
exec chroot "$0" "$@"
"""
TRY = "mount -t tmpfs tmpfs /mnt && mknod /mnt/null c 1 3 && echo > /mnt/null"
HOME, SESSION = "/root", "/tmp/session"  # in the folder
DATA = f"{HOME}/.local"
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": HOME}
APT = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-qq", "--no-install-recommends")
PATIENCE_SECONDS = 600
CHANGING = (
    "proc",
    "sys",
    "dev",
    "run",
    "tmp",
    f"{HOME}/.cache".removeprefix("/"),
    "var/cache",
    "var/lib/apt",
    "var/lib/dpkg",
    "var/log",
)
"""Folders that say nothing about what a package leaves behind."""


def why_not() -> str:
    """Why this machine cannot have one, or nothing."""
    if os.geteuid() != 0:
        return "a chroot needs root"
    allowed = subprocess.run(
        ["unshare", "--mount", "--net", "--propagation", "private", "sh", "-c", TRY],
        capture_output=True,
        check=False,
    )
    return "this machine lets nobody mount or make devices" if allowed.returncode else ""


class Chroot:
    """Made in `folder`, from a copy that is kept for the next time."""

    def __init__(self, folder: Path) -> None:
        if reason := why_not():
            pytest.skip(reason)
        self.root = folder
        base = CACHE / SUITE
        if not (base / "etc" / "debian_version").is_file():
            shutil.rmtree(base, ignore_errors=True)
            command = ["debootstrap", "--variant=minbase", SUITE, str(base)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["cp", "-a", "--reflink=auto", str(base), str(folder)], check=True)
        shutil.copy("/etc/resolv.conf", folder / "etc" / "resolv.conf")
        self.do(*APT, "update")

    def do(self, *command: str, has_network: bool = True, **environment: str) -> str:
        """What it prints. Raises AssertionError with what it says on failure."""
        done = self.run(command, has_network, environment)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def run(
        self,
        command: Sequence[str],
        has_network: bool = True,
        environment: dict[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*command, has_network=has_network),
            env=self.environment(has_network) | (environment or {}),
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def command(self, *command: str, has_network: bool = True) -> list[str]:
        network = [] if has_network else ["--net"]
        enter = ["sh", "-c", ENTER, str(self.root), *command]
        return ["unshare", "--mount", "--propagation", "private", *network, *enter]

    def environment(self, has_network: bool = True) -> dict[str, str]:
        return ENVIRONMENT | {"NETWORK": "the host's" if has_network else "own"}

    def with_keyring(self, *command: str, has_network: bool = True, **environment: str) -> str:
        """What it prints in a session with a keyring that is unlocked."""
        (self.root / SESSION.removeprefix("/")).mkdir(mode=0o700, exist_ok=True)
        environment["XDG_RUNTIME_DIR"] = SESSION
        return self.do(*session.command(*command), has_network=has_network, **environment)

    def install(self, *packages: str) -> None:
        self.do(*APT, "install", *packages)

    def files(self) -> set[str]:
        """All paths, but those that change by themselves."""
        skipped = [part for name in CHANGING for part in ("-path", f"./{name}", "-prune", "-o")]
        found = subprocess.run(
            ["find", ".", *skipped, "-print"], cwd=self.root, capture_output=True, text=True
        )
        return set(found.stdout.splitlines())

    def remove(self) -> None:
        mounts = Path("/proc/mounts").read_text("utf-8")
        assert f" {self.root}/" not in mounts, "something is mounted in it"
        shutil.rmtree(self.root)

"""The Windows installer: a frozen program becomes one .exe, compiled from hearth.nsi.

The frozen program is the folder that PyInstaller makes on Windows. In it lie hearth.exe for
terminals, hearthw.exe for the window, and _internal, nothing else. (The two differ by more than
their case, which Windows ignores; the w is python's and pythonw's. A hearth.cmd for terminals would
ask "Terminate batch job?" at each Ctrl-C, which in Hearth means *answer now*.)
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from installers.errors import Failed

CONSOLE_PROGRAM = "hearth.exe"
WINDOW_PROGRAM = "hearthw.exe"
INTERNAL = "_internal"
SIGN_COMMAND = "HEARTH_SIGN_COMMAND"
"""Names a shell command that signs `{file}`, whose quotes are put here."""

TEXTS = Path(__file__).resolve().parent
ON_WINDOWS = Path("C:/Program Files (x86)/NSIS/makensis.exe")
FOLDER_ROOM = 12  # Windows makes folders whose names could still hold a file of 8.3 characters


def build(payload: Path, version: str, out: Path) -> Path:
    """`out`/Hearth-`version`-windows-x64-setup.exe, signed if the environment says how: the two
    programs where they lie, then the uninstaller, then the installer. Raises Failed."""
    _check(payload)
    sign_command = os.environ.get(SIGN_COMMAND, "")
    if sign_command:
        for name in (CONSOLE_PROGRAM, WINDOW_PROGRAM):
            _sign(payload / name, sign_command)
    else:
        print(f"{SIGN_COMMAND} is not set: the installer is unsigned.", file=sys.stderr)
    out.mkdir(parents=True, exist_ok=True)
    installer = out.resolve() / f"Hearth-{version}-windows-x64-setup.exe"
    _compile(_definitions(payload.resolve(), version, installer, sign_command))
    return installer


def _check(payload: Path) -> None:
    wanted = {CONSOLE_PROGRAM, WINDOW_PROGRAM, INTERNAL}
    found = {path.name for path in payload.iterdir()} if payload.is_dir() else set[str]()
    if found != wanted:
        raise Failed(
            f"The frozen program in {payload} has to be {', '.join(sorted(wanted))}, and nothing "
            f"else; there is {', '.join(sorted(found)) or 'nothing'}."
        )


def _sign(file: Path, command: str) -> None:
    if subprocess.run(_signing(command, str(file)), shell=True, check=False).returncode:
        raise Failed(f"{file.name} could not be signed; the lines above say why.")


def _signing(command: str, file: str) -> str:
    if "{file}" not in command:
        raise Failed(f"{SIGN_COMMAND} does not say where the file belongs: {{file}} is missing.")
    return command.replace("{file}", f'"{file}"')


def _definitions(
    payload: Path, version: str, installer: Path, sign_command: str
) -> Mapping[str, str]:
    files = [path for path in payload.rglob("*") if path.is_file()]
    signing = {"SIGN_COMMAND": _signing(sign_command, "%1")} if sign_command else {}
    return {
        "TARGET": _target(),
        "VERSION": version,
        "FOUR_NUMBERS": four_numbers(version),
        "PAYLOAD": str(payload),
        "OUTPUT": str(installer),
        "ROOM": str(room(payload)),
        "SIZE_KB": str(sum(path.stat().st_size for path in files) // 1024 + 1),
        "CONSOLE_PROGRAM": CONSOLE_PROGRAM,
        "WINDOW_PROGRAM": WINDOW_PROGRAM,
        "TEXTS": str(TEXTS),
        **signing,
    }


def _target() -> str:
    """NSIS for Windows makes 32-bit installers only, which install 64-bit programs as well.
    Debian's makes both, and Wine without its 32-bit half runs 64-bit ones only."""
    return "x86-unicode" if sys.platform == "win32" else "amd64-unicode"


def four_numbers(version: str) -> str:
    """Windows's form of a version: 0.2.0rc1 is 0.2.0.0."""
    numbers = re.match(r"\d+(\.\d+){0,3}", version)
    if numbers is None:
        raise Failed(f"A version begins with a number: {version}")
    return ".".join([*numbers.group().split("."), "0", "0", "0"][:4])


def room(payload: Path) -> int:
    """How many characters the longest path in the folder adds to the folder's own."""
    return max(
        1 + len(str(path.relative_to(payload))) + (FOLDER_ROOM if path.is_dir() else 0)
        for path in payload.rglob("*")
    )


def _compile(definitions: Mapping[str, str]) -> None:
    defined = [f"-D{name}={value}" for name, value in definitions.items()]
    command = [_makensis(), "-V2", "-WX", "-INPUTCHARSET", "UTF8", *defined]
    script = str(TEXTS / "hearth.nsi")
    done = subprocess.run([*command, script], capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        raise Failed(f"NSIS could not compile the installer:\n{said}")


def _makensis() -> str:
    found = shutil.which("makensis") or (str(ON_WINDOWS) if ON_WINDOWS.is_file() else None)
    if found is None:
        raise Failed("makensis is missing. Install NSIS: the package nsis, or choco install nsis.")
    return found

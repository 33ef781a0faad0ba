"""Builds the installer of the system that this runs on: `python -m installers.build`.

Freezes Hearth with an environment of its own, tries the frozen program, packs it, and leaves the
files with their SHA-256 sums in dist/. Each step can be run again; nothing asks the network once
the environment and the starter are there.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from installers import smoke, starter
from installers.contents import Flavour, is_stripped
from installers.environments import python_with
from installers.errors import Failed
from installers.project import DIST, ROOT, version

LOCK = ROOT / "installers" / "locks" / "installer.txt"
SPEC = ROOT / "installers" / "hearth.spec"
FREEZING = {
    # Modules stay uncompressed: what packs the folder gets 8 MB more out of them all together, and
    # the program need not inflate them at each start.
    "PYINSTALLER_ZLIB_COMPRESSION_LEVEL": "0",
}


def main() -> int:
    options = argparse.ArgumentParser(prog="installers.build", description=__doc__)
    options.add_argument("--flavour", type=Flavour, default=Flavour.CPU, help="cpu or cuda")
    options.add_argument("--only-freeze", action="store_true", help="leave the folder unpacked")
    wanted = options.parse_args()
    try:
        program = freeze(wanted.flavour)
        smoke.try_out(program)
        if not wanted.only_freeze:
            files = [*pack(program, wanted.flavour), bill_of_materials(program)]
            write_sums(files)
            say(
                *(f"{file.relative_to(ROOT)}  {file.stat().st_size / 1e6:.1f} MB" for file in files)
            )
    except (Failed, starter.Unavailable) as error:
        say(f"hearth: {error}")
        return 1
    return 0


def freeze(flavour: Flavour) -> Path:
    """The program in its folder dist/hearth, on macOS in dist/Hearth.app. Raises Failed."""
    python = python_with(LOCK, "installer")
    install = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "-e", ROOT]
    call("Hearth could not be installed", python, *install)
    starter.install(ROOT, python)
    say(f"Freezing the flavour {flavour.value}")
    places = ["--distpath", DIST, "--workpath", ROOT / "build", "--log-level", "ERROR"]
    command = [python, "-m", "PyInstaller", "--noconfirm", *places, SPEC, "--", flavour.value]
    call("PyInstaller could not freeze Hearth", *command)
    strip(DIST / "hearth")
    return program_in(DIST)


def program_in(folder: Path) -> Path:
    """What is started in a terminal, of what PyInstaller has left in `folder`."""
    names = {"win32": "hearth/hearth.exe", "darwin": "Hearth.app/Contents/MacOS/hearth"}
    return folder / names.get(sys.platform, "hearth/hearth")


def strip(folder: Path) -> None:
    """Symbols off libraries that were built with them, where that is known to do no harm."""
    if sys.platform != "linux" or shutil.which("strip") is None:
        return
    for file in folder.rglob("*.so*"):
        if is_stripped(file.relative_to(folder).as_posix()):
            call(f"{file.name} could not be stripped", "strip", "--strip-unneeded", file)


def pack(program: Path, flavour: Flavour) -> list[Path]:
    """What users of this system are given. Raises Failed."""
    folder = program.parent
    if sys.platform == "win32":
        from installers.windows import nsis

        return [nsis.build(folder, version(), DIST)]
    if sys.platform == "darwin":
        from installers.macos import dmg

        return [dmg.build(DIST / "Hearth.app", version(), DIST)]
    from installers.linux import appdir, deb

    return [deb.build(folder, version(), flavour, DIST), appdir.build(folder, version(), DIST)]


def bill_of_materials(program: Path) -> Path:
    """A copy of the one inside."""
    top = program.parents[1] if sys.platform == "darwin" else program.parent
    inside = next(top.rglob("resources/licences/sbom.cdx.json"))
    return Path(shutil.copy(inside, DIST / f"hearth-{version()}-{sys.platform}.cdx.json"))


def write_sums(files: list[Path]) -> None:
    """As `sha256sum --check` reads them."""
    lines = (f"{sha256(file)}  {file.name}\n" for file in files)
    (DIST / "SHA256SUMS").write_text("".join(lines), "utf-8")


def sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def call(problem: str, *command: str | Path) -> None:
    """Raises Failed."""
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, env={**os.environ, **FREEZING}, check=False
    )
    if done.returncode:
        raise Failed(f"{problem}; the lines above say why.")


def say(*lines: str) -> None:
    print(*lines, sep="\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

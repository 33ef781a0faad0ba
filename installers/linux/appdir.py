"""The folder that an AppImage is made of, as a .tar.xz: `appimagetool` packs it (RELEASING.md).

It is complete: AppRun starts Hearth from wherever it lies.
"""

from __future__ import annotations

import platform
import subprocess
import tempfile
from pathlib import Path

from installers.linux import deb, tree


def build(program: Path, version: str, out: Path) -> Path:
    """Of the frozen folder `program`. Raises Failed."""
    name = f"Hearth-{version}-{platform.machine()}.AppDir"
    archive = out / f"{name}.tar.xz"
    with tempfile.TemporaryDirectory(dir=out) as folder:
        root = Path(folder) / name
        tree.write(program, root, deb.words(version))
        complete(root)
        tree.set_modes(root)
        subprocess.run(
            ["tar", "-C", folder, "-I", "xz -T0 -1", "-cf", str(archive), name], check=True
        )
    return archive


def complete(root: Path) -> None:
    """With what an AppImage has at its top."""
    (root / "AppRun").symlink_to("usr/bin/hearth")
    (root / "hearth.desktop").symlink_to("usr/share/applications/hearth.desktop")
    (root / "hearth.svg").symlink_to("usr/share/icons/hicolor/scalable/apps/hearth.svg")
    (root / ".DirIcon").symlink_to("usr/share/icons/hicolor/256x256/apps/hearth.png")

"""The files that a Linux desktop knows a program by, in the places where it looks for them."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Mapping
from pathlib import Path

from installers.icons import png
from installers.macos.bundle import BUNDLE_ID
from installers.project import RESOURCES

HERE = Path(__file__).resolve().parent
ID = BUNDLE_ID
ICON_PIXELS = (48, 128, 256)


def write(program: Path, root: Path, words: Mapping[str, str]) -> None:
    """The frozen folder `program` and all around it, below root/usr. `words` are put into the texts
    for @VERSION@, @DATE@ and @HOMEPAGE@."""
    usr, share = root / "usr", root / "usr" / "share"
    shutil.copytree(program, usr / "lib" / "hearth", symlinks=True)
    (usr / "bin").mkdir()
    (usr / "bin" / "hearth").symlink_to("../lib/hearth/hearth")
    put(share / "applications" / "hearth.desktop", (HERE / "hearth.desktop").read_text("utf-8"))
    put(share / "metainfo" / f"{ID}.metainfo.xml", filled(HERE / "metainfo.xml", words))
    put_zipped(share / "man" / "man1" / "hearth.1.gz", filled(HERE / "hearth.1", words))
    drawing = (RESOURCES / "icons" / "hearth.svg").read_text("utf-8")
    put(share / "icons" / "hicolor" / "scalable" / "apps" / "hearth.svg", drawing)
    for size in ICON_PIXELS:
        icon = share / "icons" / "hicolor" / f"{size}x{size}" / "apps" / "hearth.png"
        icon.parent.mkdir(parents=True)
        icon.write_bytes(png(size))


def filled(template: Path, words: Mapping[str, str]) -> str:
    """A line whose word is empty is left out."""
    lines = []
    for line in template.read_text("utf-8").splitlines(keepends=True):
        used = [word for word in words if f"@{word}@" in line]
        if all(words[word] for word in used):
            for word in used:
                line = line.replace(f"@{word}@", words[word])
            lines.append(line)
    return "".join(lines)


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def put_zipped(path: Path, text: str) -> None:
    """The same bytes each time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def set_modes(root: Path) -> None:
    """Only programs and folders are executable; everybody may read."""
    for path in root.rglob("*"):
        if not path.is_symlink():
            is_program = path.name == "hearth" and path.parent.name == "hearth"
            path.chmod(0o755 if path.is_dir() or (is_program and path.is_file()) else 0o644)

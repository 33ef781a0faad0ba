"""The Debian package: Hearth below /usr/lib/hearth, `hearth` on the PATH, an entry in the menu."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from installers.contents import Flavour
from installers.errors import Failed
from installers.linux import tree
from installers.project import bytes_in, homepage

MAINTAINER = "The Hearth authors <hearth@localhost.localdomain>"
DEPENDS = (
    # What every desktop has, in the system's own version (installers/contents.py leaves it out).
    "libc6 (>= {libc})",
    "libdbus-1-3",
    "libegl1",
    "libfontconfig1",
    "libfreetype6",
    "libgcc-s1",
    "libgl1",
    "libglib2.0-0",
    "libgssapi-krb5-2",
    "libsqlite3-0",
    "libssl3",
    "libstdc++6",
    "libwayland-client0",
    "libwayland-cursor0",
    "libwayland-egl1",
    "libx11-6",
    "libx11-xcb1",
    "libxkbcommon0",
)
RECOMMENDS = (
    "fonts-noto-color-emoji",
    "gnome-keyring | kwalletmanager | keepassxc",
    "libvulkan1",  # graphics chips through WebGPU
)
DESCRIPTION = """OpenAI's open models on your own machine
 Hearth runs gpt-oss-20b, gpt-oss-120b and a small starter model, which is
 inside, on this computer: a chat window, a terminal, and an API for programs
 of this computer where it is switched on. It needs no account and no network,
 and sends nothing out.
"""


def build(program: Path, version: str, flavour: Flavour, out: Path) -> Path:
    """Of the frozen folder `program`. Raises Failed."""
    suffix = "" if flavour is Flavour.CPU else f"-{flavour.value}"
    package = out / f"hearth{suffix}_{version}_{architecture()}.deb"
    with tempfile.TemporaryDirectory(dir=out) as folder:
        root = Path(folder) / "root"
        tree.write(program, root, words(version))
        write_documents(program, root, version)
        write_control(root, version)
        tree.set_modes(root)
        options = ["--root-owner-group", "-Zxz", "-z9", "--build"]
        run("dpkg-deb", *options, str(root), str(package))
    return package


def words(version: str) -> dict[str, str]:
    return {"VERSION": version, "DATE": today(), "HOMEPAGE": homepage()}


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def write_documents(program: Path, root: Path, version: str) -> None:
    """The copyright page with all notices, the changelog, and lintian's overrides."""
    documents = root / "usr" / "share" / "doc" / "hearth"
    notices = program / "_internal" / "resources" / "licences" / "THIRD_PARTY_NOTICES.txt"
    own = "Hearth is under the Apache License 2.0, which on Debian systems is in\n"
    own += "/usr/share/common-licenses/Apache-2.0.\n\n"
    tree.put(documents / "copyright", own + notices.read_text("utf-8"))
    now = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    entry = f"hearth ({version}) stable; urgency=medium\n\n  * See CHANGELOG.md.\n\n"
    tree.put_zipped(documents / "changelog.gz", f"{entry} -- {MAINTAINER}  {now}\n")
    changes = Path(__file__).resolve().parents[1] / "CHANGELOG.md"
    tree.put_zipped(documents / "CHANGELOG.md.gz", changes.read_text("utf-8"))
    overrides = (tree.HERE / "lintian-overrides").read_text("utf-8")
    tree.put(root / "usr" / "share" / "lintian" / "overrides" / "hearth", overrides)


def write_control(root: Path, version: str) -> None:
    fields = {
        "Package": "hearth",
        "Version": version,
        "Architecture": architecture(),
        "Maintainer": MAINTAINER,
        "Section": "utils",
        "Priority": "optional",
        "Installed-Size": str(bytes_in(root) // 1024),
        "Homepage": homepage(),
        "Depends": ", ".join(DEPENDS).format(libc=libc_version()),
        "Recommends": ", ".join(RECOMMENDS),
        "Description": DESCRIPTION,
    }
    lines = (f"{name}: {value}".rstrip() + "\n" for name, value in fields.items() if value)
    tree.put(root / "DEBIAN" / "control", "".join(lines))
    sums = run("sh", "-c", f"cd '{root}' && find usr -type f -print0 | xargs -0 md5sum")
    tree.put(root / "DEBIAN" / "md5sums", sums)


def architecture() -> str:
    return run("dpkg", "--print-architecture").strip()


def libc_version() -> str:
    """What this program was built with, and so needs at least."""
    return run("getconf", "GNU_LIBC_VERSION").split()[1]


def run(program: str, *arguments: str) -> str:
    """Raises Failed."""
    if shutil.which(program) is None:
        raise Failed(f"A .deb cannot be built without {program}.")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"{program} failed: {done.stderr.strip()}")
    return done.stdout

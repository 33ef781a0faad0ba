"""Hearth.app is signed and put on a disk image, which Apple notarises where its makers may.

Nobody has run this on a Mac yet; tests hold the commands and their order. The environment says
who signs: HEARTH_DEVELOPER_ID, "Developer ID Application: NAME (TEAM)", and HEARTH_NOTARY_PROFILE,
which `xcrun notarytool store-credentials` made. Without them the signature is ad hoc, and macOS
lets the user open Hearth in Privacy & Security only.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from installers.errors import Failed

ENTITLEMENTS = Path(__file__).with_name("entitlements.plist")
IDENTITY, NOTARY = "HEARTH_DEVELOPER_ID", "HEARTH_NOTARY_PROFILE"
AD_HOC = "-"
CODE = (".so", ".dylib")
TRIES, WAIT_SECONDS = 5, 5.0
"""hdiutil fails with "Resource busy" while Spotlight reads the folder."""

Run = Callable[[Sequence[str]], int]


def build(
    app: Path,
    version: str,
    out: Path,
    run: Run = lambda command: subprocess.run(command, check=False).returncode,
    environment: Mapping[str, str] = os.environ,
) -> Path:
    """`out`/Hearth-`version`-macos-`machine`.dmg. Raises Failed."""
    identity, profile = environment.get(IDENTITY, AD_HOC), environment.get(NOTARY)
    if identity == AD_HOC:
        print(f"{IDENTITY} is not set: the app is signed ad hoc.", file=sys.stderr)
    image = out / f"Hearth-{version}-macos-{platform.machine()}.dmg"
    for command in signing(app, identity):
        _do(run, command, f"{Path(command[-1]).name} could not be signed")
    make_image(app, image, run)
    if identity != AD_HOC:
        _do(run, codesign(image, identity), "The disk image could not be signed")
    if profile:
        for command in notarising(image, profile):
            _do(run, command, "Apple did not notarise it")
    return image


def signing(app: Path, identity: str) -> Iterator[Sequence[str]]:
    """Inside out: libraries, frameworks, then the app, whose signature seals the rest."""
    contents = app / "Contents"
    libraries = (path for path in contents.rglob("*") if path.suffix in CODE)
    frameworks = contents.rglob("*.framework")
    for path in [*sorted(libraries), *sorted(frameworks)]:
        if not path.is_symlink():
            yield codesign(path, identity)
    yield codesign(app, identity)
    yield ("codesign", "--verify", "--strict", "--deep", str(app))


def codesign(path: Path, identity: str) -> Sequence[str]:
    """The hardened runtime, which notarising wants; a timestamp needs a real identity."""
    hardened = ("--options", "runtime", "--entitlements", str(ENTITLEMENTS))
    stamp = () if identity == AD_HOC else ("--timestamp",)
    return ("codesign", "--force", "--sign", identity, *hardened, *stamp, str(path))


def make_image(app: Path, image: Path, run: Run) -> None:
    """With a link to Applications, where the user drags the app. Raises Failed."""
    with tempfile.TemporaryDirectory() as folder:
        # ditto keeps the frameworks' symbolic links, without which no signature holds.
        _do(run, ("ditto", str(app), str(Path(folder, app.name))), "The app could not be copied")
        Path(folder, "Applications").symlink_to("/Applications")
        options = ("-volname", "Hearth", "-srcfolder", folder, "-fs", "HFS+", "-format", "UDZO")
        for number in range(1, TRIES + 1):
            if run(("hdiutil", "create", *options, "-ov", str(image))) == 0:
                return
            if number < TRIES:
                time.sleep(WAIT_SECONDS)
    raise Failed("hdiutil could not make the disk image; the lines above say why.")


def notarising(image: Path, profile: str) -> Iterator[Sequence[str]]:
    """The ticket is stapled to the image, so that a Mac without a network believes it too."""
    yield ("xcrun", "notarytool", "submit", str(image), "--keychain-profile", profile, "--wait")
    yield ("xcrun", "stapler", "staple", str(image))
    yield ("xcrun", "stapler", "validate", str(image))


def _do(run: Run, command: Sequence[str], problem: str) -> None:
    if run(command):
        raise Failed(f"{problem}; the lines above say why.")

"""What would be run on a Mac, in which order. No Mac has run it."""

from __future__ import annotations

import plistlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from installers.errors import Failed
from installers.macos import bundle, dmg

DEVELOPER = "Developer ID Application: Hearth (TEAM)"


class Mac:
    """Notes what is run; `broken` commands fail so many times."""

    def __init__(self, **broken: int) -> None:
        self.ran: list[Sequence[str]] = []
        self._broken = broken

    def __call__(self, command: Sequence[str]) -> int:
        self.ran.append(command)
        self._broken[command[0]] = self._broken.get(command[0], 0) - 1
        return int(self._broken[command[0]] >= 0)

    @property
    def programs(self) -> list[str]:
        return [command[1] if command[0] == "xcrun" else command[0] for command in self.ran]


@pytest.fixture
def app(tmp_path: Path) -> Path:
    app = tmp_path / "Hearth.app"
    inside = app / "Contents" / "Frameworks"
    (inside / "Qt.framework").mkdir(parents=True)
    (inside / "library.dylib").touch()
    (inside / "link.dylib").symlink_to("library.dylib")
    return app


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dmg, "WAIT_SECONDS", 0)


def test_what_is_inside_is_signed_before_what_is_around(app: Path) -> None:
    signed = [Path(command[-1]).name for command in dmg.signing(app, DEVELOPER)]
    assert signed == ["library.dylib", "Qt.framework", "Hearth.app", "Hearth.app"]


def test_makers_with_an_identity_sign_notarise_and_staple(app: Path, tmp_path: Path) -> None:
    mac = Mac()
    who = {dmg.IDENTITY: DEVELOPER, dmg.NOTARY: "hearth"}
    image = dmg.build(app, "1.2.3", tmp_path, mac, who)
    assert image.name.startswith("Hearth-1.2.3-macos-")
    signing = ["codesign"] * 4
    after = ["codesign", "notarytool", "stapler", "stapler"]
    assert mac.programs == [*signing, "ditto", "hdiutil", *after]
    assert all("--timestamp" in one for one in mac.ran if "--sign" in one)


def test_others_sign_ad_hoc_and_it_is_said(
    app: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mac = Mac()
    dmg.build(app, "1.2.3", tmp_path, mac, {})
    assert "ad hoc" in capsys.readouterr().err
    assert mac.programs == [*["codesign"] * 4, "ditto", "hdiutil"]
    assert not any("--timestamp" in one for one in mac.ran)


def test_a_busy_disk_image_is_tried_again(app: Path, tmp_path: Path) -> None:
    mac = Mac(hdiutil=2)
    dmg.build(app, "1.2.3", tmp_path, mac, {})
    assert mac.programs.count("hdiutil") == 3


@pytest.mark.parametrize("program", ["codesign", "ditto", "hdiutil", "xcrun"])
def test_what_fails_ends_it_in_words(app: Path, tmp_path: Path, program: str) -> None:
    mac = Mac(**{program: 99})
    with pytest.raises(Failed, match="the lines above say why"):
        dmg.build(app, "1.2.3", tmp_path, mac, {dmg.NOTARY: "hearth"})


def test_apples_files_can_be_read() -> None:
    entitlements = plistlib.loads(dmg.ENTITLEMENTS.read_bytes())
    assert all(entitlements.values())
    assert plistlib.loads(plistlib.dumps(bundle.INFO_PLIST)) == bundle.INFO_PLIST


def test_the_icon_is_one_of_macos(tmp_path: Path) -> None:
    data = bundle.write_icon(tmp_path).read_bytes()
    assert data[:4] == b"icns"
    assert int.from_bytes(data[4:8], "big") == len(data)

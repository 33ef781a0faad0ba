"""What the Windows installer's caller refuses. That the installer works is in windows.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from installers.windows import nsis
from installers.windows.nsis import CONSOLE_PROGRAM, SIGN_COMMAND, WINDOW_PROGRAM, Failed


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    folder = tmp_path / "frozen"
    (folder / "_internal" / "a folder").mkdir(parents=True)
    for name in (CONSOLE_PROGRAM, WINDOW_PROGRAM, "_internal/base_library.zip"):
        (folder / name).touch()
    return folder


def test_a_frozen_program_of_another_shape(frozen: Path, tmp_path: Path) -> None:
    (frozen / "README.txt").touch()
    with pytest.raises(Failed, match=r"nothing else; there is README\.txt, _internal"):
        nsis.build(frozen, "0.1.0", tmp_path)
    with pytest.raises(Failed, match="there is nothing"):
        nsis.build(tmp_path / "elsewhere", "0.1.0", tmp_path)


def test_the_two_programs_differ_where_the_case_does_not_count() -> None:
    assert CONSOLE_PROGRAM.lower() != WINDOW_PROGRAM.lower()


def test_without_nsis(frozen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(nsis, "ON_WINDOWS", tmp_path / "makensis.exe")
    with pytest.raises(Failed, match="makensis is missing"):
        nsis.build(frozen, "0.1.0", tmp_path)


def test_an_installer_without_a_signature_says_so(
    frozen: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(nsis, "_compile", lambda _definitions: None)
    made = nsis.build(frozen, "0.1.0", tmp_path)
    assert made.name == "Hearth-0.1.0-windows-x64-setup.exe"
    assert "unsigned" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "sentence"),
    [("sign", "{file} is missing"), ("exit 1 {file}", "hearth.exe could not be signed")],
)
def test_a_signature_that_fails(
    frozen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, sentence: str
) -> None:
    monkeypatch.setenv(SIGN_COMMAND, command)
    with pytest.raises(Failed, match=sentence):
        nsis.build(frozen, "0.1.0", tmp_path)


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("0.1.0", "0.1.0.0"), ("1.2", "1.2.0.0"), ("0.2.0rc1", "0.2.0.0"), ("1.2.3.4.5", "1.2.3.4")],
)
def test_versions_in_windows_form(version: str, numbers: str) -> None:
    assert nsis.four_numbers(version) == numbers


def test_a_version_without_a_number() -> None:
    with pytest.raises(Failed, match="begins with a number"):
        nsis.four_numbers("main")


def test_the_room_of_the_longest_path(frozen: Path) -> None:
    assert nsis.room(frozen) == len("/_internal/a folder") + 12
    (frozen / "_internal" / ("long" * 10)).touch()
    assert nsis.room(frozen) == len("/_internal/") + 40

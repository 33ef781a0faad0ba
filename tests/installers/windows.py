"""The Windows installer, compiled here and tried in Wine with a stand-in for the frozen program.

make test-installer
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from installers.windows.nsis import CONSOLE_PROGRAM, SIGN_COMMAND, WINDOW_PROGRAM, build
from tests.desktop.end_to_end.stage import display
from tests.installers.wine import Windows, fresh_windows, shared_windows, wine_environment

STAND_IN = Path(__file__).with_name("stand_in.nsi")
UNINSTALLER = "uninstall-hearth.exe"
UNINSTALL = r"Software\Microsoft\Windows\CurrentVersion\Uninstall\Hearth"
MENU = "AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Hearth.lnk"
LONG_PATH = ";".join([*(rf"C:\tools\number {i:04}" for i in range(500)), r"%USERPROFILE%\bin", ""])
PATIENCE_SECONDS = 60
FILES_STAY, IS_RUNNING, OLD_WINDOWS, BAD_FOLDER = 2, 3, 4, 5


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Generator[dict[str, str]]:
    with display() as number:
        yield wine_environment(tmp_path_factory.mktemp("home"), number)


@pytest.fixture(scope="module")
def shared(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Generator[Path]:
    folder = tmp_path_factory.mktemp("wine")
    yield shared_windows(folder, environment)
    shutil.rmtree(folder)  # pytest would keep 700 MB of each of its last three runs


@pytest.fixture
def windows(shared: Path, environment: dict[str, str], tmp_path: Path) -> Generator[Windows]:
    with fresh_windows(shared, tmp_path / "windows", environment) as fresh:
        yield fresh


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A real 64-bit program."""
    out = tmp_path_factory.mktemp("program") / "stand-in.exe"
    subprocess.run(["makensis", "-V2", "-WX", f"-DOUTPUT={out}", STAND_IN], check=True)
    return out.read_bytes()


def frozen(folder: Path, program: bytes, *others: str) -> Path:
    files = (CONSOLE_PROGRAM, WINDOW_PROGRAM, "_internal/base_library.zip", "_internal/no suffix")
    for name in (*files, *others):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(program if file.suffix == ".exe" else b"of " + folder.name.encode())
    return folder


@pytest.fixture(scope="module")
def old(program: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installer of version 0.1.0, in which there are two files that 0.2.0 lacks."""
    folder = tmp_path_factory.mktemp("old")
    others = ("_internal/stale/stale.dll", "_internal/helper.exe")
    return build(frozen(folder / "0.1.0", program, *others), "0.1.0", folder)


@pytest.fixture(scope="module")
def new(program: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("new")
    return build(frozen(folder / "0.2.0", program, "_internal/Qt Ünï/文.qm"), "0.2.0", folder)


def installed(windows: Windows) -> Path:
    return windows.local / "Programs" / "Hearth"


def uninstall(windows: Windows, *options: str) -> None:
    assert windows.run(installed(windows) / UNINSTALLER, "/S", *options) == 0


def into(windows: Windows, folder: Path) -> list[str]:
    """NSIS's option, which is unquoted and last: so each word of it is an argument."""
    return f"/D={windows.path(folder)}".split(" ")


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def everything(home: Path) -> set[str]:
    """But what is temporary."""
    paths = (path.relative_to(home) for path in home.rglob("*"))
    return {str(path) for path in paths if "Temp" not in path.parts}


def write_data(windows: Windows) -> Path:
    model = windows.local / "hearth" / "models" / "own" / "model.onnx"
    model.parent.mkdir(parents=True)
    model.write_text("large")
    return model


def wait_for(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)


def ran(windows: Windows, program: str) -> bool:
    return any(windows.home.rglob(f"{program}.ran"))


def test_it_is_installed_for_its_user(windows: Windows, new: Path) -> None:
    assert windows.run(new, "/S") == 0

    assert files(installed(windows)) == files(new.parent / "0.2.0") | {UNINSTALLER}
    assert not any((windows.home / "Desktop").iterdir())


def test_the_start_menu_and_terminals_run_it(windows: Windows, new: Path) -> None:
    windows.run(new, "/S")

    windows.start(Path("start"), windows.path(windows.home / MENU))
    wait_for(lambda: ran(windows, WINDOW_PROGRAM))
    windows.start(Path("cmd"), "/c", "hearth")
    wait_for(lambda: ran(windows, CONSOLE_PROGRAM))


def test_windows_settings_list_it(windows: Windows, new: Path) -> None:
    windows.run(new, "/S")

    entry, folder = windows.read(UNINSTALL), windows.path(installed(windows))
    size = sum(path.stat().st_size for path in (new.parent / "0.2.0").rglob("*.*"))
    assert entry["displayname"] == "Hearth"
    assert entry["displayversion"] == "0.2.0"
    assert entry["publisher"] == "The Hearth authors"
    assert entry["displayicon"] == rf"{folder}\{WINDOW_PROGRAM}"
    assert entry["uninstallstring"] == rf'"{folder}\{UNINSTALLER}"'
    assert entry["quietuninstallstring"] == rf'"{folder}\{UNINSTALLER}" /S'
    assert int(entry["estimatedsize"], 16) == pytest.approx(size / 1024, abs=2)


def test_an_upgrade_leaves_nothing_of_the_old_program(
    windows: Windows, old: Path, new: Path
) -> None:
    windows.run(old, "/S")
    assert "_internal/stale/stale.dll" in files(installed(windows))
    model = write_data(windows)

    assert windows.run(new, "/S") == 0

    assert files(installed(windows)) == files(new.parent / "0.2.0") | {UNINSTALLER}
    assert (installed(windows) / "_internal" / "no suffix").read_text() == "of 0.2.0"
    assert windows.read(UNINSTALL)["displayversion"] == "0.2.0"
    assert windows.read("Environment")["path"] == windows.path(installed(windows))
    assert model.is_file()


def test_an_upgrade_keeps_to_what_was_chosen(windows: Windows, old: Path, new: Path) -> None:
    windows.run(old, "/S")
    windows.write("Environment", "Path", "REG_SZ", r"C:\tools")
    shortcut = windows.home / "Desktop" / "Hearth.lnk"
    shortcut.touch()

    windows.run(new, "/S")

    assert windows.read("Environment")["path"] == r"C:\tools"
    assert shortcut.stat().st_size > 0
    uninstall(windows)
    assert not shortcut.exists()


def test_uninstalling_leaves_what_was_there(windows: Windows, new: Path) -> None:
    write_data(windows)
    windows.settle()
    before, keys = everything(windows.home), windows.keys()

    windows.run(new, "/S")
    assert everything(windows.home) > before
    uninstall(windows)

    # These two are Windows's own, for all programs; a new Wine lacks them.
    assert everything(windows.home) - {"AppData/Local/Programs"} == before
    assert windows.keys() - {UNINSTALL.rpartition("\\")[0].replace("\\", "\\\\")} == keys
    assert "path" not in windows.read("Environment")


def test_uninstalling_leaves_the_users_files_beside_the_program(
    windows: Windows, new: Path
) -> None:
    windows.run(new, "/S")
    (installed(windows) / "notes.txt").write_text("mine")

    uninstall(windows)

    assert files(installed(windows)) == {"notes.txt"}
    assert windows.run(new, "/S") == 0


def test_conversations_and_models_are_deleted_on_demand_only(windows: Windows, new: Path) -> None:
    model = write_data(windows)
    windows.run(new, "/S")
    uninstall(windows)
    assert model.is_file()

    windows.run(new, "/S")
    uninstall(windows, "/DELETEDATA")
    assert not (windows.local / "hearth").exists()


@pytest.mark.parametrize("name", [CONSOLE_PROGRAM, WINDOW_PROGRAM])
def test_a_running_program_is_neither_replaced_nor_removed(
    windows: Windows, old: Path, new: Path, name: str
) -> None:
    windows.run(old, "/S")
    before = files(installed(windows))
    windows.start(installed(windows) / name)
    wait_for(lambda: ran(windows, name))

    assert windows.start(new, "/S").wait(PATIENCE_SECONDS) == IS_RUNNING
    removing = f"_?={windows.path(installed(windows))}"  # else its exit code is lost
    uninstaller = windows.start(installed(windows) / UNINSTALLER, "/S", removing)
    assert uninstaller.wait(PATIENCE_SECONDS) == IS_RUNNING

    windows.end()
    assert files(installed(windows)) == before
    assert windows.read(UNINSTALL)["displayversion"] == "0.1.0"


def test_files_that_cannot_be_removed_stop_an_upgrade(
    windows: Windows, old: Path, new: Path
) -> None:
    windows.run(old, "/S")
    windows.start(installed(windows) / "_internal" / "helper.exe")
    wait_for(lambda: ran(windows, "helper.exe"))

    assert windows.start(new, "/S").wait(PATIENCE_SECONDS) == FILES_STAY
    assert (installed(windows) / UNINSTALLER).is_file()

    windows.end()
    assert windows.run(new, "/S") == 0
    assert files(installed(windows)) == files(new.parent / "0.2.0") | {UNINSTALLER}


def test_uninstalling_by_another_name_of_the_folder(windows: Windows, new: Path) -> None:
    """Such as Wine's drive Z, which is all of this machine."""
    windows.run(new, "/S")
    by_root = "Z:" + str(installed(windows) / UNINSTALLER).replace("/", "\\")

    windows.run(Path(by_root), "/S")

    assert not installed(windows).exists()
    assert "path" not in windows.read("Environment")


@pytest.mark.parametrize("kind", ["REG_SZ", "REG_EXPAND_SZ"])
def test_a_path_of_any_length_stays_whole(windows: Windows, new: Path, kind: str) -> None:
    assert len(LONG_PATH) > 8192 > 1024  # what NSIS's strings hold, in its two builds
    windows.write("Environment", "Path", kind, LONG_PATH)
    before = windows.raw("Environment", "Path")

    windows.run(new, "/S")
    added = windows.path(installed(windows))
    assert windows.read("Environment")["path"] == f"{LONG_PATH};{added}"
    uninstall(windows)

    assert windows.raw("Environment", "Path") == before


def test_another_folder(windows: Windows, old: Path, new: Path) -> None:
    """A program that moves leaves the old place."""
    windows.run(old, "/S")
    other = windows.home / "My programs" / "Hearth"

    assert windows.run(new, "/S", *into(windows, other)) == 0

    assert not installed(windows).exists()
    assert files(other) == files(new.parent / "0.2.0") | {UNINSTALLER}
    assert windows.read("Environment")["path"] == windows.path(other)
    assert windows.read(UNINSTALL)["installlocation"] == windows.path(other)


def test_folders_that_cannot_be_used(windows: Windows, new: Path) -> None:
    another = windows.home / "another"
    (another / "_internal").mkdir(parents=True)
    (another / "_internal" / "base_library.zip").touch()
    data = windows.local / "hearth" / "program"
    long = windows.home / ("long" * 60)

    for folder in (another, data, long):
        assert windows.run(new, "/S", *into(windows, folder)) == BAD_FOLDER

    assert files(another) == {"_internal/base_library.zip"}
    assert not data.exists()
    assert not long.exists()
    assert windows.read(UNINSTALL) == {}


def test_an_old_windows(windows: Windows, new: Path) -> None:
    windows.write(r"Software\Wine", "Version", "REG_SZ", "win81")

    assert windows.run(new, "/S") == OLD_WINDOWS

    assert not installed(windows).exists()


@pytest.mark.parametrize("is_upgrade", [False, True])
def test_the_wizard_ends_with_the_program(
    windows: Windows, old: Path, new: Path, environment: dict[str, str], is_upgrade: bool
) -> None:
    """Return agrees to each page; the last one runs Hearth."""
    if is_upgrade:
        windows.run(old, "/S")
    windows.start(new)

    def agreed() -> bool:
        subprocess.run(["xdotool", "key", "Return"], env=environment, check=True)
        return ran(windows, WINDOW_PROGRAM)

    wait_for(agreed)
    windows.end()
    assert files(installed(windows)) == files(new.parent / "0.2.0") | {UNINSTALLER}
    assert windows.read(UNINSTALL)["installlocation"] == windows.path(installed(windows))
    assert windows.read("Environment")["path"] == windows.path(installed(windows))


def test_ticking_the_box_deletes_conversations_and_models(
    windows: Windows, new: Path, environment: dict[str, str]
) -> None:
    write_data(windows)
    windows.run(new, "/S")
    windows.start(installed(windows) / UNINSTALLER)
    seek = ["xdotool", "search", "--onlyvisible", "--name", "Hearth Uninstall"]
    wait_for(lambda: not subprocess.run(seek, env=environment, check=False).returncode)
    time.sleep(1)  # until it listens

    subprocess.run(["xdotool", "key", "shift+Tab", "space", "Return"], env=environment, check=True)

    wait_for(lambda: not (windows.local / "hearth").exists())
    windows.end()
    assert not installed(windows).exists()


def test_everything_that_runs_is_signed(
    program: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "signed with a space.txt"
    script = tmp_path / "sign.py"
    script.write_text(f"import sys\nopen({str(log)!r}, 'a').write(sys.argv[1] + '\\n')")
    monkeypatch.setenv(SIGN_COMMAND, f'"{sys.executable}" "{script}" {{file}}')

    made = build(frozen(tmp_path / "a program", program), "0.1.0", tmp_path / "an out")

    *programs, _uninstaller, installer = log.read_text().splitlines()
    assert [os.path.basename(name) for name in programs] == [CONSOLE_PROGRAM, WINDOW_PROGRAM]
    assert Path(installer) == made

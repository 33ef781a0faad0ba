"""The notices of what is inside a frozen program, and its bill of materials."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy
import PySide6
import pytest

from installers import licences
from installers.errors import Failed
from installers.licences import KEPT, KEPT_TEXTS, notices, owner_of, parts_of
from installers.sbom import bill

ROOT = KEPT.parents[1]
NUMPY, QT = Path(numpy.__file__), Path(PySide6.__file__)
PYTHON = Path(os.__file__)
STARTER = ROOT / "resources" / "models" / "smollm2-135m-instruct" / "model.onnx"


@pytest.fixture(autouse=True)
def bootloader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here pytest stands for PyInstaller, which this environment does not have."""
    monkeypatch.setattr(licences, "BOOTLOADER", "pytest")


def test_each_file_has_an_owner() -> None:
    assert owner_of(NUMPY, ROOT) == "numpy"
    assert owner_of(QT, ROOT) == "pyside6-essentials"
    assert owner_of(PYTHON, ROOT) == licences.PYTHON
    assert owner_of(Path("build/base_library.zip"), ROOT) == licences.PYTHON
    assert owner_of(STARTER, ROOT) == "smollm2-135m-instruct"
    assert owner_of(ROOT / "engine" / "types.py", ROOT) == licences.HEARTH


@pytest.mark.skipif(sys.platform != "linux", reason="Debian's")
def test_a_library_of_the_system_has_its_packages_notice() -> None:
    library = next(Path("/usr/lib").rglob("libz.so.1"))
    (part, *_) = [part for part in parts_of([library], ROOT) if part.name != "pytest"]
    assert part.name == "zlib1g"
    assert "Gailly" in part.texts[0]


def test_all_are_on_the_page_and_equal_texts_once() -> None:
    page = notices(parts_of([NUMPY, QT, PYTHON, STARTER], ROOT))
    for name in ("numpy 2.", "PySide6_Essentials 6.", "Python 3.", "smollm2-135m-instruct"):
        assert f"    {name}" in page
    assert page.count("This version of the GNU Lesser General Public License incorporates") == 1
    assert "Apache License" in page


def test_a_part_without_a_licence_stops_the_build(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(licences, "KEPT_TEXTS", {})
    with pytest.raises(Failed, match="No licence is known of PySide6_Essentials"):
        parts_of([NUMPY, QT], ROOT)
    stranger = tmp_path / "libstranger.so"
    stranger.touch()
    with pytest.raises(Failed, match="libstranger"):
        parts_of([stranger], ROOT)


def test_kept_texts_are_there_and_each_is_used() -> None:
    named = {file for files in KEPT_TEXTS.values() for file in files}
    assert named == {path.name for path in KEPT.iterdir()}


def test_every_package_that_is_installed_with_hearth_has_a_licence() -> None:
    """More than what goes into a program: what is locked for it."""
    locked = (ROOT / "installers" / "locks" / "app.txt").read_text("utf-8")
    names = {line.partition("==")[0] for line in locked.splitlines() if "==" in line}
    found = [licences.part_of(name) for name in names if name in licences._distributions()]
    assert len(found) > 50
    assert not [part.name for part in found if not part.texts]


def test_the_bill_names_versions_licences_and_packages() -> None:
    found = json.loads(bill(parts_of([NUMPY, PYTHON], ROOT), "1.2.3"))
    assert found["bomFormat"] == "CycloneDX"
    assert found["metadata"]["component"]["version"] == "1.2.3"
    numpy_part = next(one for one in found["components"] if one["name"] == "numpy")
    assert numpy_part["purl"] == f"pkg:pypi/numpy@{numpy.__version__}"

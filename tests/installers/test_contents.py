"""What goes into a frozen program."""

from __future__ import annotations

import pytest

from installers.contents import Flavour, is_stripped, is_wanted
from installers.linux import deb
from installers.linux.tree import filled

CUDA = "onnxruntime/capi/libonnxruntime_providers_cuda.so"


@pytest.mark.parametrize(
    "name",
    [
        "onnxruntime/capi/onnxruntime_pybind11_state.so",
        "onnxruntime_ep_webgpu/libonnxruntime_providers_webgpu.so",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6\\translations\\qtbase_zh_CN.qm",
        "resources/translations/de.qm",
        "libpython3.11.so.1.0",
        "libxcb-cursor.so.0",
    ],
)
def test_what_the_program_loads_goes_in(name: str) -> None:
    assert is_wanted(name, Flavour.CPU)


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/translations/qtbase_fr.qm",
        "PySide6/Qt/lib/libQt6Qml.so.6",
        "onnxruntime/capi/libonnxruntime_providers_tensorrt.so",
        "libstdc++.so.6",
        "libssl.so.3",
        "libgtk-3.so.0",
    ],
)
def test_what_it_never_loads_or_the_system_has_stays_out(name: str) -> None:
    assert not is_wanted(name, Flavour.CPU)
    assert not is_wanted(name, Flavour.CUDA)


def test_the_flavours_differ_by_cudas_provider() -> None:
    assert is_wanted(CUDA, Flavour.CUDA)
    assert not is_wanted(CUDA, Flavour.CPU)


def test_libraries_that_auditwheel_changed_are_not_stripped() -> None:
    assert is_stripped("_internal/libpython3.11.so.1.0")
    assert not is_stripped("_internal/numpy.libs/libscipy_openblas64_.so")


def test_a_line_without_its_word_is_left_out() -> None:
    words = {"VERSION": "1.2.3", "DATE": "2026-01-01", "HOMEPAGE": ""}
    text = filled(deb.tree.HERE / "metainfo.xml", words)
    assert '<release version="1.2.3" date="2026-01-01"/>' in text
    assert "homepage" not in text
    assert "@" not in text

"""The icon in other systems' formats, as Qt and their definitions read them."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from PySide6.QtGui import QImage, QImageReader

from installers.icons import ICNS_TYPES, ICO_SIZES, SIDE, WINDOWS, icns, ico


def images(file: Path) -> list[QImage]:
    reader = QImageReader(str(file))
    found = []
    for number in range(reader.imageCount()):
        reader.jumpToImage(number)
        found.append(reader.read())
    return found


def test_an_ico_holds_all_sizes_with_transparent_corners(tmp_path: Path) -> None:
    file = tmp_path / "hearth.ico"
    file.write_bytes(ico())
    sizes = []
    for image in images(file):
        edge = image.width()
        sizes.append(edge)
        assert image.pixelColor(0, 0).alpha() < 128
        assert image.pixelColor(edge // 2, edge * 3 // 4).red() > 200  # the fire, not upside down
    assert sizes == list(ICO_SIZES)


def test_the_committed_icon_is_one() -> None:
    sizes = [image.width() for image in images(WINDOWS / "hearth.ico")]
    assert sizes == list(ICO_SIZES)


@pytest.mark.parametrize(("name", "size"), [("side.bmp", SIDE), ("header.bmp", (150, 57))])
def test_the_committed_pictures_have_the_sizes_of_nsiss_dialogs(
    name: str, size: tuple[int, int]
) -> None:
    picture = QImage(str(WINDOWS / name))
    assert (picture.width(), picture.height()) == size


def test_an_icns_is_a_chain_of_pngs() -> None:
    data = icns()
    assert data[:8] == b"icns" + struct.pack(">I", len(data))
    found, place = {}, 8
    while place < len(data):
        kind, (length,) = data[place : place + 4], struct.unpack_from(">I", data, place + 4)
        found[kind] = QImage.fromData(data[place + 8 : place + length]).width()
        place += length
    assert found == ICNS_TYPES

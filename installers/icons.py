"""Hearth's icon in the formats of other systems' installers, drawn from resources/icons/hearth.svg.

    python -m installers.icons

writes what lies beside installers/windows/hearth.nsi and is committed: hearth.ico, and the two
pictures of the wizard's pages. Needs PySide6, no display.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Sequence

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter
from PySide6.QtSvg import QSvgRenderer

from installers.project import RESOURCES, ROOT

DRAWING = RESOURCES / "icons" / "hearth.svg"
WINDOWS = ROOT / "installers" / "windows"

ICO_SIZES = (16, 24, 32, 48, 64, 128, 256)
AS_PNG = 256  # smaller ones are bitmaps, which every reader of .ico files knows
ICNS_TYPES = {
    # type: pixels. The second half are drawings for two device pixels per pixel.
    b"icp4": 16,
    b"icp5": 32,
    b"ic07": 128,
    b"ic08": 256,
    b"ic09": 512,
    b"ic11": 32,
    b"ic12": 64,
    b"ic13": 256,
    b"ic14": 512,
    b"ic10": 1024,
}
SIDE, HEADER = (164, 314), (150, 57)  # pixels, given by NSIS's dialogs
STONE, SOOT = "#3a2a20", "#1d1410"  # the drawing's own


def main() -> int:
    (WINDOWS / "hearth.ico").write_bytes(ico())
    (WINDOWS / "side.bmp").write_bytes(_encoded(side_picture(), "BMP"))
    (WINDOWS / "header.bmp").write_bytes(_encoded(header_picture(), "BMP"))
    return 0


def ico(sizes: Sequence[int] = ICO_SIZES) -> bytes:
    """Windows' icon file: a directory, then the images."""
    images = [png(size) if size >= AS_PNG else _bitmap(size) for size in sizes]
    head = struct.pack("<HHH", 0, 1, len(images))
    offset = len(head) + 16 * len(images)
    for size, image in zip(sizes, images, strict=True):
        edge = size % 256  # 0 says 256
        head += struct.pack("<BBBBHHII", edge, edge, 0, 0, 1, 32, len(image), offset)
        offset += len(image)
    return head + b"".join(images)


def icns() -> bytes:
    """macOS's icon file: PNGs, each behind its type and length."""
    parts = [(kind, png(size)) for kind, size in ICNS_TYPES.items()]
    body = b"".join(kind + struct.pack(">I", len(png) + 8) + png for kind, png in parts)
    return b"icns" + struct.pack(">I", len(body) + 8) + body


def side_picture() -> QImage:
    """The left part of the first and the last page: the fire in a wall of the icon's colour."""
    width, height = SIDE
    picture = QImage(width, height, QImage.Format.Format_RGB32)
    wall = QLinearGradient(0, 0, 0, height)
    wall.setColorAt(0.0, QColor(STONE))
    wall.setColorAt(0.5, QColor(STONE))
    wall.setColorAt(1.0, QColor(SOOT))
    painter = QPainter(picture)
    painter.fillRect(picture.rect(), wall)
    painter.end()
    _draw(picture, QRectF(width / 2 - 56, 40, 112, 112))
    return picture


def header_picture() -> QImage:
    """The right end of the other pages' head, which is white."""
    picture = QImage(*HEADER, QImage.Format.Format_RGB32)
    picture.fill(QColor("white"))
    _draw(picture, QRectF(HEADER[0] - 52, 8, 41, 41))
    return picture


def png(size: int) -> bytes:
    return _encoded(_icon(size), "PNG")


def _encoded(image: QImage, form: str) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, form)  # pyright: ignore[reportCallIssue, reportArgumentType]
    return bytes(data.data())


def _bitmap(size: int) -> bytes:
    """A device-independent bitmap as .ico files have it: rows from below, and an empty mask, for
    which the header counts double rows. (Each pixel's transparency is in its fourth byte.)"""
    image = _icon(size).convertToFormat(QImage.Format.Format_ARGB32)
    pixels = bytes(image.constBits())
    rows = [pixels[start : start + size * 4] for start in range(0, len(pixels), size * 4)]
    mask = bytes((size + 31) // 32 * 4 * size)
    header = struct.pack("<IiiHHIIiiII", 40, size, 2 * size, 1, 32, 0, 0, 0, 0, 0, 0)
    return header + b"".join(reversed(rows)) + mask


def _icon(size: int) -> QImage:
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor(0, 0, 0, 0))
    _draw(image, QRectF(0, 0, size, size))
    return image


def _draw(image: QImage, place: QRectF) -> None:
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(str(DRAWING)).render(painter, place)
    painter.end()


if __name__ == "__main__":
    sys.exit(main())

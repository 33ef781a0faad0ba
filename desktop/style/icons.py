"""The icons under resources/icons: SVGs drawn in one colour, tinted when they are loaded."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

import resources

SIZE_PX = 20
SCALES = (1, 2, 3)


def icon(name: str, colour: QColor, disabled: QColor | None = None) -> QIcon:
    """The icon in `colour`, sharp up to three device pixels per pixel."""
    made = QIcon()
    for mode, tint in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled or colour)):
        for scale in SCALES:
            made.addPixmap(pixmap(name, tint, SIZE_PX, scale), mode)
    return made


def pixmap(name: str, colour: QColor, size: int, scale: float) -> QPixmap:
    """`size` in device-independent pixels. Drawn once, as long as Qt's cache has room."""
    key = f"hearth/{name}/{colour.name()}/{size}/{scale}"
    known = QPixmap()
    if QPixmapCache.find(key, known):
        return known
    drawn = _drawn(name, colour, size, scale)
    QPixmapCache.insert(key, drawn)
    return drawn


def _drawn(name: str, colour: QColor, size: int, scale: float) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(_source(name, colour).encode()))
    drawn = QPixmap(round(size * scale), round(size * scale))
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    renderer.render(painter, QRectF(drawn.rect()))
    painter.end()
    drawn.setDevicePixelRatio(scale)
    return drawn


def application_icon() -> QIcon:
    return QIcon(str(_path("hearth")))


def _source(name: str, colour: QColor) -> str:
    return _path(name).read_text(encoding="utf-8").replace("currentColor", colour.name())


def _path(name: str) -> Path:
    return Path(resources.__file__).parent / "icons" / f"{name}.svg"

"""Sizes in device-independent pixels, and the fonts."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontDatabase

COLUMN_WIDTH = 760
"""Of the transcript's text: longer lines are hard to read."""
COLUMN_MARGIN = 24
SIDEBAR_WIDTH = 264
CARD_RADIUS = 14.0
CODE_RADIUS = 10.0

BODY_PX = 15
CODE_PX = 13
THOUGHT_PX = 14
UI_PX = 14
SMALL_PX = 12
HEADINGS_PX = (22, 19, 17, 15, 15, 15)


def ui_font(pixels: int = UI_PX, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setPixelSize(pixels)
    font.setWeight(weight)
    return font


def code_families() -> list[str]:
    return [*QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).families(), "monospace"]

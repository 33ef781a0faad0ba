"""Formulas as objects of a text document: LaTeX drawn by ziamath, as letters of their line."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING
from unicodedata import category
from xml.etree.ElementTree import Element

from PySide6.QtCore import QByteArray, QObject, QRect, QRectF, QSizeF
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontInfo,
    QFontMetrics,
    QFontMetricsF,
    QPainter,
    QPyTextObject,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextDocumentFragment,
    QTextFormat,
)
from PySide6.QtSvg import QSvgRenderer

from desktop.chat.looks import Looks
from desktop.chat.mathml import is_endless, is_known, mathml_of
from desktop.chat.maths import DISPLAY_OPENINGS, latex_of

if TYPE_CHECKING:
    from ziamath.zmath import Math

OBJECT = "\ufffc"
OBJECT_TYPE = QTextFormat.ObjectTypes.UserObject.value + 1
SOURCE = QTextFormat.Property.UserProperty.value + 100
"""A character property: LaTeX with its delimiters."""

MAX_SOURCE_CHARACTERS = 2000
MAX_EFFORT = 2500
"""Elements that ziamath makes, at 0.1 ms each; the quadratic formula has 170."""
DRAWINGS_KEPT = 4096
RENDERERS_KEPT = 512
UNIT_PX = 16
"""Formulas are drawn in this size once and scaled; lengths such as 2pt suit it."""
DECIMALS = 4
EMS_PER_FONT_SIZE = 1.1
"""STIX Two's letters are smaller than those of fonts for screens."""
BEARING_EMS = 0.05
LINE_SEPARATOR = "\u2028"

ROWS = {"math", "mrow", "mtd", "mpadded", "mphantom"}
PAINT = re.compile(r'(fill|stroke)="([^"]*)"')
INK = "black"
"""What ziamath draws in where LaTeX names no colour."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lengths in ems; above and below the baseline."""

    svg: str
    width: float
    ascent: float
    descent: float


@lru_cache(DRAWINGS_KEPT)
def drawing_of(source: str) -> Drawing | None:
    """None where it cannot be drawn.

    Drawing takes 2 to 50 ms, and the block that grows is written 30 times a second.
    """
    if len(source) > MAX_SOURCE_CHARACTERS:
        return None
    try:
        with warnings.catch_warnings(action="ignore"):
            return _drawn(latex_of(source), is_inline=not source.startswith(DISPLAY_OPENINGS))
    except Exception:  # it reads what a model wrote, and fails in many ways
        return None


def prepare_formulas() -> None:
    """Import what draws them, 0.3 s. From any thread."""
    drawing_of("$x$")


def _drawn(latex: str, is_inline: bool) -> Drawing | None:
    from ziamath.config import config  # 0.2 s: not before the first formula
    from ziamath.zmath import Math

    config.svg2 = False  # QtSvg knows SVG 1.2 Tiny
    config.precision = DECIMALS
    element = mathml_of(latex, is_inline)
    if not is_known(element) or is_endless(element) or _effort(element) > MAX_EFFORT:
        return None
    formula = Math(element, size=UNIT_PX, margin=0)
    if not _has_glyphs(formula, element):
        return None
    box = formula.node.bbox
    lengths = (box.xmax - box.xmin, box.ymax, -box.ymin)
    if not all(map(isfinite, lengths)) or lengths[0] <= 0 or lengths[1] + lengths[2] <= 0:
        return None
    return Drawing(formula.svg(), *(length / UNIT_PX for length in lengths))


def _effort(element: Element, times: int = 1) -> int:
    """How many elements ziamath makes: it makes each child of a row twice, to measure it first, so
    that ten nested fractions would take half a minute."""
    inner = 2 * times if element.tag in ROWS else times
    return inner + sum(_effort(child, inner) for child in element)


def _has_glyphs(formula: Math, element: Element) -> bool:
    """Its fonts have no Chinese and no emoji, and would draw a box for each."""
    text = "".join(c for c in set("".join(element.itertext())) if not c.isascii())
    return all(formula.font.glyphindex(c) for c in text if category(c).startswith(("L", "So")))


def write_formula(cursor: QTextCursor, source: str, char: QTextCharFormat, looks: Looks) -> None:
    """In the size and colour of `char`; as code where it cannot be drawn."""
    char = QTextCharFormat(char)
    if (drawing := drawing_of(source)) is None:
        looks.make_inline_code(char)
        cursor.insertText(source.replace("\n", LINE_SEPARATOR), char)
        return
    char.setObjectType(OBJECT_TYPE)
    char.setProperty(SOURCE, source)
    char.setVerticalAlignment(_alignment(drawing, _font_of(char, cursor.document())))
    cursor.insertText(OBJECT, char)


def _alignment(drawing: Drawing, font: QFont) -> QTextCharFormat.VerticalAlignment:
    """Qt gives an object what is below the baseline of its font or, in the middle, about a half:
    each formula has the one that adds no height, or the other where it is not enough."""
    if drawing.descent * _em_of(font) <= QFontMetricsF(font).descent():
        return QTextCharFormat.VerticalAlignment.AlignBaseline
    return QTextCharFormat.VerticalAlignment.AlignMiddle


class FormulaObject(QPyTextObject):
    """To be registered for OBJECT_TYPE with the layout of a document."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._renderer = lru_cache(RENDERERS_KEPT)(_renderer)

    def intrinsicSize(self, document: QTextDocument, position: int, look: QTextFormat) -> QSizeF:
        """As the layout wants it: with all that is needed for the baseline."""
        place = _Place(document, position, look.toCharFormat())
        return QSizeF(place.width, place.height)

    def drawObject(
        self,
        painter: QPainter,
        box: QRectF | QRect,
        document: QTextDocument,
        position: int,
        look: QTextFormat,
    ) -> None:
        char = look.toCharFormat()
        place = _Place(document, position, char)
        colour = char.foreground().color().name()
        self._renderer(place.drawing, colour).render(painter, place.ink_in(QRectF(box)))


class _Place:
    """What a formula takes in its line, in pixels."""

    def __init__(self, document: QTextDocument, position: int, char: QTextCharFormat) -> None:
        drawing = drawing_of(str(char.property(SOURCE)))
        assert drawing is not None
        self.drawing = drawing
        self._font = _font_of(char, document)
        self._is_in_the_middle = (
            char.verticalAlignment() == QTextCharFormat.VerticalAlignment.AlignMiddle
        )
        em = _em_of(self._font)
        full = (drawing.width + 2 * BEARING_EMS) * em
        self.width = min(full, _room(document, position))
        self._em = em * self.width / full

    @property
    def height(self) -> float:
        above, below = self.drawing.ascent * self._em, self.drawing.descent * self._em
        if not self._is_in_the_middle:
            text = QFontMetricsF(self._font)
            return max(above, text.ascent()) + text.descent()
        return max(2 * above - self._half_x, 2 * below + self._half_x)

    def ink_in(self, box: QRectF) -> QRectF:
        """Where it is drawn in a box of its size."""
        below = QFontMetricsF(self._font).descent()
        if self._is_in_the_middle:
            below = (box.height() - self._half_x) / 2
        top = box.bottom() - below - self.drawing.ascent * self._em
        height = (self.drawing.ascent + self.drawing.descent) * self._em
        left = box.left() + BEARING_EMS * self._em
        return QRectF(left, top, self.drawing.width * self._em, height)

    @property
    def _half_x(self) -> float:
        """Qt's AlignMiddle: ascent - descent = half an x."""
        return QFontMetrics(self._font).xHeight() / 2


def _font_of(char: QTextCharFormat, document: QTextDocument) -> QFont:
    return char.font().resolve(document.defaultFont())


def _em_of(font: QFont) -> float:
    return EMS_PER_FONT_SIZE * (
        font.pixelSize() if font.pixelSize() > 0 else QFontInfo(font).pixelSize()
    )


def _room(document: QTextDocument, position: int) -> float:
    """The width of the text at a position; at least one pixel."""
    frame = document.rootFrame().frameFormat()
    block = document.findBlock(position).blockFormat()
    indent = document.indentWidth() * block.indent()
    if found := document.findBlock(position).textList():
        indent += document.indentWidth() * found.format().indent()
    margins = frame.leftMargin() + frame.rightMargin() + block.leftMargin() + block.rightMargin()
    return max(1.0, document.textWidth() - margins - indent)


def _renderer(drawing: Drawing, colour: str) -> QSvgRenderer:
    svg = PAINT.sub(lambda match: f'{match[1]}="{_paint(match[2], colour)}"', drawing.svg)
    return QSvgRenderer(QByteArray(svg.encode()))


def _paint(name: str, colour: str) -> str:
    """Qt warns of colours that it does not know."""
    if name == "none" or (name != INK and QColor.isValidColorName(name)):
        return name
    return colour


def with_sources(passage: QTextDocumentFragment) -> QTextDocumentFragment:
    """LaTeX in place of formulas."""
    document = QTextDocument()
    QTextCursor(document).insertFragment(passage)
    while not (found := document.find(OBJECT)).isNull():
        found.insertText(source_at(document, found.selectionStart()))
    return QTextDocumentFragment(document)


def source_at(document: QTextDocument, position: int) -> str:
    """Of the formula there; nothing where there is another object."""
    cursor = QTextCursor(document)
    cursor.setPosition(position + 1)
    return str(cursor.charFormat().property(SOURCE) or "")

"""Small widgets that every room uses."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QSizePolicy, QToolButton, QWidget

from desktop.style.icons import SIZE_PX, icon, pixmap

SMALL_BUTTON_PX, SMALL_ICON_PX = 26, 16
ARROW_GAP = 8


class IconButton(QToolButton):
    """A flat button whose icon follows the palette. Its name is also its tool tip."""

    def __init__(
        self,
        icon_name: str,
        name: str,
        parent: QWidget | None = None,
        tint: QPalette.ColorRole = QPalette.ColorRole.ButtonText,
        text: str = "",
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._tint = tint
        self.set_label(text)
        self.setIconSize(QSize(SIZE_PX, SIZE_PX))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if text:
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.set_face(icon_name, name)

    def set_label(self, text: str) -> None:
        """Beside the icon; Qt itself leaves no room between the two."""
        self.setText(f" {text}" if text else "")

    def set_face(self, icon_name: str, name: str) -> None:
        self._icon_name = icon_name
        self.setAccessibleName(name)
        self.setToolTip(name)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        colours = self.palette()
        disabled = colours.color(QPalette.ColorRole.PlaceholderText)
        self.setIcon(icon(self._icon_name, colours.color(self._tint), disabled))


class SmallButton(IconButton):
    """Beside something that it belongs to."""

    def __init__(self, icon: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(icon, name, parent, tint=QPalette.ColorRole.PlaceholderText)
        self.setObjectName("small_button")
        self.setFixedSize(SMALL_BUTTON_PX, SMALL_BUTTON_PX)
        self.setIconSize(QSize(SMALL_ICON_PX, SMALL_ICON_PX))


class ElidedLabel(QLabel):
    """One line that ends in "…" where it does not fit; the whole is its tool tip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_whole_text(self, text: str) -> None:
        self._whole = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        self._elide()

    def whole_text(self) -> str:
        return self._whole

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = self.contentsRect().width()
        mode = Qt.TextElideMode.ElideRight
        self.setText(self.fontMetrics().elidedText(self._whole, mode, room))


def label(text: str = "", look: str = "", wraps: bool = False) -> QLabel:
    """`look` is a name in the style sheet. Always plain text."""
    made = QLabel(text)
    made.setObjectName(look)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wraps)
    return made


class ChoiceBox(QComboBox):
    """A combo box whose arrow follows the palette."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        colour = self.palette().color(QPalette.ColorRole.ButtonText)
        arrow = pixmap("chevron", colour, SMALL_ICON_PX, self.devicePixelRatioF())
        left = self.width() - SMALL_ICON_PX - ARROW_GAP
        painter = QPainter(self)
        painter.drawPixmap(left, (self.height() - SMALL_ICON_PX) // 2, arrow)
        painter.end()


def naming(box: QComboBox, by: QLabel) -> QLabel:
    """The label, as the name of a box: on Linux a box tells screen readers what is chosen in it,
    and only this relation says what it is."""
    by.setBuddy(box)
    return by


class Switch(QCheckBox):
    """A check box that looks like a switch."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(QSize(46, 28))

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, track = self.palette(), QRectF(self.rect()).adjusted(3, 3, -3, -3)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_on = self.isChecked()
        role = QPalette.ColorRole.Accent if is_on else QPalette.ColorRole.PlaceholderText
        if self.hasFocus():
            painter.setPen(colours.color(QPalette.ColorRole.Accent))
            painter.drawRoundedRect(track.adjusted(-2, -2, 2, 2), 13, 13)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.color(role))
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        knob = QRectF(track.adjusted(3, 3, -3, -3))
        knob.setWidth(knob.height())
        if is_on:
            knob.moveRight(track.right() - 3)
        painter.setBrush(colours.color(QPalette.ColorRole.Base))
        painter.drawEllipse(knob)
        painter.end()

"""How a conversation's row is painted: its title, and a bin under the mouse."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.language import tr
from desktop.library.model import FOUND_ROLE, PINNED_ROLE, SNIPPET_ROLE
from desktop.style.icons import icon
from desktop.style.metrics import SMALL_PX, ui_font

Index = QModelIndex | QPersistentModelIndex

ROW_HEIGHT, FOUND_ROW_HEIGHT = 38, 54
LINE_INSET = 7
PADDING = 12
BIN_WIDTH = 34
RADIUS = 9.0
BIN_ICON_PX = 17


class RowDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, FOUND_ROW_HEIGHT if index.data(FOUND_ROLE) else ROW_HEIGHT)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName(tr("Title"))
        return editor

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state, box, colours = _state(option), _box(option), _palette(option)
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            is_selected = bool(state & QStyle.StateFlag.State_Selected)
            role = QPalette.ColorRole.Mid if is_selected else QPalette.ColorRole.Midlight
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.color(role))
            painter.drawRoundedRect(QRectF(box).adjusted(0, 1, 0, -1), RADIUS, RADIUS)
        text_box = box.adjusted(PADDING, 0, -PADDING, 0)
        if state & QStyle.StateFlag.State_MouseOver:
            text_box.setRight(bin_box(box).left())
            muted = colours.color(QPalette.ColorRole.PlaceholderText)
            icon("trash", muted).paint(painter, _centred(bin_box(box), BIN_ICON_PX))
        elif index.data(PINNED_ROLE):
            text_box.setRight(bin_box(box).left())
            muted = colours.color(QPalette.ColorRole.PlaceholderText)
            icon("pin", muted).paint(painter, _centred(bin_box(box), BIN_ICON_PX))
        painter.setPen(colours.color(QPalette.ColorRole.Text))
        snippet = index.data(SNIPPET_ROLE)
        if snippet:
            text_box.adjust(0, LINE_INSET, 0, -LINE_INSET)
            lower = QRect(text_box)
            _write(painter, text_box, str(index.data()), Qt.AlignmentFlag.AlignTop)
            painter.setPen(colours.color(QPalette.ColorRole.PlaceholderText))
            painter.setFont(ui_font(SMALL_PX))
            _write(painter, lower, snippet, Qt.AlignmentFlag.AlignBottom)
        else:
            _write(painter, text_box, str(index.data()), Qt.AlignmentFlag.AlignVCenter)
        painter.restore()


def _write(painter: QPainter, box: QRect, text: str, alignment: Qt.AlignmentFlag) -> None:
    mode = Qt.TextElideMode.ElideRight
    painter.drawText(box, alignment, painter.fontMetrics().elidedText(text, mode, box.width()))


def bin_box(row: QRect) -> QRect:
    """Where the bin of a row is."""
    return QRect(row.right() - BIN_WIDTH, row.top(), BIN_WIDTH, row.height())


def _centred(box: QRect, size: int) -> QRect:
    inner = QRect(0, 0, size, size)
    inner.moveCenter(box.center())
    return inner


# PySide's stubs leave out the fields that QStyleOptionViewItem inherits


def _state(option: QStyleOptionViewItem) -> QStyle.StateFlag:
    return option.state  # pyright: ignore[reportAttributeAccessIssue]


def _box(option: QStyleOptionViewItem) -> QRect:
    return option.rect  # pyright: ignore[reportAttributeAccessIssue]


def _palette(option: QStyleOptionViewItem) -> QPalette:
    return option.palette  # pyright: ignore[reportAttributeAccessIssue]

"""The buttons beside messages and code, laid over the transcript: its text holds no buttons, so
what is selected and copied is what was said."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPoint, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QTextBlock
from PySide6.QtWidgets import QHBoxLayout, QTextBrowser, QWidget

from desktop.chat.looks import CARD_PADDING_Y, BlockProperty, Card
from desktop.language import tr
from desktop.style.widgets import SMALL_BUTTON_PX, SMALL_ICON_PX, SmallButton, label

GAP_PX = 4


@dataclass(frozen=True, slots=True)
class Face:
    """What a bar says of a message: which version it is of how many, and an answer's figures."""

    message_id: int
    is_question: bool
    version: int = 1
    versions: int = 1
    figures: str = ""


class MessageBar(QWidget):
    def __init__(self, face: Face, bars: Bars, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("bar")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        id = face.message_id
        if face.versions > 1:
            self._add_versions(face, bars)
        copy = tr("Copy the question") if face.is_question else tr("Copy the answer")
        self._add("copy", copy, lambda: bars.copy_wanted.emit(id))
        if face.is_question:
            self._add("edit", tr("Edit the question"), lambda: bars.edit_wanted.emit(id))
        else:
            self._add("again", tr("Answer again"), lambda: bars.again_wanted.emit(id))
            figures = label(face.figures, look="small")
            self._row.addSpacing(6)
            self._row.addWidget(figures)
        self.adjustSize()

    def take_focus(self) -> None:
        """By its first button that can be pressed."""
        buttons = [one for one in self.findChildren(SmallButton) if one.isEnabled()]
        buttons[0].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _add_versions(self, face: Face, bars: Bars) -> None:
        def go(step: int) -> None:
            bars.version_wanted.emit(face.message_id, face.version + step)

        before = self._add("before", tr("The version before"), lambda: go(-1))
        before.setEnabled(face.version > 1)
        count = label(f"{face.version} / {face.versions}", look="small")
        count.setAccessibleName(
            tr("Version {version} of {versions}", version=face.version, versions=face.versions)
        )
        self._row.addWidget(count)
        after = self._add("after", tr("The version after"), lambda: go(1))
        after.setEnabled(face.version < face.versions)

    def _add(self, icon: str, name: str, press: Callable[[], None]) -> SmallButton:
        button = SmallButton(icon, name)
        button.clicked.connect(press)
        self._row.addWidget(button)
        return button


class Bars(QObject):
    """Owns which messages are in the document, from which block on, and the bars of those seen."""

    copy_wanted = Signal(int)
    edit_wanted = Signal(int)
    again_wanted = Signal(int)
    version_wanted = Signal(int, int)
    """A message's id, and the number of the version to show."""

    def __init__(self, view: QTextBrowser) -> None:
        super().__init__(view)
        self._view = view
        self._starts: list[int] = []
        self._faces: list[Face | None] = []
        self._made: dict[Face, MessageBar] = {}
        self._pointed: int | None = None
        self._is_waiting = False
        self._code = CodeButton(view)
        view.document().documentLayout().documentSizeChanged.connect(self.place)
        view.verticalScrollBar().valueChanged.connect(self.place)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Place none inside, and all at the end."""
        self._is_waiting = True
        try:
            yield
        finally:
            self._is_waiting = False
            self.place()

    def clear(self) -> None:
        self._starts.clear()
        self._faces.clear()
        self._pointed = None
        self._code.hide()
        self.place()

    def begin(self, block: QTextBlock, face: Face | None) -> None:
        """A message begins at this block. None: it has no bar yet."""
        self._starts.append(block.blockNumber())
        self._faces.append(face)

    def set_last(self, face: Face | None) -> None:
        if self._faces:
            self._faces[-1] = face
            self.place()

    def point_at(self, at: QPoint) -> None:
        """The mouse is there, in the viewport."""
        block = self._view.cursorForPosition(at).block()
        self._code.show_for(block, at)
        pointed = bisect_right(self._starts, block.blockNumber()) - 1
        if pointed != self._pointed:
            self._pointed = pointed
            self.place()

    def step(self, by: int) -> None:
        """To the bar of the message before (-1) or after (1) the one pointed at, by keyboard; the
        first time to the last message."""
        last = len(self._faces) - 1
        pointed = self._pointed
        wanted = last if pointed is None else max(0, min(last, pointed + by))
        if not 0 <= wanted <= last:
            return
        self._pointed = wanted
        self._bring_into_view(wanted)
        self.place()
        face = self._faces[wanted]
        if face is not None and face in self._made:
            self._made[face].take_focus()

    def _bring_into_view(self, number: int) -> None:
        bar = self._view.verticalScrollBar()
        bottom = round(self._bottom_of(number)) + 2 * SMALL_BUTTON_PX
        height = self._view.viewport().height()
        if bottom > height or bottom < SMALL_BUTTON_PX:
            bar.setValue(bar.value() + bottom - height)

    @Slot()
    def place(self) -> None:
        """Show the bars that are wanted where they belong, and no others."""
        if self._is_waiting:
            return
        wanted = dict(self._wanted())
        for face in self._made.keys() - wanted.keys():
            bar = self._made.pop(face)
            bar.hide()
            bar.deleteLater()
        for face, number in wanted.items():
            bar = self._made.get(face)
            if bar is None:
                bar = self._made[face] = MessageBar(face, self, self._view.viewport())
            bar.move(self._place_of(number, bar))
            bar.show()

    def _wanted(self) -> Iterator[tuple[Face, int]]:
        height = self._view.viewport().height()
        last = len(self._faces) - 1
        for number, face in enumerate(self._faces):
            if face is None:
                continue
            is_last_answer = number == last and not face.is_question
            if not (face.versions > 1 or number == self._pointed or is_last_answer):
                continue
            if -SMALL_BUTTON_PX < self._bottom_of(number) < height:
                yield face, number

    def _place_of(self, number: int, bar: MessageBar) -> QPoint:
        frame = self._view.document().rootFrame().frameFormat()
        left = round(frame.leftMargin())
        face = self._faces[number]
        if face is not None and face.is_question:
            width = self._view.viewport().width() - round(frame.rightMargin())
            left = width - bar.sizeHint().width()
            return QPoint(left, round(self._bottom_of(number) + CARD_PADDING_Y + GAP_PX))
        inset = (SMALL_BUTTON_PX - SMALL_ICON_PX) // 2  # so that the icon stands under the text
        return QPoint(left - inset, round(self._bottom_of(number) + GAP_PX))

    def _bottom_of(self, number: int) -> float:
        """In the viewport."""
        document = self._view.document()
        is_last = number == len(self._starts) - 1
        block = (
            document.lastBlock()
            if is_last
            else document.findBlockByNumber(self._starts[number + 1]).previous()
        )
        while not block.isVisible() and block.previous().isValid():
            block = block.previous()
        return box_of(self._view, block).bottom()


class CodeButton(SmallButton):
    """Copies the code card under the mouse."""

    def __init__(self, view: QTextBrowser) -> None:
        super().__init__("copy", tr("Copy the code"), view.viewport())
        self._view = view
        self._text = ""
        self.clicked.connect(self._copy)
        view.verticalScrollBar().valueChanged.connect(self.hide)
        self.hide()

    def show_for(self, block: QTextBlock, at: QPoint) -> None:
        lines = list(_code_lines(block))
        if not lines:
            if not self.geometry().contains(at):
                self.hide()
            return
        self._text = "\n".join(line.text() for line in lines)
        frame = self._view.document().rootFrame().frameFormat()
        right = self._view.viewport().width() - round(frame.rightMargin())
        top = round(box_of(self._view, lines[0]).top() - CARD_PADDING_Y)
        self.move(right - SMALL_BUTTON_PX - GAP_PX, max(GAP_PX, top + GAP_PX))
        self.show()
        self.raise_()

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        self.hide()


def _code_lines(block: QTextBlock) -> Iterator[QTextBlock]:
    """All blocks of the code card that this one is in."""
    while _is_code(block) and not block.blockFormat().hasProperty(BlockProperty.CARD_START):
        block = block.previous()
    if _is_code(block):
        yield block
        block = block.next()
        while _is_code(block) and not block.blockFormat().hasProperty(BlockProperty.CARD_START):
            yield block
            block = block.next()


def _is_code(block: QTextBlock) -> bool:
    return (
        block.isValid()
        and block.isVisible()
        and block.blockFormat().property(BlockProperty.CARD) == Card.CODE.value
    )


def box_of(view: QTextBrowser, block: QTextBlock) -> QRectF:
    """In the viewport."""
    box = view.document().documentLayout().blockBoundingRect(block)
    return box.translated(0, -view.verticalScrollBar().value())

"""The model chooser above the chat: which model answers, and which others could."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from desktop.language import number, tr, tr_later
from desktop.style.widgets import IconButton
from engine.models.folder import ModelFolder
from engine.remote.remote import Remote
from engine.types import Broken, EngineState, Idle, Loading, Ready

Choice = ModelFolder | Remote

HERE, ELSEWHERE = (
    tr_later("On this computer"),
    tr_later("On other machines: what you write leaves this computer"),
)
NOTHING = tr_later("No model is installed")
PAGE = tr_later("Get and manage models…")
SHORTCUT = "Ctrl+M"


class ModelChooser(IconButton):
    """`find` is asked each time that the menu opens, so that what is new is in it."""

    chosen = Signal(object)
    """A Choice."""
    page_wanted = Signal()

    def __init__(self, find: Callable[[], Sequence[Choice]], parent: QWidget | None = None) -> None:
        super().__init__("chevron", tr("Choose a model"), parent, text=" ")
        self._find = find
        self._current = ""
        self._group: QActionGroup | None = None
        self.setObjectName("model")
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the icon behind the text
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.setAccessibleName(tr("Models"))
        menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        menu.aboutToShow.connect(self._fill)
        self.setMenu(menu)
        self.show_state(Idle())

    @Slot(object)
    def show_state(self, state: EngineState) -> None:
        match state:
            case Ready(model):
                self._show(model.name, model.id)
            case Loading(name):
                self._show(tr("Loading {name}…", name=name), name)
            case Broken() | Idle():
                self._show(tr("Choose a model"), "")

    def _show(self, text: str, current: str) -> None:
        self._current = current
        self.set_label(text)
        self.setShortcut(SHORTCUT)  # Qt drops it with each new text
        self.setAccessibleName(tr("Model: {text}", text=text) if current else text)
        self.setToolTip(tr("Choose a model ({shortcut})", shortcut=SHORTCUT))

    @Slot()
    def _fill(self) -> None:
        menu, choices = self.menu(), self._find()
        menu.clear()
        self._group = QActionGroup(menu)
        here = [one for one in choices if isinstance(one, ModelFolder)]
        elsewhere = [one for one in choices if isinstance(one, Remote)]
        if not choices:
            menu.addAction(tr(NOTHING)).setEnabled(False)
        self._add(tr(HERE), here)
        self._add(tr(ELSEWHERE), elsewhere)
        menu.addSeparator()
        menu.addAction(tr(PAGE), self.page_wanted.emit)

    def _add(self, heading: str, choices: Iterable[Choice]) -> None:
        for place, choice in enumerate(choices):
            if place == 0:
                self.menu().addAction(heading).setEnabled(False)
            action = self.menu().addAction(in_words(choice))
            action.setCheckable(True)
            action.setChecked(choice.id == self._current)
            action.triggered.connect(lambda _=False, one=choice: self._choose(one))
            if self._group is not None:
                self._group.addAction(action)

    def _choose(self, choice: Choice) -> None:
        if choice.id != self._current:
            self.chosen.emit(choice)


def in_words(choice: Choice) -> str:
    if isinstance(choice, Remote):
        return tr("{name}, on {host}", name=choice.name, host=choice.host)
    return tr(
        "{name}, {gigabytes} GB", name=choice.name, gigabytes=number(choice.size_bytes / 1e9, 1)
    )

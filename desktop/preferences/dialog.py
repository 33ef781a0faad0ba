"""The preferences: each takes effect when it is chosen; there is nothing to confirm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.language import NAMES, tr, tr_later
from desktop.settings import NEVER, ColourChoice, Language, Settings
from desktop.style.notice import Notice
from desktop.style.widgets import ChoiceBox, Switch, label, naming

SIZE = (560, 600)
COLOUR_NAMES = {
    ColourChoice.SYSTEM: tr_later("Like the system"),
    ColourChoice.LIGHT: tr_later("Light"),
    ColourChoice.DARK: tr_later("Dark"),
}
ENCRYPTED = "is_encrypted"
"""No setting: the library's file says it itself."""
REST_MINUTES = (5, 15, 30, 60, NEVER)


class PreferencesDialog(QDialog):
    """Shows settings and says which one is wanted; owns none."""

    wanted = Signal(str, object)
    """A setting's name and its value."""
    about_wanted = Signal()

    def __init__(self, settings: Settings, has_tray: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Preferences"))
        self.setAccessibleName(tr("Preferences"))
        self.resize(*SIZE)
        self._shown: dict[str, Any] = {}
        self._fields: dict[str, Choice | Toggle] = {}
        self._notice = Notice()
        self._rows = QVBoxLayout()
        self._rows.setSpacing(10)
        self._add_appearance()
        self._add_model()
        self._add_window(has_tray)
        self._add_conversations()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 8, 22)
        column.setSpacing(14)
        column.addWidget(label(tr("Preferences"), look="heading"))
        column.addWidget(self._notice)
        column.addWidget(self._scrolled(), 1)
        column.addLayout(self._foot())
        self.show_settings(settings)

    def show_settings(self, settings: Settings, is_encrypted: bool = False) -> None:
        """`is_encrypted` says the library itself."""
        self._shown = {**asdict(settings), ENCRYPTED: is_encrypted}
        for name, field in self._fields.items():
            field.show_value(self._shown[name])

    def refuse(self, name: str, sentence: str) -> None:
        """It could not be done: say why, and show what holds."""
        self._notice.show_sentence(sentence)
        self.leave(name)

    def leave(self, name: str) -> None:
        """As it was."""
        self._fields[name].show_value(self._shown[name])

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._notice.hide()

    def _add_appearance(self) -> None:
        self._add_heading(tr("Appearance"))
        languages = {Language.SYSTEM: tr("Like the system"), **NAMES}
        self._add("language", Choice(tr("Language"), languages))
        colours = {choice: tr(name) for choice, name in COLOUR_NAMES.items()}
        self._add("colours", Choice(tr("Colours"), colours))

    def _add_model(self) -> None:
        self._add_heading(tr("Model"))
        times = {minutes: _time_in_words(minutes) for minutes in REST_MINUTES}
        self._add("rest_minutes", Choice(tr("Give its memory back"), times))
        self._add(
            "writes_titles",
            Toggle(
                tr("Titles by the model"),
                tr("gpt-oss names a new conversation after its first answer, while nobody asks."),
            ),
        )
        self._add(
            "api_at_start",
            Toggle(tr("Local API"), tr("Turn it on whenever Hearth starts.")),
        )

    def _add_window(self, has_tray: bool) -> None:
        self._add_heading(tr("Window"))
        tray = Toggle(
            tr("Stay in the tray"),
            tr("Closing the window leaves Hearth running, so that the API goes on answering.")
            if has_tray
            else tr("This desktop has no tray."),
        )
        tray.setEnabled(has_tray)
        self._add("stays_in_tray", tray)
        self._add(
            "notifies",
            Toggle(
                tr("Notifications"),
                tr("When a model has arrived, or a long answer, while you look elsewhere."),
            ),
        )

    def _add_conversations(self) -> None:
        self._add_heading(tr("Conversations"))
        self._add(
            ENCRYPTED,
            Toggle(
                tr("Encrypt them on the disk"),
                tr("With a key in your keyring. Their titles, texts and attachments."),
            ),
        )

    def _add_heading(self, text: str) -> None:
        if self._fields:
            self._rows.addSpacing(8)
        self._rows.addWidget(label(text, look="strong"))

    def _add(self, name: str, field: Choice | Toggle) -> None:
        self._fields[name] = field
        field.chosen.connect(lambda value: self.wanted.emit(name, value))
        self._rows.addWidget(field)

    def _foot(self) -> QHBoxLayout:
        about = QPushButton(tr("About Hearth"))
        about.setAutoDefault(False)
        about.clicked.connect(self.about_wanted)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 16, 0)
        row.addStretch(1)
        row.addWidget(about)
        return row

    def _scrolled(self) -> QScrollArea:
        inside = QWidget()
        inside.setObjectName("page")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 16, 0)
        column.addLayout(self._rows)
        column.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName(tr("Preferences"))
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inside)
        return area


class Choice(QFrame):
    """One of several values, by their names."""

    chosen = Signal(object)

    def __init__(self, name: str, values: Mapping[Any, str]) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._values = list(values)
        self._box = ChoiceBox()
        self._box.setAccessibleName(name)
        self._box.addItems(list(values.values()))
        self._box.activated.connect(lambda place: self.chosen.emit(self._values[place]))
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 12, 10)
        row.addWidget(naming(self._box, label(name)), 1)
        row.addWidget(self._box)

    def show_value(self, value: object) -> None:
        """One that is not among them, by an edited file, shows none."""
        self._box.setCurrentIndex(self._values.index(value) if value in self._values else -1)


class Toggle(QFrame):
    """Yes or no, and what it means."""

    chosen = Signal(object)

    def __init__(self, name: str, about: str) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._switch = Switch(name)
        self._switch.setAccessibleDescription(about)
        self._switch.clicked.connect(lambda is_on: self.chosen.emit(is_on))
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(label(name))
        texts.addWidget(label(about, look="small", wraps=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 12, 10)
        row.setSpacing(12)
        row.addLayout(texts, 1)
        row.addWidget(self._switch)

    def show_value(self, value: object) -> None:
        self._switch.setChecked(bool(value))


def _time_in_words(minutes: int) -> str:
    if minutes == NEVER:
        return tr("Never")
    return tr("After {minutes} minutes at rest", minutes=minutes)

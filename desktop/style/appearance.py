"""Light or dark: follows the system unless the user chose, and dresses the application."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication

from desktop.settings import ColourChoice
from desktop.style.metrics import ui_font
from desktop.style.sheet import style_sheet
from desktop.style.theme import DARK, LIGHT, Theme, palette_of


class Appearance(QObject):
    """Owns the application's style, palette and style sheet."""

    changed = Signal(object)
    """A Theme; widgets are dressed in it already."""

    def __init__(self, app: QApplication, choice: ColourChoice) -> None:
        super().__init__()
        self._app = app
        self._choice = choice
        app.setStyle("Fusion")
        app.setFont(ui_font())
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self.theme = self._wanted()
        self._dress()

    def choose(self, choice: ColourChoice) -> None:
        self._choice = choice
        self._follow()

    @Slot()
    def _follow(self) -> None:
        wanted = self._wanted()
        if wanted is self.theme:
            return
        self.theme = wanted
        self._dress()
        self.changed.emit(wanted)

    def _wanted(self) -> Theme:
        if self._choice is ColourChoice.SYSTEM:
            is_dark = self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        else:
            is_dark = self._choice is ColourChoice.DARK
        return DARK if is_dark else LIGHT

    def _dress(self) -> None:
        self._app.setPalette(palette_of(self.theme))
        self._app.setStyleSheet(style_sheet(self.theme))

"""Hearth beside the clock: a closed window that goes on, and a word when something is done."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon, QWidget

from desktop.language import tr
from desktop.style.icons import application_icon


def has_tray() -> bool:
    return QSystemTrayIcon.isSystemTrayAvailable()


class Tray(QObject):
    """Owns the icon. Without a tray it does nothing but mark the window in the task bar."""

    shown_wanted = Signal()
    new_chat_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._stays = False
        self._menu = QMenu(window)
        self._menu.addAction(tr("Show Hearth"), self.shown_wanted.emit)
        self._menu.addAction(tr("New chat"), self.new_chat_wanted.emit)
        self._menu.addSeparator()
        self._menu.addAction(tr("Quit"), self.quit_wanted.emit)
        self._icon = QSystemTrayIcon(application_icon(), self)
        self._icon.setToolTip("Hearth")
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._on_activated)
        self._icon.messageClicked.connect(self.shown_wanted)

    @property
    def holds_the_program(self) -> bool:
        """Whether a window that is closed can be found again."""
        return self._stays and has_tray()

    def set_stays(self, stays: bool) -> None:
        self._stays = stays
        self._icon.setVisible(self.holds_the_program)

    def notify(self, sentence: str) -> None:
        """While the user looks elsewhere."""
        if QApplication.activeWindow() is not None:
            return
        QApplication.alert(self._window)
        if has_tray():
            self._icon.show()
            self._icon.showMessage("Hearth", sentence, application_icon())

    def close(self) -> None:
        self._icon.hide()

    @Slot()
    def look_away(self) -> None:
        """The window is active again: an icon that stood there for a message alone may go."""
        self._icon.setVisible(self.holds_the_program)

    @Slot(QSystemTrayIcon.ActivationReason)
    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.shown_wanted.emit()

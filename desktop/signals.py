"""Ctrl-C in the terminal and SIGTERM close the window as the user would.

Python runs its signal handlers between its own instructions, and in Qt's event loop there are
none: a socket that Python writes to on a signal wakes it.
"""

from __future__ import annotations

import signal
import socket

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class QuitSignals(QObject):
    """Holds the process's handlers from `watch` to `close`."""

    quit_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._ours, pythons = socket.socketpair()
        self._pythons = pythons
        for end in (self._ours, pythons):
            end.setblocking(False)
        kind = QSocketNotifier.Type.Read
        self._notifier = QSocketNotifier(self._ours.fileno(), kind, self)
        self._notifier.activated.connect(self._on_signal)

    def watch(self) -> None:
        self._fd_before = signal.set_wakeup_fd(self._pythons.fileno())
        self._handlers_before = {kind: signal.signal(kind, _ignore) for kind in SIGNALS}

    def close(self) -> None:
        for kind, handler in self._handlers_before.items():
            signal.signal(kind, handler)
        signal.set_wakeup_fd(self._fd_before)
        self._notifier.setEnabled(False)
        self._ours.close()
        self._pythons.close()

    @Slot()
    def _on_signal(self) -> None:
        self._ours.recv(64)
        self.quit_wanted.emit()


def _ignore(number: int, frame: object) -> None:
    pass

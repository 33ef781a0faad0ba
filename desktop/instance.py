"""One window for each home: a second start shows the first one's window and leaves.

Two programs on one library would mark each other's running answers as interrupted.
"""

from __future__ import annotations

import hashlib

from PySide6.QtCore import QLockFile, QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from desktop.home import Home

CONNECT_MS = 2000


class SingleInstance(QObject):
    """Holds the home's lock from `begin` to `close`."""

    shown_wanted = Signal()
    """Somebody started the program once more."""

    def __init__(self, home: Home) -> None:
        super().__init__()
        home.data.mkdir(parents=True, exist_ok=True)
        self._lock = QLockFile(str(home.data / "window.lock"))
        self._lock.setStaleLockTime(0)  # a lock is old when its process is gone, not by its age
        self._name = "hearth-" + hashlib.sha256(str(home.data).encode()).hexdigest()[:16]
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

    def begin(self) -> bool:
        """False if another program has this home; its window has been asked to show itself."""
        if not self._lock.tryLock(0):
            self._ask_to_show()
            return False
        QLocalServer.removeServer(self._name)  # what a killed program may have left
        self._server.listen(self._name)
        return True

    def close(self) -> None:
        self._server.close()
        self._lock.unlock()

    def _ask_to_show(self) -> None:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        socket.waitForConnected(CONNECT_MS)
        socket.disconnectFromServer()

    @Slot()
    def _on_connection(self) -> None:
        self._server.nextPendingConnection().deleteLater()
        self.shown_wanted.emit()

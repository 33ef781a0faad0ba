"""The localhost API's switch: the server, its key, and the thread that waits for the keyring.

A keyring may ask the user to unlock it and block for as long, so turning on and rotating run in
a worker thread, and so does turning off, which lets clients go; the outcome comes back by a
signal.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from desktop.language import tr
from desktop.secrets import ApiKeys, new_key
from engine.errors import HearthError, KeyUnavailable

if TYPE_CHECKING:  # takes 0.1 s, and most never need it
    from engine.server.run import LocalServer

log = logging.getLogger(__name__)

JOIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Reach:
    """Who is answered besides the programs of this computer that have the key: others in the
    network, web pages, programs that know this computer by other names, or any program at all."""

    has_network: bool = False
    origins: frozenset[str] = frozenset()
    host_names: frozenset[str] = frozenset()
    is_keyless: bool = False

    @property
    def needs_key(self) -> bool:
        """The network never comes in without one."""
        return self.has_network or not self.is_keyless


ServerMaker = Callable[[str, Reach], "LocalServer"]
"""Makes a server for this key, not started yet."""


@dataclass(frozen=True, slots=True)
class Off:
    """`error` says why it did not turn on, or is empty."""

    error: str = ""


@dataclass(frozen=True, slots=True)
class Turning:
    """On its way: the keyring may be asking the user something, or clients are being let go."""

    is_on_its_way_on: bool = True


@dataclass(frozen=True, slots=True)
class On:
    """`notice` is empty, or says that the key is not kept. `network_url` is where other machines
    ask, if they may."""

    url: str
    key: str
    notice: str = ""
    reach: Reach = Reach()
    network_url: str = ""


ApiState = Off | Turning | On


class ApiService(QObject):
    """Owns the server, its reach and the state, which change in the main thread only."""

    state_changed = Signal(object)
    _turned = Signal(object)

    def __init__(self, make_server: ServerMaker, keys: ApiKeys, reach: Reach | None = None) -> None:
        super().__init__()
        self._make_server = make_server
        self._keys = keys
        self._reach = reach or Reach()
        self._session_key = ""
        self._server: LocalServer | None = None
        self._worker: threading.Thread | None = None
        self._is_closing = False
        self.state: ApiState = Off()
        self._turned.connect(self._set_state)

    def turn_on(self) -> None:
        if isinstance(self.state, Off):
            self._work(Turning(), lambda: self._turn_on(self._keys.current))

    def turn_off(self) -> None:
        if isinstance(self.state, On):
            self._reach = replace(self._reach, has_network=False)
            self._work(Turning(is_on_its_way_on=False), self._turn_off)

    def page_link(self) -> str:
        """Opens the web chat once, in a browser. Empty while the server is off."""
        return self._server.page_link() if isinstance(self.state, On) and self._server else ""

    @property
    def asked(self) -> int:
        """How many requests there were since it was turned on."""
        return self._server.asked if isinstance(self.state, On) and self._server else 0

    def change_reach(self, reach: Reach) -> None:
        """The network stays open until it is turned off, and no longer. It needs the key: that
        programs without one were wanted is forgotten."""
        if isinstance(self.state, On):
            self._reach = replace(reach, is_keyless=not reach.needs_key)
            self._work(Turning(), lambda: self._turn_on(self._keys.current))

    def rotate(self) -> None:
        """A new key; programs with the old one are refused from now on."""
        if isinstance(self.state, On):
            self._session_key = ""
            self._work(Turning(), lambda: self._turn_on(self._keys.rotate))

    def close(self) -> None:
        self._is_closing = True
        if self._worker is not None:
            self._worker.join(JOIN_SECONDS)
        self._close_server()

    def _work(self, state: Turning, job: Callable[[], None]) -> None:
        self._set_state(state)
        # A daemon, because a keyring that waits for its user must not keep the program alive.
        self._worker = threading.Thread(target=job, name="keyring", daemon=True)
        self._worker.start()

    def _turn_off(self) -> None:
        self._close_server()
        self._turned.emit(Off())

    def _turn_on(self, take_key: Callable[[], str]) -> None:
        self._close_server()
        key, notice = self._take(take_key)
        if self._is_closing:
            return
        try:
            reach = self._reach
            server = self._make_server(key, reach)
            url = server.start()
        except HearthError as error:
            self._turned.emit(Off(str(error)))
        except Exception as error:
            log.exception("The API could not be turned on")
            self._turned.emit(Off(tr("The API could not be turned on: {error}.", error=error)))
        else:
            self._server = server  # the main thread leaves it alone until it hears of this
            self._turned.emit(On(url, key, notice, reach, server.network_url))

    def _take(self, take_key: Callable[[], str]) -> tuple[str, str]:
        """The key, and a notice if it lasts for this session only."""
        try:
            return take_key(), ""
        except KeyUnavailable as error:
            self._session_key = self._session_key or new_key()
            return self._session_key, tr(
                "{error} This key works until Hearth is closed.", error=error
            )

    def _close_server(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    @Slot(object)
    def _set_state(self, state: ApiState) -> None:
        self.state = state
        self.state_changed.emit(state)

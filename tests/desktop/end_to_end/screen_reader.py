"""A client of AT-SPI over D-Bus, as a screen reader is one.

The interfaces: https://gitlab.gnome.org/GNOME/at-spi2-core/-/tree/main/xml
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from jeepney import (
    DBusAddress,
    DBusErrorResponse,
    HeaderFields,
    MatchRule,
    Message,
    Properties,
    message_bus,
    new_method_call,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.wrappers import unwrap_msg

from tests.desktop.end_to_end.seen import Box, Seen, State
from tests.desktop.end_to_end.stage import PATIENCE_SECONDS

ATSPI = "org.a11y.atspi"
ACCESSIBLE, COMPONENT, TEXT = f"{ATSPI}.Accessible", f"{ATSPI}.Component", f"{ATSPI}.Text"
LAUNCHER = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
REGISTRY, ROOT = f"{ATSPI}.Registry", f"/{ATSPI.replace('.', '/')}/accessible/root"
REGISTRAR = DBusAddress(f"/{ATSPI.replace('.', '/')}/registry", REGISTRY, REGISTRY)
MENUS = ("menu", "popup menu")
ON_SCREEN = 0
"""Coordinates of the screen, not of the window."""
NOWHERE = Box(0, 0, 0, 0)
EVENTS = ("object:announcement", "object:state-changed")
OF_AN_OBJECT = MatchRule(type="signal", interface=f"{ATSPI}.Event.Object")


T = TypeVar("T")


class ScreenReader:
    """Says on the session that somebody listens; programs that start then show themselves."""

    def __init__(self, session: str) -> None:
        with open_dbus_connection(session, auth_timeout=PATIENCE_SECONDS) as bus:
            status = LAUNCHER.with_interface("org.a11y.Status")
            _ask(bus, Properties(status).set("IsEnabled", "b", True))
            (own,) = _ask(bus, new_method_call(LAUNCHER, "GetAddress"))
        self._bus = open_dbus_connection(own, auth_timeout=PATIENCE_SECONDS)
        for event in EVENTS:
            _ask(self._bus, new_method_call(REGISTRAR, "RegisterEvent", "s", (event,)))
        _ask(self._bus, message_bus.AddMatch(OF_AN_OBJECT))

    def close(self) -> None:
        self._bus.close()

    def look(self, process_id: int) -> Seen | None:
        """All that is visible of a program; None where it does not show itself yet. Menus are no
        part of this tree."""
        for name, path in self._children(REGISTRY, ROOT):
            if self._process_id(name) == process_id:
                return self._see(name, path)
        return None

    def announcement_after(self, act: Callable[[], None]) -> str:
        """Raises TimeoutError."""
        return self._heard(act, _announced)

    def menu_after(self, act: Callable[[], None]) -> Seen:
        """The menu that opens. Raises TimeoutError."""
        return self._heard(act, self._opened_menu)

    def _heard(self, act: Callable[[], None], understand: Callable[[Message], T | None]) -> T:
        """What is understood first of the events that follow."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        with self._bus.filter(OF_AN_OBJECT, queue=deque()) as heard:
            act()
            while True:
                left = deadline - time.monotonic()
                event = self._bus.recv_until_filtered(heard, timeout=left)
                if (understood := understand(event)) is not None:
                    return understood

    def _opened_menu(self, event: Message) -> Seen | None:
        if _member(event) != "StateChanged" or event.body[:2] != ("showing", 1):
            return None
        fields = event.header.fields
        seen = self._see(fields[HeaderFields.sender], fields[HeaderFields.path])
        return seen if seen and seen.role in MENUS else None

    def _see(self, name: str, path: str) -> Seen | None:
        """None for what is hidden, or has gone while it was looked at."""
        try:
            states = self._states(name, path)
            if State.VISIBLE not in states:
                return None
            children = [self._see(*child) for child in self._children(name, path)]
            kinds = self._call(name, path, ACCESSIBLE, "GetInterfaces")
            return Seen(
                self._call(name, path, ACCESSIBLE, "GetRoleName"),
                self._name(name, path),
                states,
                self._box(name, path) if COMPONENT in kinds else NOWHERE,
                self._call(name, path, TEXT, "GetText", "ii", 0, -1) if TEXT in kinds else "",
                tuple(child for child in children if child),
            )
        except DBusErrorResponse:
            return None

    def _children(self, name: str, path: str) -> list[tuple[str, str]]:
        return self._call(name, path, ACCESSIBLE, "GetChildren")

    def _name(self, name: str, path: str) -> str:
        address = DBusAddress(path, name, ACCESSIBLE)
        ((_, value),) = _ask(self._bus, Properties(address).get("Name"))
        return value

    def _states(self, name: str, path: str) -> frozenset[State]:
        low, high = self._call(name, path, ACCESSIBLE, "GetState")
        return frozenset(state for state in State if (low | high << 32) >> state & 1)

    def _box(self, name: str, path: str) -> Box:
        return Box(*self._call(name, path, COMPONENT, "GetExtents", "u", ON_SCREEN))

    def _process_id(self, name: str) -> int | None:
        try:
            return _ask(self._bus, message_bus.GetConnectionUnixProcessID(name))[0]
        except DBusErrorResponse:  # it has gone
            return None

    def _call(
        self, name: str, path: str, interface: str, method: str, kinds: str = "", *values: Any
    ) -> Any:
        """The only value of the reply."""
        address = DBusAddress(path, name, interface)
        (value,) = _ask(self._bus, new_method_call(address, method, kinds or None, values))
        return value


def _announced(event: Message) -> str | None:
    return event.body[3][1] if _member(event) == "Announcement" else None


def _member(event: Message) -> str:
    return event.header.fields[HeaderFields.member]


def _ask(bus: DBusConnection, message: Message) -> tuple[Any, ...]:
    return unwrap_msg(bus.send_and_get_reply(message, timeout=PATIENCE_SECONDS))

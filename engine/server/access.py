"""How a server may be reached: under which names, from which pages, with which key."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from engine.errors import BadRequest
from engine.server.sessions import Sessions

LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"
OWN_NAMES = (LOOPBACK, "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class Access:
    """`key` opens every route. `page` is the folder of the web chat, which has sessions instead.

    `origins` are the web pages that the user has let in, such as https://app.example. With
    `is_lan` other machines of the network reach the server too, under this machine's addresses.
    """

    key: str
    page: Path | None = None
    origins: frozenset[str] = frozenset()
    is_lan: bool = False
    sessions: Sessions = field(default_factory=Sessions)

    @property
    def address(self) -> str:
        return EVERYWHERE if self.is_lan else LOOPBACK

    def hosts(self, port: int) -> frozenset[str]:
        """What the Host header may be. Other names that resolve to this machine are not ours: a
        page on one of them would speak to us as if it were (DNS rebinding)."""
        names = (*OWN_NAMES, *lan_names()) if self.is_lan else OWN_NAMES
        return frozenset(f"{name}:{port}".lower() for name in names)


def lan_names() -> Iterator[str]:
    """This machine's addresses in its networks, and its name."""
    for addresses in psutil.net_if_addrs().values():
        for one in addresses:
            if one.family == socket.AF_INET and not one.address.startswith("127."):
                yield one.address
    name = socket.gethostname()
    yield from (name, f"{name}.local")


def origin_of(text: str) -> str:
    """A web page's origin as browsers send it. Raises BadRequest."""
    scheme, separator, host = text.rstrip("/").partition("://")
    if scheme not in ("http", "https") or not separator or not host or "/" in host:
        raise BadRequest(f"{text} is not the origin of a page, such as https://app.example.")
    return f"{scheme}://{host.lower()}"

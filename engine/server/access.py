"""How a server may be reached: under which names, from which pages, with which key."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import BadRequest
from engine.server.sessions import Sessions

LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"
OWN_NAMES = (LOOPBACK, "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class Access:
    """`key` opens every route. `page` is the folder of the web chat, which has sessions instead.

    `origins` are the web pages that the user has let in, such as https://app.example. With
    `network_names`, its addresses in the network, this machine answers others there too.
    """

    key: str
    page: Path | None = None
    origins: frozenset[str] = frozenset()
    network_names: tuple[str, ...] = ()
    sessions: Sessions = field(default_factory=Sessions)

    @property
    def address(self) -> str:
        return EVERYWHERE if self.network_names else LOOPBACK

    def hosts(self, port: int) -> frozenset[str]:
        """What the Host header may be. Other names that resolve to this machine are not ours: a
        page on one of them would speak to us as if it were (DNS rebinding)."""
        names = (*OWN_NAMES, *self.network_names)
        return frozenset(f"{name}:{port}".lower() for name in names)


def origins_of(text: str) -> frozenset[str]:
    """Several, with spaces or commas between them. Raises BadRequest."""
    return frozenset(origin_of(one) for one in text.replace(",", " ").split())


def origin_of(text: str) -> str:
    """A web page's origin as browsers send it. Raises BadRequest."""
    scheme, separator, host = text.rstrip("/").partition("://")
    if scheme not in ("http", "https") or not separator or not host or "/" in host:
        raise BadRequest(f"{text} is not the origin of a page, such as https://app.example.")
    return f"{scheme}://{host.lower()}"

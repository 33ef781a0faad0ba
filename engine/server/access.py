"""How a server may be reached: under which names, from which pages, with which key."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import BadRequest
from engine.server.sessions import Sessions

LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"
OWN_NAMES = (LOOPBACK, "localhost", "[::1]")
LONGEST_NAME = 253


HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
ORIGIN_HOST = re.compile(r"([A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
WEB_PORTS = {"http": 80, "https": 443}
"""Browsers leave these out of an origin."""
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
WITHOUT_ORIGIN = ("file", "data", "blob", "about", "javascript")
"""Browsers send the word null for pages of these schemes, as they do for every sandbox."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who is answered. `key` opens every route; the web chat, whose folder is `page`, has sessions.

    `origins` are the web pages that the user has let in, such as https://app.example, and
    `host_names` further names under which this machine may be asked, such as host.docker.internal.
    With `network_names`, its addresses in the network, this machine answers others there too.
    Without `needs_key` every program of this machine is answered, and none of the network.
    """

    key: str
    page: Path | None = None
    origins: frozenset[str] = frozenset()
    network_names: tuple[str, ...] = ()
    host_names: frozenset[str] = frozenset()
    needs_key: bool = True
    sessions: Sessions = field(default_factory=Sessions)

    def __post_init__(self) -> None:
        if self.needs_key and not self.key:
            raise ValueError("A server without a key would be open to every program.")
        if self.network_names and not self.needs_key:
            raise ValueError("A server for the network needs a key.")

    @property
    def address(self) -> str:
        return EVERYWHERE if self.network_names else LOOPBACK

    def hosts(self, port: int) -> frozenset[str]:
        """What the Host header may be. Other names that resolve to this machine are not ours: a
        page on one of them would speak to us as if it were (DNS rebinding)."""
        return with_port((*OWN_NAMES, *self.network_names, *self.host_names), port)


def with_port(names: Iterable[str], port: int) -> frozenset[str]:
    return frozenset(f"{name}:{port}".lower() for name in names)


def origins_of(text: str) -> frozenset[str]:
    """Read several, with spaces or commas between them. Raises BadRequest."""
    return frozenset(origin_of(one) for one in text.replace(",", " ").split())


def origin_of(text: str) -> str:
    """Write a page's origin as browsers send it. Raises BadRequest.

    Editors and apps have schemes of their own, such as vscode-webview://ID or app://obsidian.md.
    """
    scheme, separator, host = text.removesuffix("/").partition("://")
    scheme = scheme.lower()
    if scheme in WITHOUT_ORIGIN or text.lower() == "null":
        raise BadRequest(f"{text} cannot be let in: any page could have the same origin.")
    is_known = separator and SCHEME.fullmatch(scheme) and ORIGIN_HOST.fullmatch(host)
    if not is_known:
        raise BadRequest(f"{text} is not the origin of a page, such as https://app.example.")
    if scheme in WEB_PORTS:
        host = host.lower().removesuffix(f":{WEB_PORTS[scheme]}")
    return f"{scheme}://{host}"


def host_names_of(text: str) -> frozenset[str]:
    """Read several, with spaces or commas between them. Raises BadRequest."""
    return frozenset(host_name_of(one) for one in text.replace(",", " ").split())


def host_name_of(text: str) -> str:
    """Write a host name as clients send it, without the port. Raises BadRequest."""
    name = text.lower().removesuffix(".")
    is_number = name.rpartition(".")[2].isdigit()  # browsers read 127.1 as an address
    if is_number or len(name) > LONGEST_NAME or not HOST_NAME.fullmatch(name):
        raise BadRequest(f"{text} is not a host name, such as host.docker.internal.")
    return name

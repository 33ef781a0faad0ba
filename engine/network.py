"""This machine in its networks, for users who want others there to be answered too."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import psutil

WARNING = (
    "Everybody in this network who has the key could ask, and whoever listens in the network could "
    "read the key and all that is said: nothing is encrypted. Answer the network all the same?"
)


def network_names() -> Iterator[str]:
    """Its addresses, and its name."""
    for addresses in psutil.net_if_addrs().values():
        for one in addresses:
            if one.family == socket.AF_INET and not one.address.startswith("127."):
                yield one.address
    name = socket.gethostname()
    yield from (name, f"{name}.local")

"""GET over HTTP as downloads need it: proxies, redirects, each host in the ledger, plain words.

urllib3 rather than the httpx2 that huggingface_hub brings: a gigabyte costs a core 2 seconds
instead of 6 (tests/bench/LOG.md).
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from contextlib import suppress
from socket import SHUT_RDWR
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import truststore
import urllib3
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from engine.errors import FetchFailed
from engine.models.download.connections import Connections

CONNECT_SECONDS, READ_SECONDS = 15.0, 30.0
"""A server that is silent for longer is taken for gone."""
AT_ONCE = 8
MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)


class Interrupted(Exception):
    """The network or the server failed in a way that may pass. `wait_seconds` is what the server
    asked for, if it did."""

    def __init__(self, reason: str, wait_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


class Http:
    """Connections are kept and shared between threads."""

    def __init__(self, connections: Connections, read_seconds: float = READ_SECONDS) -> None:
        self._connections = connections
        self._timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=read_seconds)
        self._pools: dict[str, urllib3.PoolManager] = {}

    def get(self, url: str, headers: Mapping[str, str], purpose: str) -> BaseHTTPResponse:
        """The answer's head; its body is still to be read, and to be released.

        A redirect to another host is followed without the token. Raises Interrupted, FetchFailed,
        Offline.
        """
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._ask(url, headers, purpose)
            location = answer.headers.get("Location")
            if answer.status not in REDIRECTS or location is None:
                return answer
            answer.close()
            target = urljoin(url, location)
            if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
                raise FetchFailed(f"{host_of(url)} leads to an address without encryption.")
            if host_of(target) != host_of(url):
                headers = {
                    name: value
                    for name, value in headers.items()
                    if name.lower() != "authorization"
                }
            url = target
        raise FetchFailed(f"{host_of(url)} sends from one address to the next without an end.")

    def close(self) -> None:
        for pool in self._pools.values():
            pool.clear()

    def _ask(self, url: str, headers: Mapping[str, str], purpose: str) -> BaseHTTPResponse:
        self._connections.permit(host_of(url), purpose)
        try:
            return self._pool(url).request(
                "GET",
                url,
                headers=dict(headers),
                preload_content=False,
                decode_content=False,
                redirect=False,
                retries=False,
                timeout=self._timeout,
            )
        except HTTPError as error:
            raise Interrupted(
                f"{host_of(url)} cannot be reached: {reason_of(error)}. Is this machine online? "
                "Behind a proxy, set HTTPS_PROXY."
            ) from None

    def _pool(self, url: str) -> urllib3.PoolManager:
        """Through the proxy that the system or the environment names for this address."""
        parts = urlsplit(url)
        proxy = "" if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme, "")
        if proxy not in self._pools:
            self._pools[proxy] = _new_pool(proxy)
        return self._pools[proxy]


def _new_pool(proxy: str) -> urllib3.PoolManager:
    """Certificates are those that the system trusts: a company's own too."""
    tls = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not proxy:
        return urllib3.PoolManager(maxsize=AT_ONCE, ssl_context=tls)
    user = urlsplit(proxy).netloc.rpartition("@")[0]
    headers = urllib3.make_headers(proxy_basic_auth=unquote(user)) if user else None
    return urllib3.ProxyManager(proxy, maxsize=AT_ONCE, proxy_headers=headers, ssl_context=tls)


def hang_up(answer: BaseHTTPResponse) -> None:
    """From another thread than the one that reads: that one then meets the end."""
    socket = getattr(answer.connection, "sock", None)
    if socket is not None:
        with suppress(OSError):
            socket.shutdown(SHUT_RDWR)


def host_of(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def reason_of(error: BaseException) -> str:
    """Without urllib3's object names, which say nothing to people."""
    return str(error.__cause__ or error).rpartition(">: ")[2]

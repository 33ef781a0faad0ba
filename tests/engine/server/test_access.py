"""Who is let in by the user's own word: a web page, and the network."""

from __future__ import annotations

import socket

import httpx
import psutil
import pytest

from engine.errors import BadRequest
from engine.network import network_names
from engine.server.access import Access, origin_of, origins_of
from tests.engine.server.serving import AUTHORIZED, KEY, Served, question, serving

APP = "https://app.example"
NAMES = ("192.0.2.7", "desk.local")


def let_in() -> Access:
    return Access(KEY, origins=frozenset({APP}))


def preflight(served: Served, origin: str) -> httpx.Response:
    asked = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,x-stainless-os",
    }
    url = f"{served.server.url}/v1/chat/completions"
    return httpx.options(url, headers=asked, trust_env=False)


def test_a_page_that_was_let_in_may_ask_and_read() -> None:
    with serving(access=let_in()) as served:
        allowed = preflight(served, APP)
        assert allowed.status_code == 204
        assert allowed.headers["access-control-allow-origin"] == APP
        assert "authorization" in allowed.headers["access-control-allow-headers"]
        answer = served.client.post(
            "/v1/chat/completions", json=question(), headers={"origin": APP}
        )
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == APP


def test_it_still_needs_the_key() -> None:
    with serving(access=let_in()) as served:
        answer = httpx.get(
            f"{served.server.url}/v1/models", headers={"origin": APP}, trust_env=False
        )
    assert answer.status_code == 401


@pytest.mark.parametrize("origin", ["https://other.example", "null", "https://app.example.evil"])
def test_no_other_page_is_let_in(origin: str) -> None:
    with serving(access=let_in()) as served:
        refused = preflight(served, origin)
    assert refused.status_code == 403
    assert "access-control-allow-origin" not in refused.headers


def test_without_any_there_are_no_such_headers() -> None:
    with serving() as served:
        assert not [name for name in served.ask().headers if name.startswith("access-control")]


def test_an_origin_is_a_scheme_and_a_host() -> None:
    assert origin_of("https://App.Example/") == APP
    assert origin_of("http://localhost:3000") == "http://localhost:3000"
    for text in ("app.example", "*", "null", "https://", "https://a/b", "file:///x"):
        with pytest.raises(BadRequest, match="is not the origin"):
            origin_of(text)


def listens_on(served: Served) -> set[str]:
    return {
        connection.laddr.ip
        for connection in psutil.Process().net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == served.server.port
    }


def test_the_network_reaches_it_only_when_it_is_let_in() -> None:
    with serving() as served:
        assert listens_on(served) == {"127.0.0.1"}
    with serving(access=Access(KEY, network_names=NAMES)) as served:
        assert listens_on(served) == {"0.0.0.0"}
        url = f"{served.server.url}/v1/models"
        for name in NAMES:
            host = {"host": f"{name}:{served.server.port}"}
            assert httpx.get(url, headers=AUTHORIZED | host, trust_env=False).status_code == 200
            assert httpx.get(url, headers=host, trust_env=False).status_code == 401
        evil = {"host": f"evil.example:{served.server.port}"}
        assert httpx.get(url, headers=AUTHORIZED | evil, trust_env=False).status_code == 421


def test_several_origins_are_told_apart() -> None:
    expected = {"https://a.example", "http://b.example:8080"}
    assert origins_of(" https://A.example/,http://b.example:8080 ") == expected
    assert origins_of("") == frozenset()


def test_a_machine_has_a_name_in_its_network_and_is_not_called_by_its_loopback() -> None:
    names = [*network_names()]
    assert socket.gethostname() in names
    assert not any(name.startswith("127.") for name in names)

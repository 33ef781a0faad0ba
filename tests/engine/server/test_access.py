"""Who is let in by the user's own word: a web page, and the network."""

from __future__ import annotations

import socket

import httpx
import psutil
import pytest

from engine.errors import BadRequest
from engine.network import network_names
from engine.server.access import Access, host_names_of, origin_of, origins_of
from tests.engine.server.serving import AUTHORIZED, KEY, WEB_PAGE, Served, question, serving

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
    assert origin_of("https://app.example:443") == APP
    assert origin_of("http://[::1]:80") == "http://[::1]"
    wrong = ("app.example", "*", "https://", "https://a/b", "https://*", "https://u@a")
    for text in (*wrong, "http://a:b:c", "https://bücher.example"):
        with pytest.raises(BadRequest, match="is not the origin"):
            origin_of(text)
    for text in ("null", "NULL", "file:///x", "FILE:///", "data://x"):
        with pytest.raises(BadRequest, match="any page could have the same origin"):
            origin_of(text)


@pytest.mark.parametrize(
    "origin",
    [
        "app://obsidian.md",
        "tauri://localhost",
        "vscode-webview://0a1b2c3d-aaaa-bbbb-cccc-0123456789ab",
        "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        "moz-extension://0a1b2c3d-aaaa-bbbb-cccc-0123456789ab",
        "capacitor://localhost",
    ],
)
def test_apps_with_schemes_of_their_own_are_let_in(origin: str) -> None:
    """C6: they could not be let in at all."""
    assert origin_of(f"{origin}/") == origin
    with serving(access=Access(KEY, origins=frozenset({origin}))) as served:
        assert preflight(served, origin).status_code == 204
        headers = {"origin": origin}
        assert served.client.get("/v1/models", headers=headers).status_code == 200
        other = {"origin": origin[:-1] + "x"}
        assert served.client.get("/v1/models", headers=other).status_code == 403


def test_further_host_names_are_let_in_and_no_others() -> None:
    assert host_names_of("Host.Docker.Internal, desk.") == {"host.docker.internal", "desk"}
    for text in (
        "0.0.0.0",
        "127.1",
        "999.1",
        "a:80",
        "http://a",
        "*.a",
        "a..b",
        "-a",
        "a_b",
        "a/b",
        "a" * 300,
    ):
        with pytest.raises(BadRequest, match="is not a host name"):
            host_names_of(text)
    with serving(access=Access(KEY, host_names=frozenset({"host.docker.internal"}))) as served:
        assert listens_on(served) == {"127.0.0.1"}
        url, port = f"{served.server.url}/v1/models", served.server.port
        for name, status in (("Host.docker.internal", 200), ("docker.internal", 421)):
            host = {"host": f"{name}:{port}"}
            answer = httpx.get(url, headers=AUTHORIZED | host, trust_env=False)
            assert answer.status_code == status


@pytest.mark.parametrize("name", ["x-api-key", "api-key"])
def test_the_key_may_come_in_anthropics_or_azures_header(served: Served, name: str) -> None:
    url = f"{served.server.url}/v1/models"
    for key, status in ((KEY, 200), (f"{KEY}x", 401), ("", 401)):
        assert httpx.get(url, headers={name: key}, trust_env=False).status_code == status


KEYLESS = Access("", WEB_PAGE, needs_key=False)


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer dummy"}, {"x-api-key": "ollama"}]
)
def test_where_no_key_is_needed_programs_are_answered(headers: dict[str, str]) -> None:
    with serving(access=KEYLESS) as served:
        url = f"{served.server.url}/v1/chat/completions"
        answer = httpx.post(url, json=question(), headers=headers, trust_env=False)
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
        {"sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/models", "/", "/healthz", "/openapi.json", "/open"])
def test_web_pages_are_refused_where_no_key_is_needed(headers: dict[str, str], path: str) -> None:
    with serving(access=KEYLESS) as served:
        url = f"{served.server.url}{path}"
        assert httpx.get(url, headers=headers, trust_env=False).status_code == 403
        rebound = {"host": f"evil.example:{served.server.port}"}
        assert httpx.get(url, headers=rebound, trust_env=False).status_code == 421


def test_its_own_page_is_answered_where_no_key_is_needed() -> None:
    with serving(access=KEYLESS) as served:
        own = {"origin": served.server.url, "sec-fetch-site": "same-origin"}
        url = f"{served.server.url}/v1/chat/completions"
        assert httpx.post(url, json=question(), headers=own, trust_env=False).status_code == 200
        typed = {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}
        page = httpx.get(served.server.url, headers=typed, trust_env=False)
        assert page.status_code == 200


def test_a_page_under_a_further_name_needs_more_than_that_name() -> None:
    access = Access("", host_names=frozenset({"desk.local"}), needs_key=False)
    with serving(access=access) as served:
        host = f"desk.local:{served.server.port}"
        url = f"{served.server.url}/v1/chat/completions"
        for origin, status in (({}, 200), ({"origin": f"http://{host}"}, 403)):
            headers = {"host": host} | origin
            answer = httpx.post(url, json=question(), headers=headers, trust_env=False)
            assert answer.status_code == status


def test_the_network_is_never_answered_without_a_key() -> None:
    with pytest.raises(ValueError, match="needs a key"):
        Access("", network_names=NAMES, needs_key=False)


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

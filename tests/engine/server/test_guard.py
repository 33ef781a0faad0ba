from __future__ import annotations

import http.client
import logging
import socket

import pytest

from engine.server.access import Access
from engine.server.app import MAX_BODY_BYTES
from tests.engine.server.serving import AUTHORIZED, KEY, PATIENCE_SECONDS, Served, question

ROUTES = [
    ("GET", "/v1/models"),
    ("POST", "/v1/chat/completions"),
    ("GET", "/"),
    ("GET", "/no/such/place"),
    ("DELETE", "/v1/models"),
    ("OPTIONS", "/v1/chat/completions"),
]


def with_host(served: Served, host: str | None) -> int:
    """The status of a request whose Host header is exactly this."""
    connection = http.client.HTTPConnection("127.0.0.1", served.server.port, timeout=10)
    try:
        connection.putrequest("GET", "/v1/models", skip_host=True)
        for name, value in AUTHORIZED.items():
            connection.putheader(name, value)
        if host is not None:
            connection.putheader("Host", host.format(port=served.server.port))
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


def send_raw(served: Served, request: bytes) -> bytes:
    address = ("127.0.0.1", served.server.port)
    with socket.create_connection(address, timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(request)
        return connection.recv(65536)


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "[::1]:{port}"])
def test_this_machines_names_with_the_port_are_let_in(served: Served, host: str) -> None:
    assert with_host(served, host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example",
        "attacker.example:{port}",
        "localhost.attacker.example:{port}",
        "localhost",
        "localhost:1",
        "127.0.0.1.:{port}",
        "127.0.0.2:{port}",
        "0.0.0.0:{port}",
        "user@localhost:{port}",
        "[::1]",
        "::1:{port}",
        "",
    ],
)
def test_any_other_host_is_misdirected(served: Served, host: str) -> None:
    assert with_host(served, host) == 421


def test_a_request_without_host_is_misdirected(served: Served) -> None:
    request = f"GET /v1/models HTTP/1.0\r\nAuthorization: Bearer {KEY}\r\n\r\n"
    assert b" 421 " in send_raw(served, request.encode()).split(b"\r\n")[0]


@pytest.mark.parametrize("origin", ["https://attacker.example", "null", "http://localhost:4141"])
def test_every_origin_is_refused_even_with_the_key(served: Served, origin: str) -> None:
    answer = served.client.get("/v1/models", headers={"origin": origin})
    assert answer.status_code == 403
    assert not any(name.startswith("access-control") for name in answer.headers)


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", f"Bearer {KEY}x", f"Bearer {KEY[:-1]}", f"Basic {KEY}", KEY],
)
def test_every_route_needs_the_key(
    served: Served, method: str, path: str, authorization: str | None
) -> None:
    request = served.client.build_request(method, path, headers={"authorization": "x"})
    del request.headers["authorization"]
    if authorization is not None:
        request.headers["authorization"] = authorization
    answer = served.client.send(request)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == "A valid API key is required."
    assert answer.json()["error"]["code"] == "invalid_api_key"


def test_a_key_outside_ascii_is_only_wrong(served: Served) -> None:
    answer = served.client.get("/v1/models", headers={b"authorization": b"Bearer \xff\xfe"})
    assert answer.status_code == 401


def test_the_scheme_is_read_in_any_case(served: Served) -> None:
    answer = served.client.get("/v1/models", headers={"authorization": f"bearer {KEY}"})
    assert answer.status_code == 200


def test_a_server_without_a_key_is_not_made() -> None:
    with pytest.raises(ValueError, match="without a key"):
        Access("")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""]
)
def test_a_post_of_another_type_is_refused(served: Served, content_type: str) -> None:
    answer = served.client.post(
        "/v1/chat/completions", content=b"{}", headers={"content-type": content_type}
    )
    assert answer.status_code == 415


def test_json_may_name_its_charset(served: Served) -> None:
    headers = {"content-type": "application/json; charset=utf-8"}
    answer = served.client.post("/v1/chat/completions", content=b"{}", headers=headers)
    assert answer.status_code == 400


def test_a_body_over_the_limit_is_refused_and_the_server_goes_on(served: Served) -> None:
    answer = served.client.post(
        "/v1/chat/completions",
        content=b" " * (MAX_BODY_BYTES + 1),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 413
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert served.ask().status_code == 200


def test_endless_headers_are_refused_and_the_server_goes_on(served: Served) -> None:
    answer = send_raw(served, b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 40_000)
    assert b" 400 " in answer.split(b"\r\n")[0]
    assert served.ask().status_code == 200


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_each_response_has_a_request_id_of_its_own(served: Served, method: str, path: str) -> None:
    answers = [served.client.request(method, path) for _ in range(2)]
    answers.append(served.client.get("/v1/models", headers={"authorization": "wrong"}))
    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == len(answers)


def test_neither_key_nor_prompt_is_logged(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    messages = [{"role": "user", "content": "my secret"}]
    # httpx logs on the client's side, in this same process.
    for name in ("httpx", "httpcore"):
        caplog.set_level(logging.CRITICAL, name)
    with caplog.at_level(logging.DEBUG):
        served.ask(messages=messages)
        served.ask(messages="my secret")
        served.client.post("/v1/chat/completions", json=question(model="my secret"))
        served.client.get("/v1/models", headers={"authorization": f"Bearer {KEY}x"})
    assert "secret" not in caplog.text
    assert KEY not in caplog.text

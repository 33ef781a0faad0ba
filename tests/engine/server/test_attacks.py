"""What attackers try. Each is refused, and the server answers the next honest request."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import ExitStack, suppress

import pytest

from engine.server import app, run
from tests.engine.server.serving import KEY, PATIENCE_SECONDS, Served, serving

HONEST = f"Host: 127.0.0.1:{{port}}\r\nAuthorization: Bearer {KEY}\r\n"
POST = "POST /v1/chat/completions HTTP/1.1\r\n"
LARGE = 500_000
"""What is longer may be cut off before its answer has been read."""
JSON = "Content-Type: application/json\r\n"


@pytest.fixture(scope="module")
def served() -> Generator[Served]:
    with serving() as served:
        yield served


@pytest.fixture(autouse=True)
def still_answers(served: Served) -> Generator[None]:
    yield
    assert served.ask().status_code == 200


def connected(served: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", served.server.port), PATIENCE_SECONDS)


def sent(served: Served, request: str) -> str:
    """All that the server says until it hangs up or has said enough."""
    with connected(served) as connection:
        with suppress(ConnectionError):  # it may hang up before it has heard all
            connection.sendall(request.replace("{port}", str(served.server.port)).encode("latin-1"))
        return rest_of(connection)


def rest_of(connection: socket.socket) -> str:
    """Until the server hangs up, or a whole answer with its length is there."""
    heard = b""
    try:
        while piece := connection.recv(65_536):
            heard += piece
            head, _, body = heard.partition(b"\r\n\r\n")
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            if length and len(body) >= int(length):
                break
    except ConnectionResetError:
        pass
    return heard.decode("latin-1")


def status(answer: str) -> str:
    return answer.partition(" ")[2][:3]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        # A page whose name was bound anew to 127.0.0.1 sends that name.
        ("GET /v1/models HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n", "421"),
        ("GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1.evil.example:{port}\r\n\r\n", "421"),
        ("GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1:{port}@evil.example\r\n\r\n", "421"),
        (f"GET /v1/models HTTP/1.1\r\n{HONEST}Host: evil.example\r\n\r\n", "400"),
        (f"GET /v1/models HTTP/1.1\r\n{HONEST}Origin: https://evil.example\r\n\r\n", "403"),
        (f"GET /v1/models HTTP/1.1\r\n{HONEST}Origin: null\r\n\r\n", "403"),
        (f"GET /v1/models HTTP/1.1\r\n{HONEST}Origin: http://127.0.0.1:1\r\n\r\n", "403"),
        (f"{POST}{HONEST}Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{{}}", "415"),
        (
            f"{POST}{HONEST}Content-Type: application/x-www-form-urlencoded\r\n"
            "Content-Length: 3\r\n\r\na=b",
            "415",
        ),
        ("GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", "401"),
        (
            "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Authorization: Bearer {KEY[:-1]}x\r\n\r\n",
            "401",
        ),
        (f"GET /v1/models?key={KEY} HTTP/1.1\r\nHost: 127.0.0.1:{{port}}\r\n\r\n", "401"),
        (f"GET /v1/models/../../etc/passwd HTTP/1.1\r\n{HONEST}\r\n", "404"),
        (f"GET /v1/models/..%2F..%2Fetc%2Fpasswd HTTP/1.1\r\n{HONEST}\r\n", "404"),
        (f"GET /v1/responses/..%2F..%2Fetc%2Fpasswd HTTP/1.1\r\n{HONEST}\r\n", "404"),
        (f"DELETE /v1/responses/x%00y HTTP/1.1\r\n{HONEST}\r\n", "404"),
        (f"GET http://evil.example/v1/models HTTP/1.1\r\n{HONEST}\r\n", "404"),
        (f"TRACE /v1/models HTTP/1.1\r\n{HONEST}\r\n", "405"),
        (f"OPTIONS /v1/models HTTP/1.1\r\n{HONEST}Origin: https://evil.example\r\n\r\n", "403"),
        (f"GET /v1/models HTTP/1.1\r\n{HONEST}X: {'x' * 1_000_000}\r\n\r\n", "400"),
        (f"GET /{'x' * 1_000_000} HTTP/1.1\r\n{HONEST}\r\n", "400"),
        (f"GET /v1/models HTTP/1.1\r\n{HONEST} folded: x\r\n\r\n", "401"),
        (f"GET /v1/models HTTP/1.1\r\n{HONEST}Bad header: x\r\n\r\n", "400"),
        (f"GET /v1/models HTTP/1.1\r\n{HONEST}X: a\x00b\r\n\r\n", "400"),
        # Two lengths of one body: what one reader takes for the body is a request for the other.
        (
            f"{POST}{HONEST}{JSON}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{{}}   ",
            "400",
        ),
        (f"{POST}{HONEST}{JSON}Content-Length: -1\r\n\r\n", "400"),
        (f"{POST}{HONEST}{JSON}Transfer-Encoding: gzip\r\n\r\n", "400"),
        ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "400"),
    ],
)
def test_it_is_refused(served: Served, request_: str, expected: str) -> None:
    answer = sent(served, request_)
    is_hung_up_on = not answer and len(request_) > LARGE
    assert is_hung_up_on or status(answer) == expected


def test_no_answer_repeats_what_could_be_a_header(served: Served) -> None:
    answer = sent(served, f"GET /v1/models/x%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\n{HONEST}\r\n")
    head = answer.partition("\r\n\r\n")[0].lower()
    assert "set-cookie" not in head


@pytest.mark.parametrize("length", ["Content-Length: 104857600", "Transfer-Encoding: chunked"])
def test_a_body_of_100_mb_is_refused_before_it_is_read(served: Served, length: str) -> None:
    head = f"{POST}{HONEST}{JSON}{length}\r\n\r\n".replace("{port}", str(served.server.port))
    piece = b" " * 65_536
    framed = piece if "Length" in length else b"10000\r\n" + piece + b"\r\n"
    with connected(served) as connection:
        connection.sendall(head.encode())
        count = 0
        try:
            while count < 1600:
                connection.sendall(framed)
                count += 1
        except (ConnectionError, TimeoutError):
            pass
        assert count < 1600, "it took all of it"
        assert status(rest_of(connection)) in ("413", "")


def test_slow_headers_are_not_waited_for(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "HEADER_SECONDS", 0.1)
    with connected(served) as silent, connected(served) as slow:
        slow.sendall(b"GET /v1/models HTTP/1.1\r\nHost: ")
        assert silent.recv(100) == slow.recv(100) == b""


def test_a_second_request_may_not_be_slower(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "HEADER_SECONDS", 0.1)
    request = f"GET /healthz HTTP/1.1\r\n{HONEST}\r\n"
    with connected(served) as connection:
        connection.sendall(request.replace("{port}", str(served.server.port)).encode())
        assert status(rest_of(connection)) == "200"
        connection.sendall(b"GET /v1")
        assert connection.recv(100) == b""


def test_a_slow_body_is_not_waited_for(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "BODY_SECONDS", 0.1)
    answer = sent(served, f"{POST}{HONEST}{JSON}Content-Length: 50\r\n\r\n{{")
    assert status(answer) == "408"


def test_of_a_thousand_connections_most_are_hung_up_on_and_then_all(
    served: Served, monkeypatch: pytest.MonkeyPatch, many_files: None
) -> None:
    monkeypatch.setattr(run, "HEADER_SECONDS", 1.0)
    with ExitStack() as stack:
        held = [stack.enter_context(connected(served)) for _ in range(1000)]
        held[0].settimeout(0.05)
        with pytest.raises(TimeoutError):  # this one may still say what it wants
            held[0].recv(1)
        assert rest_of(held[-1]) == ""
        held[0].settimeout(PATIENCE_SECONDS)
        assert not any(rest_of(one) for one in held)
        assert served.ask().status_code == 200


@pytest.fixture
def many_files() -> Generator[None]:
    """Both ends of all connections are files of this process."""
    resource = pytest.importorskip("resource", reason="Windows has no such limit")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_every_key_is_compared_in_constant_time(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[bytes, bytes]] = []
    monkeypatch.setattr(
        "engine.server.guard.hmac.compare_digest", lambda *both: (compared.append(both), False)[1]
    )
    for key in (KEY, KEY[:-1] + "x", "x" * 43, "x"):
        request = (
            f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{{port}}\r\nAuthorization: Bearer {key}"
        )
        assert status(sent(served, f"{request}\r\n\r\n")) == "401"
    assert [wanted for _, wanted in compared] == [KEY.encode()] * 4
    monkeypatch.undo()

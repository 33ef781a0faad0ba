"""A hub on this machine: real HTTP, one repository, and all the ways in which servers misbehave."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message as EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote

from engine.models.manifest import FileFacts, Source

REPO, REVISION = "openai/tiny", "0123456789abcdef0123456789abcdef01234567"
SOURCE = Source(REPO, REVISION)
LARGE = 1000
"""Bytes from which on the hub keeps a file by its own hash."""


@dataclass(frozen=True)
class Heard:
    command: str
    path: str
    headers: EmailMessage


class Handler(BaseHTTPRequestHandler):
    """`reply` is what a fault is given: it sends the file, or what it likes."""

    protocol_version = "HTTP/1.1"
    hub: ClassVar[HubServer]

    def do_GET(self) -> None:
        self.hub.heard.append(Heard(self.command, self.path, self.headers))
        if self.path.startswith(f"/api/models/{REPO}/revision/"):
            self.tell({"id": REPO, "sha": REVISION, "siblings": [], "private": False, "tags": []})
            return
        name = unquote(self.path).partition(f"/{REPO}/resolve/{REVISION}/")[2]
        if name not in self.hub.files:
            self.refuse(404)
            return
        fault = self.hub.faults[name].popleft() if self.hub.faults[name] else Handler.send_file
        try:
            fault(self, self.hub.files[name])
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def do_POST(self) -> None:
        self.hub.heard.append(Heard(self.command, self.path, self.headers))
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != f"/api/models/{REPO}/paths-info/{REVISION}" or self.hub.api_status != 200:
            self.refuse(self.hub.api_status if self.hub.api_status != 200 else 404)
            return
        names = parse_qs(asked.decode())["paths"]
        told = [entry(name, self.hub.files[name]) for name in names if name in self.hub.files]
        self.tell(told)

    def tell(self, document: object) -> None:
        body = json.dumps(document).encode()
        self.head(200, len(body), {"Content-Type": "application/json"})
        self.wfile.write(body)

    def send_file(self, content: bytes) -> None:
        start = self.start
        if start >= len(content) > 0:
            self.refuse(416)
            return
        self.head_of_part(content, start)
        self.wfile.write(content[start:])

    @property
    def start(self) -> int:
        return int(self.headers.get("Range", "bytes=0-")[len("bytes=") :].rstrip("-"))

    def head_of_part(self, content: bytes, start: int) -> None:
        if "Range" in self.headers:
            span = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self.head(206, len(content) - start, {"Content-Range": span})
        else:
            self.head(200, len(content))

    def head(self, status: int, length: int | None, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()

    def refuse(self, status: int, headers: dict[str, str] | None = None) -> None:
        self.head(status, 0, headers)

    def log_message(self, format: str, *args: Any) -> None:
        pass


Fault = Callable[[Handler, bytes], None]


def entry(name: str, content: bytes) -> dict[str, Any]:
    """As the hub's API tells of a file."""
    git = hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
    told: dict[str, Any] = {"type": "file", "path": name, "size": len(content), "oid": git}
    if len(content) >= LARGE:
        oid = hashlib.sha256(content).hexdigest()
        told["lfs"] = {"oid": oid, "size": len(content), "pointerSize": 135}
    return told


def facts(name: str, content: bytes) -> FileFacts:
    told = entry(name, content)
    digest = f"sha256:{told['lfs']['oid']}" if "lfs" in told else f"git:{told['oid']}"
    return FileFacts(name, len(content), digest)


class HubServer:
    """`faults` are used up one by one, each for one request of that file."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self.heard: list[Heard] = []
        self.api_status = 200
        handler = type("OwnHandler", (Handler,), {"hub": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda request, client_address: None  # clients may leave

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def asked(self) -> list[str]:
        """The paths of all requests for files."""
        return [one.path for one in self.heard if one.command == "GET"]


@contextmanager
def hub_server(files: dict[str, bytes]) -> Generator[HubServer]:
    hub = HubServer(files)
    thread = threading.Thread(target=hub.server.serve_forever, args=(0.01,), name="hub")
    thread.start()
    try:
        yield hub
    finally:
        hub.server.shutdown()
        hub.server.server_close()
        thread.join()
        hub.files = {}  # a cycle holds the hub: gigabytes would wait for Python's collector


# Faults


def status(code: int, **headers: str) -> Fault:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler, content: handler.refuse(code, named)


def drop(after: int) -> Fault:
    """The connection ends amid the body."""

    def send(handler: Handler, content: bytes) -> None:
        start = handler.start
        handler.head_of_part(content, start)
        handler.wfile.write(content[start : start + after])
        handler.close_connection = True

    return send


def hang_up(handler: Handler, content: bytes) -> None:
    """Without a word."""
    handler.close_connection = True


def stall(after: int, seconds: float) -> Fault:
    def send(handler: Handler, content: bytes) -> None:
        drop(after)(handler, content)
        handler.wfile.flush()
        time.sleep(seconds)

    return send


def throttle(pieces: int, seconds: float) -> Fault:
    """Slow, but whole."""

    def send(handler: Handler, content: bytes) -> None:
        start = handler.start
        handler.head_of_part(content, start)
        step = (len(content) - start) // pieces + 1
        for at in range(start, len(content), step):
            handler.wfile.write(content[at : at + step])
            time.sleep(seconds / pieces)

    return send


def corrupt(at: int) -> Fault:
    def send(handler: Handler, content: bytes) -> None:
        wrong = bytearray(content)
        wrong[at % len(content)] ^= 1
        handler.send_file(bytes(wrong))

    return send


def ignore_range(handler: Handler, content: bytes) -> None:
    handler.head(200, len(content))
    handler.wfile.write(content)


def other_part(handler: Handler, content: bytes) -> None:
    """From further on than was asked for."""
    start = handler.start + 7
    span = f"bytes {start}-{len(content) - 1}/{len(content)}"
    handler.head(206, len(content) - start, {"Content-Range": span})
    handler.wfile.write(content[start:])


def no_length(handler: Handler, content: bytes) -> None:
    """Until it hangs up, as old servers do; and it says a little more than the file."""
    handler.head(200, None, {"Connection": "close"})
    handler.wfile.write(content + b"more")
    handler.close_connection = True


def another_file(handler: Handler, content: bytes) -> None:
    handler.send_file(content + b"more")


def redirect(url: str) -> Fault:
    return lambda handler, content: handler.refuse(302, {"Location": url})

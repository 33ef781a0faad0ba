"""A whole folder from a real server that misbehaves: whole in the end, or a sentence."""

from __future__ import annotations

import base64
import errno
import os
import shutil
import threading
from pathlib import Path

import pytest

from engine.cancellation import Cancellation, Cancelled
from engine.errors import BadModelFolder, CannotWrite, FetchFailed, Offline
from engine.models.alone import alone
from engine.models.download.connections import Connections
from engine.models.download.fetch import Fetch, repair, unfinished
from engine.models.download.http import Http
from engine.models.download.hub import Hub
from engine.models.download.watch import Watch
from engine.models.folder import find_models
from engine.models.manifest import MANIFEST_FILE, Manifest, Source
from engine.models.verify import damaged_files
from tests.engine.models.download.conftest import FILES, Run
from tests.engine.models.download.hub_server import (
    REPO,
    REVISION,
    SOURCE,
    Fault,
    Handler,
    HubServer,
    another_file,
    corrupt,
    drop,
    facts,
    hang_up,
    hub_server,
    ignore_range,
    no_length,
    other_part,
    redirect,
    stall,
    status,
)

LARGE = "model-1.safetensors"
WITH_BYTES = [name for name, content in FILES.items() if content]


def assert_whole(place: Path) -> None:
    found = {
        str(path.relative_to(place)): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file() and path.name != MANIFEST_FILE
    }
    assert found == FILES
    assert not unfinished(place).exists()


@pytest.mark.parametrize("is_known", [True, False], ids=["published hashes", "the hub's hashes"])
def test_a_folder_is_fetched_whole(run: Run, server: HubServer, is_known: bool) -> None:
    told: list[tuple[int, int]] = []
    place = run(is_known, lambda done, total: told.append((done, total)))
    assert_whole(place)
    size = sum(map(len, FILES.values()))
    assert told[-1] == (size, size)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert [one.command for one in server.heard].count("POST") == (not is_known)
    manifest = Manifest.read(place)
    assert manifest.source == SOURCE
    assert damaged_files(place, manifest, lambda *_: None, Cancellation()) == []


@pytest.mark.parametrize(
    "faults",
    [
        [drop(0)],
        [drop(1), drop(100_000), drop(2_000_000)],
        [hang_up, hang_up],
        [stall(500_000, 2.5)],
        [status(500), status(503), status(502), status(408)],
        [status(429, Retry_After="0")],
        [drop(1_000_000), other_part],
        [drop(1_000_000), status(416)],
        [corrupt(1_234_567)],
        [corrupt(0), corrupt(2_999_999)],
        [drop(1_000_000), corrupt(1_500_000)],
        [no_length],
    ],
)
def test_what_goes_wrong_on_the_way_is_made_good(
    run: Run, server: HubServer, faults: list[Fault]
) -> None:
    server.faults[LARGE].extend(faults)
    assert_whole(run())
    assert len([path for path in server.asked if path.endswith(LARGE)]) > len(faults)
    assert len(server.asked) == len(WITH_BYTES) + len(faults), "nothing else is fetched again"


def test_a_server_that_ignores_where_to_go_on_sends_all_of_it(run: Run, server: HubServer) -> None:
    server.faults[LARGE].extend([drop(1_000_000), ignore_range])
    told: list[int] = []
    assert_whole(run(on_progress=lambda done, _: told.append(done)))
    assert told != sorted(told), "what had arrived is not counted twice"
    assert max(told) == sum(map(len, FILES.values()))


def test_a_dropped_connection_costs_no_byte_twice(run: Run, server: HubServer) -> None:
    server.faults[LARGE].extend([drop(1_000_000), drop(1_000_000)])
    run()
    ranges = [one.headers["Range"] for one in server.heard if one.path.endswith(LARGE)]
    assert ranges == [None, "bytes=1000000-", "bytes=2000000-"]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (status(401), "set it as HF_TOKEN"),
        (status(403), "Accept the model's terms"),
        (status(404), f"has no {LARGE}"),
        (status(410), "refuses"),
        (another_file, "3,000,004 bytes instead of 3,000,000"),
        (redirect(f"/{REPO}/resolve/{REVISION}/{LARGE}"), "without an end"),
    ],
)
def test_what_will_not_pass_is_said_at_once(
    run: Run, server: HubServer, fault: Fault, sentence: str
) -> None:
    server.faults[LARGE].extend([fault] * 20)
    with pytest.raises(FetchFailed, match=sentence):
        run()
    assert_whole_later(run, server)


@pytest.mark.parametrize("fault", [status(500), hang_up, status(429)])
def test_what_does_not_pass_is_said_in_the_end(run: Run, server: HubServer, fault: Fault) -> None:
    server.faults[LARGE].extend([fault] * 8)
    told: list[str] = []
    with pytest.raises(FetchFailed, match="What has arrived is kept"):
        run(on_trouble=told.append)
    # Kept connections that the server has closed fail too, of any file, and reach it not at all.
    assert sum(path.endswith(LARGE) for path in server.asked) in (7, 8)
    assert len(told) >= 7
    assert all(sentence.endswith("Trying again.") for sentence in told)
    assert_whole_later(run, server)


def test_bytes_that_are_always_wrong_are_never_taken(run: Run, server: HubServer) -> None:
    server.faults[LARGE].extend([corrupt(7)] * 3)
    with pytest.raises(FetchFailed, match="other bytes than were published"):
        run()
    assert_whole_later(run, server)


def assert_whole_later(run: Run, server: HubServer) -> None:
    """Nothing was there before, and the next attempt needs only what was missing."""
    server.faults.clear()
    assert_whole(run())


@pytest.mark.parametrize(
    ("code", "sentence"), [(401, "HF_TOKEN"), (404, "HF_TOKEN"), (500, "status 500")]
)
def test_a_hub_that_tells_nothing_is_said(
    run: Run, server: HubServer, code: int, sentence: str
) -> None:
    server.api_status = code
    with pytest.raises(FetchFailed, match=sentence):
        run(is_known=False)


def test_a_file_that_the_hub_has_not_is_said(run: Run, server: HubServer) -> None:
    del server.files["config.json"]
    with pytest.raises(FetchFailed, match=r"has no config\.json"):
        run(is_known=False)


def test_a_hub_that_is_not_there_is_said(connections: Connections) -> None:
    hub = Hub(connections, "http://127.0.0.1:9")
    with pytest.raises(FetchFailed, match="cannot be reached"):
        hub.facts(SOURCE, ["config.json"])


def test_a_redirect_to_another_host_gets_no_token(
    run: Run, server: HubServer, monkeypatch: pytest.MonkeyPatch, connections: Connections
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with hub_server(dict(FILES)) as elsewhere:
        target = f"{elsewhere.url}/{REPO}/resolve/{REVISION}/{LARGE}"
        server.faults[LARGE].append(redirect(target))
        assert_whole(run())
        (followed,) = elsewhere.heard
    assert "Authorization" not in followed.headers
    assert all(one.headers["Authorization"] == "Bearer hf_secret" for one in server.heard)
    hosts = {connection.host for connection in connections.all()}
    assert hosts == {server.url.removeprefix("http://"), elsewhere.url.removeprefix("http://")}


def test_a_proxy_is_used_with_its_password(
    server: HubServer,
    connections: Connections,
    http: Http,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", server.url.replace("://", "://me:a%40b@"))
    hub = Hub(connections, "http://hub.example")
    known = [facts(name, content) for name, content in FILES.items()]
    Fetch(hub, http, SOURCE, [*FILES], tmp_path / "model", known).run(Watch())
    assert_whole(tmp_path / "model")
    assert all(one.path.startswith("http://hub.example/") for one in server.heard)
    secrets = {one.headers["Proxy-Authorization"] for one in server.heard}
    assert secrets == {f"Basic {base64.b64encode(b'me:a@b').decode()}"}


def test_a_cancelled_fetch_goes_on_where_it_was(run: Run, server: HubServer) -> None:
    cancellation = Cancellation()

    def cancel_midway(done: int, total: int) -> None:
        if done > total / 2:
            threading.Thread(target=cancellation.set).start()

    with pytest.raises(Cancelled):
        run(on_progress=cancel_midway, cancellation=cancellation)
    server.heard.clear()
    assert_whole(run())
    assert any("Range" in one.headers for one in server.heard) or len(server.heard) < len(
        WITH_BYTES
    )


def test_a_stalled_server_does_not_keep_the_user_waiting(run: Run, server: HubServer) -> None:
    def never_ending(handler: Handler, content: bytes) -> None:
        handler.head_of_part(content, 0)
        handler.wfile.write(content[:1000])
        handler.wfile.flush()
        stalled.set()
        ended.wait(20)
        handler.close_connection = True

    stalled, ended, cancellation = threading.Event(), threading.Event(), Cancellation()
    server.faults[LARGE].append(never_ending)

    def cancel() -> None:
        stalled.wait(20)
        cancellation.set()

    threading.Thread(target=cancel).start()
    try:
        with pytest.raises(Cancelled):
            run(cancellation=cancellation)
    finally:
        ended.set()


def test_offline_makes_no_connection(run: Run, server: HubServer, connections: Connections) -> None:
    connections.is_offline = True
    for is_known in (True, False):
        with pytest.raises(Offline, match="switched to offline"):
            run(is_known)
    assert server.heard == []
    assert [*connections.all()] == []


def test_a_folder_on_its_way_is_no_model(run: Run, server: HubServer, tmp_path: Path) -> None:
    server.files["genai_config.json"] = b"{}"
    server.faults[LARGE].append(status(404))
    with pytest.raises(FetchFailed):
        run()
    (unfinished(tmp_path / "model") / "genai_config.json").write_text("{}")
    assert find_models([tmp_path]) == []


def test_too_little_room_is_said_before_the_first_byte(
    run: Run, server: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    with pytest.raises(CannotWrite, match=r"0\.0 GB of room, and 0\.1 GB are to come"):
        run()
    assert server.asked == []


def test_a_disk_that_fills_up_keeps_what_has_arrived(
    run: Run, server: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        patched.setattr(Manifest, "write", lambda self, folder: None)
        with pytest.raises(CannotWrite, match="Make room"):
            run()
    assert_whole(run())


def test_a_folder_that_cannot_be_written_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(CannotWrite, match="cannot be written"):
        run(place=tmp_path / "file" / "model")


def test_what_is_there_is_not_overwritten(run: Run, server: HubServer) -> None:
    run()
    with pytest.raises(CannotWrite, match="exists already"):
        run()


def test_two_at_once_are_one_too_many(run: Run, tmp_path: Path) -> None:
    with (
        alone(unfinished(tmp_path / "model"), "fetching this model"),
        pytest.raises(CannotWrite, match="Another Hearth"),
    ):
        run()
    assert_whole(run())


def test_of_another_revision_only_the_right_files_are_taken(
    run: Run, server: HubServer, tmp_path: Path
) -> None:
    folder = unfinished(tmp_path / "model")
    folder.mkdir()
    (folder / LARGE).write_bytes(FILES[LARGE])
    (folder / "config.json").write_bytes(b"x" * len(FILES["config.json"]))
    older = tuple(facts(name, content) for name, content in FILES.items())
    Manifest(Source(REPO, "f" * 40), older).write(folder)
    assert_whole(run())
    assert not any(path.endswith(LARGE) for path in server.asked)


def test_a_branch_is_fetched_at_the_commit_that_it_was(
    hub: Hub, http: Http, server: HubServer, tmp_path: Path
) -> None:
    branch = Source(REPO, "main")
    server.faults[LARGE].append(status(404))
    fetch = Fetch(hub, http, branch, [*FILES], tmp_path / "model")
    with pytest.raises(FetchFailed):
        fetch.run(Watch())
    server.heard.clear()
    fetch.run(Watch())
    assert_whole(tmp_path / "model")
    assert Manifest.read(tmp_path / "model").source == SOURCE
    assert not any("revision" in path for path in server.asked), "it is known by now"


def test_a_folder_that_was_made_here_cannot_be_fetched(
    hub: Hub, http: Http, tmp_path: Path
) -> None:
    (tmp_path / "model.onnx").write_text("x")
    Manifest.made_of(tmp_path).write(tmp_path)
    assert damaged_files(tmp_path, Manifest.read(tmp_path), lambda *_: None, Cancellation()) == []
    with pytest.raises(BadModelFolder, match="make it again"):
        repair(hub, http, tmp_path, [], Watch())


def test_a_damaged_folder_is_repaired_by_its_damaged_files(
    run: Run, server: HubServer, hub: Hub, http: Http
) -> None:
    place = run()
    server.heard.clear()
    wrong = bytearray(FILES[LARGE])
    wrong[-1] ^= 1
    (place / LARGE).write_bytes(wrong)
    (place / "config.json").unlink()
    damaged = damaged_files(place, Manifest.read(place), lambda *_: None, Cancellation())
    assert [file.path for file in damaged] == [LARGE, "config.json"]
    repair(hub, http, place, damaged, Watch())
    assert_whole(place)
    assert len(server.asked) == 2

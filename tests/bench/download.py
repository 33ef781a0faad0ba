"""Fetching and verifying beside what the machine can do, and a soak of a server that misbehaves.

    .venv/bin/python -m tests.bench.download [--folder /dev/shm] [--seeds 200 --mib 64]

Throughput of four files from a server on this machine, hashing included, beside curl's of the same
files (four at once, as ours), in turn; and verification beside one core of SHA-256. With --seeds
the soak as well. The last line is one JSON object.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path

import click
import numpy as np

from engine.models.download.connections import Connections
from engine.models.download.fetch import Fetch
from engine.models.download.http import Http
from engine.models.download.hub import Hub
from engine.models.download.watch import Watch
from engine.models.manifest import FileFacts, Manifest, Source
from engine.models.verify import damaged_files
from tests.engine.models.download.hub_server import hub_server
from tests.engine.models.download.mishaps import survive

FILES, ROUNDS = 4, 5
SOURCE = Source("a/b", "0" * 40)


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path(tempfile.gettempdir()))
@click.option("--file-mib", default=256)
@click.option("--seeds", default=0)
@click.option("--first-seed", default=0, help="Where a soak that was interrupted goes on.")
@click.option("--mib", default=64, help="Of each seed's folder.")
def main(folder: Path, file_mib: int, seeds: int, first_seed: int, mib: int) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        figures = throughput(Path(temporary), file_mib << 20)
        if seeds:
            figures |= soak(Path(temporary), range(first_seed, seeds), mib << 20)
    print(json.dumps(figures))


def throughput(folder: Path, size: int) -> dict[str, int]:
    published = folder / "published"
    published.mkdir()
    names = [f"model-{number}.bin" for number in range(FILES)]
    for name in names:
        (published / name).write_bytes(os.urandom(size))
    known = Manifest.made_of(published).files
    with sending(published) as url:
        sides: dict[str, Callable[[], object]] = {
            "curl": lambda: by_curl(url, names, folder),
            "hearth": lambda: by_hearth(url, known, folder),
        }
        rates = {name: list[float]() for name in sides}
        for _ in range(ROUNDS):
            for name, fetch in sides.items():
                rates[name].append(rate(fetch, FILES * size))
                shutil.rmtree(folder / "out", ignore_errors=True)
    figures = {f"{name}_mb_s": round(statistics.median(found)) for name, found in rates.items()}
    verifying = rate(lambda: verified(published, known), FILES * size)
    hashing = rate(lambda: hash_one(published / names[0]), size)
    told = {"verify_mb_s": round(verifying), "one_core_of_sha256_mb_s": round(hashing)}
    print(figures | told, flush=True)
    return figures | told


def rate(work: Callable[[], object], size: int) -> float:
    begun = time.perf_counter()
    work()
    return size / 1e6 / (time.perf_counter() - begun)


def by_curl(url: str, names: list[str], folder: Path) -> None:
    (folder / "out").mkdir()
    command = [
        "curl",
        "--no-progress-meter",
        "--fail",
        "--parallel",
        "--output-dir",
        str(folder / "out"),
    ]
    pairs = [part for name in names for part in ("-o", name, f"{url}/x/resolve/y/{name}")]
    subprocess.run([*command, *pairs], check=True)


def by_hearth(url: str, known: tuple[FileFacts, ...], folder: Path) -> None:
    connections = Connections(folder / "connections.jsonl")
    paths = [file.path for file in known]
    with closing(Http(connections)) as http:
        Fetch(Hub(connections, url), http, SOURCE, paths, folder / "out", known).run(Watch())


def verified(folder: Path, known: tuple[FileFacts, ...]) -> None:
    watch = Watch()
    assert not damaged_files(folder, Manifest(None, known), watch.on_progress, watch.cancellation)


def hash_one(path: Path) -> None:
    with path.open("rb") as file:
        hashlib.file_digest(file, "sha256")


@contextlib.contextmanager
def sending(folder: Path) -> Generator[str]:
    """A server in a process's thread that costs next to nothing: the kernel sends the files."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=(connection, folder), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def answer(connection: socket.socket, folder: Path) -> None:
    heard = b""
    with connection, contextlib.suppress(OSError):
        while piece := connection.recv(65536):
            heard += piece
            if b"\r\n\r\n" not in heard:
                continue
            name = re.search(rb"GET \S*/(\S+) ", heard)
            heard = b""
            assert name is not None
            with (folder / name[1].decode()).open("rb") as file:
                length = os.fstat(file.fileno()).st_size
                connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode())
                connection.sendfile(file)


def soak(folder: Path, seeds: range, size: int) -> dict[str, int]:
    """Each seed's folder is right, or there is a sentence; anything else raises."""
    whole = 0
    for seed in seeds:
        place = folder / f"seed-{seed}"
        place.mkdir()
        chance = np.random.default_rng(seed)
        files = {f"model-{number}.bin": chance.bytes(size // FILES) for number in range(FILES)}
        with hub_server(files) as server:
            is_there, said = survive(seed, server, place)
        assert is_there or said, seed
        del files
        whole += is_there
        shutil.rmtree(place)
        print(f"seed {seed}: {'whole' if is_there else said}", flush=True)
    return {"seeds": len(seeds), "whole": whole, "told_in_words": len(seeds) - whole}


if __name__ == "__main__":
    main()

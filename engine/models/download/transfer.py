"""One file from a server to the disk: goes on where it was left, and is right or not there at all.

The bytes go into `NAME.part`, which becomes NAME when its hash is right. Servers that drop, stall,
cut short, ignore Range or send other bytes cost time, never a wrong file.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Mapping
from io import FileIO
from pathlib import Path

from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from engine.cancellation import Cancellation
from engine.errors import FetchFailed, Unreachable
from engine.models.download.http import Http, Interrupted, hang_up, host_of, reason_of
from engine.models.download.watch import OnProgress, Watch
from engine.models.manifest import FileFacts, Hash
from engine.models.verify import PIECE_BYTES, hashed

MOST_FAILURES = 8
"""In a row without one new byte: some four minutes."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 60.0
MOST_DAMAGED = 3
"""Times that a whole file arrives with a wrong hash."""
PASSING = (408, 425, 429, 500, 502, 503, 504)


class Transfer:
    """`watch` hears of this file's bytes: of fewer than before where it has to begin anew."""

    def __init__(
        self,
        http: Http,
        url: str,
        headers: Mapping[str, str],
        file: FileFacts,
        folder: Path,
        watch: Watch,
    ) -> None:
        self._http = http
        self._url = url
        self._headers = headers
        self._file = file
        self._target = folder / file.path
        self._part = self._target.with_name(f"{self._target.name}.part")
        self._watch = watch

    def run(self) -> None:
        """Raises FetchFailed, Offline, Cancelled, OSError; what has arrived is kept."""
        self._target.parent.mkdir(parents=True, exist_ok=True)
        for _ in range(MOST_DAMAGED):
            if self._file.is_digest_of(self._received()):
                os.replace(self._part, self._target)
                return
            self._part.unlink()
            self._watch.on_progress(0, self._file.size)
        raise FetchFailed(
            f"{self._file.path} arrives with other bytes than were published, again and again. "
            f"Something between here and {host_of(self._url)} changes it."
        )

    def _received(self) -> Hash:
        """The hash of the whole part, which is on the disk for good."""
        with open(self._part, "ab", buffering=0) as part:
            if part.tell() > self._file.size:
                part.truncate(0)
            arrival = _Arrival(part, self._file, self._watch.on_progress)
            arrival.catch_up(self._part, self._watch.cancellation)
            self._receive_all(arrival)
            os.fsync(part.fileno())
        return arrival.hash

    def _receive_all(self, arrival: _Arrival) -> None:
        failures, wait = 0, FIRST_WAIT_SECONDS
        while arrival.done < self._file.size:
            before = arrival.done
            try:
                self._receive(arrival)
            except Interrupted as error:
                if arrival.done > before:
                    failures, wait = 0, FIRST_WAIT_SECONDS
                failures += 1
                if failures == MOST_FAILURES:
                    raise Unreachable(
                        f"{error} What has arrived is kept; try again later."
                    ) from None
                self._watch.on_trouble(f"{error} Trying again.")
                self._watch.cancellation.wait(error.wait_seconds or wait * random.uniform(0.5, 1))
                wait = min(2 * wait, LONGEST_WAIT_SECONDS)

    def _receive(self, arrival: _Arrival) -> None:
        headers = {**self._headers, "Accept-Encoding": "identity"}
        if arrival.done:
            headers["Range"] = f"bytes={arrival.done}-"
        answer = self._http.get(self._url, headers, f"Fetching {self._file.path}")
        try:
            self._begin(arrival, answer)
            with self._watch.cancellation.interrupting(lambda: hang_up(answer)):
                self._read(arrival, answer)
        except HTTPError as error:
            raise Interrupted(f"The connection broke off: {reason_of(error)}.") from None
        finally:
            answer.close()
        if arrival.done < self._file.size:
            raise Interrupted(f"{host_of(self._url)} ended {self._file.path} too early.")

    def _read(self, arrival: _Arrival, answer: BaseHTTPResponse) -> None:
        """As it comes: what is read in full pieces is lost where the connection ends amid one."""
        while piece := answer.read1(PIECE_BYTES):
            self._watch.cancellation.check()
            arrival.take(memoryview(piece))

    def _begin(self, arrival: _Arrival, answer: BaseHTTPResponse) -> None:
        """Agrees with the server on where it goes on. Raises what speaks against it."""
        if answer.status == 416:  # it knows of no such part
            arrival.begin_anew()
            raise Interrupted(
                f"{host_of(self._url)} cannot go on where {self._file.path} was left."
            )
        check_status(answer, self._file.path, host_of(self._url))
        start, size = span_of(answer)
        if size is not None and size != self._file.size:
            raise FetchFailed(
                f"{host_of(self._url)} has another {self._file.path} than was published: {size:,} "
                f"bytes instead of {self._file.size:,}."
            )
        if start == 0:
            arrival.begin_anew()  # also where a server ignores Range
        elif start != arrival.done:
            raise Interrupted(f"{host_of(self._url)} sends another part than was asked for.")


class _Arrival:
    """What has arrived of a file: on the disk, in the hash, in the count."""

    def __init__(self, part: FileIO, file: FileFacts, on_progress: OnProgress) -> None:
        self._part = part
        self._file = file
        self._on_progress = on_progress
        self.done = 0
        self.hash = file.new_hash()

    def catch_up(self, path: Path, cancellation: Cancellation) -> None:
        """With what an earlier process has left."""
        hashed(path, self.hash, self._count, cancellation)

    def take(self, piece: memoryview) -> None:
        if self.done + len(piece) > self._file.size:
            self.begin_anew()
            raise Interrupted(f"More bytes arrive than {self._file.path} has.")
        written = 0
        while written < len(piece):
            written += self._part.write(piece[written:])
        self.hash.update(piece)
        self._count(len(piece))

    def begin_anew(self) -> None:
        if self.done:
            self._part.truncate(0)
            self.done, self.hash = 0, self._file.new_hash()
            self._on_progress(0, self._file.size)

    def _count(self, count: int) -> None:
        self.done += count
        self._on_progress(self.done, self._file.size)


def check_status(answer: BaseHTTPResponse, path: str, host: str) -> None:
    """Raises Interrupted for what may pass, FetchFailed with what to do for the rest."""
    status = answer.status
    if status in (200, 206):
        return
    if status in PASSING:
        raise Interrupted(f"{host} answers with {status}.", wait_of(answer))
    if status == 401:
        raise FetchFailed(
            f"{host} wants to know who asks for {path}. Log in there, make a token, and set it as "
            "HF_TOKEN."
        )
    if status == 403:
        raise FetchFailed(
            f"{host} does not let you have {path}. Accept the model's terms on its page there, and "
            "see that your token (HF_TOKEN) may read it; a company's proxy may also forbid it."
        )
    if status == 404:
        raise FetchFailed(f"{host} has no {path}, or no longer.")
    raise FetchFailed(f"{host} refuses {path} with status {status}.")


def wait_of(answer: BaseHTTPResponse) -> float | None:
    """Retry-After in seconds; its form as a date is rare, and our own waits do."""
    text = answer.headers.get("Retry-After", "")
    return min(float(text), 10 * LONGEST_WAIT_SECONDS) if text.isdigit() else None


def span_of(answer: BaseHTTPResponse) -> tuple[int, int | None]:
    """Where the body begins in the file, and the file's size if it is told."""
    length = answer.headers.get("Content-Length", "")
    if answer.status == 200:
        return 0, int(length) if length.isdigit() else None
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", ""))
    if found is None:
        raise Interrupted("The server sends a part and does not say which.")
    return int(found[1]), None if found[2] == "*" else int(found[2])

"""A whole folder: what is missing of it is fetched, several files at once, and then it is there.

Until then it lies in a hidden folder beside its place, with its manifest: a kill or a full disk
loses nothing, and the next fetch of the same place goes on.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock

from engine.cancellation import Cancellation, Cancelled
from engine.errors import BadModelFolder, CannotWrite
from engine.models.alone import alone
from engine.models.download.http import Http
from engine.models.download.hub import COMMIT, Hub
from engine.models.download.transfer import Transfer
from engine.models.download.watch import OnProgress, Watch, unheard
from engine.models.manifest import FileFacts, Manifest, Source
from engine.models.verify import damaged_files

FILES_AT_ONCE = 4
SPARE_BYTES = 64 << 20


class Fetch:
    """Brings `source` to `place`. `known` is what was published of its files; the hub is asked for
    the others in `paths`."""

    def __init__(
        self,
        hub: Hub,
        http: Http,
        source: Source,
        paths: Sequence[str],
        place: Path,
        known: Sequence[FileFacts] = (),
    ) -> None:
        self._hub = hub
        self._http = http
        self._source = source
        self._paths = paths
        self._known = {file.path: file for file in known}
        self._place = place
        self._folder = unfinished(place)

    def run(self, watch: Watch) -> None:
        """Raises FetchFailed, Offline, CannotWrite, Cancelled."""
        if self._place.exists():
            raise CannotWrite(f"{self._place} exists already.")
        with _writing(self._place), _filling(self._folder):
            source, files = self._begun() or self._new(watch.cancellation)
            fetch_files(self._hub, self._http, source, files, self._folder, watch)
            os.replace(self._folder, self._place)

    def _new(self, cancellation: Cancellation) -> tuple[Source, Sequence[FileFacts]]:
        """Of what an attempt at other files has left, only the right ones stay."""
        source = self._hub.pinned(self._source)
        unknown = [path for path in self._paths if path not in self._known]
        asked = {file.path: file for file in self._hub.facts(source, unknown)} if unknown else {}
        manifest = Manifest(source, tuple({**self._known, **asked}[path] for path in self._paths))
        for file in damaged_files(self._folder, manifest, unheard, cancellation):
            (self._folder / file.path).unlink(missing_ok=True)
        manifest.write(self._folder)
        return source, manifest.files

    def _begun(self) -> tuple[Source, Sequence[FileFacts]] | None:
        """What an earlier attempt at the same files began with. A branch may have gone on since:
        the commit that it was is kept."""
        try:
            begun = Manifest.read(self._folder)
        except BadModelFolder:
            return None
        if begun.source is None or [file.path for file in begun.files] != [*self._paths]:
            return None
        is_branch = not COMMIT.fullmatch(self._source.revision)
        revision = begun.source.revision if is_branch else self._source.revision
        is_same = begun.source == replace(self._source, revision=revision)
        return (begun.source, begun.files) if is_same else None


def repair(hub: Hub, http: Http, folder: Path, damaged: Iterable[FileFacts], watch: Watch) -> None:
    """Fetch what `damaged_files` has found; the wrong ones stay until the right ones are there.

    Raises FetchFailed, Offline, CannotWrite, BadModelFolder, Cancelled.
    """
    source = Manifest.read(folder).source
    if source is None:
        raise BadModelFolder(
            f"{folder} was made on this machine, so it cannot be fetched: make it again."
        )
    with _writing(folder), _filling(folder):
        fetch_files(hub, http, source, [*damaged], folder, watch, is_repair=True)


def unfinished(place: Path) -> Path:
    """Where a folder lies until it is whole."""
    return place.with_name(f".{place.name}.fetching")


def fetch_files(
    hub: Hub,
    http: Http,
    source: Source,
    files: Sequence[FileFacts],
    folder: Path,
    watch: Watch,
    is_repair: bool = False,
) -> None:
    """Those that are not there: a file under its own name was right when it came, unless it is to
    be repaired."""
    told = _Told(files, watch.on_progress)
    missing = [file for file in files if is_repair or not _is_there(folder, file)]
    for file in {*files} - {*missing}:
        told.tell(file, file.size)
    _check_room(folder, missing)
    headers, endings = hub.headers(), {file: Cancellation() for file in missing}

    def transfer(file: FileFacts) -> Transfer:
        own = Watch(lambda done, _: told.tell(file, done), watch.on_trouble, endings[file])
        return Transfer(http, hub.url(source, file.path), headers, file, folder, own)

    largest_first = sorted(missing, key=lambda file: -file.size)
    _run([transfer(file) for file in largest_first], endings.values(), watch.cancellation)


def _run(
    transfers: Iterable[Transfer], endings: Iterable[Cancellation], asked: Cancellation
) -> None:
    """All, or none to its end once one has failed. Raises its error, or Cancelled."""

    def end_all() -> None:
        for ending in endings:
            ending.set()

    with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        running = [pool.submit(transfer.run) for transfer in transfers]
        try:
            with asked.interrupting(end_all):
                for one in as_completed(running):
                    one.result()
        finally:
            end_all()


class _Told:
    """The bytes of all files together."""

    def __init__(self, files: Iterable[FileFacts], on_progress: OnProgress) -> None:
        self._on_progress = on_progress
        self._done = dict.fromkeys(files, 0)
        self._total = sum(file.size for file in self._done)
        self._lock = Lock()

    def tell(self, file: FileFacts, done: int) -> None:
        with self._lock:
            self._done[file] = done
            self._on_progress(sum(self._done.values()), self._total)


def _is_there(folder: Path, file: FileFacts) -> bool:
    path = folder / file.path
    return path.is_file() and path.stat().st_size == file.size


def _check_room(folder: Path, files: Iterable[FileFacts]) -> None:
    """Raises CannotWrite, before the first byte."""
    parts = {file: folder / f"{file.path}.part" for file in files}
    arrived = sum(part.stat().st_size for part in parts.values() if part.is_file())
    needed = sum(file.size for file in parts) - arrived + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if parts and needed > free:
        raise CannotWrite(
            f"{folder.parent} has {free / 1e9:,.1f} GB of room, and {needed / 1e9:,.1f} GB are to "
            "come. Make room; what has arrived is kept."
        )


@contextmanager
def _filling(folder: Path) -> Generator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder, "fetching this model"):
        yield


class _writing:
    """What the disk says against it, in words."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, OSError) or isinstance(error, Cancelled):
            return
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        kept = " Make room; what has arrived is kept." if is_full else ""
        raise CannotWrite(
            f"{self._place} cannot be written: {error.strerror or error}.{kept}"
        ) from None

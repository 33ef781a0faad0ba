"""Whether a newer Hearth has been published. Asked only when the user clicks.

A release is what GitHub's "Get the latest release" answers: `tag_name` and `html_url`. Whoever
publishes Hearth names its address in pyproject.toml, under [project.urls], as Updates.
"""

from __future__ import annotations

import json
import re
import threading
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import OK
from importlib.metadata import metadata, version

from PySide6.QtCore import QObject, Signal
from urllib3.exceptions import HTTPError

from desktop.language import tr
from engine.errors import FetchFailed, HearthError
from engine.models.download.connections import Connections
from engine.models.download.http import Http, Interrupted, host_of, reason_of

PURPOSE = "Is there a newer Hearth?"
MOST_BYTES = 1 << 20
HEADERS = {"Accept": "application/json", "User-Agent": "hearth"}


@dataclass(frozen=True, slots=True)
class Release:
    version: str
    page: str


class UpdateCheck(QObject):
    """Asks once for each `start`."""

    told = Signal(str, str)
    """A sentence, and the page of a newer release, or empty."""

    def __init__(self, address: str, connections: Connections) -> None:
        super().__init__()
        self._address = address
        self._connections = connections

    @property
    def is_possible(self) -> bool:
        """Whether this build knows whom to ask."""
        return bool(self._address)

    def start(self) -> None:
        # A daemon: nobody who quits should wait for a server that is silent.
        threading.Thread(target=self._ask, name="updates", daemon=True).start()

    def _ask(self) -> None:
        try:
            sentence, page = self._found(latest(self._address, self._connections))
        except (HearthError, OSError) as error:
            sentence, page = str(error), ""
        with suppress(RuntimeError):  # the window is gone
            self.told.emit(sentence, page)

    def _found(self, release: Release) -> tuple[str, str]:
        asked = tr("Asked {host}.", host=host_of(self._address))
        if is_newer(release.version, version("hearth")):
            found = tr("Version {version} has been published.", version=release.version)
            return f"{asked} {found}", release.page
        found = tr("This is the newest version.")
        return f"{asked} {found}", ""


def address_of_updates() -> str:
    """Of this build; empty where its makers named none."""
    urls = metadata("hearth").get_all("Project-URL") or []
    named = (url.partition(", ") for url in urls)
    return next((address for name, _, address in named if name == "Updates"), "")


def latest(address: str, connections: Connections) -> Release:
    """Raises FetchFailed, Offline, OSError."""
    with closing(Http(connections)) as http:
        try:
            with closing(http.get(address, HEADERS, PURPOSE)) as answer:
                body, status = answer.read(MOST_BYTES), answer.status
        except Interrupted as error:
            raise FetchFailed(str(error)) from None
        except HTTPError as error:
            broken = f"The connection to {host_of(address)} broke off: {reason_of(error)}."
            raise FetchFailed(broken) from None
    try:
        if status == OK:
            release = json.loads(body)
            return Release(str(release["tag_name"]).removeprefix("v"), str(release["html_url"]))
    except (ValueError, KeyError, TypeError):
        pass
    raise FetchFailed(f"{host_of(address)} did not name a release (it answered {status}).")


def is_newer(found: str, have: str) -> bool:
    """By the numbers that versions are made of."""
    return _numbers(found) > _numbers(have)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]

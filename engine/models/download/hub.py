"""The hub: which files a repository has, and where they are. The only code that knows
huggingface_hub, which takes HF_ENDPOINT and HF_TOKEN from the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from engine.errors import FetchFailed, Unreachable
from engine.models.download.connections import Connections
from engine.models.download.http import host_of
from engine.models.manifest import GIT, SHA256, FileFacts, Source

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # it is read at the import


COMMIT = re.compile("[0-9a-f]{40}")
Told = TypeVar("Told")


class Hub:
    """`endpoint` None is Hugging Face's, or the environment's."""

    def __init__(self, connections: Connections, endpoint: str | None = None) -> None:
        from huggingface_hub import HfApi  # takes a third of a second

        self._api = HfApi(endpoint=endpoint, library_name="hearth")
        self._connections = connections

    def pinned(self, source: Source) -> Source:
        """At the commit that its revision is now, where that is the name of a branch.

        Raises FetchFailed, Offline.
        """
        if COMMIT.fullmatch(source.revision):
            return source
        info = self._asked(
            source, lambda: self._api.repo_info(source.repo, revision=source.revision)
        )
        return replace(source, revision=str(info.sha))

    def facts(self, source: Source, paths: Iterable[str]) -> list[FileFacts]:
        """Sizes and hashes of these files, as the hub keeps them at the source's revision.

        Raises FetchFailed, Offline.
        """
        wanted = {source.path_of(path): path for path in paths}
        found = self._ask(source, [*wanted])
        missing = sorted(wanted.keys() - found.keys())
        if missing:
            raise FetchFailed(f"{source.repo} has no {missing[0]}, or no longer.")
        return [FileFacts(wanted[name], *found[name]) for name in wanted]

    def url(self, source: Source, path: str) -> str:
        from huggingface_hub import hf_hub_url

        name = source.path_of(path)
        endpoint = self._api.endpoint
        return hf_hub_url(source.repo, name, revision=source.revision, endpoint=endpoint)

    def headers(self) -> Mapping[str, str]:
        """With the user's token, where there is one."""
        from huggingface_hub import utils

        make: Callable[..., dict[str, str]] = utils.build_hf_headers  # pyright: ignore
        return make(library_name="hearth")

    def _ask(self, source: Source, names: Sequence[str]) -> dict[str, tuple[int, str]]:
        """Size and digest by name."""
        from huggingface_hub.hf_api import RepoFile

        entries = self._asked(
            source,
            lambda: self._api.get_paths_info(
                source.repo, [*names], revision=source.revision, expand=False
            ),
        )
        return {
            entry.path: (entry.size, _digest(entry))
            for entry in entries
            if isinstance(entry, RepoFile)
        }

    def _asked(self, source: Source, ask: Callable[[], Told]) -> Told:
        from huggingface_hub.errors import HfHubHTTPError

        host = host_of(self._api.endpoint)
        self._connections.permit(host, f"Asking which files {source.repo} has")
        try:
            return ask()
        except HfHubHTTPError as error:
            raise _refused(host, source.repo, error.response.status_code) from None
        except Exception as error:  # of its HTTP library, which it may change
            raise Unreachable(
                f"{host} cannot be reached: {error}. Is this machine online? Behind a proxy, set "
                "HTTPS_PROXY."
            ) from None


def _refused(host: str, repo: str, status: int) -> FetchFailed:
    if status in (401, 403, 404):  # what is private is hidden by any of these
        return FetchFailed(
            f"{host} knows no {repo}, or does not show it to everybody: log in there, accept the "
            "model's terms, make a token, and set it as HF_TOKEN."
        )
    return Unreachable(
        f"{host} does not tell which files {repo} has (status {status}). Try again later."
    )


def _digest(entry: object) -> str:
    """Of a large file its own hash, of a small one git's."""
    large = getattr(entry, "lfs", None)
    return f"{SHA256}:{large.sha256}" if large else f"{GIT}:{getattr(entry, 'blob_id')}"  # noqa: B009

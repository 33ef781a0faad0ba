"""huggingface_hub's cache: folders of links in `models--OWNER--NAME/snapshots/COMMIT`, whose bytes
lie in `models--OWNER--NAME/blobs`."""

from __future__ import annotations

from pathlib import Path

SNAPSHOTS, BLOBS, MODELS = "snapshots", "blobs", "models--"
MAIN = Path("refs", "main")


def repo_folder(folder: Path) -> Path | None:
    """The repository's folder in the cache; None for a folder that lies anywhere else."""
    absolute = folder.absolute()
    for snapshots in (absolute, *absolute.parents):
        repo = snapshots.parent
        if snapshots.name == SNAPSHOTS and repo.name.startswith(MODELS) and (repo / BLOBS).is_dir():
            return repo
    return None


def snapshot_in(folder: Path) -> Path:
    """The snapshot that a repository's folder in the cache is about: that of its main branch, or
    else the newest. Any other folder is itself."""
    snapshots = folder if folder.name == SNAPSHOTS else folder / SNAPSHOTS
    repo = snapshots.parent
    if not (repo.name.startswith(MODELS) and snapshots.is_dir()):
        return folder
    named = repo / MAIN
    if named.is_file() and (snapshots / named.read_text("utf-8").strip()).is_dir():
        return snapshots / named.read_text("utf-8").strip()
    return max(snapshots.iterdir(), key=lambda one: one.stat().st_mtime, default=folder)


def id_of(folder: Path) -> str:
    """The folder's own name, which for a snapshot is the repository's and not the commit."""
    repo = repo_folder(folder)
    is_snapshot = repo is not None and folder.absolute().parent == repo / SNAPSHOTS
    return repo.name.rpartition("--")[2] if repo and is_snapshot else folder.name


def is_inside(folder: Path, name: str) -> bool:
    """Whether a file that a model names lies in its folder, or in the blobs of its repository."""
    folder, repo = folder.resolve(), repo_folder(folder.resolve())
    path = (folder / name).resolve()
    homes = [folder, *([repo / BLOBS] if repo else [])]
    is_above = ".." in Path(name).parts or Path(name).is_absolute()
    return not is_above and any(path.is_relative_to(home) for home in homes)

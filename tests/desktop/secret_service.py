"""Runs Python beside a real, isolated Secret Service: an own D-Bus and a gnome-keyring."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from installers import session
from tests.conftest import ROOT

needs_secret_service = pytest.mark.skipif(
    bool(session.missing()), reason=f"not installed: {' and '.join(session.missing())}"
)
PATIENCE_SECONDS = 60


def run_in_session(folder: Path, code: str, *arguments: str, is_unlocked: bool = True) -> str:
    """What `code` prints."""
    done = subprocess.run(
        session.command(sys.executable, "-c", code, *arguments, is_unlocked=is_unlocked),
        env=session.environment(folder),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout

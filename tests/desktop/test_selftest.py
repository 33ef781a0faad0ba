"""The self-test of the real program with the real starter, with a keyring and without one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.models.folder import ModelFolder
from tests.desktop.secret_service import needs_secret_service, run_in_session

pytestmark = pytest.mark.model

RUN = "import sys; from desktop.__main__ import main; sys.argv = ['hearth', '--self-test']; main()"


@needs_secret_service
def test_an_installation_that_works_says_so(tmp_path: Path, starter_folder: ModelFolder) -> None:
    lines = run_in_session(tmp_path, RUN).splitlines()
    figures = json.loads(lines[-1])
    assert figures["failed"] == 0, lines
    assert figures["visible_seconds"] <= figures["first_text_seconds"]
    assert figures["keyring"] == "SecretService Keyring"
    assert figures["connections"] == 0


def test_what_fails_is_named_and_the_rest_is_tested(
    own_home: Path, starter_folder: ModelFolder
) -> None:
    done = subprocess.run([sys.executable, "-c", RUN], capture_output=True, text=True, check=False)
    *lines, figures = done.stdout.splitlines()
    assert done.returncode == 1
    failed = [line for line in lines if line.startswith("FAILED")]
    assert len(failed) == 1
    assert "This system has no keyring" in failed[0]
    assert json.loads(figures)["failed"] == 1
    assert not own_home.exists(), "it has a home of its own"

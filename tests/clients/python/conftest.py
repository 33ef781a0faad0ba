"""Where the server is. These tests run in the clients' environment: ../official.py starts them."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest

from tests.loopback import no_network as no_network

PARIS = "The capital of France is Paris."


@dataclass(frozen=True)
class Endpoint:
    url: str
    model: str
    key: str


@pytest.fixture
def gpt_oss() -> Endpoint:
    """The tiny gpt-oss, which knows tests/tiny/conversations.py by heart."""
    return endpoint("GPT_OSS")


@pytest.fixture
def starter() -> Endpoint:
    return endpoint("STARTER")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def endpoint(name: str) -> Endpoint:
    return Endpoint(*(os.environ[f"{name}_{field}"] for field in ("URL", "MODEL", "KEY")))

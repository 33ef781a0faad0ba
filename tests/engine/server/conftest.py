from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.engine.server.serving import Served, serving


@pytest.fixture(scope="module")
def served() -> Generator[Served]:
    """One server for the tests that leave it as they found it."""
    with serving() as served:
        yield served

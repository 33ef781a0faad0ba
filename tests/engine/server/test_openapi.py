"""The document, and what schemathesis makes of it: thousands of requests, and never a 500."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error

from engine.server.openapi import document
from tests.engine.server.serving import AUTHORIZED, Served, serving
from tests.fakes import ScriptedDecoder

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture]
SCHEMA = schemathesis.openapi.from_dict(document("http://127.0.0.1"))


@pytest.fixture(scope="module")
def served() -> Generator[Served]:
    with serving(ScriptedDecoder("Yes.")) as served:
        yield served


def test_the_document_is_published(served: Served) -> None:
    published = served.client.get("/openapi.json").json()
    assert published == document(served.server.url)
    assert published["servers"] == [{"url": served.server.url}]


@SCHEMA.parametrize()
@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
def test_whatever_is_asked_is_answered_or_refused(case: Any, served: Served) -> None:
    case.call_and_validate(
        base_url=served.server.url, headers=AUTHORIZED, checks=[not_a_server_error]
    )


def test_honest_requests_are_still_answered(served: Served) -> None:
    assert served.ask().status_code == 200

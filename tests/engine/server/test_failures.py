from __future__ import annotations

import pytest
from starlette.exceptions import HTTPException

from engine.errors import (
    BadModelFolder,
    BadRequest,
    ContextOverflow,
    DeviceFailed,
    EngineBusy,
    EngineClosed,
    NoModel,
)
from engine.server.failures import UnknownModel, failure_of


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (BadRequest("No."), 400, None),
        (ContextOverflow(9, 8), 400, "context_length_exceeded"),
        (UnknownModel("x"), 404, "model_not_found"),
        (HTTPException(405), 405, None),
        (EngineBusy(16), 429, "rate_limit_exceeded"),
        (NoModel(), 503, "model_not_loaded"),
        (EngineClosed(), 503, "shutting_down"),
        (DeviceFailed("the CPU", "detail"), 500, None),
        (ValueError("detail"), 500, None),
    ],
)
def test_each_error_has_its_status(error: Exception, status: int, code: str | None) -> None:
    failure = failure_of(error)
    assert (failure.status, failure.code) == (status, code)
    assert set(failure.body()["error"]) == {"message", "type", "param", "code"}


def test_a_field_is_called_as_its_api_calls_it() -> None:
    fields = {"messages": "input"}
    assert failure_of(ContextOverflow(9, 8), fields).param == "input"
    assert failure_of(BadRequest("No.", "messages"), fields).param == "input"
    assert failure_of(BadRequest("No.", "tools"), fields).param == "tools"
    assert failure_of(ContextOverflow(9, 8)).param == "messages"


@pytest.mark.parametrize("error", [KeyError("inside"), BadModelFolder("inside/a/folder")])
def test_an_error_without_a_line_of_its_own_keeps_its_text_inside(error: Exception) -> None:
    assert "inside" not in str(failure_of(error).body())

"""The calculator and the clock, and what they say to nonsense."""

from __future__ import annotations

import contextlib
import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.tools.calculator import CannotCalculate, calculate
from desktop.tools.toolbox import LOCAL_TOOLS, use
from engine.types import ToolCall


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("12 * 7", "84"),
        ("2^10", "1024"),
        ("0.1 + 0.2", "0.3"),
        ("1/3", "0.333333333333333"),
        ("(3 + 4) * -2", "-14"),
        ("17 // 5 + 17 % 5", "5"),
        ("sqrt(2)", "1.4142135623731"),
        ("max(3, 9, 4) + gcd(12, 18)", "15"),
        ("round(pi, 3)", "3.142"),
        ("123456789 * 987654321", "121932631112635269"),
    ],
)
def test_values(expression: str, value: str) -> None:
    assert calculate(expression) == value


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "9**9**9**9",
        "10**100000",
        "'a' * 10",
        "__import__('os').system('true')",
        "open('/etc/passwd')",
        "(1).__class__",
        "[1] * 3",
        "lambda: 1",
        "1/0",
        "2 <",
        "1 " * 1000,
        "sqrt(-1)",
        "f'{1}'",
        "True",
    ],
)
def test_what_is_no_arithmetic_is_refused_at_once(expression: str) -> None:
    with pytest.raises(CannotCalculate):
        calculate(expression)


@pytest.mark.timeout(60)
@given(st.text(alphabet="0123456789.+-*/%^() ,episqrtlog", max_size=60))
def test_it_gives_a_number_or_a_reason(expression: str) -> None:
    with contextlib.suppress(CannotCalculate):
        float(calculate(expression).removeprefix("about "))


def call(name: str, arguments: str) -> str:
    return use(ToolCall("1", name, arguments))


def test_a_call_is_answered() -> None:
    assert call("calculate", '{"expression": "6*7"}') == "42"
    told = call("current_time", "")
    assert datetime.now().strftime("%A, %Y-%m-%d") in told


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("calculate", ""),
        ("calculate", "6*7"),
        ("calculate", "[1]"),
        ("calculate", '{"expression": 6}'),
        ("calculate", '{"expression": "six"}'),
        ("browse", "{}"),
    ],
)
def test_what_is_wrong_is_told_to_the_model(name: str, arguments: str) -> None:
    assert call(name, arguments).startswith("Error: ")


def test_their_schemas_are_json() -> None:
    for one in LOCAL_TOOLS:
        json.dumps(one.tool.parameters)
        assert one.tool.description

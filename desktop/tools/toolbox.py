"""The tools that a model is offered where the user wants that, and their use."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desktop.tools.calculator import CannotCalculate, calculate
from engine.types import Tool, ToolCall

Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LocalTool:
    tool: Tool
    use: Callable[[Arguments], str]
    """Raises CannotCalculate, and KeyError or TypeError for arguments that it does not have."""


def _calculate(arguments: Arguments) -> str:
    expression = arguments["expression"]
    if not isinstance(expression, str):
        raise TypeError("expression")
    return calculate(expression)


def _now(_: Arguments) -> str:
    return datetime.now().astimezone().strftime("%A, %Y-%m-%d %H:%M:%S %Z (UTC%z)")


LOCAL_TOOLS = (
    LocalTool(
        Tool(
            "calculate",
            "The exact value of an arithmetic expression, in Python's notation: "
            "+ - * / // % **, parentheses, sqrt, exp, log, sin, round, min, max, gcd, pi, e.",
            {
                "type": "object",
                "properties": {"expression": {"type": "string"}},
                "required": ["expression"],
                "additionalProperties": False,
            },
            is_strict=True,
        ),
        _calculate,
    ),
    LocalTool(Tool("current_time", "The date and time where the user is."), _now),
)
TOOLS = tuple(one.tool for one in LOCAL_TOOLS)


def use(call: ToolCall) -> str:
    """What the tool says, or why it could not be used: the model reads either."""
    tool = next((one for one in LOCAL_TOOLS if one.tool.name == call.name), None)
    if tool is None:
        return f"Error: there is no tool {call.name}."
    try:
        arguments = json.loads(call.arguments or "{}")
        if not isinstance(arguments, dict):
            raise TypeError("arguments")
        return tool.use(arguments)
    except CannotCalculate as error:
        return f"Error: {error}"
    except (ValueError, KeyError, TypeError) as error:
        return f"Error: the arguments are not what the tool takes: {error}"

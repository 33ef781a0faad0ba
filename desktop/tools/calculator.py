"""Arithmetic for a model that guesses at it. Nothing but numbers goes in or out."""

from __future__ import annotations

import ast
import math
import operator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simpleeval import SimpleEval


LONGEST_CHARACTERS = 500
LARGEST_BITS = 20_000
"""Of a power's result: some 6,000 digits, and no time at all."""
FUNCTIONS = {
    name: getattr(math, name)
    for name in ("sqrt", "exp", "log", "log2", "log10", "sin", "cos", "tan", "asin", "acos")
} | {
    "atan": math.atan,
    "floor": math.floor,
    "ceil": math.ceil,
    "abs": abs,
    "round": round,
    "min": min,
    "max": max,
    "gcd": math.gcd,
}
NAMES = {"pi": math.pi, "e": math.e}


class CannotCalculate(Exception):
    """The text says why, for the model."""


def calculate(expression: str) -> str:
    """The value of an arithmetic expression in Python's notation; ^ is a power. Raises
    CannotCalculate."""
    if len(expression) > LONGEST_CHARACTERS:
        raise CannotCalculate(f"The expression is longer than {LONGEST_CHARACTERS} characters.")
    try:
        value = _evaluator().eval(expression.strip().replace("^", "**"))
    except CannotCalculate:
        raise
    except Exception as error:  # it reads what a model wrote
        raise CannotCalculate(f"{type(error).__name__}: {error}") from error
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CannotCalculate("The value is no number.")
    return _in_digits(value)


def _evaluator() -> SimpleEval:
    from simpleeval import SimpleEval  # most conversations calculate nothing

    operators = {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: _product,
        ast.Div: operator.truediv,
        ast.FloorDiv: operator.floordiv,
        ast.Mod: operator.mod,
        ast.Pow: _power,
        ast.USub: operator.neg,
        ast.UAdd: operator.pos,
    }
    return SimpleEval(operators=operators, functions=FUNCTIONS, names=NAMES)


def _product(a: Any, b: Any) -> Any:
    _check_size(_bits(a) + _bits(b))
    return a * b


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(base, int) and isinstance(exponent, int):
        _check_size(_bits(base) * abs(exponent))
    return base**exponent


def _bits(value: Any) -> int:
    if not isinstance(value, int | float):
        raise CannotCalculate("Only numbers can be calculated with.")
    return value.bit_length() if isinstance(value, int) else 0


def _check_size(bits: int) -> None:
    if bits > LARGEST_BITS:
        raise CannotCalculate("The result is too large.")


def _in_digits(value: int | float) -> str:
    """Fifteen digits of a fraction: the rest is how computers round."""
    if isinstance(value, float):
        return f"{value:.15g}"
    return format(value, "d") if value.bit_length() <= 14_000 else f"about {value:.6e}"

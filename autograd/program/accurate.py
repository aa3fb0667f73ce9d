"""Functions as formulas of those that every language has, as accurate as Python's own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd import functions as f
from autograd.program.symbols import Symbol

__all__ = ["ACCURATE"]


def _maximum(x: Any, y: Any) -> Any:
    return f.where((x >= y) | (x != x), x, y)


def _minimum(x: Any, y: Any) -> Any:
    return f.where((x <= y) | (x != x), x, y)


def _power(x: Any, y: Any) -> Any:
    one = (x == 1) | ((x == -1) & Symbol("isinf", y))  # whatever y, even NaN
    return f.where(one, 1.0, Symbol("pow", x, y))


def _sech(x: Any) -> Any:
    return f.where(abs(x) < 700, 1 / f.cosh(x), 2 * f.exp(-abs(x)))


def _divide(x: Any, y: Any) -> Any:
    return x / (y + 0.0)  # + 0.0: −0 is 0


ACCURATE: dict[str, Callable[..., Any]] = {
    "divide": _divide,
    "maximum": _maximum,
    "minimum": _minimum,
    "power": _power,
    "sech": _sech,
    "exp2": lambda x: Symbol("two_to", x),
}
"""How to write a function, by the head of its symbol."""

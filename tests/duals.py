"""Forward-mode dual numbers: an oracle that shares no rule and no idea with the engine.

A `Dual` is a number with its derivatives in every variable at once, carried along as the function
runs; there is no graph and no way back. Its formulas are written in other words than the engine's
(tanh' = 1/cosh², say), so that a slip of the pen cannot be on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence


class Dual:
    """A number, its slopes in every variable, and how large the terms of those sums were.

    `sizes` holds for each slope the sum of the terms' magnitudes: where terms cancel, rounding
    errors are relative to that, not to the slope.
    """

    def __init__(self, value: float, slopes: Sequence[float], sizes: Sequence[float]) -> None:
        self.value = value
        self.slopes = slopes
        self.sizes = sizes

    @classmethod
    def of(cls, *terms: tuple[Dual, float], value: float) -> Dual:
        """Return a function's value with slopes by the chain rule, from (operand, partial)."""
        return cls(
            value,
            [sum(d * s for s, d in column) for column in _columns(terms, "slopes")],
            [sum(abs(d) * s for s, d in column) for column in _columns(terms, "sizes")],
        )

    def vary(self, i: int) -> Dual:
        """Return this number as the i-th variable: what depends on it has a slope in it."""
        slopes, sizes = list(self.slopes), list(self.sizes)
        slopes[i] = sizes[i] = 1.0
        return Dual(self.value, slopes, sizes)

    def __add__(self, other: Dual) -> Dual:
        return Dual.of((self, 1.0), (other, 1.0), value=self.value + other.value)

    def __sub__(self, other: Dual) -> Dual:
        return Dual.of((self, 1.0), (other, -1.0), value=self.value - other.value)

    def __mul__(self, other: Dual) -> Dual:
        return Dual.of((self, other.value), (other, self.value), value=self.value * other.value)

    def __truediv__(self, other: Dual) -> Dual:
        x, y = self.value, other.value
        return Dual.of((self, y / (y * y)), (other, -x / (y * y)), value=x / y)

    def __neg__(self) -> Dual:
        return Dual.of((self, -1.0), value=-self.value)

    def __pow__(self, n: float | Dual) -> Dual:
        x = self.value
        if isinstance(n, Dual):
            z = math.exp(n.value * math.log(x))
            return Dual.of((self, n.value * z / x), (n, z * math.log(x)), value=z)
        return Dual.of((self, n * x ** (n - 1)), value=x**n)


def _columns(terms: Sequence[tuple[Dual, float]], of: str) -> list[list[tuple[float, float]]]:
    rows = [[(s, partial) for s in getattr(operand, of)] for operand, partial in terms]
    return [list(column) for column in zip(*rows, strict=True)]


def _function(value: Callable[..., float], *slopes: Callable[..., float]) -> Callable[..., Dual]:
    def applied(*operands: Dual) -> Dual:
        numbers = [operand.value for operand in operands]
        partials = [slope(*numbers) for slope in slopes]
        return Dual.of(*zip(operands, partials, strict=True), value=value(*numbers))

    return applied


def _half_normal(x: float) -> float:
    return math.erfc(-x / math.sqrt(2)) / 2


def _logistic(x: float) -> float:
    return (1 + math.tanh(x / 2)) / 2


def _log_sum(operands: Sequence[Dual]) -> Dual:
    exponentials = [math.exp(x.value) for x in operands]
    total = math.fsum(exponentials)
    terms = [(x, e / total) for x, e in zip(operands, exponentials, strict=True)]
    return Dual.of(*terms, value=math.log(total))


FUNCTIONS: dict[str, Callable[..., Dual]] = {
    "exp": _function(math.exp, math.exp),
    "log": _function(math.log, lambda x: x**-1),
    "sqrt": _function(lambda x: x**0.5, lambda x: 0.5 * x**-0.5),
    "expm1": _function(math.expm1, lambda x: math.expm1(x) + 1),
    "log1p": _function(math.log1p, lambda x: (1 + x) ** -1),
    "sin": _function(math.sin, lambda x: math.sin(x + math.pi / 2)),
    "cos": _function(math.cos, lambda x: math.cos(x + math.pi / 2)),
    "tan": _function(math.tan, lambda x: math.cos(x) ** -2),
    "asin": _function(math.asin, lambda x: (1 - x**2) ** -0.5),
    "acos": _function(math.acos, lambda x: -((1 - x**2) ** -0.5)),
    "atan": _function(math.atan, lambda x: math.cos(math.atan(x)) ** 2),
    "atan2": _function(math.atan2, lambda y, x: x / (x**2 + y**2), lambda y, x: -y / (x**2 + y**2)),
    "sinh": _function(math.sinh, lambda x: (math.exp(x) + math.exp(-x)) / 2),
    "cosh": _function(math.cosh, lambda x: (math.exp(x) - math.exp(-x)) / 2),
    "tanh": _function(math.tanh, lambda x: math.cosh(x) ** -2),
    "sigmoid": _function(_logistic, lambda x: math.cosh(x / 2) ** -2 / 4),
    "softplus": _function(lambda x: math.log(1 + math.exp(x)), _logistic),
    "relu": _function(lambda x: (x + abs(x)) / 2, lambda x: float(x > 0)),
    "leaky_relu": _function(lambda x: max(x, x / 100), lambda x: 1.0 if x > 0 else 0.01),
    "elu": _function(lambda x: x if x > 0 else math.exp(x) - 1, lambda x: math.exp(min(x, 0))),
    "gelu": _function(
        lambda x: x * _half_normal(x),
        lambda x: _half_normal(x) + x * math.exp(-(x**2) / 2) / math.tau**0.5,
    ),
    "silu": _function(
        lambda x: x * _logistic(x), lambda x: _logistic(x) + x * math.cosh(x / 2) ** -2 / 4
    ),
    "erf": _function(math.erf, lambda x: 2 * math.exp(-(x**2)) / math.pi**0.5),
    "abs": _function(abs, lambda x: float((x > 0) - (x < 0))),
    "maximum": _function(
        max, lambda x, y: ((x > y) + (x >= y)) / 2, lambda x, y: ((y > x) + (y >= x)) / 2
    ),
    "minimum": _function(
        min, lambda x, y: ((x < y) + (x <= y)) / 2, lambda x, y: ((y < x) + (y <= x)) / 2
    ),
    "hypot": _function(
        lambda x, y: (x**2 + y**2) ** 0.5,
        lambda x, y: x * (x**2 + y**2) ** -0.5,
        lambda x, y: y * (x**2 + y**2) ** -0.5,
    ),
    "where": lambda condition, x, y: x if condition.value else y,
    "sum": lambda x: Dual.of(*[(x_k, 1.0) for x_k in x], value=sum(x_k.value for x_k in x)),
    "mean": lambda x: Dual.of(
        *[(x_k, 1 / len(x)) for x_k in x], value=sum(x_k.value for x_k in x) / len(x)
    ),
    "dot": lambda w, x: FUNCTIONS["sum"]([w_k * x_k for w_k, x_k in zip(w, x, strict=True)]),
    "logsumexp": _log_sum,
}

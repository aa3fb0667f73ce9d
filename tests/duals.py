"""Forward-mode dual numbers: an oracle that shares no rule and no idea with the engine.

A `Dual` is a number with its derivatives in every variable at once, carried along as the function
runs; there is no graph and no way back. What is smooth is the textbook's function, differenced by
mpmath; what has a kink is written in other words than the engine's, so that a slip of the pen
cannot be on both sides.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import mpmath

from tests.table import ORACLE, RULE_TABLE


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


def _textbook(name: str, constants: Mapping[str, float]) -> Callable[..., Dual]:
    """Return a smooth function of one number by its textbook definition, differenced by mpmath."""
    define = partial(ORACLE[name], **constants)
    return _function(
        lambda x: float(define(mpmath.mpf(x))), lambda x: float(mpmath.diff(define, x))
    )


def _many(
    value: Callable[[Sequence[float]], float],
    slopes: Callable[[Sequence[float]], Sequence[float]],
) -> Callable[[Sequence[Dual]], Dual]:
    def applied(operands: Sequence[Dual]) -> Dual:
        numbers = [operand.value for operand in operands]
        return Dual.of(*zip(operands, slopes(numbers), strict=True), value=value(numbers))

    return applied


def _softmax(x: Sequence[float]) -> list[float]:
    exponentials = [math.exp(x_k) for x_k in x]
    return [e / math.fsum(exponentials) for e in exponentials]


def _shared(best: float, x: Sequence[float]) -> list[float]:
    """Return the slopes of the best of several: a tie shares it."""
    return [(x_k == best) / x.count(best) for x_k in x]


def _dot(w: Sequence[Dual], x: Sequence[Dual]) -> Dual:
    return FUNCTIONS["sum"]([w_k * x_k for w_k, x_k in zip(w, x, strict=True)])


def _comparison(compare: Callable[[float, float], bool]) -> Callable[..., Dual]:
    return _function(lambda x, y: float(compare(x, y)), lambda x, y: 0.0, lambda x, y: 0.0)


FUNCTIONS: dict[str, Callable[..., Dual]] = {
    **{
        line.name: _textbook(line.name, line.constants)
        for line in RULE_TABLE
        if line.arity == 1 and line.smooth and line.complete
    },
    "relu": _function(lambda x: (x + abs(x)) / 2, lambda x: float(x > 0)),
    "leaky_relu": _function(lambda x: max(x, x / 100), lambda x: 1.0 if x > 0 else 0.01),
    "elu": _function(lambda x: x if x > 0 else math.exp(x) - 1, lambda x: math.exp(min(x, 0))),
    "abs": _function(abs, lambda x: float((x > 0) - (x < 0))),
    "atan2": _function(math.atan2, lambda y, x: x / (x**2 + y**2), lambda y, x: -y / (x**2 + y**2)),
    "mod": _function(
        lambda x, y: x - y * math.floor(x / y), lambda x, y: 1.0, lambda x, y: -math.floor(x / y)
    ),
    "maximum": _function(
        max, lambda x, y: ((x > y) + (x >= y)) / 2, lambda x, y: ((y > x) + (y >= x)) / 2
    ),
    "minimum": _function(
        min, lambda x, y: ((x < y) + (x <= y)) / 2, lambda x, y: ((y < x) + (y <= x)) / 2
    ),
    "clip": lambda x, low, high: _function(
        lambda x: min(max(x, low), high), lambda x: float(low < x < high)
    )(x),
    "less": _comparison(operator.lt),
    "less_equal": _comparison(operator.le),
    "greater": _comparison(operator.gt),
    "greater_equal": _comparison(operator.ge),
    "equal": _comparison(operator.eq),
    "not_equal": _comparison(operator.ne),
    "hypot": _function(
        lambda x, y: (x**2 + y**2) ** 0.5,
        lambda x, y: x * (x**2 + y**2) ** -0.5,
        lambda x, y: y * (x**2 + y**2) ** -0.5,
    ),
    "where": lambda condition, x, y: x if condition.value else y,
    "sum": _many(sum, lambda x: [1.0] * len(x)),
    "mean": _many(lambda x: sum(x) / len(x), lambda x: [1 / len(x)] * len(x)),
    "prod": _many(math.prod, lambda x: [math.prod([*x[:k], *x[k + 1 :]]) for k in range(len(x))]),
    "max": _many(max, lambda x: _shared(max(x), x)),
    "min": _many(min, lambda x: _shared(min(x), x)),
    "norm": _many(lambda x: math.dist(x, [0] * len(x)), lambda x: [k / math.hypot(*x) for k in x]),
    "dot": _dot,
    "logsumexp": _many(lambda x: math.log(sum(map(math.exp, x))), _softmax),
}

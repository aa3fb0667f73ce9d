"""What the functions of rules are on Python's floats; other kinds take some of them over."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from operator import mul
from typing import Any, TypeAlias

__all__ = ["FLOATS", "N", "in_two_parts", "plain_dot", "plain_sum"]

N: TypeAlias = Any
"""Any kind of number."""


class Floats:
    """Python's floats (and ints and bools), by the ``math`` module."""

    exp = staticmethod(math.exp)
    sqrt = staticmethod(math.sqrt)
    expm1 = staticmethod(math.expm1)
    log1p = staticmethod(math.log1p)
    sin = staticmethod(math.sin)
    cos = staticmethod(math.cos)
    tan = staticmethod(math.tan)
    asin = staticmethod(math.asin)
    acos = staticmethod(math.acos)
    atan = staticmethod(math.atan)
    atan2 = staticmethod(math.atan2)
    asinh = staticmethod(math.asinh)
    acosh = staticmethod(math.acosh)
    atanh = staticmethod(math.atanh)
    sinh = staticmethod(math.sinh)
    cosh = staticmethod(math.cosh)
    tanh = staticmethod(math.tanh)
    erf = staticmethod(math.erf)
    erfc = staticmethod(math.erfc)
    exp2 = staticmethod(math.exp2)
    cbrt = staticmethod(math.cbrt)
    hypot = staticmethod(math.hypot)
    norm = staticmethod(math.hypot)
    absolute = staticmethod(abs)
    mod = staticmethod(operator.mod)

    @staticmethod
    def written(x: N) -> bool:
        return False

    @staticmethod
    def log(x: float) -> float:
        return math.log(x) if x > 0 else _no_log(x)

    @staticmethod
    def log2(x: float) -> float:
        return math.log2(x) if x > 0 else _no_log(x)

    @staticmethod
    def log10(x: float) -> float:
        return math.log10(x) if x > 0 else _no_log(x)

    @staticmethod
    def sech(x: float) -> float:
        return 1 / math.cosh(x) if -700 < x < 700 else 2 * math.exp(-abs(x))

    @staticmethod
    def gaussian(x: float, scale: float = 1.0) -> float:
        if not -50 < x < 50:
            return math.exp(-scale * x * x)  # 0, or NaN
        square, rest = in_two_parts(x)
        return math.exp(-scale * square) * math.exp(-scale * rest)

    @staticmethod
    def one_minus_square(x: float) -> float:
        return (1 - x) * (1 + x)

    @staticmethod
    def direction(x: float, y: float) -> float:
        r = math.hypot(x, y)
        return x / r if r else 0.0

    @staticmethod
    def divide(x: float, y: float) -> float:
        return x / y if y else x * math.inf

    @staticmethod
    def power(x: float, y: float) -> float:
        try:
            return math.pow(x, y)
        except OverflowError:
            return -math.inf if x < 0 and y % 2 == 1 else math.inf
        except ValueError:  # a pole at ±0, or a fractional power of a negative number
            if x:
                return math.nan
            return math.copysign(math.inf, x) if y % 2 == 1 else math.inf

    @staticmethod
    def sigmoid(x: float) -> float:
        e = math.exp(-abs(x))
        return 1 / (1 + e) if x >= 0 else e / (1 + e)

    @staticmethod
    def softplus(x: float) -> float:
        return Floats.maximum(x, 0.0) + math.log1p(math.exp(-abs(x)))

    @staticmethod
    def maximum(x: float, y: float) -> float:
        return x if x >= y or x != x else y

    @staticmethod
    def minimum(x: float, y: float) -> float:
        return x if x <= y or x != x else y

    @staticmethod
    def logsumexp(*x: float) -> float:
        top = max(x)
        if any(map(math.isnan, x)):
            return math.nan
        if math.isinf(top):
            return top
        terms = [math.exp(x_k - top) for x_k in x]
        terms.remove(1.0)  # the largest one: log1p keeps what the others add to it
        return top + math.log1p(sum(terms))

    @staticmethod
    def softmax(*x: float) -> tuple[float, ...]:
        top = max(x)
        exponentials = [math.exp(x_k - top) for x_k in x]
        norm = math.fsum(exponentials)
        return tuple([e / norm for e in exponentials])

    @staticmethod
    def total(*x: float) -> float:
        return _sum(x)

    @staticmethod
    def dot(w: tuple[float, ...], x: tuple[float, ...]) -> float:
        return _sum(list(map(mul, w, x)))

    @staticmethod
    def where(condition: N, x: N, y: N) -> N:
        return x if condition else y

    @staticmethod
    def compare(x: N, y: N) -> float:
        return float((x > y) - (x < y)) if x <= y or x >= y else math.nan

    @staticmethod
    def step(x: N) -> float:
        return float(x > 0) if x <= 0 or x > 0 else math.nan

    @staticmethod
    def contribution(upstream: float, partial: float, choice: bool = False) -> float:
        if not upstream or (not partial and (choice or math.isinf(upstream))):
            return 0.0
        return 0.0 + upstream * partial  # 0.0 +: as a sum begins, without −0

    @staticmethod
    def lift(number: float, like: N = 0.0) -> float:
        return float(number)


def _no_log(x: float) -> float:
    return -math.inf if x == 0 else math.nan


def in_two_parts(x: N) -> tuple[N, N]:
    """Return x² in two parts: the square of its leading half, which is exact, and the rest.

    Source: Dekker 1971, https://doi.org/10.1007/BF01397083.
    """
    shifted = x * 134217729.0  # 2²⁷ + 1
    head = shifted - (shifted - x)
    return head * head, (x - head) * (x + head)


def _sum(x: Sequence[float]) -> float:
    """Return the sum, rounded once: the same in every order, and by every Python."""
    try:
        return math.fsum(x)
    except ValueError:  # ∞ − ∞
        return math.nan
    except OverflowError:  # of a partial sum, if not of the whole
        return math.fsum([x_k * 0.5**64 for x_k in x]) * 2.0**64


def plain_sum(*x: N) -> N:
    return sum(x)


def plain_dot(w: tuple[N, ...], x: tuple[N, ...]) -> N:
    return sum(map(mul, w, x))


FLOATS = Floats()

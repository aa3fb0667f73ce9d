"""The functions that rules are written with, on whatever kind of number they are given.

A rule says ``f.tanh(x)`` and means the tanh of a float, of every element of a NumPy array or JAX
tracer, of a SymPy symbol, or of a ``Value``. Each kind of number has one library that knows how:
those of other packages stand below, and a kind defined elsewhere is announced by `register`.

On floats the functions raise what Python's ``math`` raises, except the three that slopes are
written with: `divide`, `log` and `power` return the limit (an infinity, or NaN), as NumPy does.

    >>> from fractions import Fraction
    >>> exp(0.0), power(Fraction(2, 3), 2), divide(1.0, 0.0)
    (1.0, Fraction(4, 9), inf)
"""

from __future__ import annotations

import math
from operator import mul
from typing import Any, TypeAlias

from autograd.errors import NumberError

__all__ = [
    "absolute",
    "acos",
    "asin",
    "atan",
    "atan2",
    "compare",
    "cos",
    "cosh",
    "divide",
    "dot",
    "erf",
    "exp",
    "expm1",
    "hypot",
    "lift",
    "log",
    "log1p",
    "logsumexp",
    "maximum",
    "minimum",
    "power",
    "register",
    "sigmoid",
    "sin",
    "sinh",
    "softplus",
    "sqrt",
    "step",
    "tan",
    "tanh",
    "total",
    "where",
]

N: TypeAlias = Any
"""Any kind of number."""


def exp(x: N) -> N:
    """Return e to the power x."""
    return library(x).exp(x)


def log(x: N) -> N:
    """Return the natural logarithm of x: −inf at 0, NaN below."""
    return library(x).log(x)


def sqrt(x: N) -> N:
    """Return the square root of x."""
    return library(x).sqrt(x)


def expm1(x: N) -> N:
    """Return exp(x) − 1, exact near 0."""
    return library(x).expm1(x)


def log1p(x: N) -> N:
    """Return log(1 + x), exact near 0."""
    return library(x).log1p(x)


def sin(x: N) -> N:
    """Return the sine of x radians."""
    return library(x).sin(x)


def cos(x: N) -> N:
    """Return the cosine of x radians."""
    return library(x).cos(x)


def tan(x: N) -> N:
    """Return the tangent of x radians."""
    return library(x).tan(x)


def asin(x: N) -> N:
    """Return the arc sine of x, in radians."""
    return library(x).asin(x)


def acos(x: N) -> N:
    """Return the arc cosine of x, in radians."""
    return library(x).acos(x)


def atan(x: N) -> N:
    """Return the arc tangent of x, in radians."""
    return library(x).atan(x)


def atan2(y: N, x: N) -> N:
    """Return the angle of the point (x, y), in radians."""
    return library(y, x).atan2(y, x)


def sinh(x: N) -> N:
    """Return the hyperbolic sine of x."""
    return library(x).sinh(x)


def cosh(x: N) -> N:
    """Return the hyperbolic cosine of x."""
    return library(x).cosh(x)


def tanh(x: N) -> N:
    """Return the hyperbolic tangent of x."""
    return library(x).tanh(x)


def erf(x: N) -> N:
    """Return the error function of x."""
    return library(x).erf(x)


def sigmoid(x: N) -> N:
    """Return 1 / (1 + exp(−x)), without overflow."""
    return library(x).sigmoid(x)


def softplus(x: N) -> N:
    """Return log(1 + exp(x)), without overflow."""
    return library(x).softplus(x)


def absolute(x: N) -> N:
    """Return x without its sign."""
    return abs(x)


def hypot(x: N, y: N) -> N:
    """Return the distance of the point (x, y) from the origin."""
    return library(x, y).hypot(x, y)


def maximum(x: N, y: N) -> N:
    """Return the larger of the two, or NaN if either is NaN."""
    return library(x, y).maximum(x, y)


def minimum(x: N, y: N) -> N:
    """Return the smaller of the two, or NaN if either is NaN."""
    return library(x, y).minimum(x, y)


def logsumexp(*x: N) -> N:
    """Return log(exp(x₁) + … + exp(xₙ)), without overflow."""
    return library(*x).logsumexp(*x)


def total(*x: N) -> N:
    """Return x₁ + … + xₙ."""
    return library(*x).total(*x)


def dot(w: tuple[N, ...], x: tuple[N, ...]) -> N:
    """Return w₁x₁ + … + wₙxₙ."""
    return library(*w, *x).dot(w, x)


def where(condition: N, x: N, y: N) -> N:
    """Return x where the condition holds (is not 0), y elsewhere."""
    return library(condition, x, y).where(condition, x, y)


def compare(x: N, y: N) -> N:
    """Return the sign of x − y: −1, 0 or 1, or NaN if either is NaN."""
    return library(x, y).compare(x, y)


def step(x: N) -> N:
    """Return 1 for positive x, 0 for the rest, or NaN for NaN."""
    return library(x).step(x)


def divide(x: N, y: N) -> N:
    """Return x / y, an infinity where y is 0."""
    return library(x, y).divide(x, y)


def power(x: N, y: N) -> N:
    """Return x to the power y: an infinity at a pole, NaN for a fractional power below 0."""
    return library(x, y).power(x, y)


def lift(number: float, like: N) -> N:
    """Return the float as a number of the kind of `like`, exact where that kind is exact.

    >>> from fractions import Fraction
    >>> lift(0.1, like=Fraction(1, 3))
    Fraction(1, 10)
    """
    return library(like).lift(number)


def register(kind: type, functions: Any) -> None:
    """Announce the library (an object with the functions above) for a kind of number."""
    _LIBRARIES[kind] = functions


def library(*numbers: N) -> Any:
    """Return the library for the numbers: that of the first which is not a plain one."""
    for number in numbers:
        found = _LIBRARIES.get(type(number)) or _find(type(number))
        if found is not _FLOATS:
            return found
    return _FLOATS


def _find(kind: type) -> Any:
    """Choose the library for a type seen for the first time, by the package it comes from."""
    package = kind.__module__.partition(".")[0]
    if package == "numpy":
        import numpy

        found: Any = Arrays(numpy)
    elif package in ("jax", "jaxlib"):
        import jax.numpy

        found = Arrays(jax.numpy)
    elif package == "sympy":
        import sympy

        found = Symbols(sympy)
    elif package == "fractions":
        found = Fractions()
    else:
        known = [base for base in kind.__mro__ if base in _LIBRARIES]
        if not known:
            raise NumberError(f"rules cannot compute with a {kind.__name__}; give a number")
        found = _LIBRARIES[known[0]]
    register(kind, found)
    return found


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
    sinh = staticmethod(math.sinh)
    cosh = staticmethod(math.cosh)
    tanh = staticmethod(math.tanh)
    erf = staticmethod(math.erf)
    hypot = staticmethod(math.hypot)

    @staticmethod
    def log(x: float) -> float:
        if x > 0:
            return math.log(x)
        return -math.inf if x == 0 else math.nan

    @staticmethod
    def divide(x: float, y: float) -> float:
        return x / y if y else x * math.copysign(math.inf, y)

    @staticmethod
    def power(x: float, y: float) -> float:
        try:
            return math.pow(x, y)
        except OverflowError:
            return -math.inf if x < 0 and y % 2 == 1 else math.inf
        except ValueError:  # a pole at 0, or a fractional power of a negative number
            return math.inf if x == 0 else math.nan

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
        if math.isinf(top):
            return top
        return top + math.log(sum([math.exp(x_k - top) for x_k in x]))

    @staticmethod
    def total(*x: float) -> float:
        return sum(x)

    @staticmethod
    def dot(w: tuple[float, ...], x: tuple[float, ...]) -> float:
        return sum(map(mul, w, x))

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
    def lift(number: float) -> float:
        return number


class Fractions:
    """Exact fractions: comparisons and whole powers; the rest has no exact answer."""

    where = staticmethod(Floats.where)
    total = staticmethod(Floats.total)
    dot = staticmethod(Floats.dot)

    def __getattr__(self, name: str) -> Any:
        raise NumberError(f"{name} of a Fraction is not a fraction; replay with floats instead")

    @staticmethod
    def lift(number: float) -> N:
        from fractions import Fraction

        return Fraction(repr(number))  # 0.1 is the tenth that a person wrote

    def divide(self, x: N, y: N) -> N:
        return x / y

    def power(self, x: N, y: N) -> N:
        if y != int(y):
            raise NumberError(f"{x} to the power {y} is not a fraction; replay with floats instead")
        return x ** int(y)

    def compare(self, x: N, y: N) -> N:
        return self.lift((x > y) - (x < y))

    def step(self, x: N) -> N:
        return self.lift(int(x > 0))

    def maximum(self, x: N, y: N) -> N:
        return max(x, y)

    def minimum(self, x: N, y: N) -> N:
        return min(x, y)


class Arrays:
    """Arrays of NumPy or JAX, element by element."""

    def __init__(self, xp: Any) -> None:
        self.xp = xp

    total = staticmethod(Floats.total)
    dot = staticmethod(Floats.dot)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.xp, name)

    def erf(self, x: N) -> N:
        if self.xp.__name__ == "numpy":  # NumPy has no erf of its own
            return self.xp.vectorize(math.erf, otypes=[float])(x)
        from jax.scipy.special import erf

        return erf(x)

    def divide(self, x: N, y: N) -> N:
        return self.xp.divide(x, y)

    def power(self, x: N, y: N) -> N:
        return self.xp.power(x, y)

    def sigmoid(self, x: N) -> N:
        e = self.xp.exp(-abs(x))
        return self.xp.where(x >= 0, 1 / (1 + e), e / (1 + e))

    def softplus(self, x: N) -> N:
        return self.xp.maximum(x, 0) + self.xp.log1p(self.xp.exp(-abs(x)))

    def logsumexp(self, *x: N) -> N:
        top = x[0]
        for x_k in x[1:]:
            top = self.xp.maximum(top, x_k)
        return top + self.xp.log(sum(self.xp.exp(x_k - top) for x_k in x))

    def compare(self, x: N, y: N) -> N:
        order = self.xp.where(x > y, 1.0, self.xp.where(x < y, -1.0, 0.0))
        return self.xp.where((x != x) | (y != y), math.nan, order)

    def step(self, x: N) -> N:
        return self.xp.where(x != x, x, self.xp.where(x > 0, 1.0, 0.0))

    def lift(self, number: float) -> float:
        return number


class Symbols:
    """SymPy's expressions: the function as it is written on paper."""

    def __init__(self, sympy: Any) -> None:
        self.sympy = sympy

    total = staticmethod(Floats.total)
    dot = staticmethod(Floats.dot)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sympy, name)

    def expm1(self, x: N) -> N:
        return self.sympy.exp(x) - 1

    def log1p(self, x: N) -> N:
        return self.sympy.log(1 + x)

    def hypot(self, x: N, y: N) -> N:
        return self.sympy.sqrt(x**2 + y**2)

    def sigmoid(self, x: N) -> N:
        return 1 / (1 + self.sympy.exp(-x))

    def softplus(self, x: N) -> N:
        return self.sympy.log(1 + self.sympy.exp(x))

    def logsumexp(self, *x: N) -> N:
        return self.sympy.log(sum(self.sympy.exp(x_k) for x_k in x))

    def maximum(self, x: N, y: N) -> N:
        return self.sympy.Max(x, y)

    def minimum(self, x: N, y: N) -> N:
        return self.sympy.Min(x, y)

    def compare(self, x: N, y: N) -> N:
        return self.sympy.sign(x - y)

    def step(self, x: N) -> N:
        return self.sympy.Heaviside(x, 0)

    def where(self, condition: N, x: N, y: N) -> N:
        condition = self.sympy.sympify(condition)
        if not condition.is_Boolean:
            condition = self.sympy.Ne(condition, 0)
        return self.sympy.Piecewise((x, condition), (y, True))

    def divide(self, x: N, y: N) -> N:
        return self.sympy.sympify(x) / y

    def power(self, x: N, y: N) -> N:
        return self.sympy.sympify(x) ** y

    def lift(self, number: float) -> N:
        exact = self.sympy.Rational(repr(number)) if math.isfinite(number) else None
        return exact if exact is not None and exact.q <= 100 else self.sympy.Float(number)


_FLOATS = Floats()
_LIBRARIES: dict[type, Any] = {float: _FLOATS, int: _FLOATS, bool: _FLOATS}

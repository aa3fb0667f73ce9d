"""Every kind of number that rules compute with, and the library that knows its functions."""

from __future__ import annotations

import math
from importlib import import_module
from operator import mul
from typing import Any, TypeAlias

from autograd.errors import NumberError

__all__ = ["N", "library", "register"]

N: TypeAlias = Any
"""Any kind of number."""


def register(kind: type, functions: Any) -> None:
    """Announce the library (an object with the functions above) for a kind of number."""
    _LIBRARIES[kind] = functions


def library(*numbers: N) -> Any:
    """Return the library for the numbers: that of the first which is not a plain one."""
    for number in numbers:
        if type(number) is not float:  # the common kind needs no look-up
            found = _LIBRARIES.get(type(number)) or _find(type(number))
            if found is not FLOATS:
                return found
    return FLOATS


def _find(kind: type) -> Any:
    """Choose the library for a type seen for the first time, by the package it comes from."""
    package = kind.__module__.partition(".")[0]
    if package == "numpy":
        found: Any = Arrays(import_module("numpy"))
    elif package in ("jax", "jaxlib"):
        found = Arrays(import_module("jax.numpy"))
    elif package == "sympy":
        found = Symbols(import_module("sympy"))
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
    absolute = staticmethod(abs)

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
        if any(map(math.isnan, x)):
            return math.nan
        if math.isinf(top):
            return top
        terms = [math.exp(x_k - top) for x_k in x]
        terms.remove(1.0)  # the largest one: log1p keeps what the others add to it
        return top + math.log1p(sum(terms))

    @staticmethod
    def total(*x: N) -> N:
        return sum(x)

    @staticmethod
    def dot(w: tuple[N, ...], x: tuple[N, ...]) -> N:
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
    def contribution(upstream: float, partial: float) -> float:
        if not upstream or (type(partial) is int and partial == 0):  # where's branch not taken
            return 0.0
        return 0.0 + upstream * partial  # 0.0 +: as a sum begins, without −0

    @staticmethod
    def lift(number: float, like: N = 0.0) -> float:
        return float(number)


class Fractions:
    """Exact fractions: comparisons and whole powers; the rest has no exact answer."""

    where = staticmethod(Floats.where)
    total = staticmethod(Floats.total)
    dot = staticmethod(Floats.dot)

    def __getattr__(self, name: str) -> Any:
        raise NumberError(f"{name} of a Fraction is not a fraction; replay with floats instead")

    contribution = staticmethod(mul)

    @staticmethod
    def lift(number: float, like: N = 0.0) -> N:
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
        return import_module("jax.scipy.special").erf(x)

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
        top = self.xp.where(self.xp.isinf(top), 0.0, top)
        smaller, largest = 0.0, 0.0
        for x_k in x:  # log1p keeps what the smaller terms add to the first of the largest
            first = (x_k == top) & (largest == 0.0)
            largest = largest + first
            smaller = smaller + self.xp.where(first, 0.0, self.xp.exp(x_k - top))
        exact = top + self.xp.log1p(smaller)
        return self.xp.where(largest == 0.0, top + self.xp.log(smaller), exact)

    def compare(self, x: N, y: N) -> N:
        order = self.xp.where(x > y, 1.0, self.xp.where(x < y, -1.0, 0.0))
        return self.xp.where((x != x) | (y != y), math.nan, order)

    def step(self, x: N) -> N:
        return self.xp.where(x != x, x, self.xp.where(x > 0, 1.0, 0.0))

    def contribution(self, upstream: N, partial: N) -> N:
        return self.xp.where(upstream == 0, 0.0, upstream * partial)

    lift = staticmethod(Floats.lift)


class Symbols:
    """SymPy's expressions: the function as it is written on paper."""

    def __init__(self, sympy: Any) -> None:
        self.sympy = sympy

    total = staticmethod(Floats.total)
    dot = staticmethod(Floats.dot)
    contribution = staticmethod(mul)

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
        if isinstance(condition, self.sympy.Expr):  # a number, not a comparison
            condition = self.sympy.Ne(condition, 0)
        return self.sympy.Piecewise((x, condition), (y, True))

    def divide(self, x: N, y: N) -> N:
        return self.sympy.sympify(x) / y

    def power(self, x: N, y: N) -> N:
        return self.sympy.sympify(x) ** y

    def lift(self, number: float, like: N = 0.0) -> N:
        exact = self.sympy.Rational(repr(number)) if math.isfinite(number) else None
        return exact if exact is not None and exact.q <= 100 else self.sympy.Float(number)


FLOATS = Floats()
_LIBRARIES: dict[type, Any] = {float: FLOATS, int: FLOATS, bool: FLOATS}

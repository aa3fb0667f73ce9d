"""Every kind of number that rules compute with, and the library that knows its functions."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Sequence
from importlib import import_module
from operator import mul
from typing import Any, TypeAlias

from autograd.errors import NumberError

__all__ = ["N", "is_plain_array", "library", "register"]

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
        found: Any = Arrays(_plain_arrays(import_module("numpy"), kind))
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


def _plain_arrays(numpy: Any, kind: type) -> Any:
    """Return NumPy, which computes element by element on its arrays, not on all kinds of them."""
    if not is_plain_array(kind) and not issubclass(kind, numpy.generic):
        raise NumberError(
            f"rules cannot compute with a {kind.__name__}, which is not a plain array: what * or "
            "a mean does is its own affair; give numpy.array(…) of the numbers that are meant"
        )
    return numpy


def is_plain_array(kind: type) -> bool:
    """Return whether arrays of a type are NumPy's own, in memory or in a file, and no subclass."""
    numpy = import_module("numpy")
    return kind in (numpy.ndarray, numpy.memmap)


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
        square, rest = _square(x)
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


def _is_written(x: N) -> bool:
    return True


def _no_log(x: float) -> float:
    return -math.inf if x == 0 else math.nan


def _square(x: N) -> tuple[N, N]:
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


def _plain_sum(*x: N) -> N:
    return sum(x)


def _plain_dot(w: tuple[N, ...], x: tuple[N, ...]) -> N:
    return sum(map(mul, w, x))


class Fractions:
    """Exact fractions: comparisons and whole powers; the rest has no exact answer."""

    written = staticmethod(Floats.written)
    where = staticmethod(Floats.where)
    total = staticmethod(_plain_sum)
    dot = staticmethod(_plain_dot)
    one_minus_square = staticmethod(Floats.one_minus_square)
    mod = staticmethod(operator.mod)

    def __getattr__(self, name: str) -> Any:
        raise NumberError(f"{name} of a Fraction is not a fraction; replay with floats instead")

    @staticmethod
    def contribution(upstream: N, partial: N, choice: bool = False) -> N:
        return upstream * partial

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

    written = staticmethod(Floats.written)
    total = staticmethod(_plain_sum)
    dot = staticmethod(_plain_dot)
    one_minus_square = staticmethod(Floats.one_minus_square)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.xp, name)

    def erf(self, x: N) -> N:
        if self.xp.__name__ == "numpy":  # NumPy has no erf of its own
            return self.xp.vectorize(math.erf, otypes=[float])(x)
        return import_module("jax.scipy.special").erf(x)

    def erfc(self, x: N) -> N:
        if self.xp.__name__ == "numpy":
            return self.xp.vectorize(math.erfc, otypes=[float])(x)
        return import_module("jax.scipy.special").erfc(x)

    def sech(self, x: N) -> N:
        e = self.xp.exp(-abs(x))
        return 2 * e / (1 + e * e)

    def gaussian(self, x: N, scale: float = 1.0) -> N:
        square, rest = _square(self.xp.clip(x, -50, 50))
        return self.xp.exp(-scale * square) * self.xp.exp(-scale * rest)

    def direction(self, x: N, y: N) -> N:
        r = self.xp.hypot(x, y)
        return self.xp.where(r == 0, 0.0, x / self.xp.where(r == 0, 1.0, r))

    def norm(self, *x: N) -> N:
        return functools.reduce(self.xp.hypot, x) if len(x) > 1 else abs(x[0])

    def softmax(self, *x: N) -> tuple[N, ...]:
        top = functools.reduce(self.xp.maximum, x)
        exponentials = [self.xp.exp(x_k - top) for x_k in x]
        norm = sum(exponentials)
        return tuple([e / norm for e in exponentials])

    def divide(self, x: N, y: N) -> N:
        return self.xp.divide(x, y + 0.0)  # + 0.0: −0 is 0

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

    def contribution(self, upstream: N, partial: N, choice: bool = False) -> N:
        product = 0.0 + upstream * partial
        if isinstance(partial, int | float) and partial and math.isfinite(partial):
            return product
        nothing = (partial == 0) & (choice | self.xp.isinf(upstream))
        return self.xp.where((upstream == 0) | nothing, 0.0, product)

    lift = staticmethod(Floats.lift)


class Symbols:
    """SymPy's expressions: the function as it is written on paper."""

    def __init__(self, sympy: Any) -> None:
        self.sympy = sympy

    written = staticmethod(_is_written)
    total = staticmethod(_plain_sum)
    dot = staticmethod(_plain_dot)
    contribution = staticmethod(Fractions.contribution)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sympy, name)

    def log2(self, x: N) -> N:
        return self.sympy.log(x, 2)

    def log10(self, x: N) -> N:
        return self.sympy.log(x, 10)

    def exp2(self, x: N) -> N:
        return self.sympy.Integer(2) ** x

    def cbrt(self, x: N) -> N:
        return self.sympy.sign(x) * abs(x) ** self.sympy.Rational(1, 3)

    def gaussian(self, x: N, scale: float = 1.0) -> N:
        return self.sympy.exp(-self.lift(scale) * x**2)

    def one_minus_square(self, x: N) -> N:
        return 1 - x**2

    def direction(self, x: N, y: N) -> N:
        return x / self.hypot(x, y)

    def norm(self, *x: N) -> N:
        return self.sympy.sqrt(sum(x_k**2 for x_k in x))

    def mod(self, x: N, y: N) -> N:
        return x - y * self.sympy.floor(self.sympy.sympify(x) / y)

    def softmax(self, *x: N) -> tuple[N, ...]:
        return tuple([self.sympy.exp(x_k - self.logsumexp(*x)) for x_k in x])

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
            condition = self._question(condition)
        return self.sympy.Piecewise((x, condition), (y, True))

    def _question(self, number: N) -> N:
        """Return when a number is not 0: for 1 or 0 by a condition, that condition."""
        made = isinstance(number, self.sympy.Piecewise) and len(number.args) == 2
        if made and [value for value, _ in number.args] == [1, 0]:
            return number.args[0][1]
        return self.sympy.Ne(number, 0)

    def divide(self, x: N, y: N) -> N:
        return self.sympy.sympify(x) / y

    def power(self, x: N, y: N) -> N:
        return self.sympy.sympify(x) ** y

    def lift(self, number: float, like: N = 0.0) -> N:
        exact = self.sympy.Rational(repr(number)) if math.isfinite(number) else None
        return exact if exact is not None and exact.q <= 100 else self.sympy.Float(number)


FLOATS = Floats()
_LIBRARIES: dict[type, Any] = {float: FLOATS, int: FLOATS, bool: FLOATS}

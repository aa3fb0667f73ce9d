"""What the functions of rules are on SymPy's symbols."""

from __future__ import annotations

import math
from typing import Any

from autograd.libraries.exact import Fractions
from autograd.libraries.floats import N, plain_dot, plain_sum

__all__ = ["symbols"]


def symbols(sympy: Any) -> Any:
    """Return the functions on the expressions of SymPy."""
    return Symbols(sympy)


def _is_written(x: N) -> bool:
    return True


class Symbols:
    """SymPy's expressions: the function as it is written on paper."""

    def __init__(self, sympy: Any) -> None:
        self.sympy = sympy

    written = staticmethod(_is_written)
    total = staticmethod(plain_sum)
    dot = staticmethod(plain_dot)
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

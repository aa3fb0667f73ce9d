"""What the functions of rules are on fractions."""

from __future__ import annotations

import operator
from typing import Any

from autograd.errors import NumberError
from autograd.libraries.floats import Floats, N, plain_dot, plain_sum

__all__ = ["FRACTIONS"]


class Fractions:
    """Exact fractions: comparisons and whole powers; the rest has no exact answer."""

    written = staticmethod(Floats.written)
    where = staticmethod(Floats.where)
    total = staticmethod(plain_sum)
    dot = staticmethod(plain_dot)
    one_minus_square = staticmethod(Floats.one_minus_square)
    mod = staticmethod(operator.mod)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # Python's own, such as doctest asks for
            raise AttributeError(name)
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


FRACTIONS = Fractions()

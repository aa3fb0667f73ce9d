"""What the functions of rules are on arrays, element by element."""

from __future__ import annotations

import functools
import math
from importlib import import_module
from typing import Any

from autograd.libraries.floats import Floats, N, in_two_parts, plain_dot, plain_sum

__all__ = ["arrays"]


def arrays(xp: Any) -> Any:
    """Return the functions on the arrays of NumPy, or of JAX."""
    return Arrays(xp)


class Arrays:
    """Arrays of NumPy or JAX, element by element."""

    def __init__(self, xp: Any) -> None:
        self.xp = xp

    written = staticmethod(Floats.written)
    total = staticmethod(plain_sum)
    dot = staticmethod(plain_dot)
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
        far = 50 / math.sqrt(abs(scale) or 1.0)  # beyond it is 0, and squares might overflow
        square, rest = in_two_parts(self.xp.clip(x, -far, far))
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

"""Real numbers of as many digits as wanted, for rules to compute with: what is right, to compare.

`Precise` wraps a ``decimal.Decimal``, so that it mixes with floats, each of which is taken as the
exact number that it is. Results are rounded as the context of ``decimal`` says. As with arrays,
what has no value is NaN, and a pole an infinity.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from decimal import Decimal
from numbers import Number
from typing import Any

from autograd import decimals
from autograd.errors import NumberError
from autograd.libraries import Floats, N, register

__all__ = ["Precise"]


def _exactly(x: Any) -> Decimal | None:
    """Return a number as the decimal that it is, or None if it is no plain number."""
    if type(x) is Precise:
        return x.decimal
    return Decimal(x) if isinstance(x, float | int) else None


def _operator(operation: Callable[[Decimal, Decimal], Decimal]) -> Any:
    """Return the method of an operator."""

    def method(self: Precise, other: Any) -> Any:
        y = _exactly(other)
        return NotImplemented if y is None else Precise(operation(self.decimal, y))

    return method


def _reflected(operation: Callable[[Decimal, Decimal], Decimal]) -> Any:
    """Return the method of an operator with its operands the other way round."""
    return _operator(lambda x, y: operation(y, x))


def _comparison(compare: Callable[[Decimal, Decimal], bool]) -> Any:
    """Return the method of a comparison, which with NaN is false."""

    def method(self: Precise, other: Any) -> Any:
        y = _exactly(other)
        return NotImplemented if y is None else compare(self.decimal, y)

    return method


class Precise:
    """A real number in the precision of the current context of ``decimal``.

    >>> from autograd import functions as f
    >>> with decimals.digits(40):
    ...     print(f.exp(Precise(1.0)))
    2.718281828459045235360287471352662497757
    """

    __slots__ = ("decimal",)

    def __init__(self, number: Decimal | float) -> None:
        self.decimal = Decimal(number)

    def rounded(self) -> float:
        """Return the nearest float: an infinity, or 0, beyond the range of floats."""
        return float(self.decimal)

    def __float__(self) -> float:
        raise NumberError("float(x) rounds what has many digits; write f.exp, not math.exp")

    def __repr__(self) -> str:
        return str(self.decimal)

    def __bool__(self) -> bool:
        return bool(self.decimal)

    def __hash__(self) -> int:
        return hash(self.decimal)

    def __neg__(self) -> Precise:
        return Precise(-self.decimal)

    def __pos__(self) -> Precise:
        return self

    def __abs__(self) -> Precise:
        return Precise(abs(self.decimal))

    def __floor__(self) -> int:
        return math.floor(self.decimal)

    def __ceil__(self) -> int:
        return math.ceil(self.decimal)

    __add__, __radd__ = _operator(operator.add), _reflected(operator.add)
    __sub__, __rsub__ = _operator(operator.sub), _reflected(operator.sub)
    __mul__, __rmul__ = _operator(operator.mul), _reflected(operator.mul)
    __truediv__, __rtruediv__ = _operator(operator.truediv), _reflected(operator.truediv)
    __pow__, __rpow__ = _operator(decimals.power), _reflected(decimals.power)
    __lt__, __le__ = _comparison(operator.lt), _comparison(operator.le)
    __gt__, __ge__ = _comparison(operator.gt), _comparison(operator.ge)
    __eq__, __ne__ = _comparison(operator.eq), _comparison(operator.ne)


class _Library:
    """The functions that rules are written with: those of `decimals`, and choices as on floats."""

    maximum = staticmethod(Floats.maximum)
    minimum = staticmethod(Floats.minimum)
    written = staticmethod(Floats.written)
    where = staticmethod(Floats.where)
    compare = staticmethod(Floats.compare)
    step = staticmethod(Floats.step)
    one_minus_square = staticmethod(Floats.one_minus_square)
    divide = staticmethod(operator.truediv)

    def __getattr__(self, name: str) -> Callable[..., Precise]:
        function: Callable[..., Decimal] = getattr(decimals, name)
        return lambda *x: Precise(function(*map(_exactly, x)))

    @staticmethod
    def contribution(upstream: N, partial: N, choice: bool = False) -> N:
        nothing = not partial and (choice or abs(upstream) == math.inf)
        return Precise(0) if not upstream or nothing else upstream * partial

    def dot(self, w: tuple[N, ...], x: tuple[N, ...]) -> N:
        return self.total(*map(operator.mul, w, x))

    def softmax(self, *x: N) -> tuple[N, ...]:
        top = max(x)
        exponentials = [self.exp(x_k - top) for x_k in x]
        norm = self.total(*exponentials)
        return tuple([e / norm for e in exponentials])

    @staticmethod
    def lift(number: float, like: N = 0.0) -> Precise:
        return Precise(number)


register(Precise, _Library())
Number.register(Precise)

"""Numbers whose exponent knows no bounds: products along paths of thousands of factors."""

from __future__ import annotations

import math

from autograd.views.writing.numbers import short

__all__ = ["Wide"]

LOST = 1100
"""How many binary digits below another a summand may lie, to be seen in the sum."""


class Wide:
    """A float of the usual precision that neither overflows nor becomes 0.

    It is rounded as a float is, so that in the range of floats it is the same number.

    >>> tiny = Wide(1e-200)
    >>> tiny * tiny, float(tiny * tiny), float(tiny * tiny / (tiny * tiny))
    (1.000e-400, 0.0, 1.0)
    """

    __slots__ = ("exponent", "mantissa")

    def __init__(self, x: float, exponent: int = 0) -> None:
        self.mantissa, shift = math.frexp(x)
        self.exponent = exponent + shift if x else 0

    def __bool__(self) -> bool:
        return bool(self.mantissa)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Wide):
            return NotImplemented
        return self.mantissa == other.mantissa and self.exponent == other.exponent

    def __hash__(self) -> int:
        return hash((self.mantissa, self.exponent))

    def __abs__(self) -> Wide:
        return Wide(abs(self.mantissa), self.exponent)

    def __add__(self, other: Wide) -> Wide:
        if not (self and other):
            return self or other
        low, high = sorted((self, other), key=lambda x: x.exponent)
        shift = max(low.exponent - high.exponent, -LOST)
        return Wide(high.mantissa + math.ldexp(low.mantissa, shift), high.exponent)

    def __mul__(self, other: Wide) -> Wide:
        return Wide(self.mantissa * other.mantissa, self.exponent + other.exponent)

    def __truediv__(self, other: Wide) -> Wide:
        """Return the quotient, NaN where there is none."""
        if not other:
            return Wide(math.nan)
        return Wide(self.mantissa / other.mantissa, self.exponent - other.exponent)

    def __float__(self) -> float:
        try:
            return math.ldexp(self.mantissa, self.exponent)
        except OverflowError:
            return math.copysign(math.inf, self.mantissa)

    @property
    def log2(self) -> float:
        """The binary logarithm of its absolute value; −∞ of 0."""
        return math.log2(abs(self.mantissa)) + self.exponent if self else -math.inf

    @property
    def is_ordinary(self) -> bool:
        """Whether a float holds it in full."""
        return not self or not math.isfinite(self.mantissa) or -1021 <= self.exponent <= 1024

    def __repr__(self) -> str:
        if self.is_ordinary:
            return short(float(self))
        power = self.log2 * math.log10(2)
        exponent = math.floor(power)
        mantissa = f"{10 ** (power - exponent):.3f}"
        if mantissa == "10.000":
            mantissa, exponent = "1.000", exponent + 1
        return f"{'-' * (self.mantissa < 0)}{mantissa}e{exponent:+03d}"

"""Functions that processors lack, as formulas of those they have.

So a kernel computes them on eight numbers at once. Some are written here, good to 4 units in the
last place: Taylor's series, after the number has been brought near 0. The others are those of
`autograd.libraries.arrays`, run on symbols.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd import functions as f
from autograd.libraries.arrays import Arrays
from autograd.program.symbols import Symbol

__all__ = ["FORMULAS"]

_LOG2_HIGH = float.fromhex("0x1.62E42FEFA0000p-1")  # n times this is exact
_LOG2_LOW = float.fromhex("0x1.CF79ABC9E3B39p-40")


def _series(x: Any, *coefficients: float) -> Any:
    """Return a polynomial; the coefficient of the highest power comes first."""
    result: Any = coefficients[0]
    for c in coefficients[1:]:
        result = Symbol("muladd", result, x, c)
    return result


def _reduced(x: Any) -> tuple[Any, Any]:
    """Return exp(r) − 1 and n where x = n log 2 + r, |r| ≤ 0.35."""
    x = f.minimum(f.maximum(x, -746.0), 710.0)
    n = Symbol("rint", x * (1 / math.log(2)))
    r = (x - n * _LOG2_HIGH) - n * _LOG2_LOW
    series = _series(r, *[1 / math.factorial(k) for k in range(13, 1, -1)])
    return Symbol("muladd", r * r, series, r), n


def _exp(x: Any) -> Any:
    rest, n = _reduced(x)
    half = Symbol("rint", n * 0.5)  # in two steps: 2ⁿ alone may be too large
    return (1 + rest) * Symbol("two_to", half) * Symbol("two_to", n - half)


def _expm1(x: Any) -> Any:
    rest, n = _reduced(x)
    half = Symbol("two_to", f.maximum(n - 1, -1000.0))
    return f.where(abs(x) < 1e-290, x, 2 * (half * rest + (half - 0.5)))  # −0 stays −0


def _tanh(x: Any) -> Any:
    t = _expm1(-2 * abs(x))
    return f.where(x == 0, x, f.where(x < 0, t, -t) / (t + 2))  # −0 stays −0


def _log(x: Any) -> Any:
    tiny = x < 2.0**-1022
    y = f.where(tiny, x * 2.0**54, x)
    m, n = Symbol("significand", y), Symbol("exponent", y) - f.where(tiny, 54.0, 0.0)
    large = m > math.sqrt(2)  # x = 2ⁿ m, and m from √½ to √2
    m, n = f.where(large, m * 0.5, m), f.where(large, n + 1, n)
    s = (m - 1) / (m + 1)
    z = s * s
    series = _series(z, *[1 / k for k in range(23, 1, -2)])
    finite = n * _LOG2_HIGH + (2 * s + (2 * s * z * series + n * _LOG2_LOW))
    positive = f.where(x < math.inf, finite, x)
    return f.where(x > 0, positive, f.where(x == 0, -math.inf, math.nan))


def _log1p(x: Any) -> Any:
    u = 1 + x  # rounded; the factor makes up for it
    rounded = _log(u) * (x / (u - 1))
    return f.where((u > 0) & (u < math.inf) & (u != 1), rounded, f.where(u == 1, x, _log(u)))


def _mod(x: Any, y: Any) -> Any:
    rest = Symbol("fmod", x, y)  # has the sign of x
    other = ((rest < 0) & (y > 0)) | ((rest > 0) & (y < 0))
    return f.where(other, rest + y, f.where(rest == 0, f.where(y < 0, -0.0, 0.0), rest))


class _Operations:
    """What `Arrays` asks of NumPy, asked of symbols."""

    __name__ = "symbols"

    def __getattr__(self, name: str) -> Callable[..., Symbol]:
        function: Callable[..., Symbol] = getattr(f, name)
        return function

    def isinf(self, x: Any) -> Any:
        return Symbol("isinf", x)

    def clip(self, x: Any, low: float, high: float) -> Any:
        return f.minimum(f.maximum(x, low), high)

    def divide(self, x: Any, y: Any) -> Any:
        return x / y


_ARRAYS = Arrays(_Operations())

FORMULAS: dict[str, Callable[..., Any]] = {
    "exp": _exp,
    "expm1": _expm1,
    "log": _log,
    "log1p": _log1p,
    "tanh": _tanh,
    "mod": _mod,
    **{
        name: getattr(_ARRAYS, name)
        for name in (
            "compare", "contribution", "direction", "divide", "gaussian", "one_minus_square",
            "sech", "sigmoid", "softplus", "step",
        )
    },
}  # fmt: skip
"""How to write a function with simpler ones, by the head of its symbol."""

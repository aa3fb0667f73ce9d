"""Functions as formulas of those that every language has, as exact as Python's own.

They are for machines whose functions are not those of Python's ``math``, and which have no time to
lose: JavaScript. Each is good to 2 units in the last place, over all numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd import functions as f
from autograd.program.symbols import Symbol

__all__ = ["ACCURATE"]

_LOG2_HIGH = float.fromhex("0x1.62E42FEFA0000p-1")  # n times this is exact
_LOG2_LOW = float.fromhex("0x1.CF79ABC9E3B39p-40")

# Coefficients, that of the highest power first, of polynomials through the functions at Chebyshev's
# points, computed by mpmath to 90 digits: of erf(x)/x − 1 in x² for |x| < 0.875, and of
# log(2x · exp(x²) · erfc(x)) in (x − 1.375)/(x + 1.375) for x < 2, then in 1/(x + 1) for x < 28.
_NEAR = (
    -8.6662766e-10, 1.412277766e-08, -1.6289242608e-07, 1.64566075974e-06, -1.49253872017e-05,
    0.00012055324561705, -0.00085483268456903, 0.005223977623059443, -0.026866170644942594,
    0.11283791670954353, -0.3761263890318374, 0.1283791670955126,
)  # fmt: skip
_MIDDLE = (
    0.0964127, -0.07002967, 0.06177299, -0.071067305, 0.077075948, -0.0835584627, 0.0908788721,
    -0.099440993654, 0.112168522105, -0.124772403275, 0.1400391543432, -0.17215961971463,
    0.200682590858087, -0.227601436047921, 0.3655927906751784, -0.5868806300039908,
    0.5235257473257117, -0.05756163934941653,
)  # fmt: skip
_FAR = (
    -33418.24876155, 107858.787583366, -146491.875213947, 98091.4627696747, -16589.7928313484,
    -27067.34440464336, 26387.48478951458, -12117.95470965389, 3310.501617789087,
    -640.5612130360905, 148.4545118622337, -27.12850868311797, -6.83972695972224, 0.11601036132849,
    2.216878144770317, 0.4995795442639567, -0.874984404171666, -1.000000420303611,
    -0.49999999225853936, -8.6884425e-11, 0.12078223763569211,
)  # fmt: skip


def _enough(coefficients: list[float], size: float) -> tuple[float, ...]:
    """Return coefficients in no more digits than count for numbers up to a size."""
    powers = [size**k for k in reversed(range(len(coefficients)))]
    digits = [17 + round(math.log10(abs(c) * p)) for c, p in zip(coefficients, powers, strict=True)]
    pairs = zip(coefficients, digits, strict=True)
    return tuple([float(f"{c:.{min(max(d, 2), 17)}g}") for c, d in pairs])


_EXPONENTIAL = _enough([1 / math.factorial(k) for k in range(14, 2, -1)], 0.35)
_LOGARITHM = _enough([1 / k for k in range(25, 1, -2)], 0.0295)


def _polynomial(x: Any, coefficients: tuple[float, ...]) -> Any:
    result: Any = coefficients[0]
    for c in coefficients[1:]:
        result = result * x + c
    return result


def _exponential(x: Any, rest: Any) -> Any:
    """Return exp(x + rest), from the leading digits of exp(r) = 1 + r + r²/2 + … and the rest."""
    x = f.minimum(f.maximum(x, -1100.0), 1100.0)
    n = Symbol("rint", (x + rest) / math.log(2))
    high, low = x - n * _LOG2_HIGH, rest - n * _LOG2_LOW
    r = high + low
    low = (high - r) + low
    square, square_rest = _squared(r)
    first = 1 + r
    both = first + square / 2
    lost = ((1 - first) + r) + ((first - both) + square / 2)
    series = _polynomial(r, _EXPONENTIAL)
    lost = lost + (square_rest / 2 + r * r * r * series + low * first)
    half = Symbol("rint", n / 2)  # in two steps: 2ⁿ alone may be too large
    return (both + lost) * Symbol("two_to", half) * Symbol("two_to", n - half)


def _log(x: Any) -> Any:
    """Return log(x): n log 2 + log(m) for x = 2ⁿ m, of which 2s = 2(m − 1)/(m + 1) in two parts."""
    n = Symbol("rint", f.log2(x))
    half = Symbol("rint", n / 2)  # in two steps: 2⁻ⁿ alone may be too large
    m = x * Symbol("two_to", -half) * Symbol("two_to", half - n)
    above, below = m - 1, m + 1
    s = above / below
    s_head, head = Symbol("leading", s), Symbol("leading", below)
    off = (above - s_head * head) - s_head * (below - head) - (s - s_head) * below
    off = off - s * (m - (below - 1))
    z = s * s
    series = 2 * (off / below + s * z * _polynomial(z, _LOGARITHM))
    leading = n * _LOG2_HIGH + 2 * s
    lost = (n * _LOG2_HIGH - leading) + 2 * s
    finite = f.where(x < math.inf, leading + (lost + (series + n * _LOG2_LOW)), x)
    return f.where(x > 0, finite, f.where(x == 0, -math.inf, math.nan))


def _leading(x: Any) -> Any:
    """Return the leading half of the digits of a number, whose square is exact.

    Source: Dekker 1971, https://doi.org/10.1007/BF01397083.
    """
    shifted = x * 134217729.0  # 2²⁷ + 1
    return shifted - (shifted - x)


def _squared(x: Any) -> tuple[Any, Any]:
    """Return x² in two parts."""
    head = Symbol("leading", x)
    return head * head, (x - head) * (x + head)


def _cosh(x: Any) -> Any:
    size = abs(x)
    rest, e = Symbol("expm1", size), f.exp(size)
    large = f.where(size < 22, e / 2 + 0.5 / e, Symbol("half_exp", size))
    return f.where(size < math.log(2) / 2, 1 + rest * rest / (2 * (1 + rest)), large)


def _sinh(x: Any) -> Any:
    size, half = abs(x), f.where(x < 0, -0.5, 0.5)
    rest = Symbol("expm1", size)
    small = f.where(size < 1, 2 * rest - rest * rest / (rest + 1), rest + rest / (rest + 1))
    return f.where(size < 22, half * small, 2 * half * Symbol("half_exp", size))


def _half_exp(x: Any) -> Any:
    """Return exp(x)/2, also where exp(x) is too large."""
    e, root = f.exp(x), f.exp(x / 2)
    return f.where(e < math.inf, e / 2, root / 2 * root)


def _near(x: Any) -> Any:
    """Return erf(x) − x for |x| < 0.875."""
    return x * _polynomial(x * x, _NEAR)


def _tail(x: Any) -> Any:
    """Return erfc(x) for x ≥ 0.875."""
    x = f.minimum(x, 28.0)
    square, rest = _squared(x)
    middle = _polynomial((x - 1.375) / (x + 1.375), _MIDDLE)
    far = _polynomial(1 / (x + 1), _FAR)
    return Symbol("exponential", -square, f.where(x < 2, middle, far) - rest) / (2 * x)


def _erf(x: Any) -> Any:
    size = abs(x)
    far = 1 - Symbol("erfc_tail", size)
    return f.where(size < 0.875, x + Symbol("erf_near", x), f.where(x < 0, -far, far))


def _erfc(x: Any) -> Any:
    first = 1 - x
    near = first - (Symbol("erf_near", x) - ((1 - first) - x))
    tail = Symbol("erfc_tail", abs(x))
    return f.where(abs(x) < 0.875, near, f.where(x < 0, 2 - tail, tail))


def _gaussian(x: Any, scale: Any) -> Any:
    square, rest = _squared(x)
    exact = f.exp(-scale * square) * f.exp(-scale * rest)
    return f.where(abs(x) < 50, exact, f.exp(-scale * x * x))


def _hypot(x: Any, y: Any) -> Any:
    """Return √(x² + y²), the root corrected by what the squares are off."""
    largest = f.maximum(abs(x), abs(y))
    scale = f.where(largest > 2.0**500, 2.0**-600, f.where(largest < 2.0**-400, 2.0**600, 1.0))
    (x_square, x_rest), (y_square, y_rest) = _squared(x * scale), _squared(y * scale)
    large, small = f.maximum(x_square, y_square), f.minimum(x_square, y_square)
    total = large + small
    rest = ((large - total) + small) + (x_rest + y_rest)
    root = f.sqrt(total + rest)
    square, square_rest = _squared(root)
    better = root + (((total - square) + rest) - square_rest) / (2 * root)
    infinite = Symbol("isinf", x) | Symbol("isinf", y)  # even if the other is NaN
    return f.where(infinite, math.inf, f.where(largest == 0, largest, better / scale))


def _direction(x: Any, y: Any) -> Any:
    r = f.hypot(x, y)
    return f.where(r == 0, 0.0, x / r)


def _maximum(x: Any, y: Any) -> Any:
    return f.where((x >= y) | (x != x), x, y)


def _minimum(x: Any, y: Any) -> Any:
    return f.where((x <= y) | (x != x), x, y)


def _power(x: Any, y: Any) -> Any:
    one = (x == 1) | ((x == -1) & Symbol("isinf", y))  # whatever y, even NaN
    return f.where(one, 1.0, Symbol("pow", x, y))


def _sech(x: Any) -> Any:
    return f.where(abs(x) < 700, 1 / f.cosh(x), 2 * f.exp(-abs(x)))


ACCURATE: dict[str, Callable[..., Any]] = {
    "cosh": _cosh,
    "direction": _direction,
    "divide": lambda x, y: x / (y + 0.0),  # + 0.0: −0 is 0
    "erf": _erf,
    "erf_near": _near,
    "erfc": _erfc,
    "erfc_tail": _tail,
    "exp": lambda x: Symbol("exponential", x, 0.0),
    "exp2": lambda x: Symbol("two_to", x),
    "exponential": _exponential,
    "gaussian": _gaussian,
    "half_exp": _half_exp,
    "hypot": _hypot,
    "leading": _leading,
    "log": _log,
    "maximum": _maximum,
    "minimum": _minimum,
    "power": _power,
    "sech": _sech,
    "sinh": _sinh,
}
"""How to write a function, by the head of its symbol."""

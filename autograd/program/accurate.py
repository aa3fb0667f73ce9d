"""Functions as formulas of those that every language has, as exact as Python's own.

They are for machines whose functions are not those of Python's ``math``, and which have no time to
lose: JavaScript. Each is good to 2 units in the last place, over all numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd import functions as f
from autograd.libraries.floats import in_two_parts
from autograd.program.symbols import Symbol

__all__ = ["ACCURATE"]

_LOG2_HIGH = float.fromhex("0x1.62E42FEFA0000p-1")  # n times this is exact
_LOG2_LOW = float.fromhex("0x1.CF79ABC9E3B39p-40")

# Coefficients, that of the highest power first, of polynomials through the functions at Chebyshev's
# points, computed by mpmath to 90 digits: erf(x)/x − 1 in x² for |x| < 0.875, and log(x · exp(x²) ·
# erfc(x)) in (x − 1.375)/(x + 1.375) for x < 2, in 1/(x + 1) up to 28, where erfc is 0.
_NEAR = (
    -8.6662766e-10, 1.412277766e-08, -1.6289242608e-07, 1.64566075974e-06, -1.49253872017e-05,
    0.000120553245617054, -0.00085483268456903, 0.005223977623059443, -0.026866170644942594,
    0.11283791670954353, -0.3761263890318374, 0.1283791670955126,
)  # fmt: skip
_MIDDLE = (
    0.103011957, -0.079561534, 0.07258721, -0.083149133, 0.09110216755, -0.099451041834,
    0.112162619631, -0.12477226828, 0.1400392396309, -0.172159620721236, 0.200682590218002,
    -0.2276014360438504, 0.3655927906773103, -0.5868806300039984, 0.5235257473257096,
    -0.7507088199093618,
)  # fmt: skip
_FAR = (
    12102.3848318387, -41669.7661232293, 64715.50999904587, -59098.3602401148,
    34491.58861356135, -13012.443101542567, 3081.6890770842556, -496.6384584193485,
    108.3179058840489, -19.5908164924175, -7.87892404277423, 0.224123961717199,
    2.2083425291499643, 0.500087190952693, -0.8750067173777757, -0.999999719790289,
    -0.5000000070632776, 1.0118244e-10, -0.5723649429253346,
)  # fmt: skip


def _polynomial(x: Any, coefficients: tuple[float, ...]) -> Any:
    result: Any = coefficients[0]
    for c in coefficients[1:]:
        result = result * x + c
    return result


def _exponential(x: Any, rest: Any) -> Any:
    """Return exp(x + rest), from the leading digits of exp(r) = 1 + r + r²/2 + … and the rest."""
    n = Symbol("rint", f.minimum(f.maximum((x + rest) / math.log(2), -1100.0), 1100.0))
    high, low = x - n * _LOG2_HIGH, rest - n * _LOG2_LOW
    r = high + low
    low = (high - r) + low
    square, square_rest = in_two_parts(r)
    first = 1 + r
    both = first + square / 2
    lost = ((1 - first) + r) + ((first - both) + square / 2)
    series = _polynomial(r, tuple([1 / math.factorial(k) for k in range(14, 2, -1)]))
    lost = lost + (square_rest / 2 + r * r * r * series + low * first)
    half = Symbol("rint", n / 2)  # in two steps: 2ⁿ alone may be too large
    return (both + lost) * Symbol("two_to", half) * Symbol("two_to", n - half)


def _near(x: Any) -> Any:
    """Return erf(x) − x for |x| < 0.875."""
    return x * _polynomial(x * x, _NEAR)


def _tail(x: Any) -> Any:
    """Return erfc(x) for x ≥ 0.875."""
    x = f.minimum(x, 28.0)
    square, rest = in_two_parts(x)
    middle = _polynomial((x - 1.375) / (x + 1.375), _MIDDLE)
    far = _polynomial(1 / (x + 1), _FAR)
    return _exponential(-square, f.where(x < 2, middle, far) - rest) / x


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
    square, rest = in_two_parts(x)
    exact = f.exp(-scale * square) * f.exp(-scale * rest)
    return f.where(abs(x) < 50, exact, f.exp(-scale * x * x))


def _hypot(x: Any, y: Any) -> Any:
    """Return √(x² + y²), the root corrected by what the squares are off."""
    largest = f.maximum(abs(x), abs(y))
    scale = f.where(largest > 2.0**500, 2.0**-600, f.where(largest < 2.0**-400, 2.0**600, 1.0))
    (x_square, x_rest), (y_square, y_rest) = in_two_parts(x * scale), in_two_parts(y * scale)
    large, small = f.maximum(x_square, y_square), f.minimum(x_square, y_square)
    total = large + small
    rest = ((large - total) + small) + (x_rest + y_rest)
    root = f.sqrt(total + rest)
    square, square_rest = in_two_parts(root)
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
    "direction": _direction,
    "divide": lambda x, y: x / (y + 0.0),  # + 0.0: −0 is 0
    "erf": _erf,
    "erf_near": _near,
    "erfc": _erfc,
    "erfc_tail": _tail,
    "exp2": lambda x: Symbol("two_to", x),
    "gaussian": _gaussian,
    "hypot": _hypot,
    "maximum": _maximum,
    "minimum": _minimum,
    "power": _power,
    "sech": _sech,
}
"""How to write a function, by the head of its symbol."""

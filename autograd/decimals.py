"""Elementary functions of ``decimal.Decimal``, to as many digits as its context asks for.

Each is computed with guard digits and rounded once, as the context says. By Taylor series, after
the argument was made small: it is the arithmetic of school, and shares nothing with ``math``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, getcontext, localcontext
from functools import cache, wraps
from typing import TypeAlias

from autograd.libraries import FLOATS

D: TypeAlias = Decimal

_ONE = D(1)

__all__ = [
    *("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "digits"),
    *("direction", "erf", "erfc", "exp", "exp2", "expm1", "gaussian", "hypot", "log", "log1p"),
    *("log10", "log2", "logsumexp", "mod", "norm", "power", "sech", "sigmoid", "sin", "sinh"),
    *("softplus", "sqrt", "tan", "tanh", "total"),
]


def digits(count: int) -> AbstractContextManager[Context]:
    """Compute with so many digits, and any exponent, within a ``with`` block.

    >>> with digits(30):
    ...     print(atan(D(1)) * 4)
    3.14159265358979323846264338328
    """
    return localcontext(Context(prec=count, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[]))


def _guarded(function: Callable[..., D]) -> Callable[..., D]:
    """Compute with guard digits, more for large and tiny operands, and round once."""

    @wraps(function)
    def guarded(*x: D) -> D:
        if not all(x_k.is_finite() for x_k in x):
            return _at_infinity(function.__name__, x)
        context = getcontext()
        size = max([abs(x_k.adjusted()) if x_k else 0 for x_k in x])
        with digits(context.prec + 20 + min(size, 1000)):
            z = function(*x)
        return context.plus(z)

    return guarded


def _at_infinity(name: str, x: tuple[D, ...]) -> D:
    try:
        return D(getattr(FLOATS, name)(*map(float, x)))
    except ValueError:
        return D("NaN")


# Exponentials


@_guarded
def exp(x: D) -> D:
    """Return e to the power x."""
    if getcontext().prec < 150 or abs(x) > 10**6:  # its own is the faster one there
        return x.exp()
    halvings = 30 + max(0, 4 * x.adjusted())
    with digits(getcontext().prec + halvings // 3):
        z = _taylor(x / 2**halvings, lambda term, n: term / n)
        for _ in range(halvings):
            z *= z
    return z


def _taylor(x: D, next_term: Callable[[D, int], D]) -> D:
    """Return 1 + t₁ + t₂ + …, each term made of the one before it times x."""
    z = term = D(1)
    for n in range(1, 10**6):
        term = next_term(term * x, n)
        before, z = z, z + term
        if z == before:
            break
    return z


@_guarded
def expm1(x: D) -> D:
    """Return exp(x) − 1."""
    return exp(x) - 1


@_guarded
def exp2(x: D) -> D:
    """Return 2 to the power x."""
    return power(D(2), x)


@_guarded
def gaussian(x: D, scale: D = _ONE) -> D:
    """Return exp(−scale · x²)."""
    return exp(-scale * x * x)


@_guarded
def sinh(x: D) -> D:
    """Return the hyperbolic sine of x."""
    return (exp(x) - exp(-x)) / 2


@_guarded
def cosh(x: D) -> D:
    """Return the hyperbolic cosine of x."""
    return (exp(x) + exp(-x)) / 2


@_guarded
def sech(x: D) -> D:
    """Return 1 / cosh(x)."""
    return 1 / cosh(x)


@_guarded
def tanh(x: D) -> D:
    """Return the hyperbolic tangent of x."""
    e = expm1(-2 * abs(x))
    return (-e / (e + 2)).copy_sign(x)


@_guarded
def sigmoid(x: D) -> D:
    """Return 1 / (1 + exp(−x))."""
    return 1 / (1 + exp(-x))


@_guarded
def log(x: D) -> D:
    """Return the natural logarithm of x: −∞ at 0, NaN below."""
    if x <= 0 or getcontext().prec < 150:
        return x.ln()
    with digits(20):
        guess = x.ln()
    e = exp(guess)
    return guess + 2 * _odd_series((x - e) / (x + e), 1)  # log(x/e) = 2 artanh …


def _odd_series(x: D, sign: int) -> D:
    """Return x + s x³/3 + x⁵/5 + s x⁷/7 + …: artanh for the sign +, atan for −."""
    z, term, square = x, x, sign * x * x
    for n in range(3, 10**6, 2):
        term *= square
        before, z = z, z + term / n
        if z == before:
            break
    return z


@_guarded
def log2(x: D) -> D:
    """Return the logarithm of x to the base 2."""
    return log(x) / log(D(2))


@_guarded
def log10(x: D) -> D:
    """Return the logarithm of x to the base 10."""
    return log(x) / log(D(10))


@_guarded
def asinh(x: D) -> D:
    """Return the inverse hyperbolic sine of x."""
    return log1p(abs(x) + x * x / (1 + (1 + x * x).sqrt())).copy_sign(x)


@_guarded
def acosh(x: D) -> D:
    """Return the inverse hyperbolic cosine of x: NaN below 1."""
    return log(x + (x - 1).sqrt() * (x + 1).sqrt())


@_guarded
def atanh(x: D) -> D:
    """Return the inverse hyperbolic tangent of x: NaN beyond ±1."""
    return (log1p(x) - log1p(-x)) / 2


@_guarded
def log1p(x: D) -> D:
    """Return log(1 + x)."""
    return log(1 + x)


@_guarded
def softplus(x: D) -> D:
    """Return log(1 + exp(x))."""
    return max(x, D(0)) + log1p(exp(-abs(x)))


@_guarded
def logsumexp(*x: D) -> D:
    """Return log(exp(x₁) + … + exp(xₙ))."""
    top = max(x)
    others = [exp(x_k - top) for x_k in x]
    others.remove(D(1))
    return top + log1p(sum(others, D(0)))


def sqrt(x: D) -> D:
    """Return the square root of x: NaN below 0."""
    return x.sqrt()


@_guarded
def cbrt(x: D) -> D:
    """Return the cube root of x, negative for negative x."""
    return power(abs(x), 1 / D(3)).copy_sign(x)


@_guarded
def total(*x: D) -> D:
    """Return x₁ + … + xₙ, rounded once."""
    return sum(x, D(0))


@_guarded
def norm(*x: D) -> D:
    """Return the distance of a point from the origin."""
    return sum((x_k * x_k for x_k in x), D(0)).sqrt()


hypot = norm


@_guarded
def direction(x: D, y: D) -> D:
    """Return x / hypot(x, y), or 0 at the origin."""
    return x / norm(x, y) if x or y else D(0)


@_guarded
def mod(x: D, y: D) -> D:
    """Return x − y · ⌊x / y⌋, which has the sign of y."""
    rest = x % y
    return rest + y if rest and rest.is_signed() != y.is_signed() else rest


@_guarded
def power(x: D, y: D) -> D:
    """Return x to the power y: an infinity at a pole, NaN for a fractional power below 0."""
    whole = y == y.to_integral_value()
    if not y or not x:
        return D(1) if not y else D(0) if y > 0 else D("Infinity")
    if whole and abs(y) <= 1000:
        return x ** int(y)
    if x < 0 and not whole:
        return D("NaN")
    z = exp(y * log(abs(x)))
    return -z if x < 0 and y % 2 else z


# Angles


@cache
def _pi(precision: int) -> D:
    """Return π by Machin's formula."""
    with digits(precision + 10):
        return 16 * _odd_series(D(1) / 5, -1) - 4 * _odd_series(D(1) / 239, -1)


def _cos_sin(x: D) -> tuple[D, D]:
    """Return both, by halving the angle and doubling it again."""
    x %= 2 * _pi(getcontext().prec)
    halvings = 30
    with digits(getcontext().prec + 20):
        half = x / 2**halvings
        square = half * half
        c = _taylor(-square, lambda term, n: term / (2 * n * (2 * n - 1)))
        s = half * _taylor(-square, lambda term, n: term / (2 * n * (2 * n + 1)))
        for _ in range(halvings):
            c, s = c * c - s * s, 2 * c * s
    return c, s


@_guarded
def sin(x: D) -> D:
    """Return the sine of x."""
    return _cos_sin(x)[1]


@_guarded
def cos(x: D) -> D:
    """Return the cosine of x."""
    return _cos_sin(x)[0]


@_guarded
def tan(x: D) -> D:
    """Return the tangent of x."""
    c, s = _cos_sin(x)
    return s / c


@_guarded
def atan(x: D) -> D:
    """Return the arc tangent of x."""
    guess = D(math.atan(float(x)))
    c, s = _cos_sin(guess)
    return guess + _odd_series((x * c - s) / (c + x * s), -1)


@_guarded
def atan2(y: D, x: D) -> D:
    """Return the angle of the point (x, y)."""
    pi = _pi(getcontext().prec)
    if abs(y) > abs(x):
        return (pi / 2).copy_sign(y) - atan(x / y)
    angle = atan(y / x) if x else D(0)
    return angle if not x.is_signed() else angle + pi.copy_sign(y)


@_guarded
def asin(x: D) -> D:
    """Return the arc sine of x: NaN beyond ±1."""
    return atan2(x, ((1 - x) * (1 + x)).sqrt())


@_guarded
def acos(x: D) -> D:
    """Return the arc cosine of x: NaN beyond ±1."""
    return atan2(((1 - x) * (1 + x)).sqrt(), x)


# The error function


@_guarded
def erf(x: D) -> D:
    """Return the error function of x."""
    if x * x > 3 * getcontext().prec:  # erfc(x) < exp(−x²) is beyond the last digit
        return D(1).copy_sign(x)
    odd = _taylor(2 * x * x, lambda term, n: term / (2 * n + 1))  # Σ (2x²)ⁿ / 1·3·5·…·(2n+1)
    return 2 * x * odd * exp(-x * x) / _pi(getcontext().prec).sqrt()


@_guarded
def erfc(x: D) -> D:
    """Return 1 − erf(x)."""
    precision, square = getcontext().prec, x * x
    if x < 0:
        return 1 + erf(-x)
    if square < 3 * precision:
        with digits(precision + int(square) // 2):  # what the subtraction takes away
            return 1 - erf(x)
    asymptotic = _taylor(-1 / (2 * square), lambda term, n: term * (2 * n - 1))
    return asymptotic * exp(-square) / (x * _pi(precision).sqrt())

"""The functions that rules are written with, on whatever kind of number they are given.

A rule says ``f.tanh(x)`` and means the tanh of a float, of every element of a NumPy array or JAX
tracer, of a SymPy symbol, or of a ``Value``. Each kind of number has one library that knows how:
`autograd.libraries` holds those of other packages, and a kind defined elsewhere is announced to it.

On floats the functions raise what Python's ``math`` raises, except the three that slopes are
written with: `divide`, `log` and `power` return the limit (an infinity, or NaN), as NumPy does.

    >>> from fractions import Fraction
    >>> exp(0.0), power(Fraction(2, 3), 2), divide(1.0, 0.0)
    (1.0, Fraction(4, 9), inf)
"""

from __future__ import annotations

from autograd.libraries import N, library

__all__ = [
    "absolute",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "compare",
    "contribution",
    "cos",
    "cosh",
    "direction",
    "divide",
    "dot",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expm1",
    "gaussian",
    "hypot",
    "lift",
    "log",
    "log1p",
    "log2",
    "log10",
    "logsumexp",
    "maximum",
    "minimum",
    "mod",
    "norm",
    "one_minus_square",
    "power",
    "sech",
    "sigmoid",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "sqrt",
    "step",
    "tan",
    "tanh",
    "total",
    "where",
    "written",
]


def exp(x: N) -> N:
    """Return e to the power x."""
    return library(x).exp(x)


def log(x: N) -> N:
    """Return the natural logarithm of x: −inf at 0, NaN below."""
    return library(x).log(x)


def log2(x: N) -> N:
    """Return the logarithm of x to the base 2: −inf at 0, NaN below."""
    return library(x).log2(x)


def log10(x: N) -> N:
    """Return the logarithm of x to the base 10: −inf at 0, NaN below."""
    return library(x).log10(x)


def exp2(x: N) -> N:
    """Return 2 to the power x."""
    return library(x).exp2(x)


def cbrt(x: N) -> N:
    """Return the cube root of x, negative for negative x."""
    return library(x).cbrt(x)


def sqrt(x: N) -> N:
    """Return the square root of x."""
    return library(x).sqrt(x)


def expm1(x: N) -> N:
    """Return exp(x) − 1, exact near 0."""
    return library(x).expm1(x)


def log1p(x: N) -> N:
    """Return log(1 + x), exact near 0."""
    return library(x).log1p(x)


def sin(x: N) -> N:
    """Return the sine of x radians."""
    return library(x).sin(x)


def cos(x: N) -> N:
    """Return the cosine of x radians."""
    return library(x).cos(x)


def tan(x: N) -> N:
    """Return the tangent of x radians."""
    return library(x).tan(x)


def asin(x: N) -> N:
    """Return the arc sine of x, in radians."""
    return library(x).asin(x)


def acos(x: N) -> N:
    """Return the arc cosine of x, in radians."""
    return library(x).acos(x)


def atan(x: N) -> N:
    """Return the arc tangent of x, in radians."""
    return library(x).atan(x)


def atan2(y: N, x: N) -> N:
    """Return the angle of the point (x, y), in radians."""
    return library(y, x).atan2(y, x)


def asinh(x: N) -> N:
    """Return the inverse hyperbolic sine of x."""
    return library(x).asinh(x)


def acosh(x: N) -> N:
    """Return the inverse hyperbolic cosine of x."""
    return library(x).acosh(x)


def atanh(x: N) -> N:
    """Return the inverse hyperbolic tangent of x."""
    return library(x).atanh(x)


def sinh(x: N) -> N:
    """Return the hyperbolic sine of x."""
    return library(x).sinh(x)


def cosh(x: N) -> N:
    """Return the hyperbolic cosine of x."""
    return library(x).cosh(x)


def tanh(x: N) -> N:
    """Return the hyperbolic tangent of x."""
    return library(x).tanh(x)


def sech(x: N) -> N:
    """Return 1 / cosh(x), without overflow."""
    return library(x).sech(x)


def erf(x: N) -> N:
    """Return the error function of x."""
    return library(x).erf(x)


def erfc(x: N) -> N:
    """Return 1 − erf(x), exact far out."""
    return library(x).erfc(x)


def gaussian(x: N, scale: float = 1.0) -> N:
    """Return exp(−scale · x²), whose digits the rounding of x² does not cost."""
    return library(x).gaussian(x, scale)


def sigmoid(x: N) -> N:
    """Return 1 / (1 + exp(−x)), without overflow."""
    return library(x).sigmoid(x)


def softplus(x: N) -> N:
    """Return log(1 + exp(x)), without overflow."""
    return library(x).softplus(x)


def absolute(x: N) -> N:
    """Return x without its sign."""
    return abs(x)


def hypot(x: N, y: N) -> N:
    """Return the distance of the point (x, y) from the origin."""
    return library(x, y).hypot(x, y)


def direction(x: N, y: N) -> N:
    """Return x / hypot(x, y), the cosine of the angle of the point (x, y); 0 at the origin."""
    return library(x, y).direction(x, y)


def norm(*x: N) -> N:
    """Return the distance of a point of any dimension from the origin."""
    return library(*x).norm(*x)


def mod(x: N, y: N) -> N:
    """Return x − y · ⌊x / y⌋, which has the sign of y."""
    return library(x, y).mod(x, y)


def one_minus_square(x: N) -> N:
    """Return 1 − x², exact near ±1."""
    return library(x).one_minus_square(x)


def maximum(x: N, y: N) -> N:
    """Return the larger of the two, or NaN if either is NaN."""
    return library(x, y).maximum(x, y)


def minimum(x: N, y: N) -> N:
    """Return the smaller of the two, or NaN if either is NaN."""
    return library(x, y).minimum(x, y)


def logsumexp(*x: N) -> N:
    """Return log(exp(x₁) + … + exp(xₙ)), without overflow."""
    return library(*x).logsumexp(*x)


def softmax(*x: N) -> tuple[N, ...]:
    """Return exp(x₁), …, exp(xₙ), each divided by their sum, without overflow."""
    shares: tuple[N, ...] = library(*x).softmax(*x)
    return shares


def total(*x: N) -> N:
    """Return x₁ + … + xₙ."""
    return library(*x).total(*x)


def dot(w: tuple[N, ...], x: tuple[N, ...]) -> N:
    """Return w₁x₁ + … + wₙxₙ."""
    return library(*w, *x).dot(w, x)


def where(condition: N, x: N, y: N) -> N:
    """Return x where the condition holds (is not 0), y elsewhere."""
    return library(condition, x, y).where(condition, x, y)


def compare(x: N, y: N) -> N:
    """Return the sign of x − y: −1, 0 or 1, or NaN if either is NaN."""
    return library(x, y).compare(x, y)


def step(x: N) -> N:
    """Return 1 for positive x, 0 for the rest, or NaN for NaN."""
    return library(x).step(x)


def divide(x: N, y: N) -> N:
    """Return x / y: where y is 0, or −0, an infinity of the sign of x."""
    return library(x, y).divide(x, y)


def power(x: N, y: N) -> N:
    """Return x to the power y: an infinity at a pole, NaN for a fractional power below 0."""
    return library(x, y).power(x, y)


def written(x: N) -> bool:
    """Return whether x is of a kind to be read (a formula, a symbol), not to be computed with.

    A rule may write on paper what it computes by another, more exact formula.
    """
    answer: bool = library(x).written(x)
    return answer


def contribution(upstream: N, partial: N, choice: bool = False) -> N:
    """Return upstream × partial, for every sweep: the one place that decides what 0 · ∞ is.

    It is 0, as if nothing passed. So is what an upstream of 0 passes on, whatever the slope: it
    does not count. The zero slope of a `choice` stands for what was not taken, and passes nothing
    on even if NaN comes in. Otherwise NaN stays NaN.

    >>> contribution(2.0, 3.0), contribution(0.0, float("inf")), contribution(float("-inf"), 0.0)
    (6.0, 0.0, 0.0)
    >>> contribution(float("nan"), 0.0), contribution(float("nan"), 0.0, choice=True)
    (nan, 0.0)
    """
    return library(upstream, partial).contribution(upstream, partial, choice)


def lift(number: float, like: N) -> N:
    """Return the float as a number of the kind of `like`, exact where that kind is exact.

    >>> from fractions import Fraction
    >>> lift(0.1, like=Fraction(1, 3))
    Fraction(1, 10)
    """
    return library(like).lift(number, like)

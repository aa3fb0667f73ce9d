"""The derivative table: every primitive, once, as numbers → (value, local derivatives).

A rule is pure mathematics on any kind of number (`autograd.functions` says which): it knows no
graph, no gradients and no drawing, and returns partials, never ``upstream * partial``. It may use
its own result. Keyword-only parameters are constants: no derivative is taken in them. Each kink
chooses a slope and says so. Where paper has a formula that loses digits, ``f.written`` tells which
of the two is wanted.
"""

from __future__ import annotations

import functools
import math

from autograd import functions as f
from autograd.rule import Derivative, N
from autograd.rule import own_rule as rule

_POWER = "{x} must not be 0 for a negative exponent, nor negative for a fractional one"
_FINITE = "{x} must be finite"

# Arithmetic


@rule(symbol="+", commutative=True)
def add(x: N, y: N) -> Derivative:
    """Return x + y; the slopes are 1 and 1."""
    return x + y, (1, 1)


@rule(symbol="−")
def sub(x: N, y: N) -> Derivative:
    """Return x − y; the slopes are 1 and −1."""
    return x - y, (1, -1)


@rule(symbol="×", commutative=True)
def mul(x: N, y: N) -> Derivative:
    """Return x · y; the slopes are y and x."""
    return x * y, (y, x)


@rule(symbol="/", domain=lambda x, y: y != 0, remedy="{y} must not be 0")
def div(x: N, y: N) -> Derivative:
    """Return x / y for y ≠ 0; the slopes are 1/y and −x/y²."""
    z = x / y
    return z, (1 / y, -z / y)


@rule(
    symbol="%",
    domain=lambda x, y: y != 0,
    remedy="{y} must not be 0",
    kink=lambda x, y: x % y == 0,
)
def mod(x: N, y: N) -> Derivative:
    """Return x − y · ⌊x/y⌋ for y ≠ 0; the slopes are 1 and −⌊x/y⌋, at the jumps too."""
    z = f.mod(x, y)
    return z, (1, (z - x) / y)


@rule(symbol="−", monotonic=-1)
def neg(x: N) -> Derivative:
    """Return −x; the slope is −1."""
    return -x, (-1,)


@rule(
    symbol="^",
    domain=lambda x, n: x > 0 or (x == 0 and n >= 0) or (x < 0 and n == int(n)),
    remedy=_POWER,
    choice=lambda n: n == 0,
)
def power(x: N, *, n: float) -> Derivative:
    """Return xⁿ for a plain number n; the slope is n · xⁿ⁻¹, and 0 for n = 0."""
    slope = n * f.power(x, n - 1) if n else 0  # x⁰ is flat, at 0 too
    return f.power(x, n), (slope,)


@rule(
    symbol="^",
    domain=lambda x, y: x > 0 or (x == 0 and y >= 0) or (x < 0 and y == int(y)),
    remedy=_POWER,
    kink=lambda x, y: x == 0,
)
def pow(x: N, y: N) -> Derivative:
    """Return xʸ; the slopes are y · xʸ⁻¹ and xʸ · log x: none in y for x < 0, 0 for x = 0."""
    z = f.power(x, y)
    positive = f.where(x > 0, x, 1)
    flat = y * (y * z)  # 0 at x = 0, and of the slope in x that the other slope has in y
    in_y = f.where(x > 0, z * f.log(positive), f.where(x < 0, math.nan * z, flat))  # 0ʸ: flat in y
    return z, (f.contribution(y, f.power(x, y - 1)), in_y)  # x⁰: flat in x


# Exponentials and logarithms


@rule(monotonic=1, range=(0, math.inf))
def exp(x: N) -> Derivative:
    """Return eˣ; the slope is eˣ."""
    z = f.exp(x)
    return z, (z,)


@rule(monotonic=1, range=(0, math.inf))
def exp2(x: N) -> Derivative:
    """Return 2ˣ; the slope is 2ˣ · log 2."""
    z = f.exp2(x)
    return z, (z * math.log(2),)


@rule(domain=lambda x: x > 0, remedy="{x} must be positive", monotonic=1)
def log(x: N) -> Derivative:
    """Return the natural logarithm of x > 0; the slope is 1/x."""
    return f.log(x), (f.divide(1, x),)


@rule(domain=lambda x: x > 0, remedy="{x} must be positive", monotonic=1)
def log2(x: N) -> Derivative:
    """Return the logarithm of x > 0 to the base 2; the slope is 1/(x · log 2)."""
    return f.log2(x), (f.divide(1 / math.log(2), x),)


@rule(domain=lambda x: x > 0, remedy="{x} must be positive", monotonic=1)
def log10(x: N) -> Derivative:
    """Return the logarithm of x > 0 to the base 10; the slope is 1/(x · log 10)."""
    return f.log10(x), (f.divide(1 / math.log(10), x),)


@rule(
    domain=lambda x: x >= 0,
    remedy="{x} must not be negative",
    monotonic=1,
    range=(0, math.inf),
)
def sqrt(x: N) -> Derivative:
    """Return √x for x ≥ 0; the slope is 1/(2√x), infinite at 0."""
    z = f.sqrt(x)
    return z, (f.divide(1, 2 * z),)  # vertical at 0


@rule(monotonic=1)
def cbrt(x: N) -> Derivative:
    """Return the cube root of x; the slope is 1/(3z²) for the result z, infinite at 0."""
    z = f.cbrt(x)
    return z, (f.divide(1, 3 * z * z),)  # vertical at 0


@rule(monotonic=1, range=(-1, math.inf))
def expm1(x: N) -> Derivative:
    """Return eˣ − 1, exact near 0; the slope is eˣ."""
    return f.expm1(x), (f.exp(x),)


@rule(domain=lambda x: x > -1, remedy="{x} must be greater than -1", monotonic=1)
def log1p(x: N) -> Derivative:
    """Return log(1 + x) for x > −1, exact near 0; the slope is 1/(1 + x)."""
    return f.log1p(x), (f.divide(1, 1 + x),)


# Trigonometry and its hyperbolic kin


@rule(domain=math.isfinite, remedy=_FINITE, range=(-1, 1))
def sin(x: N) -> Derivative:
    """Return the sine of x radians; the slope is cos x."""
    return f.sin(x), (f.cos(x),)


@rule(domain=math.isfinite, remedy=_FINITE, range=(-1, 1))
def cos(x: N) -> Derivative:
    """Return the cosine of x radians; the slope is −sin x."""
    return f.cos(x), (-f.sin(x),)


@rule(domain=math.isfinite, remedy=_FINITE)
def tan(x: N) -> Derivative:
    """Return the tangent of x radians; the slope is 1 + tan² x."""
    z = f.tan(x)
    return z, (1 + z * z,)


_COSINE = "{x} must lie between -1 and 1"


@rule(
    domain=lambda x: -1 <= x <= 1,
    remedy=_COSINE,
    monotonic=1,
    range=(-math.pi / 2, math.pi / 2),
)
def asin(x: N) -> Derivative:
    """Return the arc sine of x in [−1, 1]; the slope is 1/√(1 − x²), infinite at ±1."""
    return f.asin(x), (f.divide(1, f.sqrt(f.one_minus_square(x))),)  # vertical at ±1


@rule(domain=lambda x: -1 <= x <= 1, remedy=_COSINE, monotonic=-1, range=(0, math.pi))
def acos(x: N) -> Derivative:
    """Return the arc cosine of x in [−1, 1]; the slope is −1/√(1 − x²), infinite at ±1."""
    return f.acos(x), (f.divide(-1, f.sqrt(f.one_minus_square(x))),)  # vertical at ±1


@rule(monotonic=1, range=(-math.pi / 2, math.pi / 2))
def atan(x: N) -> Derivative:
    """Return the arc tangent of x; the slope is 1/(1 + x²)."""
    if f.written(x):
        return f.atan(x), (1 / (1 + x * x),)
    c = 1 / f.hypot(1.0, x)  # the cosine of the angle: x² could overflow
    return f.atan(x), (c * c,)


@rule(kink=lambda y, x: x == y == 0, range=(-math.pi, math.pi))
def atan2(y: N, x: N) -> Derivative:
    """Return the angle of the point (x, y); the slopes are x/r² and −y/r², 0 at the origin."""
    z = f.hypot(x, y)
    r = f.where(z <= 0, 1, z)  # kink: the origin has no angle, and slope 0
    return f.atan2(y, x), (f.where(z <= 0, 0, x / r / r), f.where(z <= 0, 0, -y / r / r))


@rule(monotonic=1)
def sinh(x: N) -> Derivative:
    """Return the hyperbolic sine of x; the slope is cosh x."""
    return f.sinh(x), (f.cosh(x),)


@rule(range=(1, math.inf))
def cosh(x: N) -> Derivative:
    """Return the hyperbolic cosine of x; the slope is sinh x."""
    return f.cosh(x), (f.sinh(x),)


@rule(range=(0, 1))
def sech(x: N) -> Derivative:
    """Return 1/cosh x; the slope is −z · tanh x for the result z."""
    z = f.sech(x)
    return z, (-z * f.tanh(x),)


@rule(monotonic=1, range=(-1, 1))
def tanh(x: N) -> Derivative:
    """Return the hyperbolic tangent of x; the slope is 1 − z² for the result z."""
    z = f.tanh(x)
    if f.written(x):
        return z, (1 - z * z,)
    s = f.sech(x)  # its square keeps the digits that 1 − z² loses
    return z, (s * s,)


@rule(monotonic=1)
def asinh(x: N) -> Derivative:
    """Return the inverse hyperbolic sine of x; the slope is 1/√(1 + x²)."""
    return f.asinh(x), (1 / (f.sqrt(1 + x * x) if f.written(x) else f.hypot(1.0, x)),)


@rule(
    domain=lambda x: x >= 1,
    remedy="{x} must be at least 1",
    monotonic=1,
    range=(0, math.inf),
)
def acosh(x: N) -> Derivative:
    """Return the inverse hyperbolic cosine of x ≥ 1; the slope is 1/√(x² − 1), infinite at 1."""
    return f.acosh(x), (f.divide(1, f.sqrt(x - 1) * f.sqrt(x + 1)),)  # vertical at 1


@rule(domain=lambda x: -1 < x < 1, remedy="{x} must lie strictly between -1 and 1", monotonic=1)
def atanh(x: N) -> Derivative:
    """Return the inverse hyperbolic tangent of x in (−1, 1); the slope is 1/(1 − x²)."""
    return f.atanh(x), (f.divide(1, f.one_minus_square(x)),)


# Activations


@rule(monotonic=1, range=(0, 1))
def sigmoid(x: N) -> Derivative:
    """Return σ(x) = 1/(1 + e⁻ˣ); the slope is z(1 − z) for the result z."""
    z = f.sigmoid(x)
    if f.written(x):
        return z, (z * (1 - z),)
    s = f.sech(x / 2)  # its square keeps the digits that 1 − z loses
    return z, (s * s / 4,)


@rule(monotonic=1, range=(0, math.inf))
def softplus(x: N) -> Derivative:
    """Return log(1 + eˣ); the slope is σ(x)."""
    return f.softplus(x), (f.sigmoid(x),)


@rule(choice=True, kink=lambda x: x == 0, monotonic=1, range=(0, math.inf))
def relu(x: N) -> Derivative:
    """Return x for x > 0, else 0; the slope is 1 for x > 0, else 0: at the kink x = 0 too."""
    return f.where(x <= 0, f.lift(0, x), x), (f.step(x),)  # kink: relu'(0) = 0


@rule(kink=lambda x, slope: x == 0)
def leaky_relu(x: N, *, slope: float = 0.01) -> Derivative:
    """Return x for x > 0, else slope · x; its own slope is 1 for x > 0, else `slope`."""
    return f.where(x > 0, x, slope * x), (slope + (1 - slope) * f.step(x),)  # kink: slope at 0


@rule(kink=lambda x: x == 0, monotonic=1, range=(-1, math.inf))
def elu(x: N) -> Derivative:
    """Return x for x > 0, else eˣ − 1; the slope is 1 for x > 0, else eˣ, itself bent at 0."""
    below = f.where(x > 0, 0, x)
    return f.where(x > 0, x, f.expm1(below)), (f.where(x > 0, 1, f.exp(below)),)


@rule()
def gelu(x: N) -> Derivative:
    """Return x · Φ(x) for the normal distribution Φ; the slope is Φ(x) + x · φ(x)."""
    if f.written(x):
        cdf = (1 + f.erf(x / math.sqrt(2))) / 2
        pdf = f.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    else:
        cdf = f.erfc(x * -math.sqrt(0.5)) / 2
        pdf = f.gaussian(x, scale=0.5) / math.sqrt(2 * math.pi)
    return x * cdf, (cdf + x * pdf,)


@rule()
def silu(x: N) -> Derivative:
    """Return x · σ(x); the slope is σ(x) · (1 + x · (1 − σ(x)))."""
    s = f.sigmoid(x)
    rest = 1 - s if f.written(x) else f.sigmoid(-x)
    return x * s, (s * (1 + x * rest),)


@rule(monotonic=1, range=(-1, 1))
def erf(x: N) -> Derivative:
    """Return the error function of x; the slope is 2/√π · exp(−x²)."""
    bell = f.exp(-x * x) if f.written(x) else f.gaussian(x)
    return f.erf(x), (2 / math.sqrt(math.pi) * bell,)


@rule(monotonic=-1, range=(0, 2))
def erfc(x: N) -> Derivative:
    """Return 1 − erf(x), exact far out; the slope is −2/√π · exp(−x²)."""
    bell = f.exp(-x * x) if f.written(x) else f.gaussian(x)
    return f.erfc(x), (-2 / math.sqrt(math.pi) * bell,)


@rule(range=(0, 1))
def gaussian(x: N, *, scale: float = 1.0) -> Derivative:
    """Return exp(−scale · x²); the slope is −2 · scale · x · z for the result z."""
    z = f.gaussian(x, scale)
    return z, (-2 * scale * x * z,)


# Choices


@rule(kink=lambda x: x == 0, range=(0, math.inf))
def abs(x: N) -> Derivative:
    """Return x without its sign; the slope is the sign, 0 at the kink x = 0."""
    return f.absolute(x), (f.compare(x, 0),)  # kink: |x|'(0) = 0


@rule(choice=True, kink=lambda x, y: x == y, commutative=True)
def maximum(x: N, y: N) -> Derivative:
    """Return the larger operand; its slope is 1, the other's 0; a tie shares ½ and ½."""
    order = f.compare(x, y)
    return f.maximum(x, y), ((1 + order) / 2, (1 - order) / 2)  # a tie shares ½ and ½


@rule(choice=True, kink=lambda x, y: x == y, commutative=True)
def minimum(x: N, y: N) -> Derivative:
    """Return the smaller operand; its slope is 1, the other's 0; a tie shares ½ and ½."""
    order = f.compare(x, y)
    return f.minimum(x, y), ((1 - order) / 2, (1 + order) / 2)  # a tie shares ½ and ½


@rule(choice=True, kink=lambda x, low, high: x in (low, high) or low >= high)
def clip(x: N, low: N, high: N) -> Derivative:
    """Return x, or the bound that it exceeds; the slope is 1 in that, 0 in the others.

    It is min(max(x, low), high): a tie with a bound shares ½ and ½.
    """
    above, below = f.compare(x, low), f.compare(f.maximum(x, low), high)
    inside = (1 - below) / 2
    slopes = (inside * (1 + above) / 2, inside * (1 - above) / 2, (1 + below) / 2)
    return f.minimum(f.maximum(x, low), high), slopes


@rule(choice=True)
def where(condition: N, x: N, y: N) -> Derivative:
    """Return x where the condition holds (is not 0), else y; what is returned has slope 1."""
    return f.where(condition, x, y), (0, f.where(condition, 1, 0), f.where(condition, 0, 1))


@rule(symbol="<", choice=True, kink=lambda x, y: x == y, range=(0, 1))
def less(x: N, y: N) -> Derivative:
    """Return 1 where x < y, else 0; the slopes are 0."""
    return f.where(x < y, f.lift(1, x), f.lift(0, x)), (0, 0)


@rule(symbol="≤", choice=True, kink=lambda x, y: x == y, range=(0, 1))
def less_equal(x: N, y: N) -> Derivative:
    """Return 1 where x ≤ y, else 0; the slopes are 0."""
    return f.where(x <= y, f.lift(1, x), f.lift(0, x)), (0, 0)


@rule(symbol=">", choice=True, kink=lambda x, y: x == y, range=(0, 1))
def greater(x: N, y: N) -> Derivative:
    """Return 1 where x > y, else 0; the slopes are 0."""
    return f.where(x > y, f.lift(1, x), f.lift(0, x)), (0, 0)


@rule(symbol="≥", choice=True, kink=lambda x, y: x == y, range=(0, 1))
def greater_equal(x: N, y: N) -> Derivative:
    """Return 1 where x ≥ y, else 0; the slopes are 0."""
    return f.where(x >= y, f.lift(1, x), f.lift(0, x)), (0, 0)


@rule(symbol="=", choice=True, kink=lambda x, y: x == y, commutative=True, range=(0, 1))
def equal(x: N, y: N) -> Derivative:
    """Return 1 where x and y are the same number, else 0; the slopes are 0."""
    return f.where((x <= y) & (x >= y), f.lift(1, x), f.lift(0, x)), (0, 0)


@rule(symbol="≠", choice=True, kink=lambda x, y: x == y, commutative=True, range=(0, 1))
def not_equal(x: N, y: N) -> Derivative:
    """Return 1 where x and y are not the same number, else 0; the slopes are 0."""
    return f.where((x <= y) & (x >= y), f.lift(0, x), f.lift(1, x)), (0, 0)


@rule(kink=lambda x, y: x == y == 0, commutative=True, range=(0, math.inf))
def hypot(x: N, y: N) -> Derivative:
    """Return √(x² + y²); the slopes are x/z and y/z for the result z, 0 at the kink z = 0."""
    return f.hypot(x, y), (f.direction(x, y), f.direction(y, x))


# Many operands, one node


@rule(commutative=True)
def sum(*x: N) -> Derivative:
    """Return x₁ + … + xₙ; each slope is 1."""
    return f.total(*x), (1,) * len(x)


@rule(commutative=True)
def mean(*x: N) -> Derivative:
    """Return (x₁ + … + xₙ)/n; each slope is 1/n."""
    return f.total(*x) / len(x), (f.lift(1, x[0]) / len(x),) * len(x)


@rule(commutative=True)
def prod(*x: N) -> Derivative:
    """Return x₁ · … · xₙ; the slope in each operand is the product of the others."""
    before, after = [x[0]], [x[-1]]  # products of the first and of the last operands
    for x_k in x[1:]:
        before.append(before[-1] * x_k)
    for x_k in x[-2::-1]:
        after.append(after[-1] * x_k)
    inner = [b * a for b, a in zip(before[:-2], after[-3::-1], strict=True)]
    return before[-1], (after[-2], *inner, before[-2]) if len(x) > 1 else (1,)


@rule(choice=True, kink=lambda *x: x.count(functools.reduce(f.maximum, x)) > 1, commutative=True)
def max(*x: N) -> Derivative:
    """Return the largest operand, whose slope is 1; a tie shares it evenly."""
    z = functools.reduce(f.maximum, x)
    ahead = [1 + f.compare(x_k, z) for x_k in x]  # 1 in the largest, 0 in the others
    tied = f.total(*ahead)
    return z, tuple([a / tied for a in ahead])


@rule(choice=True, kink=lambda *x: x.count(functools.reduce(f.minimum, x)) > 1, commutative=True)
def min(*x: N) -> Derivative:
    """Return the smallest operand, whose slope is 1; a tie shares it evenly."""
    z = functools.reduce(f.minimum, x)
    ahead = [1 - f.compare(x_k, z) for x_k in x]  # 1 in the smallest, 0 in the others
    tied = f.total(*ahead)
    return z, tuple([a / tied for a in ahead])


@rule(kink=lambda *x: not any(x), commutative=True, range=(0, math.inf))
def norm(*x: N) -> Derivative:
    """Return √(x₁² + … + xₙ²); each slope is x_k/z for the result z, 0 at the kink z = 0."""
    z = f.norm(*x)
    r = f.where(z <= 0, 1, z)  # kink: slope 0 at the origin
    return z, tuple([f.where(z <= 0, 0, x_k / r) for x_k in x])


@rule(sequences=2)
def dot(*operands: N) -> Derivative:
    """Return w₁x₁ + … + wₙxₙ; the slope in each operand is its partner."""
    n = len(operands) // 2
    w, x = operands[:n], operands[n:]
    return f.dot(w, x), x + w


@rule(commutative=True)
def logsumexp(*x: N) -> Derivative:
    """Return log(exp(x₁) + … + exp(xₙ)); the slopes are softmax(x), which add up to 1."""
    z = f.logsumexp(*x)
    if f.written(x[0]):
        return z, tuple([f.exp(x_k - z) for x_k in x])
    return z, f.softmax(*x)


# Slopes of others, which the quotient or the product rule would differentiate with a loss


@rule()
def _one_minus_square(x: N) -> Derivative:
    """Return 1 − x², exact near ±1; the slope is −2x."""
    return f.one_minus_square(x), (-2 * x,)


@rule(kink=lambda x, y: x == y == 0, range=(-1, 1))
def _direction(x: N, y: N) -> Derivative:
    """Return x/r, r = √(x² + y²); the slopes are y²/r³ and −xy/r³, 0 at the origin."""
    z, s = f.direction(x, y), f.direction(y, x)
    r = f.hypot(x, y)
    r = f.where(r <= 0, 1, r)
    return z, (s * s / r, -z * s / r)

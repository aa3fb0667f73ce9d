"""The derivative table: every primitive, once, as numbers → (value, local derivatives).

A rule is pure mathematics on any kind of number (`autograd.functions` says which): it knows no
graph, no gradients and no drawing, and returns partials, never ``upstream * partial``. It may use
its own result. Keyword-only parameters are constants: no derivative is taken in them. Each kink
chooses a slope and says so.
"""

from __future__ import annotations

import math

from autograd import functions as f
from autograd.rule import Derivative, N, rule

_POWER = "{x} must not be 0 for a negative exponent, nor negative for a fractional one"

# Arithmetic


@rule(symbol="+")
def add(x: N, y: N) -> Derivative:
    return x + y, (1, 1)


@rule(symbol="−")
def sub(x: N, y: N) -> Derivative:
    return x - y, (1, -1)


@rule(symbol="×")
def mul(x: N, y: N) -> Derivative:
    return x * y, (y, x)


@rule(symbol="/", domain=lambda x, y: y != 0, remedy="{y} must not be 0")
def div(x: N, y: N) -> Derivative:
    z = x / y
    return z, (1 / y, -z / y)


@rule(symbol="−")
def neg(x: N) -> Derivative:
    return -x, (-1,)


@rule(
    symbol="^",
    domain=lambda x, n: x > 0 or (x == 0 and n >= 0) or (x < 0 and n == int(n)),
    remedy=_POWER,
)
def power(x: N, *, n: float) -> Derivative:
    slope = n * f.power(x, n - 1) if n else 0  # x⁰ is flat, at 0 too
    return f.power(x, n), (slope,)


@rule(
    symbol="^",
    domain=lambda x, y: x > 0 or (x == 0 and y >= 0) or (x < 0 and y == int(y)),
    remedy=_POWER,
)
def pow(x: N, y: N) -> Derivative:
    z = f.power(x, y)
    positive = f.where(x > 0, x, 1)
    in_y = f.where(x > 0, z * f.log(positive), f.where(x < 0, math.nan, 0 * z))  # 0ʸ: flat in y
    return z, (f.contribution(y, f.power(x, y - 1)), in_y)  # x⁰: flat in x


# Exponentials and logarithms


@rule
def exp(x: N) -> Derivative:
    z = f.exp(x)
    return z, (z,)


@rule(domain=lambda x: x > 0, remedy="{x} must be positive")
def log(x: N) -> Derivative:
    return f.log(x), (f.divide(1, x),)


@rule(domain=lambda x: x >= 0, remedy="{x} must not be negative")
def sqrt(x: N) -> Derivative:
    z = f.sqrt(x)
    return z, (f.divide(1, 2 * z),)  # vertical at 0


@rule
def expm1(x: N) -> Derivative:
    return f.expm1(x), (f.exp(x),)


@rule(domain=lambda x: x > -1, remedy="{x} must be greater than -1")
def log1p(x: N) -> Derivative:
    return f.log1p(x), (f.divide(1, 1 + x),)


# Trigonometry and its hyperbolic kin


@rule(domain=math.isfinite, remedy="{x} must be finite")
def sin(x: N) -> Derivative:
    return f.sin(x), (f.cos(x),)


@rule(domain=math.isfinite, remedy="{x} must be finite")
def cos(x: N) -> Derivative:
    return f.cos(x), (-f.sin(x),)


@rule(domain=math.isfinite, remedy="{x} must be finite")
def tan(x: N) -> Derivative:
    z = f.tan(x)
    return z, (1 + z * z,)


@rule(domain=lambda x: -1 <= x <= 1, remedy="{x} must lie between -1 and 1")
def asin(x: N) -> Derivative:
    return f.asin(x), (f.divide(1, f.sqrt((1 - x) * (1 + x))),)  # vertical at ±1


@rule(domain=lambda x: -1 <= x <= 1, remedy="{x} must lie between -1 and 1")
def acos(x: N) -> Derivative:
    return f.acos(x), (f.divide(-1, f.sqrt((1 - x) * (1 + x))),)  # vertical at ±1


@rule
def atan(x: N) -> Derivative:
    return f.atan(x), (1 / (1 + x * x),)


@rule
def atan2(y: N, x: N) -> Derivative:
    z = f.hypot(x, y)
    r = f.where(z <= 0, 1, z)  # the origin has no angle: slope 0
    return f.atan2(y, x), (f.where(z <= 0, 0, x / r / r), f.where(z <= 0, 0, -y / r / r))


@rule
def sinh(x: N) -> Derivative:
    return f.sinh(x), (f.cosh(x),)


@rule
def cosh(x: N) -> Derivative:
    return f.cosh(x), (f.sinh(x),)


@rule
def tanh(x: N) -> Derivative:
    z = f.tanh(x)
    return z, (1 - z * z,)


# Activations


@rule
def sigmoid(x: N) -> Derivative:
    z = f.sigmoid(x)
    return z, (z * (1 - z),)


@rule
def softplus(x: N) -> Derivative:
    return f.softplus(x), (f.sigmoid(x),)


@rule
def relu(x: N) -> Derivative:
    return f.where(x <= 0, f.lift(0, x), x), (f.step(x),)  # kink: relu'(0) = 0


@rule
def leaky_relu(x: N, *, slope: float = 0.01) -> Derivative:
    return f.where(x > 0, x, slope * x), (slope + (1 - slope) * f.step(x),)  # kink: slope at 0


@rule
def elu(x: N) -> Derivative:
    below = f.where(x > 0, 0, x)
    return f.where(x > 0, x, f.expm1(below)), (f.where(x > 0, 1, f.exp(below)),)


@rule
def gelu(x: N) -> Derivative:
    cdf = (1 + f.erf(x / math.sqrt(2))) / 2
    pdf = f.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    return x * cdf, (cdf + x * pdf,)


@rule
def silu(x: N) -> Derivative:
    s = f.sigmoid(x)
    return x * s, (s * (1 + x * (1 - s)),)


@rule
def erf(x: N) -> Derivative:
    return f.erf(x), (2 / math.sqrt(math.pi) * f.exp(-x * x),)


# Choices


@rule
def abs(x: N) -> Derivative:
    return f.absolute(x), (f.compare(x, 0),)  # kink: |x|'(0) = 0


@rule
def maximum(x: N, y: N) -> Derivative:
    order = f.compare(x, y)
    return f.maximum(x, y), ((1 + order) / 2, (1 - order) / 2)  # a tie shares ½ and ½


@rule
def minimum(x: N, y: N) -> Derivative:
    order = f.compare(x, y)
    return f.minimum(x, y), ((1 - order) / 2, (1 + order) / 2)  # a tie shares ½ and ½


@rule
def where(condition: N, x: N, y: N) -> Derivative:
    return f.where(condition, x, y), (0, f.where(condition, 1, 0), f.where(condition, 0, 1))


@rule
def hypot(x: N, y: N) -> Derivative:
    z = f.hypot(x, y)
    r = f.where(z <= 0, 1, z)  # kink: slope 0 at the origin
    return z, (f.where(z <= 0, 0, x / r), f.where(z <= 0, 0, y / r))


# Many operands, one node


@rule
def sum(*x: N) -> Derivative:
    return f.total(*x), (1,) * len(x)


@rule
def mean(*x: N) -> Derivative:
    return f.total(*x) / len(x), (f.lift(1, x[0]) / len(x),) * len(x)


@rule(sequences=2)
def dot(*operands: N) -> Derivative:
    n = len(operands) // 2
    w, x = operands[:n], operands[n:]
    return f.dot(w, x), x + w


@rule
def logsumexp(*x: N) -> Derivative:
    z = f.logsumexp(*x)
    return z, tuple([f.exp(x_k - z) for x_k in x])

"""Wrong local derivatives, operation by operation, as books and forums list them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from autograd import Value
from benchmarks.teaching.passes import Edge, Setting, Slip

__all__ = ["MAKERS"]

Slope: TypeAlias = Callable[[float, float], float]
"""A wrong derivative, from the operand x and the result z."""

MISSING, POWER, OTHER = "factor missing", "wrong power", "another function's derivative"
INPUT, OUTPUT = "input for output", "output for input"
INVERTED, RAW = "factor inverted", "not differentiated"
EXPONENTIAL, BOTH = "power rule on exponential", "product of derivatives"
SWAPPED, FLIPPED = "operands swapped", "sign flipped"

LN2, LN10 = math.log(2), math.log(10)


def _s(x: float) -> float:
    """Return the logistic function."""
    return 1 / (1 + math.exp(-x))


def _sd(x: float) -> float:
    return _s(x) * (1 - _s(x))


def _td(x: float) -> float:
    return 1 - math.tanh(x) ** 2


UNARY: Mapping[str, Sequence[tuple[str, Slope]]] = {
    "exp": [
        (INPUT, lambda x, z: x), (OUTPUT, lambda x, z: math.exp(z)),
        (EXPONENTIAL, lambda x, z: x * math.exp(x - 1)),
    ],
    "exp2": [
        (MISSING, lambda x, z: z), (INVERTED, lambda x, z: z / LN2),
        (EXPONENTIAL, lambda x, z: x * 2 ** (x - 1)), (INPUT, lambda x, z: x * LN2),
    ],
    "expm1": [(EXPONENTIAL, lambda x, z: x * math.exp(x - 1))],
    "log": [(OUTPUT, lambda x, z: 1 / z), (POWER, lambda x, z: 1 / x**2)],
    "log2": [(MISSING, lambda x, z: 1 / x), (INVERTED, lambda x, z: LN2 / x)],
    "log10": [(MISSING, lambda x, z: 1 / x), (INVERTED, lambda x, z: LN10 / x)],
    "log1p": [(OTHER, lambda x, z: 1 / x), (OUTPUT, lambda x, z: 1 / (1 + z))],
    "sqrt": [
        (MISSING, lambda x, z: 1 / z), (POWER, lambda x, z: z / 2),
        (f"{INPUT} / {POWER}", lambda x, z: 1 / (2 * x)),
        (OUTPUT, lambda x, z: 1 / (2 * math.sqrt(z))),
    ],
    "cbrt": [
        (MISSING, lambda x, z: 1 / z**2), (POWER, lambda x, z: z / 3),
        (POWER, lambda x, z: 1 / (3 * z)), (f"{INPUT} / {POWER}", lambda x, z: 1 / (3 * x**2)),
    ],
    "sin": [(OUTPUT, lambda x, z: math.cos(z)), (OTHER, lambda x, z: -math.sin(x))],
    "cos": [(OUTPUT, lambda x, z: -math.sin(z)), (f"{OTHER} / {RAW}", lambda x, z: math.cos(x))],
    "tan": [
        (INPUT, lambda x, z: 1 + x * x), (POWER, lambda x, z: 1 + z),
        (f"{OTHER} / {FLIPPED}", lambda x, z: 1 - z * z), (POWER, lambda x, z: 1 / math.cos(x)),
    ],
    "sinh": [(OUTPUT, lambda x, z: math.cosh(z))],
    "cosh": [(OUTPUT, lambda x, z: math.sinh(z))],
    "tanh": [
        (POWER, lambda x, z: 1 - z), (INPUT, lambda x, z: 1 - x * x),
        (OUTPUT, lambda x, z: _td(z)), (OTHER, lambda x, z: z * (1 - z)),
        (OTHER, lambda x, z: _sd(x)), (f"{OTHER} / {FLIPPED}", lambda x, z: 1 + z * z),
    ],
    "sigmoid": [
        (MISSING, lambda x, z: z), (MISSING, lambda x, z: 1 - z),
        (INPUT, lambda x, z: x * (1 - x)), (OUTPUT, lambda x, z: _sd(z)),
        (OTHER, lambda x, z: 1 - z * z), (OTHER, lambda x, z: _td(x)),
    ],
    "softplus": [
        (OUTPUT, lambda x, z: _s(z)), (OTHER, lambda x, z: _sd(x)),
        (OTHER, lambda x, z: float(x > 0)),
    ],
    "relu": [(OTHER, lambda x, z: _sd(x))],
    "leaky_relu": [(OTHER, lambda x, z: float(x > 0))],
    "elu": [(OTHER, lambda x, z: float(x > 0)), (OTHER, lambda x, z: math.exp(x))],
    "silu": [(f"{BOTH} / {OTHER}", lambda x, z: _sd(x)), (OTHER, lambda x, z: float(x > 0))],
    "atan": [
        (POWER, lambda x, z: 1 / (1 + x)), (OUTPUT, lambda x, z: 1 / (1 + z * z)),
        (f"{OTHER} / {FLIPPED}", lambda x, z: 1 / (1 - x * x)),
    ],
    "asin": [
        (POWER, lambda x, z: 1 / (1 - x * x)), (INPUT, lambda x, z: 1 / math.cos(x)),
        (OUTPUT, lambda x, z: 1 / math.sqrt(1 - z * z)),
    ],
    "erf": [(MISSING, lambda x, z: math.exp(-x * x))],
}  # fmt: skip
"""Of operations of one operand. What fits every operation is in `factors`."""


def _power(n: float, x: float, z: float) -> Iterator[tuple[str, float]]:
    """Yield wrong derivatives of xⁿ."""
    yield MISSING, x ** (n - 1)
    yield POWER, n * x**n
    yield POWER, (n - 1) * x ** (n - 1)
    if n < 0:
        yield POWER, n * x ** (n + 1)
    if n > 2:
        yield POWER, n * x
    yield OUTPUT, n * z ** (n - 1)
    if x > 0:
        yield OTHER, z * math.log(x)


def _gaussian(scale: float, x: float, z: float) -> Iterator[tuple[str, float]]:
    """Yield wrong derivatives of exp(−scale · x²)."""
    yield MISSING, -scale * x * z
    yield MISSING, -2 * scale * x
    yield "inner derivative forgotten", z


def _pow(x: float, y: float) -> Iterator[tuple[str, int, float]]:
    """Yield wrong derivatives of xʸ, each with the position of the operand."""
    z = x**y
    yield POWER, 0, y * z
    yield MISSING, 0, x ** (y - 1)
    yield EXPONENTIAL, 1, y * x ** (y - 1)
    yield MISSING, 1, z
    yield INVERTED, 1, z / math.log(x)


def _div(x: float, y: float) -> Iterator[tuple[str, int, float]]:
    """Yield wrong derivatives of x/y, each with the position of the operand."""
    yield POWER, 0, 1 / y**2
    yield POWER, 1, -x / y
    yield MISSING, 1, -1 / y**2
    yield SWAPPED, 1, -y / x**2


def _wrong(edge: Edge) -> Iterator[tuple[str, float]]:
    """Yield what people take for the local derivative in an operand."""
    node, name = edge.node, edge.node.op
    data = [parent.data for parent in node.parents]
    x, z = data[edge.position], node.data
    if name in UNARY:
        for kind, slope in UNARY[name]:
            yield kind, slope(x, z)
    elif name == "power":
        yield from _power(node.rule.constants["n"], x, z) if node.rule else ()
    elif name == "gaussian":
        yield from _gaussian(node.rule.constants["scale"], x, z) if node.rule else ()
    elif name in ("div", "pow"):
        listed = (_div if name == "div" else _pow)(*data)
        yield from ((kind, slope) for kind, at, slope in listed if at == edge.position)
    elif name == "mean":
        yield "1/n missing", 1.0
        yield "1/n twice", 1 / len(data) ** 2
    elif name == "prod" and len(data) > 2:
        for k, other in enumerate(data):
            if k != edge.position:
                yield MISSING, z / x / other
    elif name == "mul":
        yield SWAPPED, x
        if node.parents[1 - edge.position].is_constant:
            yield MISSING, 1.0
    elif name == "sub":
        yield SWAPPED, 1.0 if edge.position else -1.0
    elif name == "dot":
        yield SWAPPED, x
    elif name == "logsumexp":
        softmax = math.exp(x - z)
        yield MISSING, math.exp(x)
        yield OTHER, softmax * (1 - softmax)
    elif name in ("norm", "hypot"):
        yield MISSING, x
        yield MISSING, 1 / z
        yield "inner derivative forgotten", 1 / (2 * z)
        yield POWER, x / z**2
    if name in DIFFERENTIATED:
        yield RAW, z


DIFFERENTIATED = {
    *(UNARY.keys() - {"exp", "cos"}), "power", "gaussian", "pow", "div", "mul", "dot", "prod",
    "logsumexp", "norm", "hypot", "abs", "relu",
}  # fmt: skip
"""What people leave as it stands where its derivative is due."""


def wrong_slopes(setting: Setting) -> Iterator[Slip]:
    """Take a wrong local derivative at one operand."""
    for edge in setting.edges:
        for kind, slope in _listed(edge):
            yield setting.with_slope(
                kind, f"{edge.node.op}, operand {edge.position}", {edge: slope}
            )


def wrong_rules(setting: Setting) -> Iterator[Slip]:
    """Take the same wrong local derivative wherever an operation occurs, as a program does."""
    occurring: dict[str, list[Edge]] = {}
    for edge in setting.edges:
        if len(edge.node.parents) == 1:
            occurring.setdefault(edge.node.op, []).append(edge)
    for name, edges in occurring.items():
        listed = [list(_listed(edge)) for edge in edges]
        if len(edges) < 2 or name == "power" or len({len(wrong) for wrong in listed}) > 1:
            continue
        for alike in zip(*listed, strict=True):
            slopes = {edge: slope for edge, (_, slope) in zip(edges, alike, strict=True)}
            yield setting.with_slope(alike[0][0], f"{name}, everywhere", slopes)


def _listed(edge: Edge) -> Iterator[tuple[str, float]]:
    """Yield the wrong local derivatives that have a value."""
    rest = _wrong(edge)
    try:
        yield from ((kind, slope) for kind, slope in rest if math.isfinite(slope))
    except (ArithmeticError, ValueError, TypeError):
        return


def wrong_at_both(setting: Setting) -> Iterator[Slip]:
    """Exchange the derivatives in two operands, or spoil both at once."""
    for node in setting.depending:
        edges = setting.operands(node)
        if len(node.parents) == 2 and edges and node.op in ("mul", "sub", "div", "pow", "atan2"):
            swapped = {edge: node.partials[1 - edge.position] for edge in edges}
            yield setting.with_slope(SWAPPED, f"{node.op}, partials", swapped)
        if node.op == "div" and not node.parents[1].is_constant:
            yield from _quotient_rule(setting, node, edges)
        if node.op == "mean":
            n = len(node.parents)
            yield setting.with_slope("1/n missing", "mean", dict.fromkeys(edges, 1.0))
            yield setting.with_slope("1/n twice", "mean", dict.fromkeys(edges, 1 / n**2))
        if node.op in ("max", "min", "maximum", "minimum", "where"):
            yield from _choices(setting, node, edges)
        if node.op == "dot":
            yield setting.with_slope(SWAPPED, "dot", {edge: edge.parent.data for edge in edges})


def _quotient_rule(setting: Setting, node: Value, edges: Sequence[Edge]) -> Iterator[Slip]:
    """Yield what becomes of (u′v − uv′)/v² where it is remembered wrongly."""
    u, v = (parent.data for parent in node.parents)

    def slip(kind: str, manner: str, in_u: float, in_v: float) -> Slip:
        slopes = {edge: (in_u, in_v)[edge.position] for edge in edges}
        return setting.with_slope(kind, f"quotient rule, {manner}", slopes)

    yield slip(f"{POWER} / {BOTH}", "v for v²", 1.0, -u / v)
    yield slip(f"{BOTH} / {MISSING} / {POWER}", "no denominator", v, -u)
    yield slip(f"{FLIPPED} / {BOTH}", "order of the numerator", -1 / v, u / v**2)
    yield slip(SWAPPED, "v/u", -v / u**2, 1 / u)


def _choices(setting: Setting, node: Value, edges: Sequence[Edge]) -> Iterator[Slip]:
    """Yield what comes of giving the gradient to another operand than the chosen one."""
    offered = [e for e in edges if node.op != "where" or e.position]
    if len(node.parents) - (node.op == "where") == 2:
        yield setting.with_slope(SWAPPED, node.op, {e: 1 - e.partial for e in offered})


MAKERS = (wrong_slopes, wrong_rules, wrong_at_both)

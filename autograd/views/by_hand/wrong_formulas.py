"""What the formula of a local derivative is taken for.

Most wrong formulas are the right one with something lost on the way: a factor, an exponent, a sign,
a term. They are made from the formula itself, so a rule of one's own has them too. What is no such
loss, as a·eᵃ⁻¹ for eᵃ, stands in a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from autograd import functions as f
from autograd.errors import AutogradError
from autograd.rule import RULES, Rule
from autograd.views.writing.formulas import Derived, Formula, derived

__all__ = ["WrongFormula", "wrong_formulas"]


class WrongFormula(NamedTuple):
    """A formula in the place of another, how it came about, and of which part, if of one."""

    kind: str
    formula: Any
    lost: Any = None


_NOTHING = Formula(float("nan"))
"""What has no value here; it keeps its turn, so that the n-th is the same everywhere."""

Make = Callable[..., Any]
"""A formula in the operands and the value of a rule, and in its constants by name."""


def wrong_formulas(rule: Rule, made: Derived, position: int) -> Iterator[WrongFormula]:
    """Yield what the local derivative in one operand is taken for, given how a rule made it.

    >>> from autograd.rules import tanh
    >>> from autograd.views.writing.formulas import derived
    >>> from autograd.views.writing.labels import parse
    >>> made = derived(tanh, [Formula(0.5, name=parse("z"))])
    >>> made.value.name = parse("a")
    >>> for wrong in wrong_formulas(tanh, made, 0):
    ...     if wrong.kind != "another function's derivative":
    ...         print(wrong.formula, "--", wrong.kind)
    1 + a² -- sign flipped
    1 -- term missing
    a² -- term missing
    1 − a -- wrong power
    1 − a³ -- wrong power
    1 − 2·a -- wrong power
    (1 − a)·(1 − a) -- wrong power
    a² − 1 -- sign flipped
    """
    right = made.partials[position]
    yield from _spoiled(right)
    if len(made.operands) == 1 and not rule.constants:
        yield from _of_others(rule, made.operands[0])
    for kind, place, make in _TABLE.get(rule.name, ()):
        if place == position:
            yield from _made(kind, make, *made.operands, made.value, **rule.constants)
    for kind, make in _OF_ALL.get(rule.name, ()):
        yield from _made(kind, make, made.operands[position], made.value)


def _made(kind: str, make: Make, *operands: Any, **constants: float) -> Iterator[WrongFormula]:
    try:
        yield WrongFormula(kind, make(*operands, **constants))
    except (AutogradError, ArithmeticError, ValueError):
        yield WrongFormula(kind, _NOTHING)


_FAMILIAR = (
    "exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "sigmoid", "softplus", "relu", "atan",
    "sinh", "cosh", "abs",
)  # fmt: skip
"""Functions whose derivatives are taken for those of others."""


def _of_others(rule: Rule, x: Formula) -> Iterator[WrongFormula]:
    for name in _FAMILIAR:
        made = derived(RULES[name], [x]) if name != rule.name else None
        formula = made.partials[0] if made else _NOTHING
        if name != rule.name:
            yield WrongFormula("another function's derivative", formula)


def _spoiled(formula: Any) -> Iterator[WrongFormula]:
    """Yield a formula with one thing lost, here or in one of its parts."""
    if not isinstance(formula, Formula) or formula.name is not None or not formula.arguments:
        return
    yield from _spoiled_here(formula)
    for i, part in enumerate(formula.arguments):
        for wrong in _spoiled(part):
            parts = [*map(_plain, formula.arguments)]
            parts[i] = wrong.formula
            kind = "wrong power" if formula.head == "power" else wrong.kind
            try:
                yield WrongFormula(kind, Formula.made(formula.head, *parts), wrong.lost)
            except (AutogradError, ArithmeticError, ValueError):
                yield WrongFormula(kind, _NOTHING)


def _spoiled_here(formula: Formula) -> Iterator[WrongFormula]:
    parts = [_plain(part) for part in formula.arguments]
    match formula.head, parts:
        case "mul", [x, y]:
            yield WrongFormula("factor missing", y, x)
            yield WrongFormula("factor missing", x, y)
        case "truediv", [x, y]:
            yield WrongFormula("factor missing", x, _over(1, y))
            yield WrongFormula("factor inverted", x * y)
            yield WrongFormula("factor inverted", _over(y, x))
            if isinstance(x, Formula) or abs(x) != 1:
                yield WrongFormula("factor missing", _over(1, y), x)
        case "power", [x, n]:
            yield WrongFormula("wrong power", x)
            if not isinstance(n, Formula):
                yield WrongFormula("wrong power", f.power(x, n + 1))
                yield WrongFormula("wrong power", n * x)
                if n > 2:
                    yield WrongFormula("wrong power", f.power(x, n - 1))
        case "neg", [x]:
            yield WrongFormula("sign flipped", x)
        case "add", [x, y]:
            yield WrongFormula("sign flipped", x - y)
            yield WrongFormula("term missing", x, y)
            yield WrongFormula("term missing", y, x)
        case "sub", [x, y]:
            yield WrongFormula("sign flipped", x + y)
            yield WrongFormula("term missing", x, y)
            yield WrongFormula("term missing", y, x)
        case "sqrt", [x]:
            yield WrongFormula("wrong power", x)


def _plain(x: Formula) -> Any:
    """Return a constant as a number, which a formula simplifies with."""
    return x if x.name is not None or x.arguments else x.number


def _over(x: Any, y: Any) -> Any:
    return x / y if y != 0 else _NOTHING


_POWER, _OTHER = "wrong power", "another function's derivative"
_EXPONENTIAL, _INNER = "power rule on exponential", "inner derivative forgotten"

_TABLE: dict[str, list[tuple[str, int | None, Make]]] = {
    "div": [
        (_POWER, 1, lambda u, v, z: -z),
        (_POWER, 1, lambda u, v, z: z),
        (_POWER, 1, lambda u, v, z: -u),
        ("factor missing", 1, lambda u, v, z: -1 / (v * v)),
        ("factor missing", 1, lambda u, v, z: -u),
        ("factor missing", 0, lambda u, v, z: v),
        ("term missing", 1, lambda u, v, z: 1 / v),
        (_POWER, 1, lambda u, v, z: -u * v),
        (_POWER, 0, lambda u, v, z: 1 / (v * v)),
        (_POWER, 0, lambda u, v, z: f.lift(1, u)),
        ("factor inverted", 0, lambda u, v, z: v),
        (_OTHER, 1, lambda u, v, z: u),  # the rule of the product
        ("operands swapped", 1, lambda u, v, z: -v / (u * u)),
        ("operands swapped", 0, lambda u, v, z: 1 / u),
    ],
    "mul": [
        ("not differentiated", 0, lambda x, y, z: x + y),
        ("not differentiated", 1, lambda x, y, z: x + y),
    ],
    "power": [
        (_POWER, 0, lambda x, z, n: n * z),  # n · xⁿ
        (_POWER, 0, lambda x, z, n: (n - 1) * f.power(x, n - 1)),
        (_POWER, 0, lambda x, z, n: n * f.power(x, n + 1)),
        (_POWER, 0, lambda x, z, n: f.power(x, n - 1) / n),
        (_POWER, 0, lambda x, z, n: f.power(x, n + 1)),
        (_POWER, 0, lambda x, z, n: f.power(n * x, n - 1)),
        (_POWER, 0, lambda x, z, n: n * f.power(x, n - 2)),
        ("factor missing", 0, lambda x, z, n: f.lift(n, x)),
        ("not differentiated", 0, lambda x, z, n: f.power(x, n + 1) / (n + 1)),  # integrated
        (_OTHER, 0, lambda x, z, n: z * f.log(x)),  # that of nˣ
    ],
    "pow": [
        (_EXPONENTIAL, 1, lambda x, y, z: y * f.power(x, y - 1)),
        (_EXPONENTIAL, 1, lambda x, y, z: x * f.power(y, x - 1)),
        (_OTHER, 1, lambda x, y, z: z * x),
        ("factor inverted", 1, lambda x, y, z: z / f.log(x)),
        (_OTHER, 0, lambda x, y, z: z * f.log(x)),
        (_POWER, 0, lambda x, y, z: y * z),
        ("factor missing", 0, lambda x, y, z: f.power(x, y - 1)),
        (_POWER, 0, lambda x, y, z: (y - 1) * f.power(x, y - 1)),
    ],
    "exp": [
        (_EXPONENTIAL, 0, lambda x, z: x * f.exp(x - 1)),
        (_EXPONENTIAL, 0, lambda x, z: x * z),
        (_EXPONENTIAL, 0, lambda x, z: f.exp(x - 1)),
    ],
    "expm1": [
        (_EXPONENTIAL, 0, lambda x, z: x * f.exp(x - 1)),
        ("output for input", 0, lambda x, z: z),
    ],
    "exp2": [
        (_EXPONENTIAL, 0, lambda x, z: x * f.exp2(x - 1)),
        (_OTHER, 0, lambda x, z: z),
    ],
    "log": [
        (_POWER, 0, lambda x, z: 1 / (x * x)),
        (_POWER, 0, lambda x, z: 1 / (2 * x)),
        (_OTHER, 0, lambda x, z: -1 / (x * x)),
    ],
    "log2": [
        (_OTHER, 0, lambda x, z: 1 / x),
        ("factor inverted", 0, lambda x, z: 0.6931471805599453 / x),
    ],
    "log10": [
        (_OTHER, 0, lambda x, z: 1 / x),
        ("factor inverted", 0, lambda x, z: 2.302585092994046 / x),
    ],
    "sqrt": [
        (_POWER, 0, lambda x, z: z / 2),  # the exponent ½ is not lowered
        (_POWER, 0, lambda x, z: x / 2),
        (_POWER, 0, lambda x, z: -1 / (2 * z)),
        ("factor missing", 0, lambda x, z: f.lift(0.5, x)),
        (_POWER, 0, lambda x, z: 1 / (2 * x * z)),
        (_POWER, 0, lambda x, z: -1 / (2 * x * z)),
        ("factor inverted", 0, lambda x, z: 2 / z),
    ],
    "tanh": [
        (_OTHER, 0, lambda x, z: z * (1 - z)),  # that of σ
        (_OTHER, 0, lambda x, z: 1 + z * z),  # that of tan
        (_POWER, 0, lambda x, z: (1 - z) * (1 - z)),
        ("sign flipped", 0, lambda x, z: z * z - 1),
    ],
    "sigmoid": [
        (_OTHER, 0, lambda x, z: 1 - z * z),  # that of tanh
        (_POWER, 0, lambda x, z: (1 - z) * (1 - z)),
        (_POWER, 0, lambda x, z: z * z),
        (_OTHER, 0, lambda x, z: z * (1 - z * z)),
        (_POWER, 0, lambda x, z: z * z * (1 - z)),
    ],
    "softplus": [
        (_OTHER, 0, lambda x, z: 1 - f.sigmoid(x)),
        (_INNER, 0, lambda x, z: f.sigmoid(-x)),
        ("input for output", 0, lambda x, z: 1 - f.exp(-x)),
        ("input for output", 0, lambda x, z: x),
        ("factor missing", 0, lambda x, z: f.exp(x)),
        (_OTHER, 0, lambda x, z: f.sigmoid(x) * (1 - f.sigmoid(x))),
    ],
    "sin": [
        (_OTHER, 0, lambda x, z: -z),
        (_INNER, 0, lambda x, z: f.cos(f.lift(1, x))),
    ],
    "cos": [(_OTHER, 0, lambda x, z: -z)],
    "tan": [
        (_POWER, 0, lambda x, z: 1 / f.cos(x)),
        (_OTHER, 0, lambda x, z: z / f.cos(x)),
        (_OTHER, 0, lambda x, z: f.cos(x) / f.sin(x)),
        ("factor inverted", 0, lambda x, z: f.cos(x) * f.cos(x)),
    ],
    "asin": [
        (_OTHER, 0, lambda x, z: 1 / (1 + x * x)),
        ("input for output", 0, lambda x, z: 1 / f.cos(x)),  # 1/cos z is right
    ],
    "acos": [
        (_OTHER, 0, lambda x, z: -1 / (1 + x * x)),
        ("input for output", 0, lambda x, z: -1 / f.sin(x)),
    ],
    "atan": [
        (_OTHER, 0, lambda x, z: 1 / f.sqrt(1 - x * x)),
        (_OTHER, 0, lambda x, z: 1 / (1 - x * x)),
        (_POWER, 0, lambda x, z: 1 / f.sqrt(1 + x * x)),
    ],
    "sinh": [(_OTHER, 0, lambda x, z: -f.cosh(x))],
    "cosh": [(_OTHER, 0, lambda x, z: -f.sinh(x))],
    "relu": [
        ("wrong branch", 0, lambda x, z: 1 - f.step(x)),
        ("not differentiated", 0, lambda x, z: x),
    ],
    "leaky_relu": [
        ("wrong branch", 0, lambda x, z, slope: slope + (1 - slope) * f.step(-x)),
        ("wrong branch", 0, lambda x, z, slope: f.step(x)),
    ],
    "elu": [
        ("wrong branch", 0, lambda x, z: f.exp(x)),
        ("wrong branch", 0, lambda x, z: f.lift(0, x)),
    ],
    "silu": [
        ("product of derivatives", 0, lambda x, z: f.sigmoid(x) * (1 - f.sigmoid(x))),
        ("term missing", 0, lambda x, z: x * f.sigmoid(x) * (1 - f.sigmoid(x))),
        ("term missing", 0, lambda x, z: f.sigmoid(x)),
    ],
    "hypot": [
        (_INNER, 0, lambda x, y, z: 1 / (2 * z)),
        (_INNER, 1, lambda x, y, z: 1 / (2 * z)),
        (_POWER, 0, lambda x, y, z: x / (z * z)),
        (_POWER, 1, lambda x, y, z: y / (z * z)),
        (_POWER, 0, lambda x, y, z: x * z),
        (_POWER, 1, lambda x, y, z: y * z),
        ("factor missing", 0, lambda x, y, z: x / (2 * z)),
        ("factor missing", 1, lambda x, y, z: y / (2 * z)),
    ],
    "gaussian": [
        (_INNER, 0, lambda x, z, scale: z),
        ("factor missing", 0, lambda x, z, scale: -scale * x * z),
        ("factor missing", 0, lambda x, z, scale: -2 * scale * x),
    ],
    "abs": [("sign flipped", 0, lambda x, z: x / z / z), ("not differentiated", 0, lambda x, z: x)],
}
"""By rule: what goes wrong, in which operand, and the formula that stands there instead."""

_OF_ALL: dict[str, list[tuple[str, Make]]] = {
    "logsumexp": [
        ("factor missing", lambda x_k, z: f.exp(x_k)),
        ("factor missing", lambda x_k, z: f.exp(-z)),
        (_INNER, lambda x_k, z: f.exp(-z)),
        (_OTHER, lambda x_k, z: f.exp(x_k - z) * (1 - f.exp(x_k - z))),
        (_OTHER, lambda x_k, z: 1 / x_k),
    ],
    "norm": [
        (_INNER, lambda x_k, z: 1 / (2 * z)),
        (_POWER, lambda x_k, z: x_k / (z * z)),
        (_POWER, lambda x_k, z: x_k * z),
        ("factor missing", lambda x_k, z: x_k / (2 * z)),
        ("factor missing", lambda x_k, z: 2 * x_k),
        ("factor missing", lambda x_k, z: x_k),
    ],
}
"""The same of rules with any number of operands, in one of these and the value."""

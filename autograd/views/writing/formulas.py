"""Formulas: the rules, run on numbers that remember how they were made."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from autograd import functions
from autograd.libraries import Floats, register
from autograd.rule import Rule
from autograd.views.writing.scripts import TEXT, Named, Part, Script

__all__ = ["Formula", "computed", "confused", "derived", "recorded", "write", "written"]


class Formula:
    """A number, and how it was made: a head and the formulas it was made from, or a name.

    Rules compute with it as with any number. Since the number is known, a choice between branches
    is the one that was taken, and a step or a sign is a plain number.

    >>> from autograd.views.writing.labels import parse
    >>> x, y = Formula(2.0, name=parse("x")), Formula(3.0, name=parse("y"))
    >>> z = -(x * x + 1) / y
    >>> z.number, write(z)
    (-1.6666666666666667, '−(x² + 1)/y')
    """

    __slots__ = ("arguments", "head", "name", "number")

    def __init__(
        self, number: float, head: str = "", *arguments: Any, name: Named | None = None
    ) -> None:
        self.number = number
        self.head = head
        self.arguments = [_formula(argument) for argument in arguments]
        self.name = name

    def __add__(self, other: Any) -> Formula:
        return self if _is(other, 0) else type(self)(self.number + _number(other), "+", self, other)

    def __radd__(self, other: Any) -> Formula:
        return self if _is(other, 0) else type(self)(other) + self

    def __sub__(self, other: Any) -> Formula:
        return type(self)(self.number - _number(other), "−", self, other)

    def __rsub__(self, other: Any) -> Formula:
        return type(self)(other) - self

    def __mul__(self, other: Any) -> Any:
        if other is self:
            return type(self)(self.number * self.number, "^", self, 2)
        if _is(other, -1):
            return -self
        return self if _is(other, 1) else type(self)(self.number * _number(other), "·", self, other)

    def __rmul__(self, other: Any) -> Any:
        if _is(other, -1):
            return -self
        return self if _is(other, 1) else type(self)(other) * self

    def __truediv__(self, other: Any) -> Formula:
        return type(self)(functions.divide(self.number, _number(other)), "/", self, other)

    def __rtruediv__(self, other: Any) -> Formula:
        return type(self)(other) / self

    def __neg__(self) -> Formula:
        return type(self)(-self.number, "neg", self)

    def __pow__(self, other: Any) -> Any:
        if _is(other, 0):
            return 1
        power = functions.power(self.number, _number(other))
        return self if _is(other, 1) else type(self)(power, "^", self, other)

    def __abs__(self) -> Formula:
        return type(self)(abs(self.number), "abs", self)

    def __lt__(self, other: Any) -> Any:
        return self.number < _number(other)

    def __le__(self, other: Any) -> Any:
        return self.number <= _number(other)

    def __gt__(self, other: Any) -> Any:
        return self.number > _number(other)

    def __ge__(self, other: Any) -> Any:
        return self.number >= _number(other)

    def __bool__(self) -> bool:
        return bool(self.number)


class _Open(Formula):
    """A formula that holds at other numbers too: of a choice both branches are kept.

    A rule that chooses by Python's ``if`` cannot be written so.
    """

    __slots__ = ()

    def __lt__(self, other: Any) -> Formula:
        return _Open(self.number < _number(other), "<", self, other)

    def __le__(self, other: Any) -> Formula:
        return _Open(self.number <= _number(other), "≤", self, other)

    def __gt__(self, other: Any) -> Formula:
        return _Open(self.number > _number(other), ">", self, other)

    def __ge__(self, other: Any) -> Formula:
        return _Open(self.number >= _number(other), "≥", self, other)

    def __bool__(self) -> bool:
        raise TypeError("what is chosen at this number is not what is chosen at others")


def _number(x: Any) -> float:
    return x.number if isinstance(x, Formula) else x


def _formula(x: Any) -> Formula:
    return x if isinstance(x, Formula) else Formula(x)


def _is(x: Any, constant: int) -> bool:
    return not isinstance(x, Formula) and x == constant


class _Formulas:
    """The functions that rules are written with, on formulas."""

    kind = Formula
    where = staticmethod(Floats.where)
    compare = staticmethod(Floats.compare)
    step = staticmethod(Floats.step)
    absolute = staticmethod(operator.abs)

    def __getattr__(self, name: str) -> Callable[..., Formula]:
        function = getattr(functions, name)
        return lambda *x: self.kind(function(*map(_number, x)), name, *x)

    def written(self, x: Any) -> bool:
        return True

    def contribution(self, upstream: Any, partial: Any, choice: bool = False) -> Any:
        return upstream * partial

    def direction(self, x: Any, y: Any) -> Any:
        return x / self.hypot(x, y)

    def one_minus_square(self, x: Any) -> Any:
        return 1 - x * x

    def lift(self, number: float, like: Any) -> Formula:
        return _formula(number)

    def gaussian(self, x: Any, scale: float = 1.0) -> Any:
        return self.exp(-(scale * (x * x)))

    def divide(self, x: Any, y: Any) -> Any:
        return x / y

    def power(self, x: Any, y: Any) -> Any:
        return x**y

    def total(self, *x: Any) -> Formula:
        return Formula(functions.total(*map(_number, x)), "sum", *x)

    def dot(self, w: Sequence[Any], x: Sequence[Any]) -> Formula:
        number = functions.dot(tuple(map(_number, w)), tuple(map(_number, x)))
        return Formula(number, "dot", *w, *x)


class _OpenFormulas(_Formulas):
    """The same, with both branches of a choice."""

    kind = _Open

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        chosen = x if _number(condition) else y
        return _Open(_number(chosen), "where", condition, x, y)

    def compare(self, x: Any, y: Any) -> Any:
        return Floats.compare(_number(x), _number(y))

    def step(self, x: Any) -> Any:
        return Floats.step(_number(x))


register(Formula, _Formulas())
register(_Open, _OpenFormulas())


class Derived(NamedTuple):
    """What a rule makes of formulas: the operands, the value, and the local derivatives."""

    operands: Sequence[Formula]
    value: Any
    partials: Sequence[Any]


def derived(rule: Rule, operands: Sequence[Formula]) -> Derived | None:
    """Run a rule on formulas; None for a rule that was written for floats alone."""
    try:
        value, partials = rule.function(*operands, **rule.constants)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return Derived(operands, value, partials)


def computed(value: Any) -> bool:
    """Return whether a rule's value is more than an operand, passed through."""
    return isinstance(value, Formula) and bool(value.arguments)


def confused(rule: Rule, number: float, *, output_with_input: bool) -> float | None:
    """Return the local derivative of a rule of one operand with its input and output confused.

    With its input where the output belongs, as in 1 − x² for the derivative of z = tanh x; or the
    other way round. None if it makes no difference.

    >>> from autograd.rules import tanh
    >>> confused(tanh, 0.5, output_with_input=True)
    0.75
    """
    made = derived(rule, [Formula(number)])
    if made is None or not computed(made.value) or not isinstance(made.partials[0], Formula):
        return None
    (x,), value, (partial,) = made
    taken_for = {id(value): x.number} if output_with_input else {id(x): value.number}
    try:
        other = float(_evaluated(partial, taken_for, id(value)))
    except (ValueError, ArithmeticError):  # the other number is outside the domain
        return None
    return None if other == partial.number else other


def _evaluated(formula: Formula, confused: Mapping[int, float], value: int) -> Any:
    """Return the number of a formula in which some formulas (by id) have other numbers."""
    if id(formula) in confused:
        return confused[id(formula)]
    if not formula.arguments or id(formula) == value:
        return formula.number
    operands = [_evaluated(argument, confused, value) for argument in formula.arguments]
    apply = _ARITHMETIC.get(formula.head) or getattr(functions, formula.head)
    return apply(*operands)


_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "−": operator.sub,
    "·": operator.mul,
    "/": functions.divide,
    "^": functions.power,
    "neg": operator.neg,
    "abs": abs,
}


OPERANDS = 4
"""How many operands of a long sum are written; of more the first, and the last."""


def recorded(rule: Rule, number: float, operands: Sequence[Formula]) -> Formula:
    """Return the formula of an operation as it was recorded.

    >>> from autograd.rules import leaky_relu, mul, power
    >>> from autograd.views.writing.labels import parse
    >>> x = Formula(3.0, name=parse("x"))
    >>> write(recorded(mul, 6.0, [Formula(2.0), x])), write(recorded(power.bind(n=2), 9.0, [x]))
    ('2 × x', 'x²')
    >>> write(recorded(leaky_relu.bind(slope=0.2), 3.0, [x]))
    'where(x > 0, x, 0.2·x)'
    """
    if rule.name == "power":
        return Formula(number, "^", *operands, rule.constants["n"])
    if rule.name == "neg":
        return Formula(number, "neg", *operands)
    if rule.constants != rule.declared.constants:  # a name does not tell them
        made = derived(rule, [_Open(x.number, x.head, *x.arguments, name=x.name) for x in operands])
        if made and isinstance(made.value, Formula) and computed(made.value):
            return made.value
        return Formula(number, rule.name, *operands, *rule.constants.values())
    return Formula(number, rule.symbol if rule.symbol in _SIGNS else rule.name, *operands)


_COMPARISONS = frozenset("<≤>≥")
_SIGNS = _COMPARISONS | frozenset("+−×/^")


def write(formula: Formula, script: Script = TEXT) -> str:
    r"""Return a formula as text in a script.

    >>> from autograd.views.writing.labels import parse
    >>> from autograd.views.writing.scripts import LATEX
    >>> x = Formula(2.0, name=parse("x"))
    >>> write(-(x * x) / 3, LATEX)
    '\\frac{-x^{2}}{3}'
    """
    return written(formula, script).text


def written(formula: Formula, script: Script) -> Part:
    """Return a formula as a part of a larger one."""
    if formula.name is not None:
        return Part(script.name(formula.name))
    if not formula.arguments:
        return script.numeral(formula.number)
    parts = [written(argument, script) for argument in formula.arguments]
    match formula.head:
        case "+" | "sum":
            return script.sum(_first(parts, script))
        case "−":
            return script.difference(*parts)
        case "·":
            return script.product(parts, script.tight)
        case "×":
            return script.product(parts, script.times)
        case "/":
            return script.fraction(*parts)
        case "neg":
            return script.negative(*parts)
        case "^" | "pow":
            name = formula.arguments[0].name
            base, exponent = parts
            return script.raised(base, exponent, name is not None and name.is_raised)
        case "dot":
            half = len(parts) // 2
            pairs = zip(parts[:half], parts[half:], strict=True)
            terms = [script.product(pair, script.tight) for pair in pairs]
            return script.sum(_first(terms, script))
        case sign if sign in _COMPARISONS:
            return script.called("where", [_condition(formula, script), "1", "0"])
        case "where" if formula.arguments[0].head in _COMPARISONS:
            parts[0] = Part(_condition(formula.arguments[0], script))
    return script.called(formula.head, [part.text for part in _first(parts, script)])


def _condition(formula: Formula, script: Script) -> str:
    """Return a comparison as it is written, or the name of its outcome."""
    if formula.name is not None:
        return script.name(formula.name)
    x, y = (written(argument, script).text for argument in formula.arguments)
    return f"{x} {script.comparisons[formula.head]} {y}"


def _first(parts: list[Part], script: Script) -> list[Part]:
    if len(parts) <= OPERANDS:
        return parts
    return [*parts[: OPERANDS - 2], Part(script.ellipsis), parts[-1]]

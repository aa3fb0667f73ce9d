"""Formulas: the rules, run on numbers that remember how they were made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd import functions
from autograd.libraries import Floats, register
from autograd.program.symbols import OPERATORS, Functions, Symbol, evaluate
from autograd.rule import Rule
from autograd.views.writing.scripts import TEXT, Named, Part, Script

__all__ = [
    "Formula",
    "computed",
    "confused",
    "derived",
    "recorded",
    "slope_by_formula",
    "write",
    "written",
]


class Formula(Symbol):
    """A symbol with a number: a head and the formulas it was made from, or a name.

    Rules compute with it as with any number. Since the number is known, a choice between branches
    is the one that was taken, and a step or a sign is a plain number.

    >>> from autograd.views.writing.labels import parse
    >>> x, y = Formula(2.0, name=parse("x")), Formula(3.0, name=parse("y"))
    >>> z = -(x * x + 1) / y
    >>> z.number, z
    (-1.6666666666666667, −(x² + 1)/y)
    """

    __slots__ = ("name", "number")

    number: float
    name: Named | None

    def __new__(
        cls, number: float, head: str = "", *arguments: Any, name: Named | None = None
    ) -> Formula:
        """Return a new formula: others that were made so may have other names."""
        formula = object.__new__(cls)
        formula.number, formula.head, formula.name = number, head, name
        formula.arguments = tuple([_formula(argument) for argument in arguments])
        return formula

    @classmethod
    def made(cls, head: str, *arguments: Any) -> Any:
        """Return the result of an operation, simplified; of a comparison, the answer."""
        simpler = _simpler(head, *arguments) if len(arguments) == 2 else None
        if simpler is not None:
            return simpler
        number = _applied(head, arguments)
        if head in _ANSWERS:
            return number
        return _on_paper(cls(number, head, *arguments))

    def __bool__(self) -> bool:
        return bool(self.number)

    def __repr__(self) -> str:
        return write(self)


_COMPARISONS = TEXT.comparisons
_ANSWERS = {*_COMPARISONS, "eq", "ne", "and", "or"}
_APPLIED = OPERATORS | {"truediv": functions.divide}


def _applied(head: str, operands: Sequence[Any]) -> Any:
    """Return the number of an operation on formulas and numbers."""
    function = _APPLIED.get(head) or getattr(functions, head)
    return function(*[x.number if isinstance(x, Formula) else x for x in operands])


def _formula(x: Any) -> Formula:
    return x if isinstance(x, Formula) else Formula(x)


def _simpler(head: str, x: Any, y: Any) -> Any:
    """Return what an operation with 0, 1 or −1 is, None of any other."""
    if head in ("add", "mul") and not isinstance(x, Formula):
        x, y = y, x
    if not isinstance(y, Formula):
        match head, y:
            case ("add", 0) | ("mul", 1) | ("power", 1):
                return x
            case "mul", -1:
                return -x
            case "power", 0:
                return 1
    return None


def _on_paper(formula: Formula) -> Formula:
    """Return a formula as people write it: x² for x·x, x/y for x·(1/y), x for −(−x)."""
    number = formula.number
    if formula.head == "neg" and formula.arguments[0].head == "neg":
        negated: Formula = formula.arguments[0].arguments[0]
        return negated
    if formula.head != "mul":
        return formula
    x, y = formula.arguments
    if x is y:
        return Formula(number, "power", x, 2)
    if y.head != "truediv" or not _is_one(y.arguments[0]):
        return formula
    below = y.arguments[1]
    if x.head == "neg":
        return Formula(number, "neg", Formula(-number, "truediv", x.arguments[0], below))
    return Formula(number, "truediv", x, below)


def _is_one(formula: Formula) -> bool:
    return not formula.arguments and formula.name is None and formula.number == 1


class _Formulas(Functions):
    """The functions that rules are written with, as they stand on paper."""

    kind = Formula
    where = staticmethod(Floats.where)
    compare = staticmethod(Floats.compare)
    step = staticmethod(Floats.step)

    @staticmethod
    def written(x: Any) -> bool:
        return True

    @staticmethod
    def lift(number: float, like: Any = 0.0) -> Any:
        return _formula(number)

    def contribution(self, upstream: Any, partial: Any, choice: bool = False) -> Any:
        return upstream * partial

    def divide(self, x: Any, y: Any) -> Any:
        return x / y

    def direction(self, x: Any, y: Any) -> Any:
        return x / self.hypot(x, y)

    def one_minus_square(self, x: Any) -> Any:
        return 1 - x * x

    def gaussian(self, x: Any, scale: float = 1.0) -> Any:
        return self.exp(-(scale * (x * x)))

    def norm(self, *x: Any) -> Any:
        return Formula.made("norm", *x)

    def logsumexp(self, *x: Any) -> Any:
        return Formula.made("logsumexp", *x)

    def softmax(self, *x: Any) -> tuple[Any, ...]:
        return tuple([self.exp(x_k - self.logsumexp(*x)) for x_k in x])


register(Formula, _Formulas())


class Derived(NamedTuple):
    """What a rule makes of formulas: the operands, the value, and the local derivatives."""

    operands: Sequence[Formula]
    value: Any
    partials: Sequence[Any]


def derived(rule: Rule, operands: Sequence[Formula]) -> Derived | None:
    """Run a rule on formulas; None for a rule that was written for floats alone."""
    try:
        value, partials = rule.function(*operands, **rule.constants)
    except Exception:  # a rule of one's own may raise anything
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
    mistaken, meant = (value, x) if output_with_input else (x, value)
    try:
        [found] = evaluate([partial], {value: value.number, mistaken: meant.number}, _renumbered)
    except (ValueError, ArithmeticError):  # the other number is outside the domain
        return None
    slope: float = 1.0 * found
    return None if found == partial.number else slope


def slope_by_formula(rule: Rule, number: float, other: float) -> float | None:
    """Return what the formula of a rule's slope is at another number, None if it has none there.

    >>> from autograd.rules import log
    >>> slope_by_formula(log, 2.0, -4.0)
    -0.25
    """
    made = derived(rule, [Formula(number)])
    if made is None or not isinstance(made.partials[0], Formula):
        return None
    try:
        slope: float = evaluate([made.partials[0]], {made.operands[0]: other}, _renumbered)[0]
        return 1.0 * slope
    except (ValueError, ArithmeticError):
        return None


def _renumbered(formula: Symbol, operands: Sequence[Any]) -> Any:
    """Return the number of a formula whose operands have other numbers."""
    if isinstance(formula, Formula) and not operands:
        return formula.number
    return _applied(formula.head, operands)


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
    constants = rule.constants.values()
    if rule.name in ("power", "neg"):
        return Formula(number, rule.name, *operands, *constants)
    if rule.constants != rule.declared.constants:  # a name does not tell them
        made = _with_branches(rule, operands)
        return made if computed(made) else Formula(number, rule.name, *operands, *constants)
    return Formula(number, _HEADS.get(rule.symbol, rule.name), *operands)


_HEADS = {"+": "add", "−": "sub", "×": "times", "/": "truediv", "^": "power"} | {
    sign: head for head, sign in _COMPARISONS.items()
}


def _with_branches(rule: Rule, operands: Sequence[Formula]) -> Any:
    """Return the value of a rule as it is at other numbers too, with both branches of a choice.

    None for a rule that cannot be written so, as one that chooses by Python's ``if``.
    """
    symbols = [Symbol("x", k) for k in range(len(operands))]
    try:
        value, _ = rule.function(*symbols, **rule.constants)
        return evaluate([value], dict(zip(symbols, operands, strict=True)), _open)[0]
    except (TypeError, ValueError, ArithmeticError, AttributeError):
        return None


def _open(e: Symbol, operands: Sequence[Any]) -> Any:
    """Return a symbol as a formula that leaves a choice open."""
    if e.head in _COMPARISONS or e.head == "where":
        return Formula(_applied(e.head, operands), e.head, *operands)
    if e.head in _ANSWERS or e.head in ("compare", "step"):
        raise TypeError("what is answered at this number is not what is answered at others")
    return (OPERATORS.get(e.head) or getattr(functions, e.head))(*operands)


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
        case "add" | "total" | "sum":
            return script.sum(_first(parts, script))
        case "sub":
            return script.difference(*parts)
        case "mul":
            return script.product(parts, script.tight)
        case "times":
            return script.product(parts, script.times)
        case "truediv":
            return script.fraction(*parts)
        case "neg":
            return script.negative(*parts)
        case "power":
            name = formula.arguments[0].name
            base, exponent = parts
            return script.raised(base, exponent, name is not None and name.is_raised)
        case "dot":
            half = len(parts) // 2
            pairs = zip(parts[:half], parts[half:], strict=True)
            terms = [script.product(pair, script.tight) for pair in pairs]
            return script.sum(_first(terms, script))
        case "absolute":
            return script.called("abs", [parts[0].text])
        case comparison if comparison in _COMPARISONS:
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

"""Local derivatives as formulas: the rules, run on numbers that remember how they were made."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from autograd import functions
from autograd.libraries import Floats, register
from autograd.value import Value
from autograd.views.writing.alphabets import RAISED, raised
from autograd.views.writing.notation import Names
from autograd.views.writing.numbers import latex_number, short

__all__ = ["Formula", "Script", "partial_formulas", "partials_confusing", "write"]


def partial_formulas(node: Value, names: Names, script: str = "text") -> list[str]:
    """Return the formula of each local derivative of a node, "" where there is none to show.

    The operands and the result appear under their names, as Unicode text or as ``"latex"``. A
    derivative that is a plain number has no formula, nor has one that mentions an operand without
    a name.

    >>> x = Value(0.5, "x")
    >>> y = (x * 3.0).tanh()
    >>> y.label = "y"
    >>> names = Names([x, y, y.parents[0], y.parents[0].parents[1]], numbered=True)
    >>> partial_formulas(y, names), partial_formulas(y.parents[0], names)
    (['1 − y²'], ['3', 'x'])
    """
    if node.rule is None:
        return []
    operands = [names(p, script) or ("" if p.parents else short(p.data)) for p in node.parents]
    made = _run(node, operands)
    if made is None:
        return [""] * len(operands)
    _, value, partials = made
    known = {id(value): names(node, script)} if names(node) and _computed(value) else {}
    texts = [write(p, known, script) if isinstance(p, Formula) else "" for p in partials]
    return ["" if _UNNAMED in text else text for text in texts]


def partials_confusing(node: Value, *, output_with_input: bool) -> list[float] | None:
    """Return the local derivatives of an operation with its input and its output confused.

    With its input where the output belongs, as in 1 − x² for the derivative of z = tanh x; or the
    other way round. None if the operation has several operands, or if it makes no difference.

    >>> z = Value(0.5).tanh()
    >>> partials_confusing(z, output_with_input=True)
    [0.75]
    """
    made = _run(node, ["x"]) if len(node.parents) == 1 else None
    if made is None:
        return None
    (x,), value, (partial,) = made
    if not _computed(value) or not isinstance(partial, Formula):
        return None
    confused = {id(value): x.number} if output_with_input else {id(x): value.number}
    try:
        number = float(_evaluated(partial, confused, id(value)))
    except (ValueError, ArithmeticError):  # the other number is outside the domain
        return None
    return None if number == partial.number else [number]


def _run(node: Value, operands: Sequence[str]) -> tuple[list[Formula], Any, Sequence[Any]] | None:
    """Run the rule of a node on formulas; None for a rule that was written for floats alone."""
    rule: Any = node.rule
    x = [Formula(p.data, name) for p, name in zip(node.parents, operands, strict=True)]
    try:
        value, partials = rule.function(*x, **rule.constants)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return x, value, partials


def _computed(value: Any) -> bool:
    """Return whether a rule's value is more than an operand, passed through."""
    return isinstance(value, Formula) and bool(value.arguments)


_UNNAMED = "\0"


class Formula:
    """A number, and how it was made: a head and the formulas it was made from.

    Rules compute with it as with any number. Since the number is known, a choice between branches
    is the one that was taken, and a step or a sign is a plain number.

    >>> x, y = Formula(2.0, "x"), Formula(3.0, "y")
    >>> z = -(x * x + 1) / y
    >>> z.number, write(z)
    (-1.6666666666666667, '−(x² + 1)/y')
    """

    __slots__ = ("arguments", "head", "number")

    def __init__(self, number: float, head: str, *arguments: Any) -> None:
        self.number = number
        self.head = head or _UNNAMED
        self.arguments = [_formula(argument) for argument in arguments]

    def __add__(self, other: Any) -> Formula:
        return Formula(self.number + _number(other), "+", self, other)

    def __radd__(self, other: Any) -> Formula:
        return self if _is(other, 0) else _formula(other) + self

    def __sub__(self, other: Any) -> Formula:
        return Formula(self.number - _number(other), "−", self, other)

    def __rsub__(self, other: Any) -> Formula:
        return _formula(other) - self

    def __mul__(self, other: Any) -> Formula:
        if other is self:
            return Formula(self.number * self.number, "^", self, 2)
        return self if _is(other, 1) else Formula(self.number * _number(other), "·", self, other)

    def __rmul__(self, other: Any) -> Formula:
        return self if _is(other, 1) else _formula(other) * self

    def __truediv__(self, other: Any) -> Formula:
        return Formula(functions.divide(self.number, _number(other)), "/", self, other)

    def __rtruediv__(self, other: Any) -> Formula:
        return _formula(other) / self

    def __neg__(self) -> Formula:
        return Formula(-self.number, "neg", self)

    def __pow__(self, other: Any) -> Any:
        if _is(other, 0):
            return 1
        power = functions.power(self.number, _number(other))
        return self if _is(other, 1) else Formula(power, "^", self, other)

    def __abs__(self) -> Formula:
        return Formula(abs(self.number), "abs", self)

    def __lt__(self, other: Any) -> bool:
        return self.number < _number(other)

    def __le__(self, other: Any) -> bool:
        return self.number <= _number(other)

    def __gt__(self, other: Any) -> bool:
        return self.number > _number(other)

    def __ge__(self, other: Any) -> bool:
        return self.number >= _number(other)

    def __bool__(self) -> bool:
        return bool(self.number)


def _number(x: Any) -> float:
    return x.number if isinstance(x, Formula) else x


def _formula(x: Any) -> Formula:
    return x if isinstance(x, Formula) else Formula(x, short(x))


def _is(x: Any, constant: int) -> bool:
    return not isinstance(x, Formula) and x == constant


class _Formulas:
    """The functions that rules are written with, on formulas."""

    where = staticmethod(Floats.where)
    compare = staticmethod(Floats.compare)
    step = staticmethod(Floats.step)
    absolute = staticmethod(operator.abs)

    def __getattr__(self, name: str) -> Callable[..., Formula]:
        function = getattr(functions, name)
        return lambda *x: Formula(function(*map(_number, x)), name, *x)

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

    def divide(self, x: Any, y: Any) -> Any:
        return x / y

    def power(self, x: Any, y: Any) -> Any:
        return x**y

    def dot(self, w: Sequence[Any], x: Sequence[Any]) -> Formula:
        number = functions.dot(tuple(map(_number, w)), tuple(map(_number, x)))
        return Formula(number, "dot", *w, *x)


register(Formula, _Formulas())


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

_SUM, _PRODUCT, _POWER, _ATOM = range(4)  # how tightly a formula holds together


class Script(NamedTuple):
    """A way to write formulas: templates by head, with what each part must hold at least."""

    templates: Mapping[str, tuple[str, int, tuple[int, ...]]]
    power: Callable[[str, str, int], str]
    call: Callable[[str, list[str], bool], str]
    number: Callable[[float], str]


def write(formula: Formula, known: Mapping[int, str] | None = None, script: str = "text") -> str:
    r"""Return a formula as Unicode text, or as ``"latex"``.

    `known` names the formulas (by id) that have a name.

    >>> x = Formula(2.0, "x")
    >>> write((x * x).__neg__() / 3, script="latex")
    '\\frac{-x^{2}}{3}'
    """
    return _written(formula, known or {}, _SCRIPTS[script])[0]


def _written(formula: Formula, known: Mapping[int, str], script: Script) -> tuple[str, int]:
    if id(formula) in known:
        return known[id(formula)], _ATOM
    if not formula.arguments:
        negative = formula.head.startswith("-")
        plain = formula.head == short(formula.number)
        return script.number(formula.number) if plain else formula.head, _SUM if negative else _ATOM
    parts = [_written(argument, known, script) for argument in formula.arguments]
    texts = [text for text, _ in parts]
    if formula.head in script.templates:
        template, binding, needs = script.templates[formula.head]
        shielded = [
            text if holds >= least else f"({text})"
            for (text, holds), least in zip(parts, needs, strict=True)
        ]
        return template.format(*shielded), binding
    if formula.head == "^":
        base, holds = parts[0]
        return script.power(base if holds == _ATOM else f"({base})", *parts[1]), _POWER
    alone = len(parts) == 1 and parts[0][1] == _ATOM and len(texts[0]) <= 4
    return script.call(formula.head, texts, alone), _PRODUCT if alone else _POWER


def _raised(base: str, exponent: str, holds: int) -> str:
    if not base.startswith(("(", "|")) and re.search(rf"\^|[′{''.join(RAISED.values())}]$", base):
        base = f"({base})"  # a⁽²⁾² says nothing
    shifted = raised(exponent)
    if not shifted.startswith("^"):
        return base + shifted
    return f"{base}^{exponent}" if holds == _ATOM else f"{base}^({exponent})"


def _called(name: str, operands: list[str], alone: bool) -> str:
    return f"{name} {operands[0]}" if alone else f"{name}({', '.join(operands)})"


def latex_function(name: str) -> str:
    r"""Return a function's name as LaTeX has it.

    >>> latex_function("tanh"), latex_function("sigmoid"), latex_function("gelu")
    ('\\tanh', '\\sigma', '\\operatorname{gelu}')
    """
    if name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh"):
        return f"\\{name}"
    return r"\sigma" if name == "sigmoid" else rf"\operatorname{{{name.replace('_', ' ')}}}"


def _raised_in_latex(base: str, exponent: str, holds: int) -> str:
    if not base.startswith(("(", r"\left|")) and re.search(r"\^|'$", base):
        base = rf"\left({base}\right)"
    return f"{base}^{{{exponent}}}"


def _called_in_latex(name: str, operands: list[str], alone: bool) -> str:
    if name == "sqrt":
        return rf"\sqrt{{{operands[0]}}}"
    return rf"{latex_function(name)}\left({', '.join(operands)}\right)"


_TEXT = Script(
    {
        "+": ("{} + {}", _SUM, (_SUM, _PRODUCT)),
        "−": ("{} − {}", _SUM, (_SUM, _PRODUCT)),
        "·": ("{}·{}", _PRODUCT, (_PRODUCT, _POWER)),
        "/": ("{}/{}", _PRODUCT, (_PRODUCT, _POWER)),
        "neg": ("−{}", _PRODUCT, (_PRODUCT,)),
        "abs": ("|{}|", _ATOM, (_SUM,)),
    },
    _raised,
    _called,
    short,
)
_LATEX = Script(
    {
        "+": ("{} + {}", _SUM, (_SUM, _PRODUCT)),
        "−": ("{} - {}", _SUM, (_SUM, _PRODUCT)),
        "·": (r"{} \cdot {}", _PRODUCT, (_PRODUCT, _POWER)),
        "/": (r"\frac{{{}}}{{{}}}", _PRODUCT, (_SUM, _SUM)),
        "neg": ("-{}", _PRODUCT, (_PRODUCT,)),
        "abs": (r"\left|{}\right|", _ATOM, (_SUM,)),
    },
    _raised_in_latex,
    _called_in_latex,
    latex_number,
)
_SCRIPTS = {"text": _TEXT, "latex": _LATEX}

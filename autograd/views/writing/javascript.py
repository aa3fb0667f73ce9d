"""The rules of the table as JavaScript, written from what they make of symbols."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, count
from string import ascii_lowercase
from typing import Any, NamedTuple

from autograd.errors import AutogradError
from autograd.program.accurate import ACCURATE
from autograd.program.elementary import FORMULAS
from autograd.program.forms import Form, form_of, reductions
from autograd.program.rolling import FOLDS
from autograd.program.symbols import Symbol, evaluate, inner_first
from autograd.rule import RULES, Rule
from autograd.value import Value

__all__ = ["Script", "javascript", "written_contribution", "written_rules"]

OPERANDS = 6
"""The number of operands up to which a rule of any number of them is written."""


def javascript(rules: Mapping[str, Rule] = RULES, script: Script | None = None) -> str:
    """Return an object of functions, from operands to [value, [local derivative, …]].

    A rule of any number of operands has a function for each number, as ``"mean/3"``. A rule that
    was written for floats alone has none. The functions are made of operators and of JavaScript's
    ``Math``. Where Python refuses, something that they return is not finite.

    With a `script`, the object needs what that declares; without, it stands by itself.

    >>> from autograd import rules
    >>> print(javascript({"mul": rules.mul, "tan": rules.tan}))
    {mul:(a,b)=>[a*b,[b,a]],
    tan:a=>{const b=Math.tan(a);return[b,[1+b*b]]}}
    """
    own = script or Script()
    written = {
        f'"{name}/{operands}"' if rule.sequences else name: own.rule(rule, operands)
        for name, rule in rules.items()
        for operands in ([rule.arity] if not rule.sequences else range(1, OPERANDS + 1))
        if not name.startswith("_") and rule.complete and not operands % (rule.sequences or 1)
    }
    uses = Counter(written.values())
    lines = (f"{key}:{own.named(t) if uses[t] > 1 else t}" for key, t in written.items() if t)
    made = "{" + ",\n".join(lines) + "}"
    return made if script else own.around(made)


def written_rules(
    order: Iterable[Value], script: Script | None = None
) -> tuple[list[str], dict[Value, int]]:
    """Return the rules that a graph is made of as functions, and which of them made each node.

    A rule with other constants, or of another number of operands, is another one. A node whose
    rule cannot be written, one made by hand for example, is left out.

    With a `script`, the functions need what that declares; without, each stands by itself.

    >>> x = Value(3.0)
    >>> y = x * x * x
    >>> sources, made_by = written_rules([x, *y.parents, y])
    >>> sources, made_by[y]
    (['(a,b)=>[a*b,[b,a]]'], 0)
    """
    made_by: dict[Value, int] = {}
    places: dict[str, int] = {}
    known: dict[tuple[Any, ...], str] = {}
    for node in order:
        if node.rule is None or not node.parents:
            continue
        operands = len(node.parents)
        key = (node.rule.declared, *node.rule.constants.items(), operands)
        if key not in known:
            own = script or Script()
            text = own.rule(node.rule, operands)
            known[key] = text if script or not text else own.around(text)
        if known[key]:
            made_by[node] = places.setdefault(known[key], len(places))
    return list(places), made_by


def written_contribution() -> str:
    """Return what a sweep passes on, as a function of upstream, slope and whether it is a choice.

    >>> written_contribution()
    '(a,b,c)=>a===0||b===0&&(c||1/a===0)?0:0+a*b'
    """
    return Script().formula(FORMULAS["contribution"], 3)


class _Text(NamedTuple):
    """JavaScript, and how tightly it holds together: the precedence of its outermost operator."""

    text: str
    holds: int

    def within(self, level: int) -> str:
        """Return the text, in parentheses if it holds less tightly than what stands around it."""
        return self.text if self.holds >= level else f"({self.text})"


_CHOICE, _PRODUCT, _POWER, _SIGN, _ATOM = 3, 13, 14, 15, 18

_SIGNS = {
    "or": ("||", 4), "and": ("&&", 5), "eq": ("===", 9), "ne": ("!==", 9), "lt": ("<", 10),
    "le": ("<=", 10), "gt": (">", 10), "ge": (">=", 10), "add": ("+", 12), "sub": ("-", 12),
    "mul": ("*", 13), "truediv": ("/", 13), "fmod": ("%", 13),
}  # fmt: skip
"""The operators of JavaScript and their precedence, by the heads of symbols."""

_ANSWERS = {"or", "and", "eq", "ne", "lt", "le", "gt", "ge", "isinf"}
"""The heads of symbols that JavaScript makes true or false."""

_CALLED = {
    name: f"Math.{name}"
    for name in (
        "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "expm1", "log10",
        "log1p", "log2", "sin", "sqrt", "tan", "tanh",
    )
} | {"absolute": "Math.abs", "rint": "Math.round"}  # fmt: skip
"""The functions of JavaScript, by the heads of symbols."""

# The sum, rounded once: Shewchuk's partial sums, none of which overlap, then the largest two that
# are not exact together, and a third to tell which way a tie goes. Symbols have no such loop.
# Source: https://doi.org/10.1007/PL00009321. If it overflows on the way, all are scaled.
_TOTAL = (
    "(a,f=1)=>{let p=[],s=0,e=0;for(let x of a){x*=f;p=p.map(y=>{const z=x+y,v=z-x;"
    "y=x-(z-v)+(y-v);x=z;return y}).filter(y=>y);p.push(x)}"
    "while(p.length&&!e){const x=s,y=p.pop();s=x+y;e=y-(s-x)}"
    "if(p.length&&e>0===p.pop()>0&&s+2*e-s===2*e)s+=2*e;"
    "return s-s===0?s/f:f===1&&a.every(x=>x-x===0)?total(a,2**-64):a.reduce((x,y)=>x+y,0)}"
)
_SHARED = {"total": _TOTAL}


class Script:
    """Functions of JavaScript, and those that they call in common.

    >>> from autograd import rules
    >>> script = Script()
    >>> script.rule(rules.softplus, 1), script.rule(rules.exp2, 1)
    ('a=>[softplus(a),[sigmoid(a)]]', 'a=>{const b=exp2(a);return[b,[b*.6931471805599453]]}')
    >>> script.declarations[-13:]
    'exp2=a=>2**a;'
    """

    def __init__(self) -> None:
        self.shared: dict[str, str] = {}
        self._named: dict[str, str] = {}

    @property
    def declarations(self) -> str:
        """What has to stand before the functions."""
        declared = ",\n".join(f"{name}={value}" for name, value in self.shared.items())
        return f"const {declared};" if declared else ""

    def around(self, text: str) -> str:
        """Return an expression together with what it calls."""
        return f"(()=>{{{self.declarations}\nreturn {text}}})()" if self.shared else text

    def named(self, text: str) -> str:
        """Return the name of a function that is declared once for several uses."""
        if text not in self._named:
            self._named[text] = f"r{len(self._named)}"
        self.shared[self._named[text]] = text
        return self._named[text]

    def rule(self, rule: Rule, operands: int) -> str:
        """Return a rule as a function of so many operands, "" if it cannot be written."""
        before = dict(self.shared)
        try:
            form = form_of(rule, operands)
            if _is_rolled(form, rule, operands):
                return _Rolled(self, rule.sequences).function(form)
            return self._function(operands, _simpler([form.value, *form.partials]), _listed)
        except (AutogradError, LookupError):
            self.shared = before
            return ""

    def formula(self, formula: Callable[..., Any], operands: int) -> str:
        """Return a formula as a function that returns one number."""
        x = [Symbol("x", s) for s in range(operands)]
        return self._function(operands, [formula(*x)], lambda results: results[0].within(_CHOICE))

    def listing(
        self, parameters: Sequence[str], results: Sequence[Any], known: Mapping[Symbol, str]
    ) -> str:
        """Return a function that lists expressions, given how some are written.

        >>> x = Symbol("x", 0)
        >>> Script().listing(["x"], [x * x + 1, x * x], {x: "x[0]"})
        'x=>{const A=x[0]*x[0];return[A+1,A]}'
        """
        written = {e: _Text(text, _ATOM) for e, text in known.items()}
        names = map(_upper, _names())

        def made(found: list[_Text]) -> str:
            return f"[{','.join(result.within(_CHOICE) for result in found)}]"

        return _arrow(parameters, *self.written(_simpler(results), written, names, made))

    def _function(
        self, operands: int, results: Sequence[Any], made: Callable[[list[_Text]], str]
    ) -> str:
        names = _names()
        known = {Symbol("x", s): next(names) for s in range(operands)}
        parameters = [text.text for text in known.values()]
        return _arrow(parameters, *self.written(results, known, names, made))

    def written(
        self,
        results: Sequence[Any],
        known: dict[Symbol, _Text],
        names: Iterator[_Text],
        made: Callable[[list[_Text]], str],
    ) -> tuple[list[str], str]:
        """Return constants for what is used more than once, and what is made of the results."""
        uses = Counter(a for a in results if isinstance(a, Symbol))
        for e in inner_first(results, known):
            uses.update(a for a in e.arguments if isinstance(a, Symbol))
        constants: list[str] = []

        def write(e: Symbol, operands: list[Any]) -> _Text:
            if e.head == "where" and not _answers(e.arguments[0]):
                operands[0] = self.applied("ne", [*map(_text, [operands[0], 0])])  # NaN is not 0
            text = self.applied(e.head, [*map(_text, operands)])
            if uses[e] == 1:
                return text
            name = next(names)
            constants.append(f"{name.text}={text.text}")
            return name

        found = [*map(_text, evaluate(results, known, write))]
        for i, e in enumerate(results):
            if _answers(e):
                found[i] = _Text(f"+{found[i].within(_SIGN)}", _SIGN)
        return constants, made(found)

    def applied(self, head: str, operands: Sequence[_Text]) -> _Text:
        """Return an operation on operands."""
        if head in _SIGNS and len(operands) == 2:
            return _joined(*_SIGNS[head], *operands)
        if head == "neg":
            return _Text("-" + _apart("-", operands[0].within(_SIGN)), _SIGN)
        if head == "where":
            condition, x, y = operands
            made = f"{condition.within(_CHOICE + 1)}?{x.within(_CHOICE)}:{y.within(_CHOICE)}"
            return _Text(made, _CHOICE)
        if head == "two_to":
            return _Text(f"2**{operands[0].within(_POWER)}", _POWER)
        if head == "pow":  # as the processor has it
            return _Text(f"{operands[0].within(_ATOM)}**{operands[1].within(_POWER)}", _POWER)
        if head == "isinf":
            return _Text(f"1/{operands[0].within(_PRODUCT + 1)}===0", 9)
        return _Text(self._called(head, [x.text for x in operands]), _ATOM)

    def _called(self, head: str, operands: Sequence[str]) -> str:
        if head in FOLDS.values():
            return self.over_all(head, f"[{','.join(operands)}]")
        if head in _CALLED:
            return f"{_CALLED[head]}({','.join(operands)})"
        self._share(head, len(operands))
        return f"{head}({','.join(operands)})"

    def over_all(self, head: str, array: str) -> str:
        """Return what makes one number of all those of an array."""
        if head == "product":
            return f"{array}.reduce((a,b)=>a*b)"
        name = {"total": "total", "largest": "maximum", "smallest": "minimum"}[head]
        self._share(name, 2)
        return f"{name}({array})" if head == "total" else f"{array}.reduce({name})"

    def _share(self, head: str, operands: int) -> None:
        """Have a function that is written by itself, once.

        Raises `LookupError` if there is no formula for it.
        """
        if head not in self.shared:
            text = _SHARED.get(head) or self.formula(_FORMULAS[head], operands)
            self.shared[head] = text


class _Rolled:
    """A rule of sequences, as a function of any number of operands that loops over them."""

    def __init__(self, script: Script, sequences: int) -> None:
        self.script = script
        self.names = _names()
        self.all = next(self.names).text  # the array of all operands
        self.known: dict[Symbol, _Text] = {}  # what is the same for all terms
        self.constants: list[str] = []
        self.terms = [Symbol("x", s) for s in range(sequences)]
        self.size = ""
        if sequences > 1:
            self.size = next(self.names).text
            self.constants.append(f"{self.size}={self.all}.length/{sequences}")

    def function(self, form: Form) -> str:
        """Return the function from all operands to the value and the local derivatives."""
        for e in reductions([form.value, *form.partials]):
            self._outside(2 * self._fixed(e.arguments[0]))
            name = next(self.names)
            array = self._each(e.arguments[0])
            self.constants.append(f"{name.text}={self.script.over_all(e.head, array)}")
            self.known[e] = name
        fixed = [part for partial in form.partials for part in self._fixed(partial)]
        *_, value = self._outside([*2 * fixed, form.value])
        slopes = [self._each(partial) for partial in form.partials]
        joined = slopes[0] if len(slopes) == 1 else f"[{','.join(f'...{s}' for s in slopes)}]"
        return _arrow([f"...{self.all}"], self.constants, f"[{value.within(_CHOICE)},{joined}]")

    def _outside(self, expressions: Sequence[Any]) -> list[_Text]:
        """Return expressions that are the same for all terms, written outside of any loop.

        Those that come twice are given a name.
        """
        found: list[_Text] = []

        def made(results: list[_Text]) -> str:
            found.extend(results)
            return ""

        self.constants += self.script.written(expressions, self.known, self.names, made)[0]
        return found

    def _each(self, e: Any) -> str:
        """Return the array of an expression for each term."""
        if e is self.terms[0] and len(self.terms) == 1:
            return self.all
        names = map(_upper, _names())
        item, place = next(names), next(names)
        inside = dict(self.known)
        for s, term in enumerate(self.terms):
            inside[term] = _Text(self._operand(s, place.text), _ATOM)
        inside[self.terms[-1]] = item
        before, text = self.script.written([e], inside, names, lambda x: x[0].within(_CHOICE))
        if not self.size:
            return f"{self.all}.map({_arrow([item.text], before, text)})"
        looped = f"{self.all}.slice({self.size})"
        return f"{looped}.map({_arrow([item.text, place.text], before, text)})"

    def _operand(self, s: int, place: str) -> str:
        ahead = "" if s == 0 else f"+{self.size}" if s == 1 else f"+{s}*{self.size}"
        return f"{self.all}[{place}{ahead}]"

    def _fixed(self, e: Any) -> list[Symbol]:
        """Return the largest parts of an expression that no single term is in."""
        varying: set[Symbol] = set()
        order = list(inner_first([e], self.known))
        for part in order:
            parts = {a for a in part.arguments if isinstance(a, Symbol)}
            if part.head == "x" or parts & varying:
                varying.add(part)
        if order and order[-1] not in varying:
            return [order[-1]]
        used = chain.from_iterable(part.arguments for part in order if part in varying)
        fixed = [a for a in used if isinstance(a, Symbol) and a not in varying]
        return [*dict.fromkeys(fixed)]


def _simpler(results: Sequence[Any]) -> list[Any]:
    """Return symbols with products for squares, which no power is as exact as."""

    def made(e: Symbol, operands: list[Any]) -> Any:
        x, n, *_ = [*operands, None, None]
        if e.head == "power" and not isinstance(n, Symbol) and n in (1, 2):
            return x if n == 1 else Symbol("mul", x, x)
        return Symbol(e.head, *operands)

    return evaluate(results, {}, made)


def _is_rolled(form: Form, rule: Rule, operands: int) -> bool:
    """Return whether a form is of any terms; that of a single one may be both."""
    if len(form.partials) > rule.sequences or not rule.sequences:
        return False
    outside = inner_first([form.value], reductions([form.value]))
    return operands > rule.sequences or all(e.head != "x" for e in outside)


def _answers(e: Any) -> bool:
    """Return whether something is true or false, and not a number."""
    return isinstance(e, Symbol) and e.head in _ANSWERS


def _listed(results: list[_Text]) -> str:
    value, *slopes = (result.within(_CHOICE) for result in results)
    return f"[{value},[{','.join(slopes)}]]"


def _arrow(parameters: Sequence[str], constants: Sequence[str], result: str) -> str:
    """Return a function that declares constants and returns a result."""
    alone = len(parameters) == 1 and not parameters[0].startswith(".")
    head = parameters[0] if alone else f"({','.join(parameters)})"
    if not constants:
        return f"{head}=>{result}"
    gap = "" if result.startswith(("[", "(")) else " "
    return f"{head}=>{{const {','.join(constants)};return{gap}{result}}}"


def _names() -> Iterator[_Text]:
    """Yield a, b, …, z, a1, b1 and so on."""
    for i in count():
        for letter in ascii_lowercase:
            yield _Text(f"{letter}{i or ''}", _ATOM)


def _upper(name: _Text) -> _Text:
    """Return a name for what is within a loop."""
    return _Text(name.text.upper(), _ATOM)


def _joined(sign: str, level: int, x: _Text, y: _Text) -> _Text:
    if sign == "+" and y.text[0] == "-":  # x + −y is x − y
        sign, y = "-", y._replace(text=y.text[1:])
    return _Text(x.within(level) + sign + _apart(sign, y.within(level + 1)), level)


def _apart(sign: str, text: str) -> str:
    """Return what stands after a sign, which must not become one sign with it."""
    return f"({text})" if sign[-1] in "+-" and text.startswith(sign[-1]) else text


def _text(x: Any) -> _Text:
    """Return what is written already, or a number, as JavaScript."""
    if isinstance(x, _Text):
        return x
    number = float(x)
    if math.isinf(number) or math.isnan(number):
        return _Text({"inf": "1/0", "-inf": "-1/0", "nan": "0/0"}[repr(number)], _PRODUCT)
    half, power = math.frexp(number)
    if half == 0.5 and abs(power) > 64:
        return _Text(f"2**{power - 1}", _POWER)
    text = re.sub(r"e([+-])0?", lambda e: "e" + e[1].strip("+"), repr(number).removesuffix(".0"))
    text = text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text
    return _Text(text, _SIGN if text.startswith("-") else _ATOM)


_FORMULAS: dict[str, Callable[..., Any]] = {**FORMULAS, **ACCURATE}
"""What is written as a function of its own, by the heads of symbols."""

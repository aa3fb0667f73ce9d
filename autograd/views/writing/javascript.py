"""The rules of the table as JavaScript, written from what they make of symbols."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from autograd.program.branches import every_way
from autograd.program.elementary import FORMULAS
from autograd.program.symbols import Symbol, evaluate, inner_first
from autograd.rule import RULES, Rule
from autograd.value import Value

__all__ = ["expressions", "javascript", "written_rules"]

OPERANDS = 6
"""The number of operands up to which a rule of any number of them is written."""


def javascript(rules: Mapping[str, Rule] = RULES) -> str:
    """Return an object of functions, from operands to [value, [local derivative, …]].

    A rule of any number of operands has a function for each number, as ``"mean/3"``. A rule that
    was written for floats alone has none. The functions are made of operators, of those of
    JavaScript's ``Math``, and of those of an object ``M``, which the page has.

    >>> from autograd import rules
    >>> print(javascript({"exp": rules.exp, "mul": rules.mul}))
    {"exp":(x0)=>{const t0=Math.exp(x0);return [t0,[t0]]},
    "mul":(x0,x1)=>[(x0*x1),[x1,x0]]}
    """
    written = (
        (f"{name}/{count}" if rule.sequences else name, _function(rule, count))
        for name, rule in rules.items()
        for count in ([rule.arity] if not rule.sequences else range(1, OPERANDS + 1))
        if not name.startswith("_") and rule.complete and not count % (rule.sequences or 1)
    )
    return "{" + ",\n".join(f"{json.dumps(name)}:{text}" for name, text in written if text) + "}"


def written_rules(order: Sequence[Value]) -> tuple[list[str], dict[Value, int]]:
    """Return the rules that a graph is made of as functions, and which of them made each node.

    A rule with other constants, or of another number of operands, is another one.
    """
    sources: dict[str, int] = {}
    made_by: dict[Value, int] = {}
    for node in order:
        if node.rule is not None and node.parents:
            text = _function(node.rule, len(node.parents))
            if text:
                made_by[node] = sources.setdefault(text, len(sources))
    return list(sources), made_by


def _function(rule: Rule, count: int) -> str:
    """Return a rule as a function of so many operands, "" if it cannot be written."""
    names = {Symbol("x", s): f"x{s}" for s in range(count)}
    try:
        results = _simple(every_way(lambda: _results(rule, list(names))))
        constants, (value, *partials) = _written(results, dict(names))
    except Exception:  # what a rule of one's own raises here is of any kind
        return ""
    made = f"[{value},[{','.join(partials)}]]"
    body = f"{{const {','.join(constants)};return {made}}}" if constants else made
    return f"({','.join(names.values())})=>{body}"


def _results(rule: Rule, operands: Sequence[Symbol]) -> list[Any]:
    value, partials = rule.function(*operands, **rule.constants)
    return [value, *partials]


def _simple(results: Sequence[Any]) -> list[Any]:
    """Return symbols made of what JavaScript has."""

    def made(e: Symbol, operands: list[Any]) -> Any:
        if e.head in _NATIVE or e.head not in FORMULAS:
            return Symbol(e.head, *operands)
        return _simple([FORMULAS[e.head](*operands)])[0]

    return evaluate(results, {}, made)


def expressions(results: Sequence[Any], known: Mapping[Symbol, str]) -> tuple[list[str], list[str]]:
    """Return symbols as JavaScript: the constants that they share, and a text for each.

    `known` has the texts of those that are not made of others.

    >>> x = Symbol("x", 0)
    >>> expressions([x * x + 1, x * x], {x: "x"})
    (['t0=(x*x)'], ['(t0+1)', 't0'])
    """
    return _written(_simple(results), dict(known))


def _written(results: Sequence[Any], known: dict[Symbol, Any]) -> tuple[list[str], list[str]]:
    """Return the constants for what is used more than once, and the results."""
    uses = Counter(a for a in results if isinstance(a, Symbol))
    for e in inner_first(results):
        uses.update(a for a in e.arguments if isinstance(a, Symbol))
    constants: list[str] = []

    def write(e: Symbol, operands: list[Any]) -> str:
        text = _applied(e.head, [*map(_text, operands)])
        if uses[e] == 1:
            return text
        constants.append(f"t{len(constants)}={text}")
        return constants[-1].partition("=")[0]

    return constants, [*map(_text, evaluate(results, known, write))]


def _text(x: Any) -> str:
    """Return what is written already, or a number, as JavaScript."""
    if isinstance(x, str):
        return x
    text = repr(float(x)).removesuffix(".0").replace("inf", "Infinity").replace("nan", "NaN")
    return f"({text})" if text.startswith("-") else text


_SIGNS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "fmod": "%", "total": "+",
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "===", "ne": "!==", "and": "&&", "or": "||",
}  # fmt: skip
_OTHERS = {
    "neg": "(-{})",
    "exp2": "(2**{})",
    "where": "({}?{}:{})",
    "isinf": "(Math.abs({})===Infinity)",
}
_CALLED = {
    **{
        name: f"Math.{name}"
        for name in (
            "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh",
            "exp", "expm1", "hypot", "log", "log10", "log1p", "log2", "sin", "sinh", "sqrt",
            "tan", "tanh",
        )
    },
    "absolute": "Math.abs", "maximum": "Math.max", "largest": "Math.max", "minimum": "Math.min",
    "erf": "M.erf", "erfc": "M.erfc", "power": "M.power",
}  # fmt: skip
_NATIVE = _SIGNS.keys() | _OTHERS.keys() | _CALLED.keys()
"""What JavaScript has, by the heads of symbols."""


def _applied(head: str, operands: Sequence[str]) -> str:
    """Return an operation on operands as JavaScript."""
    if head in _SIGNS:
        return f"({_SIGNS[head].join(operands)})"
    if head in _OTHERS:
        return _OTHERS[head].format(*operands)
    return f"{_CALLED[head]}({','.join(operands)})"

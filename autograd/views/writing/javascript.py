"""The rules of the table as JavaScript, written by running them on source text."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from autograd.libraries import register
from autograd.libraries.arrays import Arrays
from autograd.rule import RULES, Rule

__all__ = ["javascript"]

OPERANDS = 6
"""The number of operands up to which a rule of any number of them is written."""


def javascript(rules: Mapping[str, Rule] = RULES) -> str:
    """Return an object of functions, from operands to [value, [local derivative, …]].

    A rule of any number of operands has a function for each number, as ``"mean/3"``. A rule that
    was written for floats alone has none. The functions are made of operators and of those of an
    object ``M``, which the page has.

    >>> from autograd import rules
    >>> print(javascript({"tanh": rules.tanh, "mul": rules.mul}))
    {"tanh":(a)=>{const t0=M.tanh(a);const t1=Math.abs(a)...},
    "mul":(a,b)=>{const t0=(a*b);return [t0,[b,a]]}}
    """
    written = (
        (f"{name}/{count}" if rule.sequences else name, _function(rule, count))
        for name, rule in rules.items()
        for count in ([rule.arity] if not rule.sequences else range(1, OPERANDS + 1))
        if not name.startswith("_") and rule.complete and not count % (rule.sequences or 1)
    )
    return "{" + ",\n".join(f"{json.dumps(name)}:{text}" for name, text in written if text) + "}"


def _function(rule: Rule, count: int) -> str:
    """Return a rule as a function of so many operands, "" if it cannot be written."""
    lines: list[str] = []
    operands = [Source(name, lines) for name in "abcdefghijklm"[:count]]
    try:
        value, partials = rule.function(*operands, **rule.constants)
        results = _text(value), ",".join(map(_text, partials))
    except Exception:  # what a rule of one's own raises here is of any kind
        return ""
    body = "".join([*lines, f"return [{results[0]},[{results[1]}]]"])
    return f"({','.join(map(_text, operands))})=>{{{body}}}"


class Source:
    """A number that is only the name of a constant in a program, to which it adds a line."""

    def __init__(self, text: str, lines: list[str]) -> None:
        self.text = text
        self.lines = lines

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError("what is written cannot branch on a number")

    def __float__(self) -> float:
        raise TypeError("what is written is no number")

    def __neg__(self) -> Source:
        return _line("(-{})", self)

    def __abs__(self) -> Source:
        return _line("Math.abs({})", self)

    def __pow__(self, other: Any) -> Source:
        return _line("M.power({},{})", self, other)

    def __rpow__(self, other: Any) -> Source:
        return _line("M.power({},{})", other, self)


def _line(template: str, *operands: Any) -> Source:
    lines = next(operand.lines for operand in operands if isinstance(operand, Source))
    name = f"t{len(lines)}"
    lines.append(f"const {name}={template.format(*map(_text, operands))};")
    return Source(name, lines)


def _text(x: Any) -> str:
    """Return an operand as JavaScript."""
    if isinstance(x, Source):
        return x.text
    number = float(x)
    if not math.isfinite(number):
        return {"inf": "Infinity", "-inf": "(-Infinity)", "nan": "NaN"}[repr(number)]
    return repr(number).removesuffix(".0") if number >= 0 else f"({number!r})"


def _operator(sign: str) -> tuple[Callable[..., Source], Callable[..., Source]]:
    template = f"({{}}{sign}{{}})"
    return lambda x, y: _line(template, x, y), lambda x, y: _line(template, y, x)


for _name, _sign in {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "and": "&&", "or": "||",
}.items():  # fmt: skip
    _forward, _reflected = _operator(_sign)
    setattr(Source, f"__{_name}__", _forward)
    setattr(Source, f"__r{_name}__", _reflected)
for _name, _sign in {
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "===", "ne": "!==",
}.items():  # fmt: skip
    setattr(Source, f"__{_name}__", _operator(_sign)[0])


class _Functions:
    """What `Arrays` asks of NumPy: a function is one of the page's, by its name."""

    __name__ = "javascript"

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        if isinstance(condition, Source):
            return _line("({}?{}:{})", condition, x, y)
        return x if condition else y

    def __getattr__(self, name: str) -> Callable[..., Source]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *x: _line(f"M.{name}({','.join(['{}'] * len(x))})", *x)


class _Sources(Arrays):
    """The functions that rules are written with, on source text."""

    def __init__(self) -> None:
        super().__init__(_Functions())

    def erf(self, x: Any) -> Any:
        return _line("M.erf({})", x)

    def erfc(self, x: Any) -> Any:
        return _line("M.erfc({})", x)


register(Source, _Sources())

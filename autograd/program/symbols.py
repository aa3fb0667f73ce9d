"""Symbols: numbers that are nothing but how they were made, for rules to run on.

A rule that is run on symbols once can be written down for any machine: as instructions, as
operations on arrays, as JavaScript. The head of a symbol is the name of a function of
`autograd.functions`, or of one of Python's operators.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from functools import partial
from typing import Any, ClassVar, TypeAlias
from weakref import WeakValueDictionary

from autograd.libraries import register
from autograd.libraries.floats import Floats

__all__ = [
    "OPERATORS", "Expression", "Functions", "Symbol", "deciding", "evaluate", "inner_first", "same",
]  # fmt: skip

Expression: TypeAlias = "Symbol | float"
"""What a rule makes of symbols: another one, or a plain number."""

deciding: ContextVar[Callable[[Symbol], bool] | None] = ContextVar("deciding", default=None)
"""What answers a Python ``if`` on a symbol, while someone tries all answers."""


def _forward(head: str) -> Callable[[Any, Any], Any]:
    return lambda x, y: x.made(head, x, y)


def _reflected(head: str) -> Callable[[Any, Any], Any]:
    return lambda x, y: x.made(head, y, x)


class Symbol:
    """An operation and what it was applied to; equal ones are one object.

    >>> x = Symbol("x", 0)
    >>> x * x + 1 is x * x + 1, 1 / x
    (True, truediv(1, x(0)))
    """

    __slots__ = ("__weakref__", "arguments", "head")
    _known: ClassVar[WeakValueDictionary[tuple[Any, ...], Symbol]] = WeakValueDictionary()

    head: str
    arguments: tuple[Any, ...]

    def __new__(cls, head: str, *arguments: Any) -> Symbol:
        """Return the symbol that is made so, the same object each time."""
        key = (head, *[a if isinstance(a, Symbol) else (type(a), repr(a)) for a in arguments])
        known = cls._known.get(key)
        if known is None:
            cls._known[key] = known = object.__new__(cls)
            known.head, known.arguments = head, arguments
        return known

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        decide = deciding.get()
        if decide is None:
            raise TypeError("a symbol is neither true nor false; write f.where(condition, x, y)")
        return decide(self)

    def __float__(self) -> float:
        raise TypeError("a symbol is no number; write the rule with autograd.functions")

    @classmethod
    def made(cls, head: str, *arguments: Any) -> Any:
        """Return the result of an operation, which operators and functions ask for."""
        return cls(head, *arguments)

    def __neg__(self) -> Any:
        return self.made("neg", self)

    def __abs__(self) -> Any:
        return self.made("absolute", self)

    def __radd__(self, x: Any) -> Any:
        """Add what stands on the left; the int 0, with which ``sum`` begins, adds nothing."""
        return self if type(x) is int and x == 0 else self.made("add", x, self)

    __add__ = _forward("add")
    __sub__, __rsub__ = _forward("sub"), _reflected("sub")
    __mul__, __rmul__ = _forward("mul"), _reflected("mul")
    __truediv__, __rtruediv__ = _forward("truediv"), _reflected("truediv")
    __mod__, __rmod__ = _forward("mod"), _reflected("mod")
    __pow__, __rpow__ = _forward("power"), _reflected("power")
    __and__, __rand__ = _forward("and"), _reflected("and")
    __or__, __ror__ = _forward("or"), _reflected("or")
    __lt__, __le__ = _forward("lt"), _forward("le")
    __gt__, __ge__ = _forward("gt"), _forward("ge")
    __eq__, __ne__ = _forward("eq"), _forward("ne")

    def __repr__(self) -> str:
        return f"{self.head}({', '.join(map(repr, self.arguments))})"


OPERATORS: dict[str, Callable[..., Any]] = {
    **{name: getattr(operator, name) for name in ("add", "sub", "mul", "truediv", "mod", "neg")},
    **{name: getattr(operator, name) for name in ("lt", "le", "gt", "ge", "eq", "ne")},
    "and": operator.and_,
    "or": operator.or_,
    "absolute": abs,
}
"""What the heads mean that are Python's operators."""


class Functions:
    """The functions that rules are written with, on symbols: each is remembered by its name."""

    kind: type[Symbol] = Symbol
    written = staticmethod(Floats.written)
    lift = staticmethod(Floats.lift)
    absolute = staticmethod(abs)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        return partial(self.kind.made, name)

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        """Return a choice, or what is chosen by a plain number."""
        if isinstance(condition, Symbol):
            return Symbol("where", condition, x, y)
        return x if condition else y

    def dot(self, w: tuple[Any, ...], x: tuple[Any, ...]) -> Any:
        """Return the total of the products."""
        return self.kind.made("total", *map(operator.mul, w, x))

    def norm(self, *x: Any) -> Any:
        """Return the root of the sum of the squares, of numbers scaled so that none overflows."""
        largest = Symbol("largest", *map(abs, x))
        small = self.where(largest < 2.0**-400, 2.0**600, 1.0)
        scale = self.where(largest > 2.0**500, 2.0**-600, small)  # times this is exact
        squares = [(x_k * scale) * (x_k * scale) for x_k in x]
        finite = Symbol("sqrt", Symbol("total", *squares)) / scale
        infinite = Symbol("largest", *[self.where(Symbol("isinf", x_k), 1.0, 0.0) for x_k in x])
        return self.where(infinite > 0, math.inf, finite)  # even if another one is NaN

    def logsumexp(self, *x: Any) -> Any:
        """Return the logarithm of the sum; log1p keeps what small terms add to the largest."""
        top = Symbol("largest", *x)
        top = self.where(Symbol("isinf", top), 0.0, top)
        rest = [self.where(x_k == top, 0.0, Symbol("exp", x_k - top)) for x_k in x]
        largest = [self.where(x_k == top, 1.0, 0.0) for x_k in x]
        others = Symbol("total", *rest) + (Symbol("total", *largest) - 1)
        return top + Symbol("log1p", others)

    def softmax(self, *x: Any) -> tuple[Any, ...]:
        """Return the exponentials, each divided by their sum; the largest is brought to 1."""
        top = Symbol("largest", *x)
        exponentials = [Symbol("exp", x_k - top) for x_k in x]
        norm = Symbol("total", *exponentials)
        return tuple([e / norm for e in exponentials])


register(Symbol, Functions())


def inner_first(expressions: Iterable[Any], known: Iterable[Symbol] = ()) -> Iterator[Symbol]:
    """Yield the symbols that expressions are made of, each once, its arguments before it.

    It goes no further where symbols are known.

    >>> x = Symbol("x", 0)
    >>> list(inner_first([x * x + 1]))
    [x(0), mul(x(0), x(0)), add(mul(x(0), x(0)), 1)]
    """
    seen: set[Symbol] = set(known)
    stack = [(e, False) for e in reversed([*expressions]) if isinstance(e, Symbol)]
    while stack:
        e, ready = stack.pop()
        if ready:
            yield e
        elif e not in seen:
            seen.add(e)
            stack.append((e, True))
            stack += [(a, False) for a in reversed(e.arguments) if isinstance(a, Symbol)]


def same(one: Any, other: Any) -> bool:
    """Return whether two expressions are one symbol or one number."""
    if isinstance(one, Symbol) or isinstance(other, Symbol):
        return one is other
    return bool(one == other and math.copysign(1.0, one) == math.copysign(1.0, other))


def evaluate(
    expressions: Iterable[Any], known: dict[Symbol, Any], apply: Callable[[Symbol, list[Any]], Any]
) -> list[Any]:
    """Work out expressions from what is known of some symbols, which grows by what is found.

    >>> x = Symbol("x", 0)
    >>> evaluate([x * x + 1], {x: 3.0}, lambda e, operands: OPERATORS[e.head](*operands))
    [10.0]
    """
    expressions = list(expressions)
    for e in inner_first(expressions, known):
        operands = [known[a] if isinstance(a, Symbol) else a for a in e.arguments]
        known[e] = apply(e, operands)
    return [known[e] if isinstance(e, Symbol) else e for e in expressions]

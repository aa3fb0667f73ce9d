"""Numbers that are followed: each remembers how it was made of the numbers of a graph.

A question is made once, at the numbers of its graph. With numbers that are followed, its answer,
its hints and what known mistakes lead to can be worked out again at others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from itertools import chain
from typing import Any

from autograd import functions as f
from autograd.errors import AutogradError
from autograd.libraries import FLOATS, register
from autograd.program.forms import form_of
from autograd.program.symbols import Expression, Functions, Symbol
from autograd.sweep import chooses
from autograd.value import Value
from autograd.views.tracing.walk import Step, Walk
from autograd.views.writing.numbers import hole

__all__ = ["Book", "Followed", "FollowedWalk", "is_untaken", "varies"]


class Book:
    """How the numbers were made that somebody wrote down, each in its place."""

    def __init__(self) -> None:
        self.expressions: list[Expression] = []
        self._places: dict[Symbol | str, int] = {}

    def place(self, number: float) -> int:
        """Return the place of a number, the next one if it has none."""
        made = number.symbol if isinstance(number, Followed) else float(number)
        key = made if isinstance(made, Symbol) else repr(made)
        if key not in self._places:
            self._places[key] = len(self.expressions)
            self.expressions.append(made)
        return self._places[key]


class Followed(float):
    r"""A float with the symbol of how it was made; where it is written down, it leaves a hole.

    >>> x = Followed(3.0, Symbol("number", 0), Book())
    >>> y = 2 * x + 1
    >>> float(y), y.symbol, y.written
    (7.0, add(mul(2, number(0)), 1), '{\ue0000}')
    """

    symbol: Symbol
    book: Book
    untaken = False

    def __new__(cls, x: float, symbol: Symbol, book: Book) -> Followed:
        """Return a number that is followed from here."""
        made = super().__new__(cls, x)
        made.symbol, made.book = symbol, book
        return made

    @property
    def written(self) -> str:
        """The hole that is filled in later."""
        return hole(self.book.place(self))

    def __hash__(self) -> int:
        return float.__hash__(self)


def _each(of: Callable[[Any], Any], x: Any) -> Any:
    """Return what something is of a number, or of each in a tuple."""
    return tuple(map(of, x)) if isinstance(x, tuple) else of(x)


def _symbol(x: Any) -> Any:
    return getattr(x, "symbol", x)


def _made(write: Callable[..., Any], operands: Sequence[Any], result: Any) -> Any:
    """Return the result of an operation, followed as its operands are; `write` does it on symbols.

    Several results are a tuple.
    """
    rows = [x if isinstance(x, tuple) else (x,) for x in operands]
    books = [x.book for x in chain.from_iterable(rows) if isinstance(x, Followed)]
    if not books or not isinstance(result, float | tuple):
        return result
    symbols = write(*[_each(_symbol, x) for x in operands])
    if isinstance(result, tuple):
        pairs = zip(result, symbols, strict=True)
        return tuple(Followed(x, symbol, books[0]) for x, symbol in pairs)
    return Followed(result, symbols, books[0])


def _operation(head: str, name: str, *, reflected: bool = False) -> Callable[..., Any]:
    """Return the method for an operator; what it leaves as it is, as x · 1, is that number."""
    compute = getattr(float, name)

    def operate(x: Any, *others: Any) -> Any:
        operands = [*others, x] if reflected else [x, *others]
        neutral = _NEUTRAL.get(head) if reflected else _NEUTRAL_RIGHT.get(head)
        if others and not isinstance(others[0], Followed) and others[0] == neutral:
            return x
        return _made(partial(Symbol, head), operands, compute(x, *others))

    return operate


_NEUTRAL = {"add": 0, "mul": 1}
_NEUTRAL_RIGHT = _NEUTRAL | {"sub": 0, "truediv": 1}

for _head, _name in (
    ("add", "add"), ("sub", "sub"), ("mul", "mul"), ("truediv", "truediv"), ("power", "pow"),
):  # fmt: skip
    setattr(Followed, f"__{_name}__", _operation(_head, f"__{_name}__"))
    setattr(Followed, f"__r{_name}__", _operation(_head, f"__r{_name}__", reflected=True))
for _head, _name in (("neg", "neg"), ("absolute", "abs")):
    setattr(Followed, f"__{_name}__", _operation(_head, f"__{_name}__"))


class _Functions:
    """The functions that rules are written with, on numbers that are followed."""

    where = staticmethod(FLOATS.where)
    compare = staticmethod(FLOATS.compare)
    step = staticmethod(FLOATS.step)
    lift = staticmethod(FLOATS.lift)
    written = staticmethod(FLOATS.written)

    def contribution(self, upstream: float, partial: float, choice: bool = False) -> float:
        """Return the contribution, followed even where it is 0, as it may be another elsewhere."""
        if not isinstance(upstream, Followed) and upstream == 1:
            return partial
        passed = FLOATS.contribution(float(upstream), float(partial), choice)
        if not isinstance(partial, Followed) and partial in (-1, 0, 1):
            return passed if partial == 0 else upstream * partial
        made: float = _made(_SYMBOLS.contribution, [upstream, partial, choice], passed)
        return made

    def __getattr__(self, name: str) -> Callable[..., Any]:
        compute, write = getattr(FLOATS, name), getattr(_SYMBOLS, name)
        return lambda *operands: _made(
            write, operands, compute(*[_each(float, operand) for operand in operands])
        )


_SYMBOLS = Functions()

register(Followed, _Functions())


def is_untaken(partial: float) -> bool:
    """Return whether a local derivative is that of a branch that was not taken, told by an int."""
    return partial == 0 and (type(partial) is int or getattr(partial, "untaken", False))


def varies(node: Value, position: int) -> bool:
    """Return whether a local derivative is another at other operands."""
    rule: Any = node.rule
    try:
        partials = form_of(rule, len(node.parents)).partials
    except AutogradError:  # what a page leaves as it is
        return False
    return isinstance(partials[position * len(partials) // len(node.parents)], Symbol)


class FollowedWalk(Walk):
    """A walk whose numbers are followed: those of nodes, partials and derivatives.

    >>> x = Value(3.0, "x")
    >>> walk = FollowedWalk(Walk(x * x))
    >>> walk.derivatives[x].symbol, walk.steps[0].contribution.symbol
    (adjoint(0), partial(1, 0))
    """

    def __init__(self, walk: Walk) -> None:
        super().__init__(walk.output, walk.variables)
        self.book = Book()
        self.numbers = {node: self._number(node) for node in self.order}
        self.slopes = {node: self._slopes(node) for node in self.order}

    def _follow(self, x: float, head: str, *where: int) -> Followed:
        return Followed(x, Symbol(head, *where), self.book)

    def _number(self, node: Value) -> float:
        if self.names.is_constant(node):
            return node.data
        return self._follow(node.data, "number", self.index[node])

    def _slopes(self, node: Value) -> list[float]:
        return [self._slope(node, position, d) for position, d in enumerate(node.partials)]

    def _slope(self, node: Value, position: int, d: float) -> float:
        """Return a local derivative, followed unless it is the same everywhere."""
        if type(d) is int and not varies(node, position):
            return d
        made = self._follow(float(d), "partial", self.index[node], position)
        made.untaken = is_untaken(d)
        return made

    @cached_property
    def derivatives(self) -> dict[Value, float]:
        """The derivative of the output with respect to every node."""
        known = super().derivatives
        return {node: self._follow(d, "adjoint", self.index[node]) for node, d in known.items()}

    @cached_property
    def steps(self) -> list[Step]:
        """The steps; a total that is complete is the derivative."""
        totals: dict[Value, float] = {}
        return [self._followed(step, totals) for step in super().steps]

    def _followed(self, step: Step, totals: dict[Value, float]) -> Step:
        upstream = self.derivatives[step.node] if step.node is not self.output else 1.0
        partial = self.partial(step.edge)
        before = totals.get(step.parent, 0.0)
        product = f.contribution(upstream, partial, chooses(step.node))
        after = before + product if step.pending else self.derivatives[step.parent]
        totals[step.parent] = after
        return step._replace(
            upstream=upstream, partial=partial, contribution=product, before=before, after=after
        )

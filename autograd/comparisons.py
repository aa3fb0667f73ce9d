"""What comparing Values leaves behind: an answer that remembers what it was asked.

A graph holds operations, and no Python ``if``. So a comparison that may have decided something
while a graph was recorded is kept as a *guard*: a replay on other numbers asks it again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from autograd.graph import Node, depending_on, topological_order
from autograd.source import source_line

__all__ = ["LIMIT", "Comparison", "changed", "guards", "set_aside"]

LIMIT = 10_000
"""How many comparisons are kept; of more, the oldest are forgotten."""

_kept: list[Comparison] = []
_changed: set[Node] = set()
_aside: ContextVar[list[Comparison] | None] = ContextVar("aside", default=None)


class Comparison(int):
    """The answer to ``x < y``: True or False, and a guard of what is recorded with it.

    ``where``, and arithmetic with a Value, record the question itself instead; it is then an
    operation of the graph, which every replay computes anew, and no guard.

    >>> from autograd import Value
    >>> x = Value(3.0, "x")
    >>> x > 0, 1 + (x > 5)
    (True, 1)
    """

    operands: tuple[Any, Any]
    rule: Any
    source: str
    decides: bool
    _record: Callable[[], Any]

    @classmethod
    def of(
        cls, answer: bool, operands: tuple[Any, Any], rule: Any, record: Callable[[], Any]
    ) -> Comparison:
        """Return the answer of a rule, to be kept; `record` records it as an operation."""
        made = cls(answer)
        made.operands, made.rule, made.source = operands, rule, source_line()
        made.decides, made._record = True, record
        aside = _aside.get()
        if aside is None:
            _forget_changed()
        kept = _kept if aside is None else aside
        kept.append(made)
        del kept[:-LIMIT]
        return made

    def node(self) -> Any:
        """Return the comparison as a recorded operation, whose number is 1 or 0."""
        self.decides = False
        return self._record()

    def __bool__(self) -> bool:
        self.decides = True
        return int(self) != 0

    def __repr__(self) -> str:
        return str(int(self) != 0)

    __str__ = __repr__

    def __reduce__(self) -> tuple[Any, ...]:
        return bool, (int(self),)


def changed(leaf: Node) -> None:
    """Note that a leaf has another number: what was asked of its old one guards nothing further."""
    if _kept:
        _changed.add(leaf)


def guards(leaves: Collection[Node], order: Collection[Node]) -> list[Comparison]:
    """Return the guards of a graph, given in topological order, when these leaves vary.

    They are the comparisons of its nodes, and of whatever else depends on one of the leaves.

    >>> from autograd import Value
    >>> x = Value(3.0, "x")
    >>> y = x if x * 2 > 1 else -x
    >>> [(guard.rule.symbol, bool(guard)) for guard in guards([x], [x])]
    [('>', True)]
    """
    aside = _aside.get()
    if aside is None:
        _forget_changed()
    asked = [kept for kept in (_kept if aside is None else aside) if kept.decides]
    within = depending_on(leaves, topological_order(*_operands(asked))) if asked else set()
    return [kept for kept in asked if not within.isdisjoint(kept.operands)]


@contextmanager
def set_aside() -> Iterator[None]:
    """Keep what is asked meanwhile apart, and for so long only.

    It is for graphs with leaves of their own that nobody is handed: they need no other guards, and
    nothing else needs theirs.
    """
    token = _aside.set([])
    try:
        yield
    finally:
        _aside.reset(token)


def _forget_changed() -> None:
    if _changed:
        stale = depending_on(_changed, topological_order(*_operands(_kept)))
        _kept[:] = [kept for kept in _kept if stale.isdisjoint(kept.operands)]
        _changed.clear()


def _operands(comparisons: Collection[Comparison]) -> list[Node]:
    return [operand for comparison in comparisons for operand in comparison.operands]

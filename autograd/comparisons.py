"""What comparing Values leaves behind: an answer that remembers what it was asked.

A graph holds operations, and no Python ``if``. So a comparison that may have decided something
while a graph was recorded is kept as a *guard*: a replay on other numbers asks it again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from itertools import count
from threading import RLock
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from autograd.graph import Node, depending_on, topological_order
from autograd.source import source_line

__all__ = [
    "LIMIT",
    "NODES",
    "Comparison",
    "ask_again",
    "asked_within",
    "changed",
    "guards",
    "set_aside",
]

LIMIT, NODES = 10_000, 500_000
"""How many comparisons are kept, and nodes beneath them; of more, the oldest are forgotten."""

Asked: TypeAlias = tuple[int, tuple[Any, Any], Any, str]
"""A comparison in parts: its answer, its operands, its rule and its source line."""

_clock = count()


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
    asked: int
    _record: Callable[[], Any]

    @classmethod
    def of(
        cls, answer: bool, operands: tuple[Any, Any], rule: Any, record: Callable[[], Any]
    ) -> Comparison:
        """Return the answer of a rule, to be kept; `record` records it as an operation."""
        made = cls(answer)
        made.operands, made.rule, made.source = operands, rule, source_line()
        made.decides, made.asked, made._record = True, next(_clock), record
        _here().add(made)
        return made

    @property
    def question(self) -> str:
        """What was asked, in the operands' labels or numbers: ``x > 0``."""
        x, y = (operand.label or f"{operand.data:.4g}" for operand in self.operands)
        return f"{x} {self.rule.symbol} {y}"

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


class _Kept:
    """The comparisons that were asked, as far as they still hold.

    Those that outlived a look are apart from the recent ones, for a program that asks, changes its
    parameters and asks again shall pay for its last question each time, not for all of them.
    """

    def __init__(self) -> None:
        self.recent: list[Comparison] = []
        self.older: list[Comparison] = []
        self.beneath: set[Node] = set()  # what the older ones depend on
        self.changes: WeakKeyDictionary[Node, int] = WeakKeyDictionary()
        self.changed = False  # since the last look
        self.turn = RLock()

    def add(self, comparison: Comparison) -> None:
        """Keep one more."""
        with self.turn:
            if self.changed or len(self.recent) >= 8:
                self.look()
            self.recent.append(comparison)

    def change(self, node: Node) -> None:
        """Note that a node has another number."""
        if self.recent or self.older:
            with self.turn:
                self.changes[node] = next(_clock)
                self.changed = True

    def look(self) -> None:
        """Forget the recent ones that a change has overtaken, and count the others to the older."""
        if self.changed:
            self.recent = self.held(self.recent, topological_order(*_operands(self.recent)))
        self.older += self.recent
        ahead = _operands(self.recent)
        while ahead:
            node = ahead.pop()
            if node not in self.beneath:
                self.beneath.add(node)
                ahead += node.parents
        self.recent, self.changed = [], False
        while len(self.older) > 1 and (len(self.older) > LIMIT or len(self.beneath) > NODES):
            self.look_at_all(forget=len(self.older) // 2)

    def look_at_all(self, forget: int = 0) -> None:
        """Forget whatever a change has overtaken, and some of the oldest."""
        order = topological_order(*_operands(self.older))
        self.older = self.held(self.older, order)[forget:]
        self.beneath = set(topological_order(*_operands(self.older)))
        self.changes.clear()

    def held(self, asked: list[Comparison], order: Sequence[Node]) -> list[Comparison]:
        """Return those that depend on nothing that was changed after they were asked."""
        changes = dict(self.changes)
        if changes.keys().isdisjoint(order):
            return asked
        latest: dict[Node, int] = {}
        for node in order:
            latest[node] = max([changes.get(node, -1), *[latest[p] for p in node.parents]])
        return [c for c in asked if all(latest[operand] < c.asked for operand in c.operands)]


_kept = _Kept()
_aside: ContextVar[_Kept | None] = ContextVar("aside", default=None)


def _here() -> _Kept:
    aside = _aside.get()
    return _kept if aside is None else aside


def changed(leaf: Node) -> None:
    """Note that a leaf has another number: what was asked of its old one guards nothing further."""
    _kept.change(leaf)


def guards(leaves: Collection[Node]) -> list[Comparison]:
    """Return the comparisons that depend on one of the leaves: the guards when these vary.

    >>> from autograd import Value
    >>> x = Value(3.0, "x")
    >>> y = x if x * 2 > 1 else -x
    >>> [(guard.rule.symbol, bool(guard)) for guard in guards([x])]
    [('>', True)]
    """
    kept = _here()
    with kept.turn:
        kept.look()
        if not kept.beneath.isdisjoint(kept.changes.keys()):
            kept.look_at_all()
        if kept.beneath.isdisjoint(leaves):
            return []
        asked = [comparison for comparison in kept.older if comparison.decides]
        within = depending_on(leaves, topological_order(*_operands(asked)))
        return [comparison for comparison in asked if not within.isdisjoint(comparison.operands)]


def asked_within(nodes: Collection[Node]) -> list[Asked]:
    """Return what was asked of these nodes alone, so that copies of them can be guarded."""
    kept, within = _here(), set(nodes)
    with kept.turn:
        return [
            (int(asked), asked.operands, asked.rule, asked.source)
            for asked in [*kept.older, *kept.recent]
            if asked.decides and _lies_within(within, asked)
        ]


def _lies_within(nodes: set[Node], asked: Comparison) -> bool:
    varying = [operand for operand in asked.operands if not operand.is_constant]
    return bool(varying) and nodes.issuperset(varying)


def ask_again(asked: Iterable[Asked]) -> None:
    """Keep what was asked of the originals of some nodes."""
    for answer, operands, rule, source in asked:
        made = Comparison.of(bool(answer), operands, rule, partial(_recorded, rule, operands))
        made.source = source


def _recorded(rule: Any, operands: tuple[Any, Any]) -> Any:
    return operands[0].record(rule, operands)


@contextmanager
def set_aside() -> Iterator[None]:
    """Keep what is asked meanwhile apart, and for so long only.

    It is for graphs with leaves of their own that nobody is handed: they need no other guards, and
    nothing else needs theirs.
    """
    token = _aside.set(_Kept())
    try:
        yield
    finally:
        _aside.reset(token)


def _operands(comparisons: Collection[Comparison]) -> list[Node]:
    return [operand for comparison in comparisons for operand in comparison.operands]

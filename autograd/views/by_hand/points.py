"""A graph at other numbers than those it was recorded with, near them and on the same branch."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from autograd.comparisons import guards
from autograd.errors import UsageError
from autograd.graph import depending_on, topological_order
from autograd.sweep import sweep
from autograd.value import Value
from autograd.views.tracing.graph import Graph

__all__ = ["Point", "points_near"]

SCALES = (0.25, -0.2, 0.1, -0.05, 0.02, -0.01, 1e-3)
"""How far from its own number a leaf is moved, relative to it, one trial after the other."""

ENOUGH = 3
"""The number of other points at which a formula is tried."""


class Point:
    """A graph at some numbers; at those it was recorded with, where no others are given.

    >>> x = Value(2.0, "x")
    >>> y = x * x
    >>> point = Point([x, y], {x: 3.0, y: 9.0}, {y: (3.0, 3.0)})
    >>> point.number(y), point.held(y, x), point.local(y, x, 1), Point([x, y]).number(y)
    (9.0, 6.0, 3.0, 4.0)
    """

    def __init__(
        self,
        order: Sequence[Value],
        numbers: Mapping[Value, float] | None = None,
        partials: Mapping[Value, Sequence[float]] | None = None,
        known: Mapping[tuple[Value, ...], Mapping[Value, float]] | None = None,
    ) -> None:
        self.order = order
        self.numbers = numbers or {}
        self._moved = partials or {}
        self._derivatives = dict(known or {})  # of an output, by what is held fixed

    @classmethod
    def of(cls, graph: Graph) -> Point:
        """Return the numbers at which a graph is looked at."""
        return cls(graph.order, graph.numbers, graph.slopes)

    def number(self, node: Value) -> float:
        """Return the number of a node."""
        return self.numbers.get(node, node.data)

    def partials(self, node: Value) -> Sequence[float]:
        """Return the local derivatives of a node."""
        return self._moved.get(node, node.partials)

    def with_partials(self, partials: Mapping[Value, Sequence[float]]) -> Point:
        """Return the graph at the same numbers, with other local derivatives of some nodes."""
        return Point(self.order, self.numbers, {**self._moved, **partials})

    def held(self, above: Value, below: Value, held: Sequence[Value] = ()) -> float:
        """Return the derivative of one node in another, by every path that meets none held."""
        key = (above, *held)
        if key not in self._derivatives:
            order = topological_order(above)
            recorded = {node: self.partials(node) for node in order if node.parents}
            free = {node: slopes for node, slopes in recorded.items() if node not in held}
            self._derivatives[key] = sweep(order, free, 1.0)
        return self._derivatives[key].get(below, 0.0)

    def local(self, above: Value, below: Value, operand: int) -> float:
        """Return the local derivative of a node in an operand, of several that are it the n-th."""
        slopes = [
            slope
            for parent, slope in zip(above.parents, self.partials(above), strict=True)
            if parent is below
        ]
        if operand > len(slopes):
            count = len(slopes) or "no"
            raise UsageError(
                f"of {count} operands alike, number {operand} is no such operand; name another"
            )
        return slopes[operand - 1]


def points_near(order: Sequence[Value], leaves: Iterable[Value]) -> Iterator[Point]:
    """Yield the graph at other numbers of some leaves, a few times.

    The numbers are near the given ones, and short; every choice comes out as it did, and every
    operation has a value. There may be no such numbers.

    >>> x = Value(2.0, "x")
    >>> [point.number(x) for point in points_near([x, x * x], [x])]
    [2.5, 1.6, 2.2]
    """
    leaves = list(leaves)
    found = 0
    for scale in SCALES:
        draw = random.Random(scale)  # always the same
        moved = {
            leaf: _moved(leaf.data, scale * (1 if i == 0 else draw.choice((-1, 1, 0.6, -0.6))))
            for i, leaf in enumerate(leaves)
        }
        point = _at(order, moved)
        if point:
            found += 1
            yield point
        if found == ENOUGH:
            return


def _moved(x: float, by: float) -> float:
    """Return another number, a short one where that is possible."""
    other = x + by * (abs(x) or 1.0)
    brief = float(f"{other:.3g}")
    return brief if brief != x else other


def _at(order: Sequence[Value], moved: Mapping[Value, float]) -> Point | None:
    """Return the graph at other numbers; None where it has no value, or takes another branch."""
    numbers: dict[Value, float] = dict(moved)
    partials: dict[Value, Sequence[float]] = {}
    questions = guards(moved)
    asked = [operand for question in questions for operand in question.operands]
    order = [*order, *topological_order(*asked)] if asked else order
    above = depending_on(moved, order)
    try:
        for node in order:
            if node in above and node.parents and node not in numbers:
                assert node.rule is not None
                operands = [numbers.get(parent, parent.data) for parent in node.parents]
                numbers[node], partials[node] = node.rule.derive(*operands)
                if not _alike(node, operands, numbers[node], partials[node]):
                    return None
        for question in questions:
            operands = [numbers.get(operand, operand.data) for operand in question.operands]
            if bool(question.rule.derive(*operands)[0]) != bool(int(question)):
                return None
    except Exception:  # a rule of one's own may raise anything where it was not meant to be
        return None
    return Point(order, numbers, partials)


def _alike(
    node: Value, operands: Sequence[float], number: float, partials: Sequence[float]
) -> bool:
    """Return whether an operation is on the branch on which it was recorded."""
    rule: Any = node.rule
    if not all(map(math.isfinite, (number, *partials))):
        return False
    if rule.kink is None and not rule.choice:
        return True
    before = [parent.data for parent in node.parents]
    if rule.kink is not None and (rule.kink(*operands, **rule.constants) or _bent(rule, before)):
        return False
    if len(operands) == 1 and operands[0] * before[0] < 0:
        return False
    return [_sign(d) for d in partials] == [_sign(d) for d in node.partials]


def _bent(rule: Any, operands: Sequence[float]) -> bool:
    """Return whether a slope was chosen for want of the one, so that it holds nowhere near."""
    return bool(rule.kink(*operands, **rule.constants))


def _sign(x: float) -> int:
    return (x > 0) - (x < 0)

"""What a backward pass hands on to one node: how a change on the way changes the derivative."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from autograd import functions as f
from autograd.graph import topological_order
from autograd.sweep import sweep
from autograd.value import Value
from autograd.views.by_hand.points import Point
from autograd.views.tracing.graph import Edge
from autograd.views.tracing.paths import Factor, Paths

__all__ = ["Backward", "Change", "edges"]


class Change(NamedTuple):
    """A backward pass that is not what it should be, at one place.

    What a node hands on to another is more by ``slope`` times its own derivative, or by a plain
    ``amount``; where these are as much less, it is lost.
    """

    node: Value
    parent: Value
    slope: float = 0.0
    amount: float = 0.0


class Backward:
    """The derivatives on the paths from a node to the output, at some numbers.

    ``above`` is the derivative of the output in each node, ``below`` that of each in the node asked
    about; one edge is worth the product of the two and its local derivative.

    >>> from autograd.views.tracing.graph import Graph
    >>> x = Value(3.0, "x")
    >>> v = x * x
    >>> backward = Backward(Paths(Graph(v * 2), x))
    >>> backward.above[v], backward.below[v], backward.gradient
    (2.0, 6.0, 12.0)
    >>> backward.changed([Change(v, x, -3.0)])  # one of the two uses of x is lost
    6.0
    """

    def __init__(self, why: Paths, point: Point | None = None) -> None:
        self.why = why
        self.point = point or Point.of(why.graph)
        self.above: Mapping[Value, float] = (
            self._derivatives(why.graph.order) if point else why.graph.derivatives
        )
        self.below = self._below()
        self._within: dict[Value, Mapping[Value, float]] = {}

    @property
    def gradient(self) -> float:
        """The derivative of the output in the node asked about."""
        return self.above[self.why.node]

    def partial(self, edge: Factor) -> float:
        """Return the local derivative along an edge."""
        return self.point.partials(edge.node)[edge.position] if isinstance(edge, Edge) else math.nan

    def slope(self, change: Change) -> float:
        """Return what a node hands on to another, relative to its own derivative."""
        slopes = zip(change.node.parents, self.point.partials(change.node), strict=True)
        return sum(slope for parent, slope in slopes if parent is change.parent)

    def contribution(self, edge: Edge) -> float:
        """Return what an edge adds to the derivative of its operand."""
        found: float = f.contribution(self.above[edge.node], self.partial(edge))
        return found

    def changed(self, changes: Sequence[Change]) -> float:
        """Return the derivative that changes lead to, none of which lies above another."""
        return self.gradient + sum(self.effect(change) for change in changes)

    def effect(self, change: Change) -> float:
        """Return what a change adds to the derivative in the node."""
        handed: float = f.contribution(self.above[change.node], change.slope)
        return (handed + change.amount) * self.below.get(change.parent, 0.0)

    def spoiled(self, instead: Iterable[tuple[Edge, float]]) -> Backward:
        """Return the derivatives that come of other local derivatives along some edges."""
        slopes: dict[Value, list[float]] = {}
        for edge, slope in instead:
            slopes.setdefault(edge.node, [*self.point.partials(edge.node)])[edge.position] = slope
        return Backward(self.why, self.point.with_partials(slopes))

    def within(self, node: Value) -> Mapping[Value, float]:
        """Return the derivative of a node in each that it depends on."""
        if node not in self._within:
            self._within[node] = self._derivatives(topological_order(node))
        return self._within[node]

    def _derivatives(self, order: Sequence[Value]) -> dict[Value, float]:
        partials = {node: self.point.partials(node) for node in order}
        return dict.fromkeys(order, 0.0) | sweep(order, partials, 1.0)

    def _below(self) -> dict[Value, float]:
        found = {self.why.node: 1.0}
        for node in reversed(self.why.chain[:-1]):
            slopes = self.point.partials(node)
            found[node] = sum(
                f.contribution(found[parent], slope)
                for parent, slope in zip(node.parents, slopes, strict=True)
                if parent in found
            )
        return found


def edges(node: Value) -> list[Edge]:
    """Return the edges from a node to its operands."""
    return [Edge(node, position) for position in range(len(node.parents))]

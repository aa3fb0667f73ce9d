"""A graph as the views see it: in order, with its names, its uses and its derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from autograd.errors import UsageError
from autograd.graph import topological_order
from autograd.number import shown
from autograd.sweep import sweep
from autograd.value import Value
from autograd.views.tracing.names import Names

__all__ = ["Edge", "Graph", "rounding_noise"]


SEARCHED = 300
"""How many nodes are looked at to find out whether one operand depends on another."""


class Edge(NamedTuple):
    """One operand of one node: a use of the operand, and a factor of the chain rule."""

    node: Value
    position: int

    @property
    def parent(self) -> Value:
        """The operand."""
        return self.node.parents[self.position]

    @property
    def partial(self) -> float:
        """The local derivative of the node in this operand."""
        return self.node.partials[self.position]


class Graph:
    """What an output was computed by, made once for a view and handed on.

    - ``output``; ``order``: every node, in the order of the engine, which is the walk's backwards;
    - ``written``: every node too, operands first and as they were written, from left to right;
    - ``names``: what they are called; ``variables``: where names were looked up.

    >>> w, x = Value(3.0, "w"), Value(2.0, "x")
    >>> graph = Graph(w * x + w)
    >>> graph.derivatives[w], [graph.names(edge.node) for edge in graph.uses[w]]
    (3.0, ['v2', 'v1'])
    """

    numbers: Mapping[Value, float] | None = None
    """Others than the nodes were recorded with, if it is looked at with others."""

    slopes: Mapping[Value, Sequence[float]] | None = None
    """The local derivatives there."""

    def __init__(self, output: Value, names: Mapping[str, Any] | None = None) -> None:
        self.order = topological_order(output)
        self.output = output
        self.variables = names
        self.written = _as_written(output)
        self.names = Names(self.written, names)

    @cached_property
    def index(self) -> dict[Value, int]:
        """Where each node stands in the order."""
        return {node: i for i, node in enumerate(self.order)}

    @cached_property
    def uses(self) -> dict[Value, list[Edge]]:
        """The edges out of each node, in the order in which the backward pass takes them."""
        uses: dict[Value, list[Edge]] = {node: [] for node in self.order}
        for node in reversed(self.order):
            for position, parent in enumerate(node.parents):
                uses[parent].append(Edge(node, position))
        return uses

    @cached_property
    def leaves(self) -> list[Value]:
        """The leaves that are no constants."""
        return [n for n in self.written if not n.parents and not self.names.is_constant(n)]

    @cached_property
    def derivatives(self) -> dict[Value, float]:
        """The derivative of the output with respect to every node."""
        found = sweep(self.order, {node: node.partials for node in self.order}, 1.0)
        return dict.fromkeys(self.order, 0.0) | found

    @cached_property
    def noise(self) -> dict[Value, float]:
        """How much of the derivative in each node could be rounding."""
        return rounding_noise(self.order)

    def number(self, node: Value) -> float:
        """Return the number of a node."""
        return node.data if self.numbers is None else self.numbers[node]

    def partial(self, factor: Any) -> float:
        """Return the local derivative along an edge, or that of a link between named nodes."""
        if self.slopes is None or not isinstance(factor, Edge):
            found: float = factor.partial
            return found
        return self.slopes[factor.node][factor.position]

    def node(self, node: Any, operation: str) -> Value:
        """Return a node that is asked about; raise `UsageError` if it is not in the graph."""
        if not isinstance(node, Value) or node not in self.index:
            raise UsageError(
                f"{operation}: the output does not depend on {shown(node)}; choose another"
            )
        return node

    def other_way(self, node: Value, parent: Value, operands: Collection[Value]) -> list[Value]:
        """Return which of the operands of a node depend on another of them, the parent.

        Where there are some, a change of the parent alone is not its whole effect on the node.
        Where that would take long to find out, an operand counts as one that does: what is held
        fixed may be said of more nodes than it need be.
        """
        if len(self.uses[parent]) == 1 or len(operands) == 1:
            return []
        others = [p for p in operands if p is not parent and p.parents]
        above = self._within(parent, lambda n: [use.node for use in self.uses[n]], node)
        if above is not None:
            return [p for p in others if p in above]
        return [p for p in others if self._may_depend(p, parent)]

    def _may_depend(self, node: Value, other: Value) -> bool:
        below = self._within(node, lambda n: n.parents, other)
        return below is None or other in below

    def _within(
        self, start: Value, neighbours: Callable[[Value], Iterable[Value]], end: Value
    ) -> set[Value] | None:
        """Return what is reached from a node on the way to another; None if that is very much."""
        low, high = sorted((self.index[start], self.index[end]))
        found = {start}
        stack = [start]
        while stack:
            for node in neighbours(stack.pop()):
                if node not in found and low <= self.index[node] <= high:
                    found.add(node)
                    stack.append(node)
            if len(found) > SEARCHED:
                return None
        return found


def _as_written(output: Value) -> list[Value]:
    """Return every node that an output depends on, operands first and from left to right."""
    placed: dict[Value, None] = {}
    stack = [output]
    while stack:
        node = stack[-1]
        known = node in placed
        missing = [] if known else [parent for parent in node.parents if parent not in placed]
        if missing:
            stack.extend(reversed(missing))
        else:
            placed[node] = None
            stack.pop()
    return list(placed)


def rounding_noise(
    order: Sequence[Value],
    partials_of: Callable[[Value], Sequence[float]] = lambda node: node.partials,
) -> dict[Value, float]:
    """Return, for the derivative in each node, how much of it could be rounding.

    One part in 10¹² of the sum over all paths, were nothing to cancel; on long ladders that bound
    says nothing, and one part in 10⁶ of the largest derivative is enough.
    """
    partials = {node: partials_of(node) for node in order}
    sizes = {node: [abs(partial) for partial in slopes] for node, slopes in partials.items()}
    derivatives = [abs(x) for x in sweep(order, partials, 1.0).values() if math.isfinite(x)]
    enough = 1e-6 * max(derivatives, default=0.0)
    return dict.fromkeys(order, 0.0) | {
        node: bound if bound < enough else enough  # NaN is not less
        for node, bound in sweep(order, sizes, 1e-12).items()
    }

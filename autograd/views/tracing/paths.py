"""The downstream paths of a node: where they lead, how many they are, what flows along them."""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import TypeAlias

from autograd import functions as f
from autograd.graph import depending_on
from autograd.steep import undefined
from autograd.sweep import chooses
from autograd.value import Value
from autograd.views.tracing.folding import Folding, Link
from autograd.views.tracing.graph import Edge, Graph

__all__ = ["Factor", "Paths", "is_undefined", "product"]

Factor: TypeAlias = Edge | Link
"""A factor of the chain rule: between a node and an operand, or a named node and another."""


class Paths:
    """The paths from a node to the output, edge by edge, or from named node to named node.

    - ``chain``: the nodes on the paths, the output first, each with its ``operands``: the factors
      by which it depends on the next;
    - ``count``: how many paths there are.

    >>> x = Value(3.0, "x")
    >>> paths = Paths(Graph(x * x + x), x)
    >>> paths.count, [len(path) for path in paths]
    (3, [2, 2, 1])
    """

    def __init__(self, graph: Graph, node: Value, folding: Folding | None = None) -> None:
        self.graph = graph
        self.node = node
        above = depending_on([node], graph.order)
        if folding:
            above &= folding.kept
        self.chain = [n for n in reversed(graph.order) if n in above]
        self.operands = {n: _factors(n, above, folding) for n in self.chain}
        self.count = self._count()

    @cached_property
    def consumers(self) -> dict[Value, list[Factor]]:
        """The factors by which each node on the paths is used there."""
        found: dict[Value, list[Factor]] = {n: [] for n in self.chain}
        for factor in chain.from_iterable(self.operands.values()):
            found[factor.parent].append(factor)
        return found

    @cached_property
    def multiplications(self) -> int:
        """How many multiplications the nested form takes."""
        return sum(len(self.operands[node]) for node in self.chain[1:])

    @property
    def gradient(self) -> float:
        """The derivative of the output with respect to the node."""
        return self.graph.derivatives[self.node]

    def _count(self) -> int:
        counts = dict.fromkeys(self.chain, 0) | {self.graph.output: 1}
        for node in self.chain:
            for factor in self.operands[node]:
                counts[factor.parent] += counts[node]
        return counts[self.node]

    def __iter__(self) -> Iterator[list[Factor]]:
        """Yield every path, as its factors from the output to the node; there may be many."""
        path: list[Factor] = []
        ahead = [iter(self.operands[self.graph.output])]  # of each node on the path, what is left
        if self.graph.output is self.node:
            yield []
        while ahead:
            if (factor := next(ahead[-1], None)) is None:
                ahead.pop()
                del path[-1:]
                continue
            path.append(factor)
            if factor.parent is self.node:
                yield [*path]
            ahead.append(iter(self.operands[factor.parent]))


def _factors(node: Value, above: Container[Value], folding: Folding | None) -> list[Factor]:
    """Return the factors by which a node depends on those above another."""
    if folding:
        return [link for link in folding.links(node) if link.parent in above]
    return [Edge(node, i) for i, parent in enumerate(node.parents) if parent in above]


def product(graph: Graph, path: Sequence[Factor]) -> float:
    """Return the product along a path; 0 where a choice was not taken."""
    found = 1.0
    for factor in path:
        found = f.contribution(found, graph.partial(factor), chooses(factor.node))
    return found


def is_undefined(factor: Factor, upstream: float) -> bool:
    """Return whether 0 meets ∞ in an upstream derivative and a factor."""
    if isinstance(factor, Link) or not math.isnan(upstream * factor.partial):
        return False
    operands = [parent.data for parent in factor.node.parents]
    return undefined(factor.node, operands, upstream, factor.partial)

"""A graph between its named nodes: what has no name becomes a part of formulas, as on paper."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Any, NamedTuple

from autograd.graph import depending_on
from autograd.sweep import sweep
from autograd.value import Value
from autograd.views.tracing.graph import Edge, Graph
from autograd.views.tracing.samples import samples
from autograd.views.writing.formulas import Formula, computed, derived, recorded

__all__ = ["Folding", "Link"]

SIZE = 12
"""How many operations are folded into one formula at most."""


class Link(NamedTuple):
    """How a named node changes with one that it is computed from: a factor of the chain rule.

    It is no one operand of the node, and so has no ``position``.
    """

    node: Value
    parent: Value
    partial: float
    position: int = -1


class Folding:
    """The named nodes of a graph, each computed from others at once.

    Whatever has no name and is used once is folded into what uses it; ``kept`` are the nodes
    that are not.

    >>> a, y = Value(0.75, "a"), Value(1.0, "y")
    >>> loss = (a - y) ** 2
    >>> [(link.parent.label, link.partial) for link in Folding(Graph(loss)).links(loss)]
    [('a', -0.5), ('y', 0.5)]
    """

    def __init__(self, graph: Graph, keep: Collection[Value] = ()) -> None:
        self.graph = graph
        self._keep = {graph.output, *keep}

    @cached_property
    def kept(self) -> set[Value]:
        """The nodes that are not folded into others."""
        uses, given = self.graph.uses, self.graph.names.given
        kept: set[Value] = set()
        sizes: dict[Value, int] = {}
        for node in self.graph.order:
            size = 1 + sum(sizes.get(parent, 0) for parent in node.parents)
            stays = not node.parents or given(node) or node in self._keep or len(uses[node]) > 1
            if stays or size > SIZE:
                kept.add(node)
            else:
                sizes[node] = size
        return kept

    def region(self, node: Value) -> list[Value]:
        """Return a node with what is folded into it and what that is computed from, in order."""
        found: dict[Value, None] = {}
        stack = [(node, False)]
        while stack:
            inner, done = stack.pop()
            if done:
                found[inner] = None
            elif inner not in found:
                stack.append((inner, True))
                if inner is node or inner not in self.kept:
                    stack.extend((parent, False) for parent in reversed(inner.parents))
        return list(found)

    def links(self, node: Value) -> list[Link]:
        """Return how a kept node changes with each of those that it is computed from."""
        inside, border = self._parts(node)
        adjoints = sweep(self.region(node), {n: n.partials for n in inside}, 1.0)
        return [Link(node, parent, adjoints.get(parent, 0.0)) for parent in border]

    def edges(self, node: Value, parent: Value) -> dict[Value, list[Edge]]:
        """Return the edges that lead from a kept node to one that it is computed from.

        By the nodes they start from, the kept one first, and at the end the other, with none.
        """
        inside = [n for n in self.region(node) if n in (node, parent) or n not in self.kept]
        leading = depending_on([parent], inside)
        return {
            n: [Edge(n, i) for i, operand in enumerate(n.parents) if operand in leading]
            for n in reversed(inside)
            if n in leading and n is not parent
        } | {parent: []}

    def operands(self, node: Value) -> list[Value]:
        """Return the kept nodes that a kept node is computed from."""
        return self._parts(node)[1]

    def _parts(self, node: Value) -> tuple[list[Value], list[Value]]:
        region = self.region(node)
        inside = [n for n in region if n is node or n not in self.kept]
        return inside, [n for n in region if n is not node and n in self.kept]

    def summands(self, node: Value) -> list[set[Value]]:
        """Return, for each term of the sum or average that a kept node is, the kept nodes in it.

        >>> a, b = Value(1.0, "a"), Value(2.0, "b")
        >>> y = a**2 + a * b
        >>> Folding(Graph(y)).summands(y) == [{a}, {a, b}]
        True
        """
        found: list[set[Value]] = []
        stack = [node]
        while stack:
            term = stack.pop()
            if term is node and (losses := samples(node)):
                stack.extend(reversed(losses))
            elif term.op in ("add", "sum") and (term is node or term not in self.kept):
                stack.extend(reversed(term.parents))
            else:
                inside = term is node or term not in self.kept
                found.append(set(self.operands(term)) if inside else {term})
        return found

    def expression(self, node: Value) -> Formula:
        """Return the formula of a kept node as it was written, in kept nodes."""
        made: dict[Value, Formula] = {}
        inside = set(self._parts(node)[0])
        for n in self.region(node):
            if n in inside and n.rule is not None:
                made[n] = recorded(n.rule, n.data, [made[parent] for parent in n.parents])
            else:
                made[n] = Formula(n.data, name=self.graph.names[n])
        return made[node]

    def formulas(self, node: Value) -> dict[Value, Any]:
        """Return the formula of each link of a kept node in kept nodes; a number where it is one.

        Nothing where a rule was written for floats alone.
        """
        made: dict[Value, Any] = {}
        partials: dict[Value, list[Any]] = {}
        region = self.region(node)
        inside = set(self._parts(node)[0])
        for n in region:
            if n not in inside or n.rule is None:
                made[n] = Formula(n.data, name=self.graph.names[n])
                continue
            found = derived(n.rule, [made[parent] for parent in n.parents])
            if found is None:
                return {}
            made[n], partials[n] = found.value, list(found.partials)
        if computed(made[node]):
            made[node].name = self.graph.names[node]
        return sweep(region, partials, 1.0)

"""Backward passes with a mistake in them, beside the right one."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from autograd.sweep import passed_on
from autograd.value import Value
from autograd.views.tracing.graph import Edge, Graph
from autograd.views.writing.numbers import counted

__all__ = ["BROKEN", "BrokenPass", "Move", "overwriting", "recursive", "right", "unordered"]

VISITS = 2000
"""How many steps of a recursion are taken; it visits a node as often as there are paths to it."""


class Move(NamedTuple):
    """One step of a pass, right or broken: what a node hands on, and the parent's total then."""

    edge: Edge
    upstream: float
    total: float
    wrong: str = ""

    @property
    def node(self) -> Value:
        """What hands on."""
        return self.edge.node

    @property
    def parent(self) -> Value:
        """What it is added to."""
        return self.edge.parent


class BrokenPass(NamedTuple):
    """A backward pass with a mistake in it.

    - ``moves``: its steps; ``first_wrong``: the index of the first that goes wrong, None if none
      does; ``gradients``: the derivatives it arrives at;
    - ``finished``: whether it came to its end within `VISITS` steps.
    """

    moves: list[Move]
    first_wrong: int | None
    gradients: dict[Value, float]
    finished: bool = True


class _Pass:
    """A pass under way: the totals, and the moves that made them."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.totals = dict.fromkeys(graph.order, 0.0) | {graph.output: 1.0}
        self.reported = dict.fromkeys(graph.order, 0)
        self.moves: list[Move] = []

    def hand_on(
        self, node: Value, wrong: Callable[[Edge], str], *, overwrite: bool = False
    ) -> None:
        """Let a node hand its total on to its parents."""
        constant = [self.graph.names.is_constant(parent) for parent in node.parents]
        for position, parent in enumerate(node.parents):
            if constant[position]:
                continue
            edge = Edge(node, position)
            passed = passed_on(node, self.totals[node], edge.partial) or 0.0
            fault = wrong(edge)
            self.totals[parent] = passed if overwrite else self.totals[parent] + passed
            self.reported[parent] += 1
            self.moves.append(Move(edge, self.totals[node], self.totals[parent], fault))

    def broken(self, *, finished: bool = True) -> BrokenPass:
        """Return what came of it."""
        first = next((i for i, move in enumerate(self.moves) if move.wrong), None)
        return BrokenPass(self.moves, first, self.totals, finished)


def right(graph: Graph) -> list[Move]:
    """Return the steps of ``backward()``."""
    walk = _Pass(graph)
    for node in reversed(graph.order):
        walk.hand_on(node, lambda edge: "")
    return walk.moves


def overwriting(graph: Graph) -> BrokenPass:
    """Sweep with ``=`` where ``+=`` is due: the last contribution to a node overwrites the others.

    >>> x = Value(3.0)
    >>> overwriting(Graph(x * x + x)).gradients[x]
    3.0
    """
    walk = _Pass(graph)

    def wrong(edge: Edge) -> str:
        return "overwrites what had come in" if walk.reported[edge.parent] else ""

    for node in reversed(graph.order):
        walk.hand_on(node, wrong, overwrite=True)
    return walk.broken()


def unordered(graph: Graph) -> BrokenPass:
    """Sweep without topological order: each node hands on, once, as soon as it is first reached.

    >>> x = Value(3.0)
    >>> y = x.exp()
    >>> sweep = unordered(Graph(y + y * x))  # y hands on before y × x reports to it
    >>> sweep.gradients[x] == y.data + y.data, sweep.moves[2].wrong
    (True, '1 report still to come')
    """
    walk = _Pass(graph)
    reached: set[Value] = set()

    def wrong(edge: Edge) -> str:
        pending = len(graph.uses[edge.node]) - walk.reported[edge.node]
        return f"{counted(pending, 'report')} still to come" if pending else ""

    stack = [graph.output]
    while stack:
        node = stack.pop()
        if node not in reached:
            reached.add(node)
            walk.hand_on(node, wrong)
            stack.extend(reversed(node.parents))
    return walk.broken()


def recursive(graph: Graph) -> BrokenPass:
    """Sweep by a recursion that visits a node again for each of its uses, with its total so far.

    That is what most people write first: a node adds to its parents, and calls them in turn.

    >>> a = Value(1.0)
    >>> b = a + a
    >>> recursive(Graph(b + b)).gradients[a]  # where 4 is right
    8.0
    """
    walk = _Pass(graph)
    visits = dict.fromkeys(graph.order, 0)

    def wrong(edge: Edge) -> str:
        if visits[edge.node] > 1:
            return "hands on once more what it had handed on before"
        pending = len(graph.uses[edge.node]) - walk.reported[edge.node]
        return f"{counted(pending, 'report')} still to come" if pending > 0 else ""

    stack = [graph.output]
    while stack and len(walk.moves) < VISITS:
        node = stack.pop()
        visits[node] += 1
        walk.hand_on(node, wrong)
        stack.extend(parent for parent in reversed(node.parents) if parent.parents)
    return walk.broken(finished=not stack)


BROKEN: dict[str, Callable[[Graph], BrokenPass]] = {
    "= instead of +=": overwriting,
    "no topological order": unordered,
    "a recursion along every path": recursive,
}
"""The broken passes, by what is wrong with them."""

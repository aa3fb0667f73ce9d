"""A backward pass of this package's own, into which slips are put, one or several."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, TypeAlias

from autograd import Value
from autograd.graph import topological_order
from autograd.views.tracing.graph import Edge

__all__ = ["Edge", "Fold", "Passing", "Place", "Setting", "Slip"]


Place: TypeAlias = Edge | Value
"""Where a mistake was made."""

Passing: TypeAlias = Callable[[float], Sequence[tuple[Value, float]]]
"""What an edge passes on, and to which nodes, given what has come from upstream."""

Fold: TypeAlias = Callable[[list[float]], float]
"""What a node makes of the contributions that come in."""


class Slip(NamedTuple):
    """One mistake: of what kind, in what manner, where, and what comes of it.

    A kind such as ``"wrong power / factor missing"`` has two names, of which either is right.
    Of a mistake that is in no place, as one of the loop itself, there are no `places`.
    A local one says what it changes in the pass, and can be combined with others: `edges` and
    `folds`. Another is a whole pass, and knows only its `number`. Any of the `places` is right.
    """

    kind: str
    manner: str
    places: tuple[Place, ...]
    number: float
    edges: Mapping[Edge, Passing] = {}
    folds: Mapping[Value, Fold] = {}
    given: tuple[Value, float] | None = None

    @property
    def kinds(self) -> list[str]:
        """Its kind, by each of its names."""
        return self.kind.split(" / ")

    @property
    def is_local(self) -> bool:
        """Whether it is a change of one backward pass."""
        return bool(self.edges or self.folds)


class Setting:
    """A graph and the node asked for, with what every maker needs to know of them.

    >>> x = Value(3.0, "x")
    >>> y = x * x + x
    >>> setting = Setting(y, x)
    >>> setting.truth, setting.passed(edges={Edge(y, 1): lambda upstream: []})
    (7.0, 6.0)
    """

    def __init__(self, output: Value, wrt: Value) -> None:
        self.output, self.wrt = output, wrt
        self.order = topological_order(output)

    @cached_property
    def slopes(self) -> dict[Value, float]:
        """The derivative of the output in every node."""
        totals: dict[Value, float] = dict.fromkeys(self.order, 0.0) | {self.output: 1.0}
        for node in reversed(self.order):
            for parent, partial in zip(node.parents, node.partials, strict=True):
                totals[parent] += totals[node] * partial
        return totals

    @cached_property
    def below(self) -> dict[Value, float]:
        """The derivative of every node in the node asked for, carried forwards."""
        tangents: dict[Value, float] = {}
        for node in self.order:
            products = (
                tangents[parent] * partial
                for parent, partial in zip(node.parents, node.partials, strict=True)
            )
            tangents[node] = 1.0 if node is self.wrt else math.fsum(products)
        return tangents

    @property
    def truth(self) -> float:
        """The derivative that is asked for."""
        return self.slopes[self.wrt]

    @cached_property
    def depending(self) -> list[Value]:
        """The nodes by way of which the output depends on the node asked for, itself included."""
        on = {self.wrt}
        for node in self.order:
            if any(parent in on for parent in node.parents):
                on.add(node)
        return [node for node in self.order if node in on]

    @cached_property
    def edges(self) -> list[Edge]:
        """The edges by way of which the output depends on the node asked for."""
        on = set(self.depending)
        return [
            Edge(node, position)
            for node in self.depending
            if node is not self.wrt
            for position, parent in enumerate(node.parents)
            if parent in on
        ]

    @cached_property
    def uses(self) -> dict[Value, list[Edge]]:
        """The edges that lead out of each node which matters."""
        found: dict[Value, list[Edge]] = {node: [] for node in self.depending}
        for edge in self.edges:
            found[edge.parent].append(edge)
        return found

    def operands(self, node: Value) -> list[Edge]:
        """Return the edges into a node that matter."""
        return [edge for edge in self.edges if edge.node is node]

    @cached_property
    def paths(self) -> list[tuple[Edge, ...]]:
        """The ways from the node asked for up to the output; none if they are more than twenty."""
        done: list[tuple[Edge, ...]] = []
        growing: list[tuple[Edge, ...]] = [(edge,) for edge in self.uses[self.wrt]]
        while growing:
            path = growing.pop()
            if path[-1].node is self.output:
                done.append(path)
            growing += [(*path, edge) for edge in self.uses[path[-1].node]]
            if len(done) + len(growing) > 20:
                return []
        return done

    def passed(
        self,
        edges: Mapping[Edge, Passing] | None = None,
        folds: Mapping[Value, Fold] | None = None,
        seed: float = 1.0,
    ) -> float:
        """Return what a backward pass finds in which these edges and nodes do something else."""
        edges, folds = edges or {}, folds or {}
        incoming: dict[Value, list[float]] = {node: [] for node in self.order}
        incoming[self.output] = [seed]
        for node in reversed(self.order):
            upstream = folds.get(node, math.fsum)(incoming[node])
            if node is self.wrt:
                return upstream
            for position, (parent, partial) in enumerate(
                zip(node.parents, node.partials, strict=True)
            ):
                change = edges.get(Edge(node, position))
                for target, number in (
                    change(upstream) if change else [(parent, upstream * partial)]
                ):
                    incoming[target].append(number)
        raise AssertionError("the output does not depend on the node asked for")

    def slip(
        self,
        kind: str,
        manner: str,
        places: Iterable[Place],
        edges: Mapping[Edge, Passing] | None = None,
        folds: Mapping[Value, Fold] | None = None,
    ) -> Slip:
        """Return a local slip, with the number that it leads to."""
        number = self.passed(edges, folds)
        return Slip(kind, manner, tuple(places), number, edges or {}, folds or {})

    def with_slope(self, kind: str, manner: str, slopes: Mapping[Edge, float]) -> Slip:
        """Return the slip by which edges have other local derivatives."""
        return self.slip(kind, manner, slopes, {e: _times(e.parent, s) for e, s in slopes.items()})

    def both(self, first: Slip, second: Slip) -> float:
        """Return what comes of two local slips in one backward pass."""
        return self.passed({**first.edges, **second.edges}, {**first.folds, **second.folds})


def _times(parent: Value, slope: float) -> Passing:
    return lambda upstream: [(parent, upstream * slope)]

"""What a page reads and judges answers by: the tables, the names, the graph at several points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from autograd.grammar import grammar
from autograd.parser import Step
from autograd.rule import RULES, Rule
from autograd.views.by_hand.judging import derivative_asked
from autograd.views.by_hand.points import Point, points_near
from autograd.views.by_hand.reader import TOLERANCES, Reader, worked_out
from autograd.views.tracing.graph import Graph

__all__ = ["Reading"]

MOVED = 30
"""The number of leaves that are moved alone, for a formula to be tried there."""


class Reading:
    """The data by which a page's arithmetic reads the answers about a graph, and judges them.

    The points are the graph's own numbers; others of each leaf alone; and of all leaves.

    >>> from autograd import Value
    >>> x = Value(2.0, "x")
    >>> reading = Reading(Graph(x * x))
    >>> sorted(reading.data()), len(reading.points)
    (['grammar', 'parents', 'points', 'tolerances', 'words'], 3)
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @cached_property
    def points(self) -> list[Point]:
        """The graph's own numbers, and others."""
        return [Point(self.graph.order), *self._elsewhere()]

    def _elsewhere(self) -> Iterator[Point]:
        alone = [[leaf] for leaf in self.graph.leaves[:MOVED]]
        together = [self.graph.leaves] if len(self.graph.leaves) > 1 else []
        for leaves in [*alone, *together]:
            yield from list(points_near(self.graph.order, leaves))[:2]

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """The rules that may be named: those of the table, and what the graph is made of."""
        made_of = {node.op for node in self.graph.order}
        return {name: rule for name, rule in RULES.items() if rule.own or name in made_of}

    def data(self) -> dict[str, Any]:
        """Return the tables, the names, and the numbers at each point."""
        index = self.graph.index
        words = Reader(self.graph).words
        tables = grammar()
        functions = tables["functions"].items()
        return {
            "grammar": tables
            | {"functions": {name: rule for name, rule in functions if rule[0] in self.rules}},
            "tolerances": TOLERANCES,
            "words": {
                "names": {
                    name: [index[node] for node in nodes]
                    for name, nodes in sorted(words.names.items())
                    if name.isprintable()  # others nobody types
                },
                "quoted": sorted(filter(str.isprintable, words.only_quoted)),
                "apart": {
                    index[node]: name
                    for node, name in words.told_apart.items()
                    if name.isprintable()
                },
            },
            "parents": [[index[parent] for parent in n.parents] for n in self.graph.order],
            "points": [self._point(point) for point in self.points],
        }

    def _point(self, point: Point) -> dict[str, Any]:
        graph = self.graph
        moved = {graph.index[n]: graph.names(n) for n in point.numbers if not n.parents}
        return {
            "moved": moved,
            "numbers": [repr(point.number(node)) for node in graph.order],
            "partials": [[repr(float(d)) for d in point.partials(node)] for node in graph.order],
        }

    def asked(self, wanted: Sequence[Step]) -> list[int]:
        """Return the nodes of the one derivative that is wanted; none for a product of several."""
        return [self.graph.index[node] for node in derivative_asked(wanted) or ()]

    def truths(self, wanted: Sequence[Step]) -> list[str]:
        """Return the number that the steps of a formula lead to at each other point."""
        return [repr(worked_out(wanted, point).number) for point in self.points[1:] if wanted]

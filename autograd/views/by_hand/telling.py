"""Whether the numbers of a graph tell the known mistakes apart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property

from autograd.value import Value
from autograd.views.by_hand.backward import Backward
from autograd.views.by_hand.mistakes import all_mistakes
from autograd.views.by_hand.points import Point
from autograd.views.tracing.graph import Graph
from autograd.views.tracing.paths import Paths

__all__ = ["NEARBY", "Telling", "nearby"]

NEARBY = (math.sqrt(2), math.sqrt(3))
"""Where it is looked what is always equal: near the point, in two directions."""

ENOUGH = 60
"""The number of nodes up to which it is looked at all."""


class Telling:
    """Judges numbers by how many mistakes lead to what another mistake, or none, leads to.

    >>> w, x = Value(3.0, "w"), Value(2.0, "x")
    >>> telling = Telling(Graph((w * x) ** 2))
    >>> hard, easy = (telling.unclear({w: 2.0, x: 2.0}), telling.unclear({w: 3.0, x: 5.0}))
    >>> hard > easy
    True
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def unclear(self, numbers: Mapping[Value, float]) -> float:
        """Return which part of the mistakes cannot be told from another, or from no mistake."""
        if len(self.graph.order) > ENOUGH:
            return 0.0
        count = shared = 0
        for why, alike in self._alike:
            backward = Backward(why, self._at(numbers))
            groups: dict[str, list[int]] = {_key(backward.gradient): [-1]}
            for mistake in all_mistakes(backward):
                if mistake.place in alike:
                    groups.setdefault(_key(mistake.number), []).append(alike[mistake.place])
            count += sum(len(kinds) for kinds in groups.values()) - 1
            shared += sum(len(kinds) for kinds in groups.values() if len({*kinds}) > 1)
        return shared / count if count else 0.0

    @cached_property
    def _alike(self) -> list[tuple[Paths, dict[object, int]]]:
        """For each leaf, the mistakes by what they lead to whatever the numbers; −1 is right."""
        found = []
        numbers = {leaf: leaf.data for leaf in self.graph.leaves}
        for leaf in self.graph.leaves:
            why = Paths(self.graph, leaf)
            flows = [Backward(why, self._at(nearby(numbers, way))) for way in NEARBY]
            signatures: dict[object, list[str]] = {}
            for backward in flows:
                for mistake in all_mistakes(backward):
                    signatures.setdefault(mistake.place, []).append(_key(mistake.number))
            number_of = {"".join(_key(backward.gradient) for backward in flows): -1}
            alike = {
                place: number_of.setdefault("".join(keys), len(number_of))
                for place, keys in signatures.items()
                if len(keys) == len(flows)
            }
            found.append((why, {place: kind for place, kind in alike.items() if kind >= 0}))
        return found

    def _at(self, numbers: Mapping[Value, float]) -> Point:
        """Return the graph at other numbers of its leaves."""
        values, partials = dict(numbers), {}
        for node in self.graph.order:
            if node.rule is not None:
                operands = [values.get(parent, parent.data) for parent in node.parents]
                values[node], partials[node] = node.rule.derive(*operands)
        return Point(self.graph.order, values, partials)


def nearby(numbers: Mapping[Value, float], way: float) -> dict[Value, float]:
    """Return numbers a little off, each in a direction of its own: such as nobody would choose."""
    moved = enumerate(numbers.items(), 1)
    return {leaf: x * (1 + 1e-3 * math.sin(way * i)) for i, (leaf, x) in moved}


def _key(x: float) -> str:
    return f"{x:.8g} "

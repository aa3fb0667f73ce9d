"""Choosing numbers for a graph: easy to calculate with, and none that hides a mistake."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from itertools import islice

from autograd.value import Value
from autograd.views.by_hand.forms import Filled, Form, different
from autograd.views.by_hand.pools import Pools, is_target, pools
from autograd.views.by_hand.telling import NEARBY, Telling, nearby
from autograd.views.tracing.graph import Graph
from autograd.views.tracing.names import Name
from autograd.views.writing.numbers import short

__all__ = ["UNCLEAR", "Numbers", "rebuilt"]

TRIES = 16
"""How often numbers are drawn for one sheet from one pool, and then improved one by one."""

CHANGES = 24
"""How often one of the numbers drawn is changed for another."""

ENOUGH = 4
"""Of how many good choices the easiest is taken; where a pool has not so many, the next helps."""

UNCLEAR = 0.05
"""The part of the known mistakes that may lead to what another one leads to."""

SIZE = 60
"""The number of nodes up to which numbers are drawn so often; of larger graphs less often."""


class Numbers:
    """Draws numbers for the leaves of a graph.

    Of what is to be filled in, nothing is 0 or 1 or equal to another number unless the operations
    make it so whatever the numbers; and known mistakes lead to different numbers as far as that
    can be had. A leaf stays where the graph has a value, and one that is
    called like computed nodes, as a₁ beside a₂ = σ(z₂), stays where these can be. What is 0 or 1
    and has no weight is taken for a target, and keeps its number.

    >>> w, x = Value(3.0, "w"), Value(2.0, "x")
    >>> Numbers(Graph(w * x * x)).draw(random.Random(0)) is None
    False
    """

    def __init__(self, graph: Graph, vary: Collection[Value] = ()) -> None:
        self.form = Form(graph, graph.leaves)
        self.leaves = [
            leaf
            for leaf in graph.leaves
            if (leaf in vary if vary else not is_target(self.form, leaf))
        ]
        self._tries = max(2, TRIES * SIZE // max(SIZE, len(graph.order)))
        self._pools = pools(self.form, self.leaves)
        self.telling = Telling(graph)

    def draw(
        self, rng: random.Random, taken: Collection[tuple[float, ...]] = ()
    ) -> Mapping[Value, float] | None:
        """Return good numbers for the leaves that vary, other ones than those taken, if any."""
        unclear: dict[tuple[float, ...], tuple[float, Filled]] = {}
        for level in self._pools if self._least < math.inf else ():
            others = (point for point in self._good(rng, level) if point.key not in taken)
            for point in islice(others, ENOUGH):
                unclear[point.key] = self.telling.unclear(point.numbers), point
            clear = [point for part, point in unclear.values() if part <= UNCLEAR]
            if clear:
                return min(clear, key=effort).numbers
        found = min(unclear.values(), key=lambda found: found[0], default=None)
        return found[1].numbers if found else None

    @property
    def own(self) -> tuple[float, ...]:
        """The numbers that the leaves have."""
        return tuple([leaf.data for leaf in self.leaves])

    @property
    def obstacle(self) -> str:
        """Why there are no good numbers where there are none."""
        if self._least < math.inf:
            return "at all numbers tried, a number asked for is 0, 1 or equal to another"
        if self.leaves:
            return f"the graph has no value at the numbers tried ({self.form.refusal})"
        targets = ": each is 0 or 1, and kept, as a target is" if self.form.graph.leaves else ""
        return f"no leaf can have another number{targets}"

    @cached_property
    def _least(self) -> float:
        """How many numbers say nothing whatever is drawn; infinitely many if there is no value."""
        rng, least = random.Random(0), math.inf
        for level in self._pools if self.leaves else ():
            for start in self._drawn(rng, level):
                best = self._improved(start, rng, level, lambda point: point.empty)
                least = min(least, best.empty)
                if least == 0:
                    return least
        return least

    def _good(self, rng: random.Random, level: Pools) -> Iterator[Filled]:
        """Yield points without faults."""
        for start in self._drawn(rng, level):
            point = self._improved(start, rng, level, self._faults)
            if self._faults(point) <= 0:
                yield point

    def _drawn(self, rng: random.Random, level: Pools) -> Iterator[Filled]:
        for _ in range(self._tries):
            point = self.form.at({leaf: rng.choice(pool) for leaf, pool in level.items()})
            if point:
                yield point

    def _improved(
        self, point: Filled, rng: random.Random, level: Pools, count: Callable[[Filled], float]
    ) -> Filled:
        """Return a point moved along one leaf at a time while its faults become no more."""
        faults = count(point)
        for _ in range(CHANGES):
            if faults <= 0:
                break
            leaf = rng.choice(self.leaves)
            other = self.form.at({**point.numbers, leaf: rng.choice(level[leaf])})
            if other and (found := count(other)) <= faults:
                point, faults = other, found
        return point

    def _faults(self, point: Filled) -> float:
        """Return how many numbers are 0, 1, or equal to another one, though they need not be."""
        needless = max(0.0, point.empty - self._least)
        return needless + point.is_trivial + self._accidents(point)

    def _accidents(self, point: Filled) -> float:
        """Return how many numbers are 1, or equal to another one, at this point alone."""
        alike = point.alike()
        if not alike:
            return 0
        others = [self.form.at(nearby(point.numbers, way)) for way in NEARBY]
        points = [point, *filter(None, others)]
        if len(points) <= len(others):
            return math.inf  # it is on the very edge
        return sum(different(group, points) - 1 for group in alike)


def effort(point: Filled) -> float:
    """Return how hard numbers are to calculate by hand: the digits to be written."""
    return sum(4.0 ** len(short(x).lstrip("-")) for x in point.asked)


def rebuilt(graph: Graph, numbers: Mapping[Value, float]) -> Value:
    """Return a copy of a graph with other numbers at its leaves; its nodes keep their names."""
    names = graph.names
    copies: dict[Value, Value] = {}
    for node in graph.order:
        if node.rule is None:
            copies[node] = Value(numbers.get(node, node.data))
        else:
            operands = [p.data if names.is_constant(p) else copies[p] for p in node.parents]
            copies[node] = Value.record(node.rule, operands)
        name = names[node]
        if names.given(node) and isinstance(name, Name):
            copies[node].label = name.label.typed
    return copies[graph.output]

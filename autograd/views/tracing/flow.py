"""What flows along the paths from a node to the output: how much, by which, and where it ends."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import chain, islice
from operator import mul
from typing import Any, NamedTuple, TypeAlias

from autograd.sweep import chooses, passed_on
from autograd.value import Value
from autograd.views.tracing.folding import Folding
from autograd.views.tracing.graph import Edge
from autograd.views.tracing.neurons import Place, places
from autograd.views.tracing.paths import Factor, Paths
from autograd.views.tracing.ranking import ranked
from autograd.views.tracing.samples import samples
from autograd.views.tracing.wide import Wide

__all__ = ["STILL", "Along", "End", "Flow"]

STILL = 1e-3
"""The absolute value of a factor below which next to nothing flows on."""

Number: TypeAlias = Any
"""A count, a float, or a `Wide`."""


class Along(NamedTuple):
    """One path, and what flows along it.

    - ``nodes``, ``factors``: from the output to the node;
    - ``exact``: the product of the factors, however small or large;
    - ``share``: what part it is of the sum over all paths, NaN of a sum that is 0;
    - ``share_of_mass``: what part of the sum of the absolute values.
    """

    nodes: list[Value]
    factors: list[Factor]
    exact: Wide
    share: float
    share_of_mass: float

    @property
    def contribution(self) -> float:
        """The product of the factors, as far as a float holds it."""
        return float(self.exact)


class End(NamedTuple):
    """A factor that lets next to nothing through: where the flow along some paths dies.

    - ``factor``: the first below `STILL` on the way from the output, as backward goes;
    - ``reason``: ``"off"``, ``"not taken"``, ``"saturated"``, ``"flat"``, ``"small"``, or
      ``"product"`` where several factors folded into one are small together;
    - ``paths``: how many paths die here, and no sooner;
    - ``lost``: the binary logarithm of what these would come to, were the factor 1;
    - ``place``: the neuron, where there is one.
    """

    factor: Factor
    reason: str
    paths: int
    lost: float
    place: Place | None = None


class Flow:
    """What flows along all paths of a node together, found without listing them.

    - ``total``: the sum over all paths; ``mass``: the sum of their absolute values;
    - ``folding``: what the paths are folded by, None if they go from node to node.

    >>> from autograd import Value
    >>> from autograd.views.tracing.graph import Graph
    >>> x = Value(3.0, "x")
    >>> flow = Flow(Paths(Graph(x * x - 4 * x), x))
    >>> flow.total, flow.mass, flow.cancelled
    (2, 10, 0.8)
    >>> [(along.contribution, along.share_of_mass) for along in flow.largest(2)]
    [(-4.0, 0.4), (3.0, 0.3)]
    """

    def __init__(self, paths: Paths, folding: Folding | None = None) -> None:
        self.paths = paths
        self.folding = folding
        index = {node: i for i, node in enumerate(paths.chain)}
        self._factors = [paths.operands[node] for node in paths.chain]
        # in tuples: those of numbers alone the garbage collector does not walk again and again
        self._to = [tuple([index[factor.parent] for factor in row]) for row in self._factors]
        self._sizes: list[Sequence[Number]] = [tuple(map(_size, row)) for row in self._factors]
        self._one: Number = 1.0
        self._reaching = _carried(self._to, self._sizes, self._one)
        self.total = Wide(paths.gradient)
        if _strained(self._reaching) or _strained(chain.from_iterable(self._sizes)):
            self._one = Wide(1.0)
            self._sizes = [[p if p is None else Wide(p) for p in row] for row in self._sizes]
            self._reaching = _carried(self._to, self._sizes, self._one)
            signed = [
                [p if p is None else Wide(factor.partial) for factor, p in zip(*rows, strict=True)]
                for rows in zip(self._factors, self._sizes, strict=True)
            ]
            self.total = _carried(self._to, signed, self._one)[-1]
        self.mass = _wide(self._reaching[-1])

    @property
    def cancelled(self) -> float:
        """What part of the mass cancels in the sum; NaN where nothing flows or all is infinite."""
        return 1 - float(abs(self.total) / self.mass)

    def largest(self, count: int) -> list[Along]:
        """Return the paths of largest contribution, by absolute value.

        NaN comes first, then ∞. Of paths that contribute 0, those of the fewest zeros come first.
        """
        return [self._along(factors) for factors in islice(ranked(self._factors, self._to), count)]

    def _along(self, factors: list[Factor]) -> Along:
        exact = _product(factors)
        nodes = [self.paths.graph.output, *[factor.parent for factor in factors]]
        shares = float(exact / self.total), float(abs(exact) / self.mass)
        return Along(nodes, factors, exact, *shares)

    @cached_property
    def ends(self) -> list[End]:
        """Where the flow dies, the largest loss first."""
        dead = {
            (i, position): culprit
            for i, row in enumerate(self._sizes)
            for position, size in enumerate(row)
            if _is_small(size) and (culprit := self._culprit(self._factors[i][position]))
        }
        if not dead:
            return []
        alive = [*self._sizes]
        for i, position in dead:
            alive[i] = [None if p == position else size for p, size in enumerate(alive[i])]
        above = _carried(self._to, alive, 1, _one), _carried(self._to, alive, self._one)
        below = _counts(self._to), _gathered(self._to, self._sizes, self._one)
        found = []
        for (i, position), culprit in dead.items():
            j = self._to[i][position]
            if paths := above[0][i] * below[0][j]:
                lost = _wide(above[1][i]) * _wide(below[1][j])
                place = self._places.get(culprit.node)
                found.append(End(culprit, _reason(culprit), paths, lost.log2, place))
        return sorted(found, key=lambda end: (-_ordered(end.lost), -end.paths))

    @cached_property
    def neurons(self) -> dict[Place, float]:
        """What part of the mass flows through each neuron on the way, layers from the output on."""
        if not self._places or not self.mass or math.isnan(float(self.mass / self.mass)):
            return {}
        below = _gathered(self._to, self._sizes, self._one)
        chain_places = [self._places.get(node) for node in self.paths.chain]
        found: dict[Place, Wide] = {}
        if chain_places[0]:
            found[chain_places[0]] = self.mass
        for i, (row, sizes) in enumerate(zip(self._to, self._sizes, strict=True)):
            for j, size in zip(row, sizes, strict=True):
                place = chain_places[j]
                if place and place != chain_places[i] and size and self._reaching[i]:
                    entered = _wide(self._reaching[i] * size) * _wide(below[j])
                    found[place] = found.get(place, Wide(0.0)) + entered
        shares = {place: float(entered / self.mass) for place, entered in found.items()}
        return dict(sorted(shares.items(), key=lambda item: (-item[0].layer, -item[1])))

    @cached_property
    def _places(self) -> dict[Any, Place]:
        graph = self.paths.graph
        return places(graph.order, graph.names.kind)

    def _culprit(self, factor: Factor) -> Factor | None:
        """Return the first factor below `STILL` in a factor, which may be several folded into one.

        The share that an average gives to each of its terms is none: there are as many of them.
        """
        route = [factor] if isinstance(factor, Edge) else self._route(factor)
        terms = math.prod(_terms(part) for part in route)
        if abs(factor.partial) * terms >= STILL:
            return None
        return next((p for p in route if abs(p.partial) * _terms(p) < STILL), factor)

    def _route(self, factor: Factor) -> list[Factor]:
        """Return the edges of the largest path that was folded into a factor."""
        folding = self.folding
        assert folding is not None, "only what was folded has links"
        within = folding.edges(factor.node, factor.parent)
        index = {node: i for i, node in enumerate(within)}
        rows = [*within.values()]
        return next(ranked(rows, [[index[edge.parent] for edge in row] for row in rows]))


def _size(factor: Factor) -> float | None:
    """Return the absolute value of a factor; None of what was not taken."""
    size = abs(float(factor.partial))
    return size if size or not chooses(factor.node) else None


def _is_small(size: Number) -> bool:
    return size is None or float(size) < STILL


def _carried(
    to: Sequence[Sequence[int]],
    sizes: Sequence[Sequence[Number]],
    one: Number,
    times: Callable[[Number, Number], Number] = mul,
) -> list[Number]:
    """Return the sum of the products along all paths from the first node to each.

    0 · ∞ is 0, as everywhere; None passes nothing on, not even NaN.
    """
    found = [one, *[_zero(one)] * (len(to) - 1)]
    for node, (targets, row) in enumerate(zip(to, sizes, strict=True)):
        if not (upstream := found[node]):
            continue
        for target, size in zip(targets, row, strict=True):
            if size:
                found[target] = found[target] + times(upstream, size)
            elif upstream != upstream and size is not None:  # NaN
                found[target] = upstream
    return found


def _gathered(
    to: Sequence[Sequence[int]], sizes: Sequence[Sequence[Number]], one: Number
) -> list[Number]:
    """Return the sum of the products along all paths from each node to the last."""
    found = [*[_zero(one)] * (len(to) - 1), one]
    for node in range(len(to) - 2, -1, -1):
        for target, size in zip(to[node], sizes[node], strict=True):
            if size and found[target]:
                found[node] = found[node] + size * found[target]
    return found


def _counts(to: Sequence[Sequence[int]]) -> list[int]:
    """Return how many paths lead from each node to the last."""
    found = [*[0] * (len(to) - 1), 1]
    for node in range(len(to) - 2, -1, -1):
        found[node] = sum([found[target] for target in to[node]])
    return found


def _one(upstream: Number, size: Number) -> Number:
    """Return what passes by a factor where paths are counted."""
    return upstream


def _zero(one: Number) -> Number:
    return Wide(0.0) if isinstance(one, Wide) else 0


def _strained(sizes: Iterable[float | None]) -> bool:
    """Return whether products of numbers may come out of the range of floats."""
    return any(x and not 1e-150 < x < 1e150 for x in sizes)


def _wide(x: Number) -> Wide:
    return x if isinstance(x, Wide) else Wide(x)


def _product(factors: Sequence[Factor]) -> Wide:
    found = Wide(1.0)
    for factor in factors:
        partial = Wide(factor.partial)
        passed = passed_on(factor.node, found.mantissa, partial.mantissa)
        if not passed:
            return Wide(0.0)
        found = Wide(passed, found.exponent + partial.exponent)
    return found


def _terms(factor: Factor) -> int:
    """Return how many terms the average has that a factor is a share of; 1 of any other factor."""
    node = factor.node
    return len(node.parents) if node.op == "mean" else len(samples(node)) or 1


def _reason(factor: Factor) -> str:
    """Return why a factor is small."""
    rule, operands = factor.node.rule, factor.node.parents
    if not isinstance(factor, Edge) or rule is None:
        return "product"
    if rule.choice and not factor.partial and rule.name == "relu":
        return "off"
    if len(operands) > 1 and rule.choice and rule.range != (0, 1):  # comparisons are flat
        return "not taken"
    if len(operands) > 1:
        return "flat" if rule.choice else "small"
    ends = [end for end in rule.range if math.isfinite(end)]
    near = any(abs(factor.node.data - end) < 50 * STILL for end in ends)
    return "saturated" if rule.monotonic and near else "flat"


def _ordered(lost: float) -> float:
    return math.inf if math.isnan(lost) else lost

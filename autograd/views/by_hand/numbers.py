"""Choosing numbers for a graph: easy to calculate with, and none that hides a mistake."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

from autograd.comparisons import guards
from autograd.errors import AutogradError, UsageError
from autograd.replay import replay
from autograd.sweep import passed_on
from autograd.value import Value
from autograd.views.tracing.graph import Graph
from autograd.views.tracing.names import Name
from autograd.views.writing.numbers import short

NO_VALUE = "the graph has no value at the numbers tried; leave out seed="
NONE_GOOD = "at all numbers tried, a number asked for is 0, 1 or equal to another; leave out seed="

__all__ = ["Numbers", "rebuilt"]

POOLS = (
    [2.0, 3.0, 4.0, 5.0],
    [n / 4 for n in range(1, 17)] + [5.0],
    [n / 10 for n in range(1, 31)],
    [n / 20 for n in range(1, 101)],
)
"""What numbers are drawn from, and their negatives: the next of these where one is too small."""

CHOICE = 4
"""How many numbers there are to choose from at least, for every leaf."""

TRIES = 16
"""How often numbers are drawn for one sheet from one pool, and then improved one by one."""

CHANGES = 24
"""How often one of the numbers drawn is changed for another."""

ENOUGH = 4
"""Of how many good choices the easiest is taken; where a pool has not so many, the next helps."""

SIZE = 60
"""The number of nodes up to which numbers are drawn so often; of larger graphs less often."""

STEEP = 2.0
"""How far from 0 a function that levels off is asked for at most: tanh′(2) is 0.07."""

KINK = 10**6
"""How many zeros a kink is as bad as: more than there are."""

SIDES = (-1.5, -0.5, 0.5, 1.5)
"""Where it is looked whether the graph has a value: left and right of −1, 0 and 1."""

NEARBY = (math.sqrt(2), math.sqrt(3))
"""Where it is looked whether two numbers are always equal: near the point, in two directions."""


class Numbers:
    """Draws numbers for the leaves of a graph.

    Of what is to be filled in, nothing is 0 or 1 or equal to another number unless the operations
    make it so whatever the numbers. A leaf stays where the graph has a value, and one that is
    called like computed nodes, as a₁ beside a₂ = σ(z₂), stays where these can be. What is 0 or 1
    and no factor of a parameter is taken for a target, and keeps its number.

    >>> w, x = Value(3.0, "w"), Value(2.0, "x")
    >>> numbers = Numbers(Graph((w * x).tanh()))
    >>> numbers.draw(random.Random(0))[w] * numbers.draw(random.Random(0))[x] < 2
    True
    """

    def __init__(self, graph: Graph, vary: Collection[Value] | None = None) -> None:
        self.graph = graph
        self.operations = [(node, node.rule) for node in graph.order if node.rule is not None]
        self.asked = [node for node in graph.order if graph.names.kind(node) != "constant"]
        self.leaves = [
            leaf for leaf in graph.leaves if (leaf in vary if vary else not self._is_target(leaf))
        ]
        self.guarded = bool(guards(self.leaves))
        self._tries = max(2, TRIES * SIZE // max(SIZE, len(graph.order)))
        self._least = math.inf  # how many numbers say nothing, whatever is drawn

    def draw(
        self, rng: random.Random, taken: Collection[tuple[float, ...]] = ()
    ) -> dict[Value, float]:
        """Return good numbers for the leaves that vary, other ones than those taken.

        Raises `UsageError` where none are found.
        """
        if not self.leaves:
            raise UsageError("worksheet: no leaf can have another number; leave out seed=")
        self._explore()
        good: dict[tuple[float, ...], Point] = {}
        for pools in self._levels:
            others = (point for point in self._good(rng, pools) if point.key not in taken)
            good |= {point.key: point for point in islice(others, ENOUGH)}
            if len(good) >= ENOUGH:
                break
        for point in sorted(good.values(), key=lambda point: point.effort):
            if point.empty == self._least:
                return point.numbers
        raise UsageError(f"worksheet: {NO_VALUE if self._least == math.inf else NONE_GOOD}")

    def _good(self, rng: random.Random, pools: Mapping[Value, Sequence[float]]) -> Iterator[Point]:
        """Yield what has no faults of that which is drawn from some pools, and improved."""
        drawn = (self._at(_drawn(rng, pools)) for _ in range(self._tries))
        for start in filter(None, drawn):
            point = self._improved(start, rng, pools, self._faults)
            if self._faults(point) == 0:
                yield point

    def _improved(
        self,
        point: Point,
        rng: random.Random,
        pools: Mapping[Value, Sequence[float]],
        count: Callable[[Point], float],
    ) -> Point:
        """Return numbers changed one by one while their faults, as counted, become no more."""
        faults = count(point)
        for _ in range(CHANGES):
            if faults == 0:
                break
            leaf = rng.choice(self.leaves)
            other = self._at({**point.numbers, leaf: rng.choice(pools[leaf])})
            if other and (found := count(other)) <= faults:
                point, faults = other, found
        return point

    def _explore(self) -> None:
        """Find out how many numbers say nothing at least, before any are taken for good."""
        rng = random.Random(0)
        for pools in self._levels if self._least == math.inf else ():
            for start in [self._at(_drawn(rng, pools)) for _ in range(self._tries)]:
                if start and self._least > 0:
                    self._improved(start, rng, pools, lambda point: point.empty)

    def _at(self, numbers: dict[Value, float]) -> Point | None:
        """Return the graph at other numbers; None where it has no value or no slope."""
        try:
            point = Point(self, numbers)
        except (AutogradError, ArithmeticError, ValueError):
            return None
        self._least = min(self._least, point.empty)
        return point

    def _faults(self, point: Point) -> float:
        """Return how many numbers are 0, 1, or equal to another one, though they need not be."""
        return point.empty - self._least + point.is_trivial + self._accidents(point)

    def _accidents(self, point: Point) -> float:
        """Return how many numbers are 1, or equal to another one, at this point alone."""
        alike = point.alike()
        if not alike:
            return 0
        points = [point, *(self._at(_near(point.numbers, way)) for way in NEARBY)]
        asked = [[1.0, *other.asked] for other in points if other]
        if len(asked) < len(points):
            return math.inf  # on the very edge
        return sum(_different([abs(x[i]) for x in asked] for i in group) - 1 for group in alike)

    def _is_target(self, leaf: Value) -> bool:
        """Return whether a leaf is 0 or 1, as a target is, and no input of a neuron."""
        kind = self.graph.names.kind
        weighted = any(
            edge.node.op in ("mul", "dot") and "parameter" in map(kind, edge.node.parents)
            for edge in self.graph.uses[leaf]
        )
        return leaf.data in (0, 1) and kind(leaf) == "input" and not weighted

    @cached_property
    def _levels(self) -> list[dict[Value, list[float]]]:
        """What each leaf is drawn from: few easy numbers, more, and more."""
        levels = range(len(POOLS))
        return [{leaf: self._pool(leaf, level) for leaf in self.leaves} for level in levels]

    def _pool(self, leaf: Value, level: int) -> list[float]:
        """Return the numbers that a leaf can have, of the first pool where there are a few."""
        if self._is_target(leaf):
            return [0.0, 1.0]
        size = abs(leaf.data)
        unit = 1.0 if 0.005 <= size <= 200 else 10.0 ** math.floor(math.log10(size or 1.0))
        pool: list[float] = []
        for numbers in POOLS[level:]:
            both = [number for n in numbers for number in (_rounded(n * unit), -_rounded(n * unit))]
            pool = [x for x in both if self._allows(leaf, x, unit)]
            if len(pool) >= max(CHOICE, len(self.leaves)):
                break
        return pool or [leaf.data]

    def _allows(self, leaf: Value, x: float, unit: float) -> bool:
        low, high = self._ranges.get(leaf, (-math.inf, math.inf))
        open_at = self._domains.get(leaf)
        return low < x < high and (not open_at or open_at[_side(x)])

    @cached_property
    def _ranges(self) -> dict[Value, tuple[float, float]]:
        """Between which numbers a leaf lies that is called like nodes of bounded functions."""
        ranges: dict[str, tuple[float, float]] = {}
        for node, rule in self.operations:
            if self.graph.names.given(node):
                letter, (low, high) = self._letter(node), rule.range
                known = ranges.get(letter, (-math.inf, math.inf))
                ranges[letter] = max(known[0], low), min(known[1], high)
        inputs = [leaf for leaf in self.graph.leaves if self._letter(leaf) in ranges]
        free = {self._family(x) for x in inputs if not _within(x.data, ranges[self._letter(x)])}
        return {x: ranges[self._letter(x)] for x in inputs if self._family(x) not in free}

    def _letter(self, node: Value) -> str:
        """Return a name without its indices: a of a₁⁽²⁾."""
        return re.split(r"[_^\d#\[]", self.graph.names[node].typed)[0]

    def _family(self, node: Value) -> str:
        """Return a name without its lower index: a⁽²⁾ of a₁⁽²⁾."""
        return re.sub(r"_(\w+|\{.*?\})", "", self.graph.names[node].typed)

    @cached_property
    def _domains(self) -> dict[Value, dict[float, bool]]:
        """On which sides of −1, 0 and 1 the graph has a value, as far as one leaf decides that."""
        if all(rule.domain is None for _, rule in self.operations):
            return {}
        sides = {
            leaf: {side: self._at({leaf: side}) is not None for side in SIDES}
            for leaf in self.leaves
        }
        return {leaf: known for leaf, known in sides.items() if any(known.values())}


class Point:
    """A graph at other numbers: ``asked`` are the numbers to be filled in, in a fixed order.

    - ``empty``: how many of them are 0, or belong to a function that has levelled off, or stands
      at a kink;
    - ``is_trivial``: whether the derivative is 0 in every leaf.
    """

    def __init__(self, about: Numbers, numbers: dict[Value, float]) -> None:
        self.numbers = numbers
        graph = about.graph
        if about.guarded:
            replay(graph.output, numbers)  # raises where a Python `if` went another way
        values = {node: numbers.get(node, node.data) for node in graph.order}
        partials = {}
        flat = kinks = 0
        for node, rule in about.operations:
            operands = [values[parent] for parent in node.parents]
            values[node], partials[node] = rule.derive(*operands)
            kinks += bool(rule.kink and rule.kink(*operands, **rule.constants))
            low, high = rule.range
            flat += bool(rule.monotonic and high - low < math.inf and abs(operands[0]) > STEEP)
        self.asked = [values[node] for node in about.asked]
        varying = set(about.asked)
        totals = dict.fromkeys(graph.order, 0.0) | {graph.output: 1.0}
        for node, _ in reversed(about.operations):
            for parent, partial in zip(node.parents, partials[node], strict=True):
                if parent in varying:
                    passed = passed_on(node, totals[node], partial) or 0.0
                    totals[parent] += passed
                    self.asked += (float(partial), passed, totals[parent])
        if not all(map(math.isfinite, self.asked)):
            raise ValueError("an infinite slope")
        nothing = 1e-12 * max(map(abs, self.asked), default=0.0)
        self.zeros = [i for i, x in enumerate(self.asked, 1) if abs(x) <= nothing]
        self.empty = len(self.zeros) + flat + KINK * kinks
        self.is_trivial = all(abs(totals[leaf]) <= nothing for leaf in graph.leaves)

    @property
    def key(self) -> tuple[float, ...]:
        """What tells the numbers from others."""
        return tuple(self.numbers.values())

    @property
    def effort(self) -> float:
        """How hard the numbers are to calculate by hand: the digits to be written."""
        written = [short(x).lstrip("-") for x in self.asked]
        return sum(4.0 ** len(text) for text in written)

    def alike(self) -> list[list[int]]:
        """Return what is equal but for its sign, as places in ``[1.0, *asked]``; zeros aside.

        Of n numbers two may come as near as 1/n², since of many some do.
        """
        numbers = [1.0, *map(abs, self.asked)]
        near = min(1e-4, 0.5 / len(numbers) ** 2)
        nonzero = {*range(len(numbers))}.difference(self.zeros)
        groups: list[list[int]] = []
        for i in sorted(nonzero, key=numbers.__getitem__):
            x = numbers[i]
            if groups and x - numbers[groups[-1][-1]] <= near * x:
                groups[-1].append(i)
            else:
                groups.append([i])
        return [group for group in groups if len(group) > 1]


def _within(x: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= x <= bounds[1]


def _rounded(x: float) -> float:
    return float(f"{x:.6g}")  # 13 · 0.001 is no 0.013


def _side(x: float) -> float:
    return math.copysign(0.5 if abs(x) < 1 else 1.5, x)


def _drawn(rng: random.Random, pools: Mapping[Value, Sequence[float]]) -> dict[Value, float]:
    return {leaf: rng.choice(pool) for leaf, pool in pools.items()}


def _near(numbers: Mapping[Value, float], way: float) -> dict[Value, float]:
    moved = enumerate(numbers.items(), 1)
    return {leaf: x * (1 + 1e-3 * math.sin(way * i)) for i, (leaf, x) in moved}


def _different(columns: Iterable[list[float]]) -> int:
    """Return how many columns differ by more than rounding."""
    found: list[list[float]] = []
    for column in columns:
        if column not in found and not any(_same(column, known) for known in found):
            found.append(column)
    return len(found)


def _same(xs: Sequence[float], ys: Sequence[float]) -> bool:
    return all(math.isclose(x, y, rel_tol=1e-9) for x, y in zip(xs, ys, strict=True))


def rebuilt(graph: Graph, numbers: Mapping[Value, float]) -> Value:
    """Return a copy of a graph with other numbers at its leaves; its nodes keep their names."""
    copies: dict[Value, Value] = {}
    for node in graph.order:
        if node.rule is None:
            copies[node] = Value(numbers.get(node, node.data))
        else:
            constant = [graph.names.kind(parent) == "constant" for parent in node.parents]
            operands = [
                p.data if literal else copies[p]
                for p, literal in zip(node.parents, constant, strict=True)
            ]
            copies[node] = Value.record(node.rule, operands)
        name = graph.names[node]
        if graph.names.given(node) and isinstance(name, Name):
            copies[node].label = name.label.typed
    return copies[graph.output]

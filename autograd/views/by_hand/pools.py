"""Which numbers a leaf of a graph can have: easy ones, in the range of what it stands for."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cached_property
from typing import TypeAlias

from autograd.value import Value
from autograd.views.by_hand.forms import Form

__all__ = ["Pools", "is_target", "pools"]

Pools: TypeAlias = dict[Value, list[float]]
"""For each leaf that varies, the numbers it is drawn from."""

LEVELS = (
    [2.0, 3.0, 4.0, 5.0],
    [n / 4 for n in range(1, 17)] + [5.0],
    [n / 10 for n in range(1, 31)],
    [n / 20 for n in range(1, 101)],
)
"""What numbers are drawn from, and their negatives: the next of these where one is too small."""

CHOICE = 4
"""How many numbers there are to choose from at least, for every leaf."""

SIDES = (-1.5, -0.5, 0.5, 1.5)
"""Where it is looked whether the graph has a value: left and right of −1, 0 and 1."""


def pools(form: Form, leaves: Sequence[Value]) -> list[Pools]:
    """Return what each leaf is drawn from: few easy numbers, then more, and more.

    >>> from autograd.views.tracing.graph import Graph
    >>> p = Value(0.3, "p")
    >>> pools(Form(Graph((1 - p).log() + p.log()), [p]), [p])[2][p]
    [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    """
    bounds = _Bounds(form, leaves)
    return [{leaf: bounds.pool(leaf, level) for leaf in leaves} for level in range(len(LEVELS))]


def is_target(form: Form, leaf: Value) -> bool:
    """Return whether a leaf is 0 or 1, as a target is, and no input that has a weight."""
    kind = form.graph.names.kind
    return (
        leaf.data in (0, 1)
        and kind(leaf) == "input"
        and not any(
            edge.node.op in ("mul", "dot") and "parameter" in map(kind, edge.node.parents)
            for edge in form.graph.uses[leaf]
        )
    )


class _Bounds:
    """Between which numbers each leaf stays."""

    def __init__(self, form: Form, leaves: Sequence[Value]) -> None:
        self.form = form
        self.leaves = leaves

    def pool(self, leaf: Value, level: int) -> list[float]:
        """Return the numbers that a leaf can have, of the first level that has a few."""
        if is_target(self.form, leaf):
            return [0.0, 1.0]
        size = abs(leaf.data)
        plain = 0.005 <= size <= 200 or not 1e-9 < size < 1e9
        unit = 1.0 if plain else 10.0 ** math.floor(math.log10(size))
        pool: list[float] = []
        for numbers in LEVELS[level:]:
            scaled = [float(f"{n * unit:.6g}") for n in numbers]  # 13 · 0.001 is no 0.013
            pool = [x for n in scaled for x in (n, -n) if self._allow(leaf, x)]
            if len(pool) >= max(CHOICE, len(self.leaves)):
                break
        return pool or [leaf.data]

    def _allow(self, leaf: Value, x: float) -> bool:
        low, high = self._ranges.get(leaf, (-math.inf, math.inf))
        has_value = self._sides.get(leaf)
        side = math.copysign(0.5 if abs(x) < 1 else 1.5, x)
        return low < x < high and (not has_value or has_value[side])

    @cached_property
    def _ranges(self) -> dict[Value, tuple[float, float]]:
        """Between which numbers a leaf lies that is called like nodes of bounded functions.

        An input layer is free of that if one of its numbers lies elsewhere.
        """
        names = self.form.graph.names
        ranges: dict[str, tuple[float, float]] = {}
        for node, rule in self.form.operations:
            if names.given(node):
                low, high = ranges.get(self._letter(node), (-math.inf, math.inf))
                ranges[self._letter(node)] = max(low, rule.range[0]), min(high, rule.range[1])
        found = {x: ranges.get(self._letter(x)) for x in self.form.graph.leaves}
        bounded = {leaf: bounds for leaf, bounds in found.items() if bounds}
        free = {self._layer(x) for x, (low, high) in bounded.items() if not low <= x.data <= high}
        return {leaf: bounds for leaf, bounds in bounded.items() if self._layer(leaf) not in free}

    def _letter(self, node: Value) -> str:
        """Return a name without its indices: a of a₁⁽²⁾."""
        return re.split(r"[_^\d#\[]", self.form.graph.names[node].typed)[0]

    def _layer(self, node: Value) -> str:
        """Return a name without its lower index: a⁽²⁾ of a₁⁽²⁾."""
        return re.sub(r"_(\w+|\{.*?\})", "", self.form.graph.names[node].typed)

    @cached_property
    def _sides(self) -> dict[Value, dict[float, bool]]:
        """On which sides of −1, 0 and 1 the graph has a value, as far as one leaf decides that."""
        if all(rule.domain is None for _, rule in self.form.operations):
            return {}
        sides = {
            leaf: {side: self.form.at({leaf: side}) is not None for side in SIDES}
            for leaf in self.leaves
        }
        return {leaf: known for leaf, known in sides.items() if any(known.values())}

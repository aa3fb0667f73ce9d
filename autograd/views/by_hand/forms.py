"""A graph as a form: what is filled in at other numbers, and what of it is alike."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from autograd.comparisons import guards
from autograd.errors import AutogradError
from autograd.replay import replay
from autograd.sweep import passed_on
from autograd.value import Value
from autograd.views.tracing.graph import Graph

__all__ = ["Filled", "Form", "different"]

STEEP = 2.0
"""How far from 0 a function that levels off is asked for at most: tanh′(2) is 0.07."""

KINK = 10**6
"""How many zeros a kink is as bad as: more than there are."""


class Form:
    """A graph, to be filled in at any numbers of some of its leaves.

    >>> x = Value(3.0, "x")
    >>> filled = Form(Graph(x * x), [x]).at({x: 5.0})
    >>> filled.asked if filled else None
    [5.0, 25.0, 5.0, 5.0, 5.0, 5.0, 5.0, 10.0]
    """

    def __init__(self, graph: Graph, leaves: Collection[Value]) -> None:
        self.graph = graph
        self.operations = [(node, node.rule) for node in graph.order if node.rule is not None]
        self.varying = {x: None for x in graph.order if not graph.names.is_constant(x)}
        self.guarded = bool(guards(leaves))
        self.refusal = "it is infinite or NaN there"  # or what the last error says

    def at(self, numbers: Mapping[Value, float]) -> Filled | None:
        """Return the graph at other numbers; None where it has no value or no finite slope."""
        try:
            if self.guarded:
                replay(self.graph.output, numbers)  # raises where an `if` went another way
            point = Filled(self, numbers)
        except (AutogradError, ArithmeticError, ValueError) as error:
            self.refusal = str(error)
            return None
        return point if all(map(math.isfinite, point.asked)) else None


class Filled:
    """A form that is filled in.

    - ``asked``: all that stands on a sheet: the nodes' numbers, then of each step the local
      derivative, the contribution and the total;
    - ``empty``: how many of these are 0, or belong to a function that has levelled off or stands
      at a kink;
    - ``is_trivial``: whether the derivative is 0 in every leaf.
    """

    def __init__(self, form: Form, numbers: Mapping[Value, float]) -> None:
        self.numbers = numbers
        flat = self._forward(form)
        totals = self._backward(form)
        nothing = 1e-12 * max(map(abs, self.asked), default=0.0)
        self._zeros = {i for i, x in enumerate(self.asked, 1) if abs(x) <= nothing}
        self.empty = len(self._zeros) + flat
        self.is_trivial = all(abs(totals[leaf]) <= nothing for leaf in form.graph.leaves)

    def _forward(self, form: Form) -> int:
        """Compute the nodes; return how many functions have levelled off."""
        values = {node: self.numbers.get(node, node.data) for node in form.graph.order}
        self._partials = {}
        flat = 0
        for node, rule in form.operations:
            operands = [values[parent] for parent in node.parents]
            values[node], self._partials[node] = rule.derive(*operands)
            low, high = rule.range
            flat += bool(rule.monotonic and high - low < math.inf and abs(operands[0]) > STEEP)
            flat += KINK * bool(rule.kink and rule.kink(*operands, **rule.constants))
        self.asked = [values[node] for node in form.varying]
        return flat

    def _backward(self, form: Form) -> dict[Value, float]:
        """Take the steps of the backward pass; return the derivatives."""
        totals = dict.fromkeys(form.graph.order, 0.0) | {form.graph.output: 1.0}
        for node, _ in reversed(form.operations):
            for parent, partial in zip(node.parents, self._partials[node], strict=True):
                if parent in form.varying:
                    passed = passed_on(node, totals[node], partial) or 0.0
                    totals[parent] += passed
                    self.asked += (float(partial), passed, totals[parent])
        return totals

    @property
    def key(self) -> tuple[float, ...]:
        """What tells the numbers from others."""
        return tuple(self.numbers.values())

    def alike(self) -> list[list[int]]:
        """Return what is equal but for its sign, as places in ``[1.0, *asked]``; zeros aside.

        Of n numbers two may come as near as 1/n², since of many some do.
        """
        numbers = [1.0, *map(abs, self.asked)]
        near = min(1e-4, 0.5 / len(numbers) ** 2)
        groups: list[list[int]] = []
        for i in sorted({*range(len(numbers))} - self._zeros, key=numbers.__getitem__):
            if groups and numbers[i] - numbers[groups[-1][-1]] <= near * numbers[i]:
                groups[-1].append(i)
            else:
                groups.append([i])
        return [group for group in groups if len(group) > 1]


def different(places: Sequence[int], points: Sequence[Filled]) -> int:
    """Return how many numbers differ, of those at some places, at one of the points at least."""
    found: list[list[float]] = []
    for i in places:
        column = [abs(point.asked[i - 1]) if i else 1.0 for point in points]
        if column not in found and not any(_same(column, known) for known in found):
            found.append(column)
    return len(found)


def _same(xs: Sequence[float], ys: Sequence[float]) -> bool:
    return all(math.isclose(x, y, rel_tol=1e-9) for x, y in zip(xs, ys, strict=True))

"""The chain rule over a whole graph, on any kind of number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autograd import functions as f
from autograd.graph import NodeT, depending_on
from autograd.libraries import N
from autograd.steep import warn

__all__ = ["chooses", "passed_on", "sweep", "sweep_recorded", "towards"]


def sweep(order: Sequence[NodeT], partials: Mapping[NodeT, Sequence[N]], seed: N) -> dict[NodeT, N]:
    """Return the adjoints: the derivative of the last node with respect to those it depends on.

    `order` is topological. A node that nothing was passed on to is not among the results: its
    derivative is 0, however steep the way from there. A partial of None is one that nobody needs.
    """
    adjoints: dict[NodeT, N] = {order[-1]: seed}
    for node in reversed(order):
        slopes = partials.get(node)
        if node not in adjoints or not slopes:
            continue
        upstream, choice = adjoints[node], chooses(node)
        for parent, partial in zip(node.parents, slopes, strict=True):
            contribution = _product(choice, upstream, partial)
            if contribution is not None:
                known = adjoints.get(parent)
                adjoints[parent] = contribution if known is None else known + contribution
    return adjoints


def passed_on(node: Any, upstream: N, partial: N | None) -> N | None:
    """Return what a node adds to the adjoint of a parent; None if it did not take this parent.

    >>> from autograd import Value
    >>> y = Value(-1.0).relu()
    >>> passed_on(y, float("inf"), y.partials[0]), passed_on(y, 2.0, 3.0)
    (None, 6.0)
    """
    return _product(chooses(node), upstream, partial)


def chooses(node: Any) -> bool:
    """Return whether a node chooses among its operands: it passes nothing on to the others."""
    chooses: bool = node.rule.choice
    return chooses


def _product(choice: bool, upstream: N, partial: N | None) -> N | None:
    if partial is None or (choice and isinstance(partial, int | float) and partial == 0):
        return None
    return f.contribution(upstream, partial, choice)


def sweep_recorded(
    order: Sequence[Any], wanted: Iterable[Any], stacklevel: int = 1
) -> dict[Any, float]:
    """Return the adjoints of a recorded graph at its own numbers, as far as they are wanted.

    Warns as `warn` does of infinite slopes that reach one of the wanted nodes.
    """
    recorded = {node: node.partials for node in order if node.parents}
    partials = towards(wanted, order, recorded)
    adjoints: dict[Any, float] = sweep(order, partials, 1.0)
    steep = any(node.rule.source for node in partials)
    if steep or not math.isfinite(sum(adjoints.values())):
        warn(order, {node: node.data for node in order}, partials, adjoints, stacklevel + 1)
    return adjoints


def towards(
    wanted: Iterable[NodeT], order: Sequence[NodeT], partials: Mapping[NodeT, Sequence[N]]
) -> dict[NodeT, list[N | None]]:
    """Return the partials on the way to the wanted nodes; None stands for the others.

    What nobody needs need not be finite: the slope of x / 1e-200 in its divisor, say.
    """
    needed = depending_on(wanted, order)
    return {
        node: [
            d if parent in needed else None for parent, d in zip(node.parents, slopes, strict=True)
        ]
        for node, slopes in partials.items()
        if not needed.isdisjoint(node.parents)
    }

"""The average over samples: what each sample's loss says of a gradient."""

from __future__ import annotations

from typing import NamedTuple

from autograd.graph import topological_order
from autograd.sweep import sweep
from autograd.value import Value
from autograd.views.tracing.graph import Graph
from autograd.views.tracing.samples import samples

__all__ = ["Average", "average"]


class Average(NamedTuple):
    """The losses that an output is the average of, and the derivative of each in one node."""

    losses: list[Value]
    derivatives: list[float]


def average(graph: Graph, node: Value) -> Average | None:
    """Return what an output is the average of, if that is several losses that use the node.

    >>> from autograd import mean
    >>> w = Value(2.0, "w")
    >>> average(Graph(mean([w * 3.0, w * w])), w).derivatives
    [3.0, 4.0]
    """
    losses = list(samples(graph.output))
    if not losses or node is graph.output or node in losses:
        return None
    derivatives = [_derivative(loss, node) for loss in losses]
    used = [d for d in derivatives if d is not None]
    return Average(losses, [d or 0.0 for d in derivatives]) if len(used) > 1 else None


def _derivative(loss: Value, node: Value) -> float | None:
    order = topological_order(loss)
    adjoints: dict[Value, float] = sweep(order, {n: n.partials for n in order}, 1.0)
    return adjoints.get(node, 0.0 if node in set(order) else None)

"""A function's curve with its tangent, for a graph of one variable."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import Any

from autograd.errors import UsageError
from autograd.number import shown
from autograd.replay import replay
from autograd.tools.optional import optional
from autograd.value import Value
from autograd.views.tracing.graph import Graph
from autograd.views.tracing.notation import Notation
from autograd.views.writing.numbers import short

__all__ = ["plot_tangent"]

POINTS = 400


def plot_tangent(
    output: Value,
    variable: Value | None = None,
    *,
    reach: float | None = None,
    names: Mapping[str, Any] | None = None,
    axes: Any = None,
) -> Any:
    """Plot an output as a function of one variable, with the tangent where it is.

    The slope of the tangent is the derivative. Without `variable`, the graph must have one leaf
    with a name; the other leaves keep their numbers. The plot goes `reach` to each side, by
    default as far as the variable is from 0, and at least 2. Returns the Axes of matplotlib, and
    draws into `axes` if they are given.

    Raises `UsageError` where it is not clear which variable is meant.

    >>> x = Value(1.0, "x")
    >>> axes = plot_tangent(x.tanh())  # doctest: +SKIP
    """
    graph = Graph(output, names)
    called = graph.names
    leaf = _variable(graph) if variable is None else variable
    if leaf not in graph.index or leaf.parents:
        raise UsageError(f"plot_tangent: {shown(leaf)} is not a leaf of the graph; choose one")
    if not math.isfinite(leaf.data):
        raise UsageError(f"plot_tangent: {called(leaf)} is {short(leaf.data)}; give it a number")
    numpy = optional("numpy", "plot_tangent", "plots")
    width = reach or max(2.0, abs(leaf.data))
    xs = numpy.linspace(leaf.data - width, leaf.data + width, POINTS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of slopes along the curve, which nobody asked for
        ys = numpy.broadcast_to(replay(output, {leaf: xs})[0], xs.shape)
    slope = replay(output)[1][leaf]
    if axes is None:
        axes = optional("matplotlib.pyplot", "plot_tangent", "plots").subplots()[1]
    name, symbol = called(leaf), Notation(graph).derivative(leaf)
    axes.plot(xs, ys, color="#374151", label=called(output))
    axes.set_ylim(axes.get_ylim())  # a steep tangent must not flatten the curve
    tangent = output.data + slope * (xs - leaf.data)
    axes.plot(xs, tangent, "--", color="#d97706", label=f"{symbol} = {short(slope)}")
    axes.plot([leaf.data], [output.data], "o", color="#d97706")
    axes.set_xlabel(f"{name} = {short(leaf.data)}")
    axes.set_ylabel(f"{called(output)} = {short(output.data)}")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _variable(graph: Graph) -> Value:
    leaves = graph.leaves
    if len(leaves) != 1:
        listed = ", ".join(map(graph.names, leaves)) or "none"
        raise UsageError(
            f"plot_tangent: the leaves with a name are {listed}; say which one varies, as in "
            "plot_tangent(y, x)"
        )
    return leaves[0]

"""Mistakes with the sum over paths: one left out, one overwritten, one of another variable."""

from __future__ import annotations

import math
from collections.abc import Iterator

from autograd import Value
from benchmarks.teaching.passes import Edge, Fold, Place, Setting, Slip

__all__ = ["MAKERS"]


def _nothing(upstream: float) -> list[tuple[Value, float]]:
    """Pass nothing on."""
    return []


def path_left_out(setting: Setting) -> Iterator[Slip]:
    """Overlook a use of a node, a path, or all paths but one."""
    kind = "path left out"
    for node in setting.depending:
        if len(setting.uses[node]) > 1:
            for edge in setting.uses[node]:
                yield setting.slip(kind, "a use", [edge, edge.parent], {edge: _nothing})
    products = [math.prod(edge.partial for edge in path) for path in setting.paths]
    if len(products) > 1:
        for path, product in zip(setting.paths, products, strict=True):
            yield Slip(kind, "a path", _along(path), setting.truth - product)
        if len(products) > 2:
            for product in products:
                yield Slip(kind, "all but one", _along(*setting.paths), product)


def _along(*paths: tuple[Edge, ...]) -> tuple[Place, ...]:
    edges = [edge for path in paths for edge in path]
    return (*edges, *(edge.parent for edge in edges))


def treated_as_constant(setting: Setting) -> Iterator[Slip]:
    """Hold fixed what depends on the variable: a result everywhere, or one operand of several."""
    kind = "treated as constant"
    for node in setting.depending:
        if node not in (setting.wrt, setting.output):
            edges = setting.operands(node)
            places: list[Place] = [node, *setting.uses[node]]
            yield setting.slip(kind, "a result", places, dict.fromkeys(edges, _nothing))
    for edge in setting.edges:
        operands = {other.parent for other in setting.operands(edge.node)}
        if len(operands) > 1 and edge.node.op in ("mul", "div", "pow", "dot"):
            yield setting.slip(kind, "an operand", [edge, edge.parent], {edge: _nothing})


def overwritten(setting: Setting) -> Iterator[Slip]:
    """Assign where contributions are to be added: what comes last is what stays."""
    kind = "= for +="
    several = [node for node in setting.depending if len(setting.uses[node]) > 1]
    for node in several:
        places: list[Place] = [node, *setting.uses[node]]
        for last in range(len(setting.uses[node])):  # any of them, in some order, comes last
            yield setting.slip(kind, "at one node", places, folds={node: _keeping(last)})
    if len(several) > 1:
        yield setting.slip(kind, "everywhere", several, folds=dict.fromkeys(several, _last))


def _keeping(which: int) -> Fold:
    """Return the fold that keeps one contribution of several; NaN where it is not there."""
    return lambda incoming: incoming[which] if which < len(incoming) else math.nan


def _last(incoming: list[float]) -> float:
    return incoming[-1] if incoming else math.nan


def another_variable(setting: Setting) -> Iterator[Slip]:
    """Write down the gradient of another leaf."""
    for node in setting.order:
        if node is not setting.wrt and not node.parents and not node.is_constant:
            yield Slip("another variable's gradient", "a leaf", (node,), setting.slopes[node])


def carried_over(setting: Setting) -> Iterator[Slip]:
    """Do all right with an earlier result that was wrong, and was answered too."""
    for node in setting.depending:
        if node not in (setting.wrt, setting.output):
            for manner, wrong in _earlier(setting.slopes[node]):
                number = setting.passed(folds={node: _taking(wrong)})
                yield Slip("carried over", manner, (node,), number, given=(node, wrong))


def _taking(wrong: float) -> Fold:
    return lambda incoming: wrong


def _earlier(slope: float) -> Iterator[tuple[str, float]]:
    """Yield wrong answers for a node above: with another sign, and simply another number."""
    yield "sign", -slope
    yield "arithmetic", float(f"{1.3 * slope + 0.1:.3g}")


MAKERS = (path_left_out, treated_as_constant, overwritten, another_variable, carried_over)

"""One misconception, wherever it applies: who does not know a rule gets it wrong each time.

These are no slips at one place. They are measured by themselves, as a test of what was built for
slips at one place or in one operation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TypeAlias

from benchmarks.teaching.passes import Edge, Passing, Setting, Slip

__all__ = ["misconceptions"]

Wrong: TypeAlias = Callable[[Setting, Edge], float | None]
"""What somebody takes for a local derivative; None where there is nothing to get wrong."""


def _lost_minus(setting: Setting, edge: Edge) -> float | None:
    """Forget every minus: of a difference, of a cosine, of a quotient."""
    negative = edge.node.op in ("neg", "cos") or (
        edge.node.op in ("sub", "div") and edge.position == 1
    )
    return -edge.partial if negative else None


def _power(setting: Setting, edge: Edge) -> float | None:
    """Keep the exponent: n · xⁿ."""
    return edge.partial * edge.parent.data if edge.node.op == "power" else None


def _no_exponent(setting: Setting, edge: Edge) -> float | None:
    """Leave out the exponent in front: xⁿ⁻¹."""
    if edge.node.op != "power" or edge.node.rule is None:
        return None
    return edge.partial / edge.node.rule.constants["n"]


def _own_operand(setting: Setting, edge: Edge) -> float | None:
    """Take the operand itself for the derivative of a product in it."""
    return edge.parent.data if edge.node.op in ("mul", "dot") else None


def _no_average(setting: Setting, edge: Edge) -> float | None:
    """Leave out 1/n of every mean."""
    return 1.0 if edge.node.op == "mean" else None


def _v_for_its_square(setting: Setting, edge: Edge) -> float | None:
    """Divide by v where v² is due."""
    if edge.node.op != "div" or edge.position == 0:
        return None
    return edge.partial * edge.parent.data


def _as_it_stands(setting: Setting, edge: Edge) -> float | None:
    """Leave functions as they are."""
    alone = len(edge.node.parents) == 1 and edge.node.op not in ("neg", "exp")
    return edge.node.data if alone else None


def _innermost(setting: Setting, edge: Edge) -> float | None:
    """Take the derivatives of functions at the variable, not at what stands inside."""
    node = edge.node
    if len(node.parents) > 1 or node.op in ("neg", "relu") or edge.parent is setting.wrt:
        return None
    try:
        return float(node.rule.derive(setting.wrt.data)[1][0]) if node.rule else None
    except (ArithmeticError, ValueError):
        return None


_SLOPES: dict[str, tuple[str, Wrong]] = {
    "every minus lost": ("sign flipped", _lost_minus),
    "n · xⁿ": ("wrong power", _power),
    "no exponent in front": ("factor missing", _no_exponent),
    "the operand itself": ("operands swapped", _own_operand),
    "no 1/n": ("1/n missing", _no_average),
    "v for v²": ("wrong power", _v_for_its_square),
    "functions as they stand": ("not differentiated", _as_it_stands),
    "at the variable": ("wrong input", _innermost),
}


def misconceptions(setting: Setting) -> Iterator[Slip]:
    """Yield what comes of each misconception that applies at two places or more."""
    for manner, (kind, wrong) in _SLOPES.items():
        found = {edge: wrong(setting, edge) for edge in setting.edges}
        slopes = {edge: slope for edge, slope in found.items() if slope is not None}
        if len({edge.node for edge in slopes}) > 1 and all(map(math.isfinite, slopes.values())):
            yield setting.with_slope(kind, manner, slopes)
    yield from _inner_forgotten(setting)
    yield from _product_of_derivatives(setting)


def _inner_forgotten(setting: Setting) -> Iterator[Slip]:
    """Yield what comes of stopping at the outermost function of every path: f′(g) alone."""
    edges: dict[Edge, Passing] = {}
    for edge in setting.edges:
        if len(edge.node.parents) == 1 and edge.node.op != "neg" and edge.parent.parents:
            edges[edge] = _ending(setting, edge.partial)
    if len(edges) > 1:
        yield setting.slip("inner derivative forgotten", "always", edges, edges)


def _ending(setting: Setting, product: float) -> Passing:
    return lambda upstream: [(setting.wrt, upstream * product)]


def _product_of_derivatives(setting: Setting) -> Iterator[Slip]:
    """Yield what comes of (uv)′ = u′v′ at every product, from the operands up."""
    tangents: dict[object, float] = {}
    places = []
    for node in setting.order:
        below = [tangents[parent] for parent in node.parents]
        moving = [parent in setting.depending for parent in node.parents]
        if node is setting.wrt:
            tangents[node] = 1.0
        elif node.op == "mul" and all(moving):
            tangents[node] = math.prod(below)
            places.append(node)
        else:
            tangents[node] = math.fsum(t * p for t, p in zip(below, node.partials, strict=True))
    if len(places) > 1:
        number = tangents[setting.output]
        yield Slip("product of derivatives", "always", tuple(places), number)

"""Mistakes with what stands inside: forgotten, taken for something else, multiplied wrongly."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from autograd import Value
from benchmarks.teaching.passes import Edge, Passing, Place, Setting, Slip

__all__ = ["MAKERS"]


def inner_derivative(setting: Setting) -> Iterator[Slip]:
    """Forget the derivative of all that stands inside, take it twice, or leave it as it is."""
    for edge in setting.edges:
        inner, outer = edge.parent, edge.partial
        if inner is setting.wrt:
            continue
        slope = setting.below[inner]
        products = {
            ("inner derivative forgotten", "at one use"): outer,
            ("taken twice", "inner derivative"): outer * slope * slope,
            ("not differentiated", "what stands inside"): outer * inner.data,
            ("sum for product", "outer and inner"): outer + slope,
        }
        for (kind, manner), product in products.items():
            if manner == "outer and inner" and 1 in (abs(outer), abs(slope)):
                continue  # 1 is no factor to be seen
            yield setting.slip(kind, manner, [edge, inner], {edge: _ending(setting, product)})


def inner_at_all_uses(setting: Setting) -> Iterator[Slip]:
    """Forget the derivative of a node that is used several times."""
    for node in setting.depending:
        uses = setting.uses[node]
        if node is not setting.wrt and len(uses) > 1:
            changes = {edge: _ending(setting, edge.partial) for edge in uses}
            places: list[Place] = [node, *uses]
            yield setting.slip("inner derivative forgotten", "at all uses", places, changes)


def _ending(setting: Setting, product: float) -> Passing:
    """Return what is passed on where the product of all further factors is taken for a number."""
    return lambda upstream: [(setting.wrt, upstream * product)]


def wrong_input(setting: Setting) -> Iterator[Slip]:
    """Take the outer derivative at the innermost input, a step too deep, or at the inner slope."""
    for edge in setting.edges:
        node, inner = edge.node, edge.parent
        if len(node.parents) > 1 or inner is setting.wrt:
            continue
        points = [("innermost input", setting.wrt.data), ("f′(g′)", setting.below[inner])]
        points += [("a step too deep", parent.data) for parent in inner.parents[:1]]
        for manner, point in points:
            slope = _slope_at(node, point)
            if math.isfinite(slope):
                yield setting.with_slope("wrong input", manner, {edge: slope})


def _slope_at(node: Value, x: float) -> float:
    """Return the derivative of an operation of one operand at another number; NaN for none."""
    try:
        return float(node.rule.derive(x)[1][0]) if node.rule else math.nan
    except (ArithmeticError, ValueError):
        return math.nan


def product_of_derivatives(setting: Setting) -> Iterator[Slip]:
    """Take u′v′ or u′ + v′ for (uv)′, and u′/v′ for (u/v)′."""
    for node in setting.depending:
        edges = setting.operands(node)
        if node.op not in ("mul", "div") or len(edges) < 2:
            continue
        du, dv = (setting.below[parent] for parent in node.parents)
        if node.op == "div":
            yield _of_both(setting, edges, "product of derivatives", "u′/v′", du / (dv or math.nan))
        else:
            yield _of_both(setting, edges, "product of derivatives", "u′v′", du * dv)
            yield _of_both(setting, edges, "sum for product", "u′ + v′", du + dv)


def _of_both(setting: Setting, edges: Sequence[Edge], kind: str, manner: str, slope: float) -> Slip:
    """Return the slip by which a node has another derivative in the node asked for."""
    first, second = edges
    changes: dict[Edge, Passing] = {first: _ending(setting, slope), second: lambda upstream: []}
    return setting.slip(kind, manner, [first.node, first, second], changes)


def seed_not_differentiated(setting: Setting) -> Iterator[Slip]:
    """Start from the output itself rather than from 1."""
    number = setting.passed(seed=setting.output.data)
    yield Slip("not differentiated", "seed", (), number)


MAKERS = (
    inner_derivative,
    inner_at_all_uses,
    wrong_input,
    product_of_derivatives,
    seed_not_differentiated,
)

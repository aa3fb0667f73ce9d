"""Mistakes with what stands inside: forgotten, taken for something else, multiplied wrongly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from autograd import Value
from benchmarks.teaching.passes import Edge, Passing, Setting, Slip

__all__ = ["MAKERS"]


def _ending(setting: Setting, change: Callable[[float], float]) -> Passing:
    """Return what is passed on where the rest of the way down is worked out differently."""
    return lambda upstream: [(setting.wrt, change(upstream))]


def inner_derivative(setting: Setting) -> Iterator[Slip]:
    """Forget the derivative of all that stands inside, take it twice, or leave it as it is."""
    for edge in setting.edges:
        inner, p = edge.parent, edge.partial
        if inner is setting.wrt:
            continue
        slope, data = setting.below[inner], inner.data

        def ending(rest: float, p: float = p) -> Passing:
            return _ending(setting, lambda upstream: upstream * p * rest)

        def slip(kind: str, manner: str, passing: Passing, edge: Edge = edge) -> Slip:
            return setting.slip(kind, manner, [edge, edge.parent], {edge: passing})

        yield slip("inner derivative forgotten", "at one use", ending(1.0))
        yield slip("taken twice", "inner derivative", ending(slope * slope))
        yield slip("not differentiated", "what stands inside", ending(data))
        added = _ending(setting, lambda upstream, p=p, slope=slope: upstream * (p + slope))
        yield slip("sum for product", "outer and inner", added)
    for node in setting.depending:
        if node not in (setting.wrt, setting.output) and len(setting.uses[node]) > 1:
            edges = {
                edge: _ending(setting, lambda upstream, p=edge.partial: upstream * p)
                for edge in setting.uses[node]
            }
            places = [node, *edges]
            yield setting.slip("inner derivative forgotten", "at all uses", places, edges)


def wrong_input(setting: Setting) -> Iterator[Slip]:
    """Take the outer derivative at the innermost input, a step too deep, or at the inner slope."""
    for edge in setting.edges:
        node, inner = edge.node, edge.parent
        if len(node.parents) > 1 or inner is setting.wrt or node.op in ("neg", "abs", "relu"):
            continue
        points = {"innermost input": setting.wrt.data, "inner derivative": setting.below[inner]}
        points |= {"a step too deep": p.data for p in inner.parents[:1]}
        for manner, point in points.items():
            slope = _slope_at(node, point)
            if math.isfinite(slope):
                yield setting.with_slope("wrong input", manner, {edge: slope})


def _slope_at(node: Value, x: float) -> float:
    """Return the derivative of an operation of one operand at another number."""
    if node.rule is None:
        return math.nan
    try:
        return float(node.rule.derive(x)[1][0])
    except (ArithmeticError, ValueError):
        return math.nan


def product_of_derivatives(setting: Setting) -> Iterator[Slip]:
    """Take (uv)′ for u′v′ or u′ + v′, and (u/v)′ for u′/v′."""
    for node in setting.depending:
        edges = setting.operands(node)
        if node.op not in ("mul", "div") or len(edges) < 2:
            continue
        du, dv = (setting.below[parent] for parent in node.parents)

        def slip(kind: str, manner: str, slope: float, node: Value = node) -> Slip:
            first, second = setting.operands(node)
            changes: dict[Edge, Passing] = {
                first: _ending(setting, lambda upstream: upstream * slope),
                second: lambda upstream: [],
            }
            return setting.slip(kind, manner, [node, first, second], changes)

        if node.op == "mul":
            yield slip("product of derivatives", "u′v′", du * dv)
            yield slip("sum for product", "u′ + v′", du + dv)
        else:
            yield slip("product of derivatives", "u′/v′", du / dv if dv else math.nan)


def seed_not_differentiated(setting: Setting) -> Iterator[Slip]:
    """Start from the output itself rather than from 1."""
    number = setting.passed(seed=setting.output.data)
    yield Slip("not differentiated", "seed", (setting.output,), number)


MAKERS = (inner_derivative, wrong_input, product_of_derivatives, seed_not_differentiated)

"""Mistakes with a factor of the chain rule, whatever the operation: lost, doubled, turned over."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TypeAlias

from benchmarks.teaching.passes import Edge, Passing, Setting, Slip

__all__ = ["MAKERS"]


Change: TypeAlias = Callable[[float, float], float]
"""What is passed on, given what came from upstream and the local derivative."""


def _at_edges(setting: Setting, kind: str, manner: str, change: Change) -> Iterator[Slip]:
    """Yield the slip by which one edge passes on something else than upstream times partial."""
    for edge in setting.edges:
        yield setting.slip(kind, manner, [edge], {edge: _passing(edge, change)})


def _at_nodes(setting: Setting, kind: str, manner: str, change: Change) -> Iterator[Slip]:
    """Yield the slip by which all operands of one node get something else."""
    for node in setting.depending:
        edges = setting.operands(node)
        if len(edges) > 1:
            changes = {edge: _passing(edge, change) for edge in edges}
            yield setting.slip(kind, manner, [node, *edges], changes)


def _everywhere(setting: Setting, kind: str, manner: str, change: Change) -> Iterator[Slip]:
    """Yield the slip of a program that does it at every edge."""
    changes = {edge: _passing(edge, change) for edge in setting.edges}
    yield setting.slip(kind, manner, [], changes)


def _passing(edge: Edge, change: Change) -> Passing:
    return lambda upstream: [(edge.parent, change(upstream, edge.partial))]


def _inverse(x: float) -> float:
    return 1 / x if x else math.nan


def sign_flipped(setting: Setting) -> Iterator[Slip]:
    """Lose a minus, or write one too many: at an operand, at an operation, in the end."""
    kind = "sign flipped"
    yield from _at_edges(setting, kind, "at an operand", lambda upstream, p: -upstream * p)
    yield from _at_nodes(setting, kind, "at an operation", lambda upstream, p: -upstream * p)
    yield Slip(kind, "of the answer", (), -setting.truth)


def upstream_forgotten(setting: Setting) -> Iterator[Slip]:
    """Add the local derivative alone, without what came from upstream."""
    kind = "upstream forgotten"
    yield from _at_edges(setting, kind, "at an operand", lambda upstream, p: p)
    yield from _at_nodes(setting, kind, "at an operation", lambda upstream, p: p)
    yield from _everywhere(setting, kind, "everywhere", lambda upstream, p: p)


def local_derivative_forgotten(setting: Setting) -> Iterator[Slip]:
    """Pass on what came from upstream as it is."""
    kind = "local derivative forgotten"
    yield from _at_edges(setting, kind, "at an operand", lambda upstream, p: upstream)
    yield from _at_nodes(setting, kind, "at an operation", lambda upstream, p: upstream)


def taken_twice(setting: Setting) -> Iterator[Slip]:
    """Multiply by a local derivative twice, or add a contribution twice."""
    kind = "taken twice"
    yield from _at_edges(setting, kind, "factor squared", lambda upstream, p: upstream * p * p)
    for edge in setting.edges:
        if len(setting.uses[edge.parent]) > 1:  # where there is a sum, a term of it may be doubled
            doubled = {edge: _passing(edge, lambda upstream, p: 2 * upstream * p)}
            yield setting.slip(kind, "added twice", [edge], doubled)


def sum_for_product(setting: Setting) -> Iterator[Slip]:
    """Add factors that are to be multiplied: at one operand, or all of a path."""
    kind = "sum for product"
    for edge in setting.edges:
        if edge.node is not setting.output and abs(edge.partial) != 1:  # 1 is no factor to be seen
            added = {edge: _passing(edge, lambda upstream, p: upstream + p)}
            yield setting.slip(kind, "at an operand", [edge], added)
    if len(setting.paths) == 1 and len(setting.paths[0]) > 1:
        path = setting.paths[0]
        total = math.fsum(edge.partial for edge in path)
        yield Slip(kind, "all of a path", tuple(path), total)


def factor_inverted(setting: Setting) -> Iterator[Slip]:
    """Divide where a factor is due."""
    kind = "factor inverted"
    yield from _at_edges(setting, kind, "at an operand", lambda upstream, p: upstream * _inverse(p))


MAKERS = (
    sign_flipped, upstream_forgotten, local_derivative_forgotten, taken_twice, sum_for_product,
    factor_inverted,
)  # fmt: skip

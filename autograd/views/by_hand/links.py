"""What a product along a path is taken for: a wrong factor at one node, or at all of a kind."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TypeAlias

from autograd.value import Value
from autograd.views.by_hand.backward import Backward, Change, edges
from autograd.views.by_hand.followed import is_untaken
from autograd.views.by_hand.local_slips import LINEAR, SEVERAL, local_mistakes, slope_elsewhere
from autograd.views.by_hand.mistake import Bound, Later, Mistake
from autograd.views.tracing.graph import Edge
from autograd.views.tracing.notation import Notation
from autograd.views.writing.numbers import short

__all__ = ["links_gone_wrong", "nodes_gone_wrong", "slips_everywhere"]

_EXCESS: dict[str, Callable[[float], Callable[[float], float]]] = {
    "taken twice": lambda right: lambda below: right * below * below - right * below,
    "sum for product": lambda right: lambda below: right + below - right * below,
}
"""How much too much comes of an inner derivative that is joined wrongly with what is above it."""

OPERANDS = 64
"""The number of operands of one node that are tried."""


def links_gone_wrong(
    backward: Backward, write: Notation, nodes: Sequence[Value]
) -> Iterator[Mistake]:
    """Yield what comes of a wrong factor along one edge, and along all edges of one node."""
    for node in nodes:
        used = [edge for edge in edges(node) if edge.parent in backward.below][:OPERANDS]
        alike: dict[_Slip, dict[Edge, Mistake]] = {}
        for edge in used:
            for which, slip in _told_apart(_on_edge(backward, write, edge)):
                yield slip
                alike.setdefault(which, {})[edge] = slip
        for which, slips in alike.items():
            if len(slips) > 1:
                changes = tuple(change for slip in slips.values() for change in slip.changes)
                first = next(iter(slips.values()))
                also = ("{0.reason}, and likewise in its other operands", first)
                place = ("all operands", node, which)
                yield Mistake(
                    first.kind, also, backward.changed(changes), first.where, place, changes
                )


_Slip: TypeAlias = tuple[str, str, int]
"""What a slip has in common with its like on other edges."""


def _told_apart(slips: Iterable[Mistake]) -> Iterator[tuple[_Slip, Mistake]]:
    """Yield the slips on one edge, each with its kind, its template, and how many are alike so far.

    Where either of two factors may be missing, the first goes with the first on another edge.
    """
    before = Counter[tuple[str, str]]()
    for slip in slips:
        alike = (slip.kind, slip.said if isinstance(slip.said, str) else slip.said[0])
        yield (*alike, before[alike]), slip
        before[alike] += 1


def _on_edge(backward: Backward, write: Notation, edge: Edge) -> Iterator[Mistake]:
    """Yield what comes of a wrong factor along an edge, as the derivative asked about."""
    right = backward.partial(edge)
    for slip in [
        *local_mistakes(edge, write, backward.point),
        *_wrong_input(backward, write, edge),
    ]:
        change = (Change(edge.node, edge.parent, slip.number - right),)
        yield slip._replace(number=backward.changed(change), changes=change)
    if not is_untaken(right):
        yield from _with_upstream(backward, write, edge)
        yield from _with_inner(backward, write, edge)


def _with_upstream(backward: Backward, write: Notation, edge: Edge) -> Iterator[Mistake]:
    """Yield what comes of joining a local derivative wrongly with what is upstream."""
    right, upstream, local = (
        backward.partial(edge),
        backward.above[edge.node],
        Later(write.local, edge),
    )
    symbol, below = Later(write.derivative, edge.node), backward.below[edge.parent]
    told = (symbol, short(upstream), local)
    for kind, said, slope, amount in (
        ("upstream forgotten", "the upstream derivative {} = {} is forgotten in front of {}",
         -right, 1.0 * right),
        ("sum for product", "{} = {} and {} are added, not multiplied", 1 - right, 1.0 * right),
        ("taken twice", "the upstream derivative {} = {} is taken twice in front of {}",
         right * (upstream - 1), 0.0),
    ):  # fmt: skip
        if edge.node is not backward.why.graph.output or kind == "sum for product":
            change = (Change(edge.node, edge.parent, slope, amount),)
            place = (kind, edge, said)
            bound = None
            if kind == "taken twice":
                bound = Bound(True, (edge.node,), below, lambda up: up * up * right - up * right)
            number = backward.changed(change)
            yield Mistake(kind, (said, *told), number, local, place, change, bound=bound)
    if upstream and edge.node is not backward.why.graph.output:
        said = "{} = {} is divided by, where it should be multiplied"
        change = (Change(edge.node, edge.parent, -right, 1.0 * right / upstream),)
        number = backward.changed(change)
        place = ("upstream inverted", edge, said)
        yield Mistake(
            "factor inverted", (said, *told), number, local, place, change,
            bound=Bound(True, (edge.node,), below, lambda up: _over(right, up) - up * right),
        )  # fmt: skip


def _with_inner(backward: Backward, write: Notation, edge: Edge) -> Iterator[Mistake]:
    """Yield what comes of joining a local derivative wrongly with what is inside."""
    asked, (node, parent), right = (
        backward.why.node,
        (edge.node, edge.parent),
        backward.partial(edge),
    )
    inner, below = _ratio(write, parent, asked), backward.below[parent]
    local = Later(write.local, edge)
    gone, again = Change(node, parent, -right), Change(node, parent, right)
    for kind, said, change in (
        ("treated as constant", "{3} is treated as a constant in {2}", None),
        ("taken twice", "what comes by way of {2} is counted twice", None),
        ("not differentiated", "{3} itself stands behind {2} where its derivative belongs",
         Change(node, asked, right * backward.point.number(parent))),
        ("inner derivative forgotten", "the inner derivative {0} = {1} is forgotten behind {2}",
         Change(node, asked, right)),
        ("sum for product", "{2} and the inner derivative {0} = {1} are added, not multiplied",
         Change(node, asked, right + below)),
        ("taken twice", "the inner derivative {0} = {1} is taken twice behind {2}",
         Change(node, asked, right * below * below)),
    ):  # fmt: skip
        if parent is asked and change:
            break
        changes = (gone, change) if change else (gone if kind == "treated as constant" else again,)
        told = (said, inner, short(below), local, Later(write.name, parent))
        bound = (
            Bound(False, (parent,), backward.above[node], _EXCESS[kind](right))
            if kind in _EXCESS and change
            else None
        )
        number, place = backward.changed(changes), (kind, edge, said)
        yield Mistake(kind, told, number, local, place, changes, bound=bound)


def _ratio(write: Notation, above: Value, below: Value) -> Later:
    """Return how the derivative of one node in another is written, by all its paths."""
    return Later("∂{}/∂{}".format, Later(write.name, above), Later(write.name, below))


def _wrong_input(backward: Backward, write: Notation, edge: Edge) -> Iterator[Mistake]:
    """Yield what comes of taking the derivative of a function where it is not evaluated.

    At the input of all, at what the inner function was made of, or at the inner derivative.
    """
    node, (inner, *others), rule = edge.node, edge.node.parents, edge.node.rule
    if others or rule is None or node.op in LINEAR or inner is backward.why.node:
        return
    elsewhere: dict[object, tuple[Later, float]] = {
        n: (Later(write.name, n), backward.point.number(n))
        for n in (backward.why.node, *inner.parents)
    }
    for step in edges(inner):
        if step.parent in backward.below:
            elsewhere[step] = (Later(write.local, step), backward.partial(step))
    name = Later(write.name, inner)
    elsewhere["inner"] = (_ratio(write, inner, backward.why.node), backward.below[inner])
    for key, (place, number) in elsewhere.items():
        slope = slope_elsewhere(rule, backward.point.number(inner), number)
        if slope is None:
            continue
        local = Later(write.local, edge)
        said = "{} is taken at {} = {}, not at {}"
        where = (node, "at", key)
        yield Mistake("wrong input", (said, local, place, short(number), name), slope, local, where)
        alone = slope / backward.below[inner] if backward.below[inner] else math.nan
        said += ", and what is inside is not differentiated"
        where = (node, "only at", key)
        told = (said, local, place, short(number), name)
        yield Mistake("wrong input", told, alone, local, where)


def nodes_gone_wrong(
    backward: Backward, write: Notation, nodes: Sequence[Value]
) -> Iterator[Mistake]:
    """Yield what comes of taking a whole node for something else."""
    asked = backward.why.node
    for node in nodes:
        yield from _products(backward, write, node)
        yield from _another_branch(backward, write, node)
        if node in (asked, backward.why.graph.output):
            continue
        above, below, symbol = (
            backward.above[node],
            backward.below[node],
            Later(write.derivative, node),
        )
        inner, used = _ratio(write, node, asked), _used(backward, node)
        local = [Change(node, edge.parent, -slope, slope) for edge, slope in used.items()]
        slips: list[tuple[str, str, tuple[Change, ...]]] = [
            ("upstream forgotten", "the upstream derivative {1} = {2} is forgotten",
             tuple(local)),
            ("treated as constant", "{3} is treated as a constant",
             tuple([change._replace(amount=0.0) for change in local])),
            ("inner derivative forgotten", "the inner derivative {0} = {4} is forgotten",
             _replaced(backward, node, 1.0)),
            ("taken twice", "the inner derivative {0} = {4} is taken twice",
             _replaced(backward, node, below * below)),
        ]  # fmt: skip
        told = (inner, symbol, short(above), Later(write.name, node), short(below))
        for kind, said, changes in slips:
            number = backward.changed(changes)
            twice = kind == "taken twice"
            bound = Bound(False, (node,), above, _EXCESS[kind](1.0)) if twice else None
            yield Mistake(kind, (said, *told), number, symbol, (kind, node), changes, bound=bound)


def _used(backward: Backward, node: Value) -> dict[Edge, float]:
    """Return the edges from a node by which it depends on the node asked about."""
    used = (edge for edge in edges(node) if edge.parent in backward.below)
    return {edge: 1.0 * backward.partial(edge) for edge in used}


def _replaced(backward: Backward, node: Value, slope: float) -> tuple[Change, ...]:
    """Return the changes by which a node has another derivative in the node asked about."""
    asked, used = backward.why.node, _used(backward, node)
    gone = [Change(node, edge.parent, -p) for edge, p in used.items() if edge.parent is not asked]
    known = sum(p for edge, p in used.items() if edge.parent is asked)
    return (*gone, Change(node, asked, slope - known))


def _another_branch(backward: Backward, write: Notation, node: Value) -> Iterator[Mistake]:
    """Yield what comes of handing on to an operand that was not chosen, in place of the chosen."""
    if node.rule is None or not node.rule.choice or not 1 < len(node.parents) <= SEVERAL:
        return
    taken = [edge for edge in edges(node) if backward.partial(edge)]
    for other in edges(node) if len(taken) == 1 else ():
        if other not in taken and not (node.op == "where" and other.position == 0):
            slope = backward.partial(taken[0])
            changes = (Change(node, taken[0].parent, -slope), Change(node, other.parent, slope))
            said = "{} is handed on to {}, which was not chosen, and not to {}"
            symbol = Later(write.derivative, node)
            told = (said, symbol, Later(write.name, other.parent),
                    Later(write.name, taken[0].parent))  # fmt: skip
            for kind in ("wrong branch", "operands swapped"):
                place = (kind, "another branch", other)
                number = backward.changed(changes)
                yield Mistake(kind, told, number, Later(write.local, other), place, changes)


def _products(backward: Backward, write: Notation, node: Value) -> Iterator[Mistake]:
    """Yield what the rules of products and quotients are taken for, of a node's two operands."""
    if node.op not in _WRONG_RULES or len(node.parents) != 2:
        return
    u, v = node.parents
    if u.is_constant or v.is_constant:
        return
    slopes = backward.below.get(u, 0.0), backward.below.get(v, 0.0)
    told = (Later(write.name, node), Later(write.operation, node))
    symbol = Later(write.derivative, node)
    for kind, words, rule in _WRONG_RULES[node.op]:
        taken = partial(rule, backward.point.number(u), backward.point.number(v))
        changes = _replaced(backward, node, taken(*slopes))
        excess = partial(_too_much, taken, backward.point.partials(node))
        bound = Bound(False, (u, v), backward.above[node], excess)
        said = (f"the derivative of {{}} = {{}} is {words}", *told)
        number, place = backward.changed(changes), (kind, node, words)
        yield Mistake(kind, said, number, symbol, place, changes, bound=bound)


_WRONG_RULES: dict[str, list[tuple[str, str, Callable[[float, float, float, float], float]]]] = {
    "mul": [
        ("product of derivatives", "taken as u′·v′", lambda u, v, du, dv: du * dv),
        ("sum for product", "taken as u′ + v′", lambda u, v, du, dv: du + dv),
    ],
    "div": [
        ("product of derivatives", "taken as u′/v′", lambda u, v, du, dv: _over(du, dv)),
        ("product of derivatives", "taken as (u′·v − u·v′)/v",
         lambda u, v, du, dv: _over(du * v - u * dv, v)),
        ("product of derivatives", "taken as u′·v − u·v′, without v² below",
         lambda u, v, du, dv: du * v - u * dv),
        ("product of derivatives", "taken as u′·v + u·v′",
         lambda u, v, du, dv: du * v + u * dv),
        ("product of derivatives", "taken as (u′ − v′)/v²",
         lambda u, v, du, dv: _over(du - dv, v * v)),
        ("product of derivatives", "taken as (u′·v − u·v′)/v′²",
         lambda u, v, du, dv: _over(du * v - u * dv, dv * dv)),
        ("product of derivatives", "taken as (u·u′ − v·v′)/v²",
         lambda u, v, du, dv: _over(u * du - v * dv, v * v)),
    ],
}  # fmt: skip
"""What the derivative of u·v and of u/v is taken for, from u, v and their derivatives."""


def _too_much(taken: Callable[..., float], partials: Sequence[float], *slopes: float) -> float:
    """Return how much more a wrong rule makes of the derivatives of two operands."""
    return taken(*slopes) - sum(p * slope for p, slope in zip(partials, slopes, strict=True))


def _over(x: float, y: float) -> float:
    return x / y if y else math.nan


def slips_everywhere(backward: Backward, write: Notation) -> Iterator[Mistake]:
    """Yield what comes of the same wrong factor at every node of an operation."""
    found: dict[tuple[str, object], dict[Edge, Mistake]] = {}
    on_a_path = set(backward.why.chain)
    for node in reversed(backward.why.chain[:-1]):
        for edge in [edge for edge in edges(node) if edge.parent in on_a_path][:OPERANDS]:
            for which, slip in _told_apart(local_mistakes(edge, write, backward.point)):
                *_, last = slip.place
                formula = (edge.position, last) if isinstance(last, int) else which
                found.setdefault((node.op, (slip.kind, formula)), {})[edge] = slip
    for (op, alike), slips in found.items():
        if len({edge.node for edge in slips}) > 1:
            first = next(iter(slips.values()))
            said = ("{0.reason}, and likewise at every other {1}", first, op)
            instead = tuple([(edge, slip.number) for edge, slip in slips.items()])
            number, place = backward.spoiled(instead).gradient, ("everywhere", op, alike)
            yield Mistake(first.kind, said, number, first.where, place, instead=instead)
    uses = backward.why.consumers[backward.why.node]
    alone = "everything upstream is forgotten: only local derivatives are added"
    only = sum(1.0 * backward.partial(use) for use in uses)
    yield Mistake("upstream forgotten", alone, only, "", ("upstream forgotten everywhere",))

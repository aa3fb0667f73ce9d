"""Backward passes as people write them who forget the order, or add where they should not."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import NamedTuple, TypeAlias

from autograd import functions as f
from autograd.sweep import chooses
from autograd.value import Value
from autograd.views.by_hand.backward import Backward
from autograd.views.tracing.paths import Factor

__all__ = ["Sweep", "sweeps"]

VISITS = 2000
"""How many nodes hand on, at most; a recursion visits one as often as there are paths to it."""

ORDERS = 64
"""How many orders are tried in which contributions overwrite each other."""


MARKED = ("when reached", "when visited", "")
"""When a pass notes that it knows a node, if ever."""


class Sweep(NamedTuple):
    """A broken pass: its kind, what is wrong with it, and the derivative that it arrives at.

    ``node`` is the first that hands on what it should not, ``way`` what tells it from its like,
    ``lost`` what never arrives.
    """

    kind: str
    said: str
    number: float
    node: Value | None = None
    way: tuple[object, ...] = ()
    lost: tuple[Factor, ...] = ()


def sweeps(backward: Backward) -> Iterator[Sweep]:
    """Yield what comes of each backward pass that people really write.

    >>> from autograd.views.tracing.graph import Graph
    >>> from autograd.views.tracing.paths import Paths
    >>> a = Value(1.0)
    >>> b = a + a
    >>> found = sweeps(Backward(Paths(Graph(b + b), a)))
    >>> print(*{sweep.said for sweep in found if sweep.number == 8.0})
    each node hands on again for each of its uses, with its total so far (a recursion)
    """
    yield from _overwritten(backward)
    once = "each node hands on once, as soon as it is reached (no topological order)"
    again = "each node hands on again for each of its uses, with its total so far (a recursion)"
    for marked, breadth, from_the_right in product(MARKED, (False, True), (False, True)):
        found = _reached(backward, marked, breadth, from_the_right)
        if found is not None:
            way = ("reached", marked, breadth, from_the_right)
            yield Sweep("wrong order", once if marked else again, *found, way)
    for marked, from_the_right in product(("when reached", ""), (False, True)):
        found = _operand_by_operand(backward, bool(marked), from_the_right)
        if found is not None:
            other = ("operand by operand", marked, from_the_right)
            yield Sweep("wrong order", once if marked else again, *found, other)
    forward = "the nodes hand on from the inputs to the output (the order is not reversed)"
    yield Sweep("wrong order", forward, _in_order(backward, backward.why.graph.order))
    twice = "the pass runs {} times, and the gradients of no node are set back in between"
    for times in (2, 3):
        found = _again(backward, times), backward.why.node
        yield Sweep("not zeroed", twice.format(times), *found, (times,))


def _overwritten(backward: Backward) -> Iterator[Sweep]:
    """Yield what is left where of several contributions one survives, in whatever valid order."""
    said = "every contribution overwrites the one before it (= where += is due)"
    chain = backward.why.chain
    last = [range(len(backward.why.consumers[node]))[::-1] for node in chain[1:]]
    for survivors in islice(product(*last), ORDERS):
        totals = {backward.why.graph.output: 1.0}
        way, lost = list[object](), list[Factor]()
        for node, survivor in zip(chain[1:], survivors, strict=True):
            use = backward.why.consumers[node][survivor]
            totals[node] = _passed(use.node, totals[use.node], backward.partial(use))
            others = [other for other in backward.why.consumers[node] if other is not use]
            way += [use] if others else []
            lost += others
        yield Sweep("= for +=", said, totals[backward.why.node], None, tuple(way), tuple(lost))


def _passed(node: Value, upstream: float, slope: float) -> float:
    found: float = f.contribution(upstream, slope, chooses(node))
    return found


def _hand_on(backward: Backward, node: Value, totals: dict[Value, float], upstream: float) -> None:
    for parent, slope in zip(node.parents, backward.point.partials(node), strict=True):
        totals[parent] = totals.get(parent, 0.0) + _passed(node, upstream, slope)


Found: TypeAlias = "tuple[float, Value | None]"
"""What a pass arrives at, and the node at which it first goes wrong."""


def _reached(backward: Backward, marked: str, breadth: bool, from_the_right: bool) -> Found | None:
    """Return the end of a pass that takes the nodes as it reaches them; None if too long."""
    culprit: Value | None = None
    output = backward.why.graph.output
    totals = {output: 1.0}
    waiting, known, visits = deque([output]), set[Value](), 0
    while waiting:
        node = waiting.popleft() if breadth else waiting.pop()
        if marked == "when visited" and node in known:
            continue
        if culprit is None and (
            totals[node] != backward.above[node] or (not marked and node in known)
        ):
            culprit = node
        known.add(node)
        visits += 1
        if visits > VISITS:
            return None
        _hand_on(backward, node, totals, totals[node])
        for parent in node.parents if breadth is not from_the_right else node.parents[::-1]:
            if parent.parents and not (marked and parent in known):
                waiting.append(parent)
                if marked == "when reached":
                    known.add(parent)
    return totals.get(backward.why.node, 0.0), culprit


def _operand_by_operand(backward: Backward, once: bool, from_the_right: bool) -> Found | None:
    """Return the end of a pass that goes down from each operand before it turns to the next."""
    output = backward.why.graph.output
    totals, known = {output: 1.0}, {output}
    culprit: Value | None = None
    ahead = [_operands(backward, output, from_the_right)]
    for _ in range(VISITS):
        if not ahead:
            return totals.get(backward.why.node, 0.0), culprit
        node, parent, slope = next(ahead[-1], (None, None, 0.0))
        if node is None or parent is None:
            ahead.pop()
            continue
        if culprit is None and totals[node] != backward.above[node]:
            culprit = node
        totals[parent] = totals.get(parent, 0.0) + _passed(node, totals[node], slope)
        if parent.parents and not (once and parent in known):
            known.add(parent)
            ahead.append(_operands(backward, parent, from_the_right))
    return None


def _operands(
    backward: Backward, node: Value, from_the_right: bool
) -> Iterator[tuple[Value | None, Value | None, float]]:
    found = [
        (node, parent, slope)
        for parent, slope in zip(node.parents, backward.point.partials(node), strict=True)
    ]
    yield from reversed(found) if from_the_right else found


def _in_order(backward: Backward, order: Sequence[Value]) -> float:
    totals = {backward.why.graph.output: 1.0}
    for node in order:
        _hand_on(backward, node, totals, totals.get(node, 0.0))
    return totals.get(backward.why.node, 0.0)


def _again(backward: Backward, times: int) -> float:
    """Return what passes arrive at that keep every total of the pass before."""
    totals: dict[Value, float] = {}
    for _ in range(times):
        totals[backward.why.graph.output] = 1.0
        for node in backward.why.chain:
            _hand_on(backward, node, totals, totals[node])
    return totals.get(backward.why.node, 0.0)

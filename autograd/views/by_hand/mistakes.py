"""The mistakes people make with a whole derivative, and the numbers they lead to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from autograd.value import Value
from autograd.views.by_hand.backward import Backward
from autograd.views.by_hand.catalogue import KINDS
from autograd.views.by_hand.links import links_gone_wrong, nodes_gone_wrong, slips_everywhere
from autograd.views.by_hand.mistake import Later, Mistake
from autograd.views.by_hand.sums import paths_gone_wrong, sums_gone_wrong
from autograd.views.by_hand.sweeps import Sweep, sweeps
from autograd.views.tracing.graph import Edge
from autograd.views.tracing.notation import Notation
from autograd.views.tracing.paths import Paths
from autograd.views.writing.numbers import short

__all__ = ["all_mistakes"]

NEAR = 150
"""The number of nodes, from either end of the paths, at which something may have gone wrong."""


def all_mistakes(backward: Backward) -> list[Mistake]:
    """Return the mistakes at some numbers, the likeliest first; a few may lead to the right one.

    Where there are more than twice `NEAR` nodes on the paths, slips are tried at so many nearest
    to the node, and at so many nearest to the output, one at a time.

    >>> from autograd.views.tracing.graph import Graph
    >>> x = Value(3.0, "x")
    >>> for mistake in all_mistakes(Backward(Paths(Graph(x * x + x), x)))[:2]:
    ...     print(mistake.number, "if", mistake.reason)
    12.0 if the value v2 = 12 is given, which is no gradient
    4.0 if one of the 2 paths x → v1 → v2 is left out
    """
    why, write = backward.why, Notation(backward.why.graph)
    nodes = _near(why)
    found = [
        *sums_gone_wrong(backward, write, nodes[1:]),
        *links_gone_wrong(backward, write, [*reversed(nodes[:-1])]),
    ]
    if len(why.chain) <= 2 * NEAR:
        whole = _of_the_whole(backward, write)
        found = [*whole, *paths_gone_wrong(backward, write), *found]
        found += nodes_gone_wrong(backward, write, [*reversed(nodes[:-1])])
        found += slips_everywhere(backward, write)
        found += [_of_a_sweep(broken, write) for broken in sweeps(backward)]
    finite = [mistake for mistake in found if math.isfinite(mistake.number)]
    return sorted(finite, key=_rank)


def _rank(mistake: Mistake) -> int:
    """Return how unlikely a mistake is; it is rare that of many paths one alone is counted."""
    place = mistake.place
    if place == ("whole", "value"):
        return -1  # the one number that nobody has to work out
    if place == ("whole", "own value"):
        return len(KINDS)  # no slip of a calculation, so after all that are
    alone = mistake.kind == "path left out" and ("only path" in place[:1] or "kept" in place[2:3])
    return KINDS.index("sign flipped" if alone else mistake.kind) + alone


def _of_a_sweep(broken: Sweep, write: Notation) -> Mistake:
    """Return a broken pass as a mistake."""
    place = ("sweep", broken.kind, broken.said, *broken.way)
    instead = tuple([(use, 0.0) for use in broken.lost if isinstance(use, Edge)])
    return Mistake(broken.kind, _told(broken, write), broken.number, "", place, instead=instead)


def _told(broken: Sweep, write: Notation) -> tuple[Any, ...]:
    """Return what is to be said of a broken pass, with the node at which it goes wrong."""
    if broken.node is None:
        return (broken.said,)
    return (f"{broken.said}; see {{}}", Later(write.derivative, broken.node))


def _near(why: Paths) -> list[Value]:
    """Return the nodes at which slips are tried, the output first."""
    chain = why.chain
    return chain if len(chain) <= 2 * NEAR else [*chain[:NEAR], *chain[-NEAR:]]


def _of_the_whole(backward: Backward, write: Notation) -> Iterator[Mistake]:
    """Yield what is given for the derivative as a whole."""
    said: tuple[Any, ...]
    asked, gradient = backward.why.node, backward.gradient
    symbol, name = Later(write.derivative, asked), Later(write.name, asked)
    yield Mistake(
        "sign flipped", ("the sign of the whole is flipped",), -gradient, symbol, ("whole", "-"),
    )  # fmt: skip
    for times, often in ((2, "twice"), (3, "three times")):
        said = (f"{{}} is added up {often}: it is not zeroed before the next backward()", symbol)
        yield Mistake("not zeroed", said, times * gradient, symbol, ("not zeroed", times))
    said = ("{} is counted twice", symbol)
    yield Mistake("taken twice", said, 2 * gradient, symbol, ("whole", "twice"))
    said = ("{} is treated as a constant", name)
    yield Mistake("treated as constant", said, 0.0, symbol, ("whole", 0))
    output = backward.why.graph.output
    if output is not asked:
        number = backward.point.number(output)
        said = ("the value {} = {} is given, which is no gradient", Later(write.name, output),
                short(number))  # fmt: skip
        yield Mistake("not differentiated", said, number, symbol, ("whole", "value"))
        said = ("the pass starts with {} = {}, not with 1", *said[1:])
        yield Mistake("not differentiated", said, gradient * number, symbol, ("seed",))
    own = backward.point.number(asked)
    said = ("the value {} = {} is given, which is no gradient", name, short(own))
    yield Mistake("not differentiated", said, own, symbol, ("whole", "own value"))
    if gradient:
        said = ("{} is turned upside down", symbol)
        yield Mistake("factor inverted", said, 1 / gradient, symbol, ("whole", "inverse"))
    for other in backward.why.graph.written:
        if other not in (asked, output) and not other.is_constant:
            said = ("it is {}, not {}", Later(write.derivative, other), symbol)
            place = ("another", other)
            where = Later(write.derivative, other)
            yield Mistake("another variable's gradient", said, backward.above[other], where, place)

"""Two slips in one answer, where no single mistake leads to its number."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from autograd.value import Value
from autograd.views.by_hand.backward import Backward, Change
from autograd.views.by_hand.catalogue import KINDS
from autograd.views.by_hand.mistake import Bound, Mistake
from autograd.views.by_hand.reader import Answer, half_a_unit

__all__ = ["numbers_of_both", "two_slips"]

CHANCE = 0.01
"""How often a wrong number that nobody made by mistakes may happen to fit a pair."""

COMMON = (
    KINDS[:9],
    ("sign flipped", "local derivative forgotten", "upstream forgotten", "factor missing"),
    ("sign flipped", "local derivative forgotten"),
)
"""The kinds of mistake, the likeliest, that are combined where all together are too many."""

SLIPS = 900
"""How many slips there may be: of more, so many pairs come that nearly any number is one."""

ODD = 250
"""How many slips are combined with each other that are no wrong factor on one edge."""


class _Pair(NamedTuple):
    """Two slips, what comes of both, and by which of the ways in which they can be combined."""

    first: Mistake
    second: Mistake
    number: float
    way: int = 0


def two_slips(
    backward: Backward, slips: Iterable[Mistake], answer: Answer, chance: float = CHANCE
) -> list[Mistake]:
    """Return the pairs of slips that lead to an answer, the likeliest first.

    So many numbers come of two slips that of short ones nearly each is among them. Where a number
    with as many digits, drawn at random, would fit some pair more often than `chance`, only the
    likeliest slips are combined, or two of one kind; and where these are still too many, none.

    >>> from autograd import Value
    >>> from autograd.views.by_hand.mistakes import all_mistakes
    >>> from autograd.views.tracing.graph import Graph
    >>> from autograd.views.tracing.paths import Paths
    >>> w, x = Value(0.7123, "w"), Value(1.3456, "x")
    >>> why = Paths(Graph((w * x).tanh() ** 3), w)
    >>> z = (w * x).data
    >>> answer = Answer(-math.tanh(z) ** 2 * (1 - math.tanh(z) ** 2) * 1.3456, "")
    >>> two_slips(Backward(why), all_mistakes(Backward(why)), answer)[0].reason
    'the factor 3 of ∂v3/∂v2 is missing; and the sign of ∂v3/∂v2 is flipped'
    """
    if not math.isfinite(answer.number):
        return []
    combined = _combined(slips)
    pairs = list(_pairs(backward, combined)) if len(combined) <= SLIPS else []
    near = 1e-6 * abs(answer.number) + 2 * answer.precision  # quickly, then exactly
    low, high = answer.number - near, answer.number + near
    fitting = [p for p in pairs if low <= p.number <= high and answer.agrees(p.number)]
    for among in (KINDS, *COMMON, ()) if fitting else ():
        told = [pair for pair in fitting if _is_of(pair, among)]
        if told and _chance(backward, (p for p in pairs if _is_of(p, among)), answer) <= chance:
            return [_told(pair) for pair in sorted(told, key=_rank)]
    return []


def _is_of(pair: _Pair, kinds: Sequence[str]) -> bool:
    """Return whether both slips are of some kinds; of no kinds in particular, but of one."""
    if not kinds:
        return pair.first.kind == pair.second.kind
    return kinds is KINDS or (pair.first.kind in kinds and pair.second.kind in kinds)


def _rank(pair: _Pair) -> int:
    return KINDS.index(pair.first.kind) + KINDS.index(pair.second.kind)


def _told(pair: _Pair) -> Mistake:
    parts = _as_told(pair.first, pair.second)
    place = ("two", pair.way, *[part.place for part in parts])
    said = ("{0.reason}; and {1.reason}", *parts)
    return Mistake("two slips", said, pair.number, parts[0].where, place, parts=parts)


def _combined(slips: Iterable[Mistake]) -> list[Mistake]:
    """Return the slips to be combined, of those that change the same one of each kind."""
    found: dict[object, Mistake] = {}
    for slip in slips:
        if slip.changes or slip.instead:
            found.setdefault((slip.kind, slip.changes, slip.instead), slip)
    return [*found.values()]


def _pairs(backward: Backward, slips: Sequence[Mistake]) -> Iterator[_Pair]:
    """Yield the pairs of which one at least is a wrong factor in one place, or `ODD` slips."""
    factors: dict[_Place, list[Mistake]] = {}
    others = []
    for slip in slips:
        if slip.changes and _is_factor(slip):
            factors.setdefault(_places(slip).pop(), []).append(slip)
        elif slip.changes:
            others.append(slip)
    before: dict[_Place, list[Mistake]] = {}
    for place, alike in factors.items():
        for i, first in enumerate(alike):
            for second in alike[:i]:
                yield from _by_each_way(backward, first, second)
            yield from _with_factors(backward, first, before)
        before[place] = alike
    for i, first in enumerate(others):
        yield from _with_factors(backward, first, factors)
        for second in others[:i] if i < ODD else ():
            yield from _by_each_way(backward, first, second)
    for first in slips:
        if first.instead:
            spoiled = backward.spoiled(first.instead)
            for second in slips:
                if second.changes and not _meet(first, second):
                    yield _Pair(first, second, spoiled.changed(second.changes))


def _by_each_way(backward: Backward, first: Mistake, second: Mistake) -> Iterator[_Pair]:
    first, second = _as_told(first, second)
    for way, number in enumerate(numbers_of_both(backward, first, second)):
        yield _Pair(first, second, number, way)


def _as_told(first: Mistake, second: Mistake) -> tuple[Mistake, Mistake]:
    """Return two slips, the rarer one first."""
    rarer = KINDS.index(second.kind) > KINDS.index(first.kind)
    return (second, first) if rarer else (first, second)


def _with_factors(
    backward: Backward, first: Mistake, factors: Mapping[_Place, Sequence[Mistake]]
) -> Iterator[_Pair]:
    """Yield the pairs of a slip and wrong factors elsewhere: their effects are proportional."""
    taken = _places(first)
    for place, alike in factors.items():
        if place in taken:
            continue
        unit = Change(*place, slope=1.0)
        if _moved(backward, first.bound, unit):
            for second in alike:
                yield from _by_each_way(backward, first, second)
        else:
            effect = backward.effect_beside(first.changes, unit)
            for second in alike:
                yield _Pair(first, second, first.number + second.changes[0].slope * effect)


_Place: TypeAlias = "tuple[Value, Value]"
"""A node and another that it hands something on to."""


def _places(slip: Mistake) -> set[_Place]:
    return {(change.node, change.parent) for change in slip.changes}


def _is_factor(slip: Mistake) -> bool:
    """Return whether a slip is a wrong factor in one place, and no more."""
    return len(slip.changes) == 1 and not slip.changes[0].amount and slip.bound is None


def _meet(everywhere: Mistake, slip: Mistake) -> bool:
    """Return whether a slip is made where another is that is made everywhere."""
    taken = Counter((edge.node, edge.parent) for edge, _ in everywhere.instead)
    made = Counter((change.node, change.parent) for change in slip.changes)
    return any(made[place] + taken[place] > place[0].parents.count(place[1]) for place in taken & made)


def numbers_of_both(backward: Backward, first: Mistake, second: Mistake) -> list[float]:
    """Return what two slips lead to that are made in one backward pass, by each way there is.

    Where the one spoils an inner derivative that the other takes, it may be taken as spoiled, or be
    worked out by itself, and be right.
    """
    for everywhere, other in ((first, second), (second, first)):
        if everywhere.instead and other.changes and not _meet(everywhere, other):
            return [backward.spoiled(everywhere.instead).changed(other.changes)]
    if not (first.changes and second.changes):
        return []
    if not _places(first).isdisjoint(_places(second)):
        return _at_one_place(backward, first, second)
    found = []
    for bound, other in ((first, second), (second, first)):
        moved = any(_moved(backward, bound.bound, change) for change in other.changes)
        if moved and _is_factor(other):
            found.append(_beside(backward, bound, other.changes[0]))
        if moved and bound.bound and bound.bound.above:
            return found  # what is above is there when it is taken
    effects = (backward.effect_beside(first.changes, change) for change in second.changes)
    return [*found, first.number + sum(effects)]


def _moved(backward: Backward, bound: Bound | None, change: Change) -> list[float]:
    """Return how far a change moves what a mistake is bound to; nothing if it does not at all."""
    if bound is None:
        return []
    if bound.above:
        handed = backward.above[change.node] * change.slope + change.amount
        within = backward.within(change.parent)
        moved = [handed * within.get(node, 0.0) for node in bound.nodes]
    else:
        handed = change.slope * backward.below.get(change.parent, 0.0)
        moved = [backward.within(node).get(change.node, 0.0) * handed for node in bound.nodes]
    return moved if any(moved) else []


def _beside(backward: Backward, mistake: Mistake, change: Change) -> float:
    """Return what a bound mistake leads to beside a wrong factor that moves what it is bound to."""
    bound = mistake.bound
    assert bound is not None
    right = backward.above if bound.above else backward.below
    spoiled = (
        right.get(node, 0.0) + moved
        for node, moved in zip(bound.nodes, _moved(backward, bound, change), strict=True)
    )
    excess = bound.scale * bound.excess(*spoiled)
    return backward.gradient + backward.effect(change) + excess


_ON_A_FACTOR = {"sign flipped", "factor missing"}
"""What may go wrong with a factor that is wrong already."""


def _at_one_place(backward: Backward, first: Mistake, second: Mistake) -> list[float]:
    """Return what two wrong factors in one place lead to, if the one does not rule the other out."""
    if len(first.changes) + len(second.changes) > 2:
        return []
    (change,), (other,) = first.changes, second.changes
    if change.node.parents.count(change.parent) > 1 or not _ON_A_FACTOR & {first.kind, second.kind}:
        return []
    right = backward.slope(change)
    if change.amount or other.amount or not right:
        return []
    factor = (right + change.slope) * (right + other.slope) / right
    return [backward.changed([change._replace(slope=factor - right)])]


def _chance(backward: Backward, pairs: Iterable[_Pair], answer: Answer) -> float:
    """Return how often a number like the answer, drawn at random, would fit one of the pairs."""
    size = 2 * max(1.0, abs(backward.gradient), abs(answer.number))
    digit = 2 * (answer.coarse or half_a_unit(repr(answer.number)))
    width = max(digit, 2e-9 * size)
    cells = {round(pair.number / width) for pair in pairs if abs(pair.number) <= size}
    return len(cells) * width / (2 * size)

"""Two slips in one answer, where no single mistake leads to its number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from autograd.value import Value
from autograd.views.by_hand.backward import Backward, Change
from autograd.views.by_hand.catalogue import KINDS
from autograd.views.by_hand.mistake import Bound, Mistake
from autograd.views.by_hand.reader import Answer, half_a_unit

__all__ = ["number_of_both", "two_slips"]

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

ODD = 90
"""How many slips are combined with each other that are no wrong factor on one edge."""


class _Pair(NamedTuple):
    """Two slips, and what comes of both."""

    first: Mistake
    second: Mistake
    number: float


def two_slips(backward: Backward, slips: Iterable[Mistake], answer: Answer) -> list[Mistake]:
    """Return the pairs of slips that lead to an answer, the likeliest first.

    So many numbers come of two slips that of short ones nearly each is among them. Where a number
    with as many digits, drawn at random, would fit some pair more often than once in a hundred
    times, only the likeliest slips are combined, or two of one kind; and where these are still too
    many, none.

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
        if told and _chance(backward, (p for p in pairs if _is_of(p, among)), answer) <= CHANCE:
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
    first, second = sorted(pair[:2], key=lambda slip: KINDS.index(slip.kind), reverse=True)
    return Mistake(
        "two slips", ("{0.reason}; and {1.reason}", first, second), pair.number, first.where,
        ("two", first.place, second.place), (), (first, second),
    )  # fmt: skip


def _combined(slips: Iterable[Mistake]) -> list[Mistake]:
    """Return the slips to be combined, of those that change the same one of each kind."""
    found: dict[tuple[str, tuple[Change, ...]], Mistake] = {}
    for slip in slips:
        if slip.changes:
            found.setdefault((slip.kind, slip.changes), slip)
    return [*found.values()]


def _pairs(backward: Backward, slips: Sequence[Mistake]) -> Iterator[_Pair]:
    """Yield the pairs of which one at least is a wrong factor on one edge."""
    factors: dict[tuple[Value, Value], list[Mistake]] = {}
    others = []
    for slip in slips:
        change = slip.changes[0]
        if len(slip.changes) == 1 and not change.amount and slip.bound is None:
            factors.setdefault((change.node, change.parent), []).append(slip)
        else:
            others.append(slip)
    before: dict[tuple[Value, Value], list[Mistake]] = {}
    for place, alike in factors.items():
        for i, first in enumerate(alike):
            for second in alike[:i]:
                yield _Pair(first, second, number_of_both(backward, first, second))
            yield from _with_factors(backward, first, before)
        before[place] = alike
    for i, first in enumerate(others):
        yield from _with_factors(backward, first, factors)
        for second in others[:i] if i < ODD else ():
            yield _Pair(first, second, number_of_both(backward, first, second))


def _with_factors(
    backward: Backward, first: Mistake, factors: Mapping[tuple[Value, Value], Sequence[Mistake]]
) -> Iterator[_Pair]:
    """Yield the pairs of a slip and wrong factors elsewhere: their effects are proportional."""
    taken = {(change.node, change.parent) for change in first.changes}
    for place, alike in factors.items():
        if place in taken:
            continue
        unit = Change(*place, slope=1.0)
        moved = _moved(backward, first.bound, unit)
        if not moved:
            effect = backward.effect_beside(first.changes, unit)
            numbers = [first.number + slip.changes[0].slope * effect for slip in alike]
        else:
            numbers = [_beside(backward, first, slip.changes[0], moved) for slip in alike]
        for second, number in zip(alike, numbers, strict=True):
            if math.isfinite(number):
                yield _Pair(first, second, number)


def number_of_both(backward: Backward, first: Mistake, second: Mistake) -> float:
    """Return what two slips lead to that are made in one backward pass, NaN if that is open."""
    taken = {(change.node, change.parent) for change in first.changes}
    if any((change.node, change.parent) in taken for change in second.changes):
        return _at_one_place(backward, first, second)
    for bound, other in ((first, second), (second, first)):
        if any(_moved(backward, bound.bound, change) for change in other.changes):
            if len(other.changes) > 1 or other.changes[0].amount or other.bound:
                if bound.bound and bound.bound.above:
                    return math.nan
                continue  # an amount is no part of a derivative below
            change = other.changes[0]
            moved = _moved(backward, bound.bound, change._replace(slope=1.0))
            return _beside(backward, bound, change, moved)
    effects = (backward.effect_beside(first.changes, change) for change in second.changes)
    return first.number + sum(effects)


def _moved(backward: Backward, bound: Bound | None, change: Change) -> float:
    """Return how far a change moves what a mistake is bound to."""
    if bound is None:
        return 0.0
    if bound.above:
        handed = backward.above[change.node] * change.slope + change.amount
        return handed * backward.within(change.parent).get(bound.node, 0.0)
    within = backward.within(bound.node).get(change.node, 0.0)
    return within * change.slope * backward.below.get(change.parent, 0.0)


def _beside(backward: Backward, mistake: Mistake, change: Change, moved: float) -> float:
    """Return what a bound mistake leads to beside a wrong factor that moves what it is bound to."""
    bound = mistake.bound
    if bound is None or bound.excess is None:
        return math.nan
    found = backward.above[bound.node] if bound.above else backward.below[bound.node]
    excess = bound.excess(found + change.slope * moved)
    return backward.gradient + backward.effect(change) + bound.scale * excess


_ON_A_FACTOR = {"sign flipped", "factor missing"}
"""What may go wrong with a factor that is wrong already."""


def _at_one_place(backward: Backward, first: Mistake, second: Mistake) -> float:
    """Return what two wrong factors in one place lead to; NaN where one rules the other out."""
    if len(first.changes) + len(second.changes) > 2:
        return math.nan
    (change,), (other,) = first.changes, second.changes
    if change.node.parents.count(change.parent) > 1 or not _ON_A_FACTOR & {first.kind, second.kind}:
        return math.nan
    right = backward.slope(change)
    if change.amount or other.amount or not right:
        return math.nan
    factor = (right + change.slope) * (right + other.slope) / right
    return backward.changed([change._replace(slope=factor - right)])


def _chance(backward: Backward, pairs: Iterable[_Pair], answer: Answer) -> float:
    """Return how often a number like the answer, drawn at random, would fit one of the pairs."""
    size = 2 * max(1.0, abs(backward.gradient), abs(answer.number))
    digit = 2 * (answer.coarse or half_a_unit(repr(answer.number)))
    width = max(digit, 2e-9 * size)
    cells = {round(pair.number / width) for pair in pairs if abs(pair.number) <= size}
    return len(cells) * width / (2 * size)

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


_Place: TypeAlias = "tuple[Value, Value]"
"""A node and another that it hands something on to."""


class _Slip:
    """A slip, and how far it moves the derivatives above and below each node."""

    def __init__(self, backward: Backward, mistake: Mistake) -> None:
        self.mistake, self.changes, self.bound = mistake, mistake.changes, mistake.bound
        self.rank = KINDS.index(mistake.kind)
        self.places = Counter((change.node, change.parent) for change in mistake.changes)
        self._backward = backward
        self.above = dict.fromkeys(backward.above, 0.0)
        self.below = dict.fromkeys(backward.above, 0.0)
        for change in mistake.changes:
            handed = backward.above[change.node] * change.slope + change.amount
            for node, slope in backward.within(change.parent).items():
                self.above[node] += handed * slope
            taken = change.slope * backward.below.get(change.parent, 0.0)
            for node in backward.below:
                self.below[node] += backward.within(node).get(change.node, 0.0) * taken

    @property
    def is_factor(self) -> bool:
        """Whether it is a wrong factor in one place, and no more."""
        return len(self.changes) == 1 and not self.changes[0].amount and self.bound is None

    def beside(self, change: Change) -> float:
        """Return what a change adds to the derivative where this slip is made as well."""
        node, parent, slope, amount = change
        above, below = self._backward.above[node], self._backward.below.get(parent, 0.0)
        both = (above + self.above[node]) * below + above * self.below[parent]
        return slope * both + amount * (below + self.below[parent])

    def moved(self, bound: Bound | None) -> list[float]:
        """Return how far it moves what another is bound to; nothing if it does not at all."""
        if bound is None:
            return []
        moves = self.above if bound.above else self.below
        moved = [moves[node] for node in bound.nodes]
        return moved if any(moved) else []


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
    rarer = KINDS.index(pair.second.kind) > KINDS.index(pair.first.kind)
    parts = (pair.second, pair.first) if rarer else (pair.first, pair.second)
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


def _pairs(backward: Backward, mistakes: Sequence[Mistake]) -> Iterator[_Pair]:
    """Yield the pairs of which one at least is a wrong factor in one place, or `ODD` slips."""
    slips = [_Slip(backward, mistake) for mistake in mistakes if mistake.changes]
    factors: dict[_Place, list[_Slip]] = {}
    for slip in slips:
        if slip.is_factor:
            [place] = slip.places
            factors.setdefault(place, []).append(slip)
    others = [slip for slip in slips if not slip.is_factor]
    before: dict[_Place, list[_Slip]] = {}
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
    for mistake in mistakes:
        if mistake.instead:
            yield from _with_everywhere(backward, mistake, factors, others)


def _by_each_way(backward: Backward, first: _Slip, second: _Slip) -> Iterator[_Pair]:
    first, second = _as_told(first, second)
    for way, number in enumerate(_numbers(backward, first, second)):
        yield _Pair(first.mistake, second.mistake, number, way)


def _as_told(first: _Slip, second: _Slip) -> tuple[_Slip, _Slip]:
    """Return two slips, the rarer one first."""
    return (second, first) if second.rank > first.rank else (first, second)


def _with_factors(
    backward: Backward, first: _Slip, factors: Mapping[_Place, Sequence[_Slip]]
) -> Iterator[_Pair]:
    """Yield the pairs of a slip and wrong factors elsewhere: their effects are proportional."""
    mistake = first.mistake
    for place, alike in factors.items():
        if place in first.places:
            continue
        if alike[0].moved(first.bound):
            for second in alike:
                yield from _by_each_way(backward, first, second)
        else:
            effect = first.beside(Change(*place, slope=1.0))
            for second in alike:
                number = mistake.number + second.changes[0].slope * effect
                yield _Pair(mistake, second.mistake, number)


def _with_everywhere(
    backward: Backward,
    mistake: Mistake,
    factors: Mapping[_Place, Sequence[_Slip]],
    others: Sequence[_Slip],
) -> Iterator[_Pair]:
    """Yield the pairs of a slip that is made everywhere, and of others elsewhere."""
    spoiled = backward.spoiled(mistake.instead)
    for place, alike in factors.items():
        if not _meet(mistake, alike[0].places):
            effect = spoiled.effect(Change(*place, slope=1.0))
            for slip in alike:
                number = spoiled.gradient + slip.changes[0].slope * effect
                yield _Pair(mistake, slip.mistake, number)
    for slip in others:
        if not _meet(mistake, slip.places):
            yield _Pair(mistake, slip.mistake, spoiled.changed(slip.changes))


def _meet(everywhere: Mistake, places: Counter[_Place]) -> bool:
    """Return whether a slip is made where another is that is made everywhere."""
    taken = Counter((edge.node, edge.parent) for edge, _ in everywhere.instead)
    return any(
        taken[place] + made > place[0].parents.count(place[1])
        for place, made in places.items()
        if place in taken
    )


def numbers_of_both(backward: Backward, first: Mistake, second: Mistake) -> list[float]:
    """Return what two slips lead to that are made in one backward pass, by each way there is.

    Where the one spoils an inner derivative that the other takes, it may be taken as spoiled, or be
    worked out by itself, and be right.
    """
    slips = _Slip(backward, first), _Slip(backward, second)
    for everywhere, other in (slips, slips[::-1]):
        instead = everywhere.mistake.instead
        if instead and other.changes and not _meet(everywhere.mistake, other.places):
            return [backward.spoiled(instead).changed(other.changes)]
    return _numbers(backward, *slips) if first.changes and second.changes else []


def _numbers(backward: Backward, first: _Slip, second: _Slip) -> list[float]:
    if not first.places.keys().isdisjoint(second.places):
        return _at_one_place(backward, first.mistake, second.mistake)
    found = []
    for mistake, slip in ((first.mistake, second), (second.mistake, first)):
        bound, moved = mistake.bound, slip.moved(mistake.bound)
        if bound and moved and slip.is_factor:
            found.append(_bound(backward, bound, moved) + backward.effect(slip.changes[0]))
        if bound and moved and bound.above:
            return found  # what is above is there when it is taken
    return [*found, first.mistake.number + sum(map(first.beside, second.changes))]


def _bound(backward: Backward, bound: Bound, moved: Sequence[float]) -> float:
    """Return what a mistake leads to that is bound to derivatives which are moved."""
    right = backward.above if bound.above else backward.below
    slopes = (right.get(node, 0.0) + far for node, far in zip(bound.nodes, moved, strict=True))
    return backward.gradient + bound.scale * bound.excess(*slopes)


_ON_A_FACTOR = {"sign flipped", "factor missing"}
"""What may go wrong with a factor that is wrong already."""


def _at_one_place(backward: Backward, first: Mistake, second: Mistake) -> list[float]:
    """Return what two wrong factors in one place lead to, unless one rules the other out."""
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

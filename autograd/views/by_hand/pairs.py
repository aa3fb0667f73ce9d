"""Two slips in one answer, where no single mistake leads to its number."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
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
        changes, bound = mistake.changes, mistake.bound
        self.mistake, self.changes, self.bound = mistake, changes, bound
        self.rank = KINDS.index(mistake.kind)
        self.is_factor = len(changes) == 1 and not changes[0].amount and bound is None
        self.places = Counter((change.node, change.parent) for change in changes)
        self._backward = backward
        self._taken = [self._sides(change) for change in changes]
        self._added = sum(backward.effect(change) for change in changes)
        self.above = dict.fromkeys(backward.above, 0.0)
        self.below = dict.fromkeys(backward.above, 0.0)
        for change in changes:
            handed = backward.above[change.node] * change.slope + change.amount
            for node, slope in backward.within(change.parent).items():
                self.above[node] += handed * slope
            taken = change.slope * backward.below.get(change.parent, 0.0)
            for node in backward.below:
                self.below[node] += backward.within(node).get(change.node, 0.0) * taken

    def _sides(self, change: Change) -> tuple[Value, float, Value, float]:
        """Return by what a change multiplies how far another slip moves what is above and below."""
        node, parent, slope, amount = change
        above, below = self._backward.above[node], self._backward.below.get(parent, 0.0)
        return node, slope * below, parent, slope * above + amount

    def beside(self, change: Change) -> float:
        """Return what a change adds to the derivative where this slip is made as well."""
        node, up, parent, down = self._sides(change)
        right = self._backward.effect(change)
        return right + self.above[node] * up + self.below[parent] * down

    def meets(self, other: _Slip) -> bool:
        """Return whether both are made in one place."""
        return not self.places.keys().isdisjoint(other.places)

    def along(self, other: _Slip) -> float:
        """Return what comes of this slip and another elsewhere, neither bound to what is moved."""
        number = self.mistake.number + other._added
        for node, up, parent, down in other._taken:
            number += self.above[node] * up + self.below[parent] * down
        return number

    def moved(self, bound: Bound) -> list[float]:
        """Return how far it moves what another is bound to; nothing if it does not at all."""
        moves = self.above if bound.above else self.below
        moved = [moves[node] for node in bound.nodes]
        return moved if any(moved) else []


class _Pair(NamedTuple):
    """Two slips, what comes of both, and by which of the ways in which they can be combined."""

    first: Mistake
    second: Mistake
    number: float
    way: int = 0


class _Row(NamedTuple):
    """A slip beside each of several others: the pairs, as lists, for there are 100,000."""

    first: Mistake
    others: Sequence[Mistake]
    numbers: Sequence[float]
    way: int = 0

    def among(self, kinds: Sequence[str]) -> Iterable[float]:
        """Return the numbers of the pairs of which both are of some kinds; of none, of one kind."""
        if kinds is KINDS:
            return self.numbers
        pairs = zip(self.others, self.numbers, strict=True)
        return (number for other, number in pairs if _are_of(self.first, other, kinds))


class _Factors:
    """Wrong factors in one place: what they add is proportional to how far they are off."""

    def __init__(self) -> None:
        self.slips: list[_Slip] = []
        self.mistakes: list[Mistake] = []
        self.slopes: list[float] = []

    def append(self, slip: _Slip) -> None:
        """Take a wrong factor."""
        self.slips.append(slip)
        self.mistakes.append(slip.mistake)
        self.slopes.append(slip.mistake.changes[0].slope)

    def beside(self, mistake: Mistake, number: float, effect: float) -> _Row:
        """Return the pairs with a mistake that leads to a number, and lets 1 here add `effect`."""
        return _Row(mistake, self.mistakes, [number + slope * effect for slope in self.slopes])


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
    rows = list(_rows(backward, combined)) if len(combined) <= SLIPS else []
    fitting = list(_fitting(rows, answer))
    for among in (KINDS, *COMMON, ()) if fitting else ():
        told = [pair for pair in fitting if _are_of(pair.first, pair.second, among)]
        numbers = chain.from_iterable(row.among(among) for row in rows)
        if told and _chance(backward, numbers, answer) <= chance:
            return [_told(pair) for pair in sorted(told, key=_rank)]
    return []


def _fitting(rows: Iterable[_Row], answer: Answer) -> Iterator[_Pair]:
    near = 1e-6 * abs(answer.number) + 2 * answer.precision  # quickly, then exactly
    low, high = answer.number - near, answer.number + near
    for first, others, numbers, way in rows:
        for i, number in enumerate(numbers):
            if low <= number <= high and answer.agrees(number):
                yield _Pair(first, others[i], number, way)


def _are_of(first: Mistake, second: Mistake, kinds: Sequence[str]) -> bool:
    """Return whether both slips are of some kinds; of no kinds in particular, but of one."""
    if not kinds:
        return first.kind == second.kind
    return first.kind in kinds and second.kind in kinds


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


def _rows(backward: Backward, mistakes: Sequence[Mistake]) -> Iterator[_Row]:
    """Yield the pairs of which one at least is a wrong factor in one place, or `ODD` slips."""
    slips = [_Slip(backward, mistake) for mistake in mistakes if mistake.changes]
    others = [slip for slip in slips if not slip.is_factor]
    factors: defaultdict[_Place, _Factors] = defaultdict(_Factors)
    for slip in slips:
        if slip.is_factor:
            [place] = slip.places
            factors[place].append(slip)
    before: dict[_Place, _Factors] = {}
    for place, alike in factors.items():
        for i, first in enumerate(alike.slips):
            yield from _one_by_one(backward, first, alike.slips[:i])
            yield from _with_factors(backward, first, before)
        before[place] = alike
    for i, first in enumerate(others):
        yield from _with_factors(backward, first, factors)
        yield from _with_others(backward, first, others[:i] if i < ODD else ())
    for mistake in mistakes:
        if mistake.instead:
            yield from _with_everywhere(backward, mistake, factors, others)


def _one_by_one(backward: Backward, first: _Slip, others: Iterable[_Slip]) -> Iterator[_Row]:
    """Yield the pairs of a slip and others, by each of the ways in which they can be combined."""
    for second in others:
        rarer, other = (second, first) if second.rank > first.rank else (first, second)
        for way, number in enumerate(_numbers(backward, rarer, other)):
            yield _Row(rarer.mistake, [other.mistake], [number], way)


def _with_factors(
    backward: Backward, first: _Slip, factors: Mapping[_Place, _Factors]
) -> Iterator[_Row]:
    """Yield the pairs of a slip and wrong factors elsewhere."""
    for place, alike in factors.items():
        if place in first.places:
            continue
        if first.bound and alike.slips[0].moved(first.bound):
            yield from _one_by_one(backward, first, alike.slips)
        else:
            effect = first.beside(Change(*place, slope=1.0))
            yield alike.beside(first.mistake, first.mistake.number, effect)


def _with_others(backward: Backward, first: _Slip, others: Sequence[_Slip]) -> Iterator[_Row]:
    """Yield the pairs of a slip and others, none of them a wrong factor in one place."""
    free: list[_Slip] = []
    tied: list[_Slip] = []
    for slip in others:
        alone = first.bound is None and slip.bound is None and not first.meets(slip)
        (free if alone else tied).append(slip)
    numbers = [first.along(slip) for slip in free]
    yield _Row(first.mistake, [slip.mistake for slip in free], numbers)
    yield from _one_by_one(backward, first, tied)


def _with_everywhere(
    backward: Backward,
    mistake: Mistake,
    factors: Mapping[_Place, _Factors],
    others: Iterable[_Slip],
) -> Iterator[_Row]:
    """Yield the pairs of a slip that is made everywhere, and of others elsewhere."""
    spoiled = backward.spoiled(mistake.instead)
    for place, alike in factors.items():
        if not _meet(mistake, alike.slips[0].places):
            effect = spoiled.effect(Change(*place, slope=1.0))
            yield alike.beside(mistake, spoiled.gradient, effect)
    apart = [slip for slip in others if not _meet(mistake, slip.places)]
    numbers = [spoiled.changed(slip.changes) for slip in apart]
    yield _Row(mistake, [slip.mistake for slip in apart], numbers)


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
    if first.meets(second):
        return _at_one_place(backward, first.mistake, second.mistake)
    found = []
    for bound, slip in ((first.bound, second), (second.bound, first)):
        if bound is None or not (moved := slip.moved(bound)):
            continue
        if slip.is_factor:
            found.append(_bound(backward, bound, moved) + backward.effect(slip.changes[0]))
        if bound.above:
            return found  # what is above is there when it is taken
    return [*found, first.along(second)]


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


def _chance(backward: Backward, numbers: Iterable[float], answer: Answer) -> float:
    """Return how often a number like the answer, drawn at random, would be one of these."""
    size = 2 * max(1.0, abs(backward.gradient), abs(answer.number))
    digit = 2 * (answer.coarse or half_a_unit(repr(answer.number)))
    width = max(digit, 2e-9 * size)
    cells = {round(number / width) for number in numbers if abs(number) <= size}
    return len(cells) * width / (2 * size)

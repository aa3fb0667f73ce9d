"""What led to a wrong answer: the mistakes that fit it, which are one, and which is likely."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from itertools import chain, islice
from typing import NamedTuple, TypeAlias

from autograd.errors import AutogradError
from autograd.value import Value
from autograd.views.by_hand.backward import Backward, edges
from autograd.views.by_hand.catalogue import CATALOGUE
from autograd.views.by_hand.mistake import Mistake
from autograd.views.by_hand.mistakes import all_mistakes
from autograd.views.by_hand.pairs import numbers_of_both, two_slips
from autograd.views.by_hand.points import Point, points_near
from autograd.views.by_hand.reader import Answer, worked_out
from autograd.views.tracing.graph import Edge, Graph
from autograd.views.tracing.notation import Notation
from autograd.views.tracing.paths import Paths
from autograd.views.writing.numbers import short

__all__ = ["SAME", "Cause", "Causes", "NextQuestion", "Suspects", "each_kind"]

SAME = "; the same comes of:"
"""What stands before the other kinds of mistake that lead to the same number."""

PLACES = 4
"""How many places are told at which the same mistake leads to the same number."""

ELSEWHERE = 2
"""The number of other points at which it is looked which mistakes are one."""

FIRST = 3
"""How many kinds the first sentence names, at most."""

KINDS_TOLD = 8
"""How many more kinds are named that lead to the same number whatever the inputs."""

MANY = 20
"""How many other answers are listened to, and how many other derivatives are asked for."""

UNLIKELY = 1e-4
"""How often a number near the right one may happen to fit two slips that are told."""

DIGITS = 1e-8
"""Half a unit of the last digit of such a number, at most, relative to it."""

DECIDED = 1.0
"""How many kinds a question leaves, on average, that tells all of them apart."""

WIDE = 400
"""The number of nodes on the paths up to which mistakes are told apart, and two are looked for."""


class Cause(NamedTuple):
    """Mistakes that lead to one number whatever the inputs, and so are told in one breath.

    >>> lost = Mistake("path left out", "what comes by way of ∂u/∂x is left out", 3.0)
    >>> over = Mistake("= for +=", "the contributions overwrite each other", 3.0)
    >>> print(Cause((lost, over)).reason)
    what comes by way of ∂u/∂x is left out, or the contributions overwrite each other: 2 ways to
    lose a contribution
    """

    mistakes: tuple[Mistake, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of mistake, each once, as they are told; of two slips those of both."""
        return tuple(dict.fromkeys(kind for kinds, _ in self._ways for kind in kinds))

    @property
    def first(self) -> tuple[str, ...]:
        """The kinds that are named in the first sentence."""
        return tuple(dict.fromkeys(kind for kinds, _ in self._ways[:FIRST] for kind in kinds))

    @property
    def _ways(self) -> list[tuple[tuple[str, ...], list[Mistake]]]:
        """The mistakes by kind; after the first those that lose the same as it does."""
        by_kind: dict[tuple[str, ...], list[Mistake]] = {}
        for mistake in self.mistakes:
            kinds = tuple(part.kind for part in mistake.parts or (mistake,))
            by_kind.setdefault(kinds, []).append(mistake)
        first, *others = by_kind.items()
        if self.slips == 1 and (loses := CATALOGUE[first[0][0]].loses):
            others.sort(key=lambda other: CATALOGUE[other[0][0]].loses != loses)
        return [first, *others]

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The edges at which the first of the mistakes is made, if there is such a place.

        Of what goes wrong along a path they are those of the path.
        """
        first = self.mistakes[0]
        if first.place[:1] in _ALONG_A_PATH:
            return tuple(edge for edge in first.place[1:] if isinstance(edge, Edge))
        changes = (change for part in first.parts or (first,) for change in part.changes)
        found = (
            edge
            for change in changes
            for edge in edges(change.node)
            if change.parent in (edge.parent, change.node)
        )
        return tuple(dict.fromkeys(found))

    @property
    def slips(self) -> int:
        """How many mistakes have to be made."""
        return len(self.mistakes[0].parts) or 1

    @property
    def reason(self) -> str:
        """What is to be said of it, after "if"."""
        (kinds, first), *others = self._ways
        said, named = _at_each_place(first), FIRST - 1
        if self.slips > 1:
            said = f"two mistakes are made: {said}"
        elif others and (loses := CATALOGUE[kinds[0]].loses):
            other = others[0][0][0]
            if CATALOGUE[other].loses == loses and (kinds[0], other) != _ONE:
                said += f", or {_at_each_place(others.pop(0)[1])}: 2 ways to lose a {loses}"
                named -= 1
        same = [_in_short(kinds, alike) for kinds, alike in others[:KINDS_TOLD]]
        said += f", or: {' or '.join(same[:named])}" if same[:named] else ""
        return f"{said}{SAME} {', '.join(same[named:])}" if same[named:] else said

    def __repr__(self) -> str:
        return self.reason

    @property
    def remedy(self) -> str:
        """What to do about it."""
        first = self.mistakes[0]
        return "; ".join(dict.fromkeys(CATALOGUE[p.kind].remedy for p in first.parts or (first,)))


_ALONG_A_PATH = (("path",), ("added",))
"""Mistakes whose place is a path, by its edges."""

_ONE = ("local derivative forgotten", "inner derivative forgotten")
"""Two kinds that are one where the inner function is one operation."""


def _at_each_place(mistakes: Sequence[Mistake]) -> str:
    """Return what is to be said of one kind of mistake, and where else it comes to the same."""
    first, *others = mistakes
    if first.parts:
        return first.reason
    told = str(first.where)
    alone = {str(mistake.where) for mistake in others if _is_wide(first) or not _is_wide(mistake)}
    places = dict.fromkeys(str(mistake.where) for mistake in others)
    elsewhere = [
        place if place in alone else f"{place} and its like"
        for place in places
        if place and place != told
    ]
    more = ", …" if len(elsewhere) > PLACES else ""
    listed = f" (or so at {', '.join(elsewhere[:PLACES])}{more})" if elsewhere else ""
    return first.reason + listed


def _is_wide(mistake: Mistake) -> bool:
    """Return whether a mistake is made at several places, of which it names the first."""
    return mistake.place[:1] in (("all operands",), ("everywhere",))


def _in_short(kinds: Sequence[str], mistakes: Sequence[Mistake]) -> str:
    """Return the kind of mistakes, and where they are made."""
    parts = [part for mistake in mistakes for part in mistake.parts or (mistake,)]
    places = [*dict.fromkeys(str(part.where) for part in parts if str(part.where))]
    where = f" ({', '.join(places[:PLACES])})" if places else ""
    return " and ".join(kinds) + where


def each_kind(mistakes: Iterable[Mistake]) -> list[Cause]:
    """Return mistakes as causes, of each kind the first."""
    return [Cause((mistake,)) for mistake in {m.kind: m for m in reversed([*mistakes])}.values()][
        ::-1
    ]


There: TypeAlias = "tuple[Backward, Mapping[object, Mistake]]"
"""A graph at some numbers, and the mistakes there, by their places."""


class Suspects:
    """The mistakes in the derivative in one node, here and at other numbers of the leaves."""

    def __init__(self, graph: Graph, node: Value) -> None:
        self.graph = graph
        self.why = Paths(graph, node)
        self.backward = Backward(self.why)

    @cached_property
    def known(self) -> list[Mistake]:
        """The mistakes here, the likeliest first, even if they lead to the right number."""
        return all_mistakes(self.backward)

    @cached_property
    def wrong(self) -> list[Mistake]:
        """Those that lead to another number than the right one."""
        return [mistake for mistake in self.known if mistake.number != self.why.gradient]

    @cached_property
    def here(self) -> Mapping[object, Mistake]:
        """The mistakes by their places."""
        return {mistake.place: mistake for mistake in self.known}

    @cached_property
    def elsewhere(self) -> list[There]:
        """The mistakes at other numbers of all leaves, a few times."""
        if len(self.why.chain) > WIDE:
            return []
        points = points_near(self.graph.order, self.graph.leaves)
        return [self.at(point) for point in islice(points, ELSEWHERE)]

    @property
    def causes(self) -> list[Cause]:
        """All that may lead to a wrong answer, the likeliest first."""
        return [Cause(tuple(alike)) for alike in _alike(self, self.wrong)]

    def at(self, point: Point) -> There:
        """Return the mistakes at a point."""
        backward = Backward(self.why, point)
        return backward, {mistake.place: mistake for mistake in all_mistakes(backward)}


def moved(mistake: Mistake, there: There) -> float:
    """Return what a mistake leads to at other numbers, NaN if it is not known there."""
    backward, mistakes = there
    if not mistake.parts:
        known = mistakes.get(mistake.place)
        return known.number if known else math.nan
    parts = [mistakes.get(part.place) for part in mistake.parts]
    first, second = parts
    numbers = numbers_of_both(backward, first, second) if first and second else []
    way = mistake.place[1]
    return numbers[way] if isinstance(way, int) and way < len(numbers) else math.nan


class Causes:
    """Finds the causes of a person's wrong answers about one graph.

    What is likeliest is decided by what else it explains: that it is so at other numbers too, if
    the answer is a formula; the person's other answers, right or wrong; then by how often people
    make the mistake.
    """

    def __init__(self, graph: Graph, given: Mapping[Value, Answer]) -> None:
        self.graph = graph
        self.given = given
        self.suspects = cache(lambda node: Suspects(graph, node))

    def of(
        self, node: Value, answer: Answer, fitting: Sequence[Mistake], points: Iterable[Point] = ()
    ) -> tuple[Cause, ...]:
        """Return the causes of a wrong answer, given the mistakes that lead to its number.

        `points` are other numbers at which a formula is tried.
        """
        suspects = self.suspects(node)
        if not fitting and len(suspects.why.chain) <= WIDE:
            fitting = two_slips(suspects.backward, suspects.wrong, answer)
        if answer.steps:
            fitting = _holding(suspects, answer, fitting, points)
        causes = [Cause(tuple(alike)) for alike in _alike(suspects, fitting)]
        causes.sort(key=lambda cause: -self._explained(node, cause))
        if causes and causes[0].kinds == ("carried over",):  # what explains both is told there
            causes[1:] = [cause for cause in causes[1:] if self._explained(node, cause) < 1]
        return tuple(causes)

    def of_near(
        self, node: Value, answer: Answer, points: Iterable[Point] = ()
    ) -> tuple[Cause, ...]:
        """Return the two slips that lead, to its last digit, to an answer that comes near.

        It may have been rounded, or on the way; so it must have all its digits, and they must be
        very unlikely to lead there by chance.
        """
        suspects, exact = self.suspects(node), answer._replace(precision=0.0, outward=0.0)
        if len(suspects.why.chain) > WIDE or answer.coarse > DIGITS * abs(answer.number):
            return ()
        fitting = two_slips(suspects.backward, suspects.wrong, exact, UNLIKELY)
        return self.of(node, exact, fitting, points) if fitting else ()

    def _explained(self, node: Value, cause: Cause) -> int:
        """Return how many other answers a cause explains, less those that speak against it."""
        if cause.kinds[0] == "carried over":
            return len(self.given)  # it is one of them
        others = [other for other in self.given if other is not node]
        if len(others) > MANY or len(self.suspects(node).why.chain) > WIDE:
            return 0
        return max(
            sum(self._speaks(other, mistake) for other in others) for mistake in cause.mistakes
        )

    def _speaks(self, other: Value, mistake: Mistake) -> int:
        suspects = self.suspects(other)
        there = suspects.here.get(mistake.place)
        if there is None or there.number == suspects.why.gradient:
            return 0
        if self.given[other].agrees(suspects.why.gradient):
            return -1
        return int(self.given[other].agrees(there.number))

    def question(self, node: Value, causes: Sequence[Cause]) -> NextQuestion | None:
        """Return the question that splits the causes of an answer best; None if there is one."""
        told = [mistake for cause in causes for mistake in cause.mistakes if not mistake.parts]
        if len({mistake.kind for mistake in told}) < 2:
            return None
        best, left = None, _undecided_at_first(told)
        for question in chain(
            self._on_local_derivatives(node, told),
            self._on_other_derivatives(node, told),
            self._at_other_numbers(node, told),
        ):
            if left <= DECIDED:
                break  # what comes later costs all mistakes of another derivative
            sure = not any(math.isnan(number) for _, number in question.answers)
            if sure and (undecided := _undecided(question)) < left:
                best, left = question, undecided
        return best

    def _on_local_derivatives(self, node: Value, told: Sequence[Mistake]) -> Iterator[NextQuestion]:
        backward, write = self.suspects(node).backward, Notation(self.graph)
        for above in backward.why.chain[:-1]:
            for edge in edges(above):
                if edge.parent in backward.below:
                    symbol = write.local(edge)
                    answers = [(m, backward.partial(edge) + _spoiled(m, edge)) for m in told]
                    yield NextQuestion(symbol, f"What did you take {symbol} to be?", answers)

    def _on_other_derivatives(self, node: Value, told: Sequence[Mistake]) -> Iterator[NextQuestion]:
        write = Notation(self.graph)
        for other in [n for n in self.graph.written if not n.is_constant][:MANY]:
            if other not in (node, self.graph.output, *self.given):
                suspects, symbol = self.suspects(other), write.derivative(other)
                answers = [(mistake, _elsewhere(suspects, mistake)) for mistake in told]
                yield NextQuestion(symbol, f"What do you get for {symbol}?", answers)

    def _at_other_numbers(self, node: Value, told: Sequence[Mistake]) -> Iterator[NextQuestion]:
        write = Notation(self.graph)
        for there in self.suspects(node).elsewhere:
            leaves = (
                f"{write.name(leaf)} = {short(there[0].point.number(leaf))}"
                for leaf in self.graph.leaves
            )
            symbol = write.derivative(node)
            prompt = f"What do you get for {symbol} at {', '.join(leaves)}?"
            yield NextQuestion(symbol, prompt, [(m, moved(m, there)) for m in told])


def _elsewhere(suspects: Suspects, mistake: Mistake) -> float:
    """Return what a mistake makes of another derivative, NaN if nobody can say."""
    if mistake.place in suspects.here:
        return suspects.here[mistake.place].number
    return math.nan if mistake.place[:1] in _OF_PATHS else suspects.why.gradient


_OF_PATHS = (*_ALONG_A_PATH, ("only path",), ("all added",), ("sweep",))
"""Mistakes of which nobody can say what another derivative comes to."""


class NextQuestion(NamedTuple):
    """A question that tells causes apart: what is asked, and what each of them would answer."""

    symbol: str
    prompt: str
    answers: Sequence[tuple[Mistake, float]]

    def __repr__(self) -> str:
        return self.prompt

    def left(self, answer: Answer) -> list[Mistake]:
        """Return the mistakes that an answer to the question leaves."""
        return [mistake for mistake, number in self.answers if answer.agrees(number)]


def _undecided(question: NextQuestion) -> float:
    """Return how many kinds of mistake are left, on average, when a question is answered."""
    blocks: dict[str, list[str]] = {}
    for mistake, number in question.answers:
        blocks.setdefault(f"{number:.9g}", []).append(mistake.kind)
    left = [float(len(kinds) * len({*kinds})) for kinds in blocks.values()]
    return sum(left) / len(question.answers)


def _undecided_at_first(told: Sequence[Mistake]) -> float:
    return float(len({mistake.kind for mistake in told}))


def _spoiled(mistake: Mistake, edge: Edge) -> float:
    """Return what a mistake adds to the local derivative along an edge, NaN if that is open."""
    place = mistake.place
    slopes = [c.slope for c in mistake.changes if (c.node, c.parent) == (edge.node, edge.parent)]
    if place[:2] == edge:
        return sum(slopes)
    if place[:1] == ("all operands",) and place[1] is edge.node:
        return slopes[0] if len(slopes) == 1 else math.nan
    if place[:2] == ("everywhere", edge.node.op):
        return math.nan
    return 0.0


def _holding(
    suspects: Suspects, answer: Answer, fitting: Sequence[Mistake], points: Iterable[Point]
) -> list[Mistake]:
    """Return the mistakes that lead to a formula at other numbers as well."""
    left = [*fitting]
    for point in islice(points, ELSEWHERE):
        there = suspects.at(point)
        try:
            moved_answer = worked_out(answer.steps, point)
        except AutogradError:
            return []
        left = [m for m in left if moved_answer.agrees(moved(m, there))]
    return left


def _alike(suspects: Suspects, fitting: Sequence[Mistake]) -> list[list[Mistake]]:
    """Return the mistakes, those together that lead to the same number whatever the inputs."""
    if len(fitting) < 2:
        return [[*fitting]] if fitting else []
    groups: list[tuple[list[float], list[Mistake]]] = []
    for mistake in fitting:
        numbers = [moved(mistake, there) for there in suspects.elsewhere] or [math.nan]
        known = (alike for others, alike in groups if all(map(_same, numbers, others)))
        if alike := next(known, None):
            alike.append(mistake)
        else:
            groups.append((numbers, [mistake]))
    return [alike for _, alike in groups]


def _same(x: float, y: float) -> bool:
    """Return whether two numbers are one but for rounding; NaN is no number."""
    return math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-12)

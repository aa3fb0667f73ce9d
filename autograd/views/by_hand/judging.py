"""Whether an answer is right: here, and as the function that a formula is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from autograd.errors import AutogradError
from autograd.graph import topological_order
from autograd.parser import Step
from autograd.value import Value
from autograd.views.by_hand.mistake import Mistake, distinct
from autograd.views.by_hand.points import Point, points_near
from autograd.views.by_hand.reader import Answer, worked_out
from autograd.views.tracing.graph import Graph, rounding_noise
from autograd.views.writing.numbers import short

__all__ = ["HINTS", "Judge", "Judgement", "compare", "derivative", "derivative_asked"]

HINTS = {
    "too coarse": "it comes near, calculate with more digits and give three or more",
    "near, not equal": "it comes near, but nothing in it is rounded, so it should be equal",
}
"""What is to be said with a verdict."""

MOVED = 3
"""How many of the numbers are told at which a formula fails."""


class Judgement(NamedTuple):
    """A verdict on an answer, the mistakes that lead to its number, and what else is to be said.

    The verdict is ``"right"``, ``"right only here"``, ``"asked back"``, ``"wrong"``,
    ``"too coarse"`` or ``"near, not equal"``.
    """

    verdict: str
    mistakes: tuple[Mistake, ...] = ()
    note: str = ""


def compare(
    answer: Answer, truth: float, mistakes: Iterable[Mistake] = (), noise: float = 0.0
) -> Judgement:
    """Return the verdict on a number, and of the mistakes those that lead to it.

    Whoever rounds is given the benefit of the doubt: a number that agrees with the truth to the
    digits that were given is not held against a mistake that it agrees with as well. The mistakes
    are not asked for if the answer is right.

    >>> compare(Answer(1.7, "1.7", 0.05, 0.05), 1.75).verdict
    'right'
    >>> compare(Answer(501 / 500, "501/500"), 1.00194).verdict
    'near, not equal'
    """
    if answer.agrees(truth, noise):
        return Judgement("right")
    suspects = list(mistakes)
    exact = answer._replace(precision=0.0, outward=0.0)
    fitting = [mistake for mistake in suspects if exact.agrees(mistake.number, noise)]
    if not fitting and answer.is_near(truth) and not (answer.exact and answer.steps):
        verdict = "near, not equal" if answer.exact else "too coarse"
        return Judgement(verdict, (), HINTS[verdict])
    fitting = fitting or [m for m in suspects if _explains(m, answer, noise)]
    return Judgement("wrong", tuple(distinct(fitting)))


def _explains(mistake: Mistake, answer: Answer, noise: float) -> bool:
    """Return whether an answer, perhaps rounded, is what a mistake leads to."""
    if mistake.kind == "carried over" and answer.is_near(mistake.number):
        return True  # it starts from what the person rounded before
    return answer.agrees(mistake.number, noise)


def derivative(above: Value, below: Value) -> tuple[Step, ...]:
    """Return the steps of a formula that is a derivative and no more."""
    return (Step("derivative", (above, below, (), 0)),)


def derivative_asked(wanted: Sequence[Step]) -> tuple[Value, Value] | None:
    """Return the nodes of the one derivative that is wanted; None for a product of several."""
    if len(wanted) == 1 and wanted[0].head == "derivative":
        above, below = wanted[0].value[:2]
        return above, below
    return None


class Judge:
    """Judges the answers to what is asked about one graph.

    A formula is a function: one that is right at the graph's own numbers is tried at others, of
    the leaves that what it names depends on. Numbers that were put in for the rest are right as
    long as these stay as they are.

    >>> from autograd.views.by_hand.reader import Reader
    >>> x = Value(2.0, "x")
    >>> u = x * x
    >>> graph = Graph(u, {"u": u})
    >>> judge, read = Judge(graph), Reader(graph).read
    >>> for text in ("x**2", "2*x", "x"):
    ...     verdict, _, note = judge(read(text), derivative(u, x), "∂u/∂x")
    ...     print(verdict, note)
    right only here right at x = 2 only; at x = 2.5 it is 6.25, and ∂u/∂x is 5
    right
    wrong
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.here = Point(graph.order, known={(graph.output,): graph.derivatives})
        self._near = cache(lambda leaves: list(points_near(graph.order, leaves)))

    def __call__(
        self,
        answer: Answer,
        wanted: Sequence[Step],
        symbol: str,
        mistakes: Iterable[Mistake] = (),
        noise: float = 0.0,
    ) -> Judgement:
        """Return the judgement on an answer, where the steps of a formula are wanted."""
        truth = worked_out(wanted, self.here).number
        found = compare(answer, truth, mistakes, noise)
        if found.verdict != "right" or not answer.steps:
            return found
        for point in self.points(answer):
            note = self._failure(answer, wanted, symbol, point)
            if note:
                return Judgement("right only here", (), note)
        if self._names_what_is_asked(answer, wanted, truth):
            return Judgement("asked back", (), f"{symbol} is what is asked for; work it out")
        return found

    def points(self, answer: Answer) -> list[Point]:
        """Return other numbers at which a formula is tried; none for a number."""
        return self._near(self._moved_by(answer)) if answer.steps else []

    def _names_what_is_asked(self, answer: Answer, wanted: Sequence[Step], truth: float) -> bool:
        """Return whether an answer contains the one derivative that is wanted."""
        asked = derivative_asked(wanted)
        return any(
            step.head == "derivative"
            and step.value[:2] == asked
            and worked_out([step], self.here).agrees(truth)
            for step in answer.steps
        )

    def _moved_by(self, answer: Answer) -> tuple[Value, ...]:
        """Return the leaves that what an answer names depends on, but for constants."""
        named: dict[Value, None] = {}
        for step in answer.steps:
            if step.head == "name":
                named[step.value] = None
            elif step.head == "derivative":
                named |= dict.fromkeys(step.value[:1])
        below = topological_order(*named) if named else []
        return tuple(n for n in below if not n.parents and not self.graph.names.is_constant(n))

    def _failure(self, answer: Answer, wanted: Sequence[Step], symbol: str, point: Point) -> str:
        """Say where a formula is not what is wanted; "" if it is, at this point."""
        truth = worked_out(wanted, point).number
        try:
            there = worked_out(answer.steps, point)
        except AutogradError:
            said = "has no value"
        else:
            if there.agrees(truth) or there.agrees(truth, self._noise(wanted, point)):
                return ""
            said = f"is {short(there.number)}"
        moved = [n for n in point.numbers if not n.parents][:MOVED]
        here, elsewhere = (
            ", ".join(f"{self.graph.names(n)} = {short(number(n))}" for n in moved)
            for number in (self.here.number, point.number)
        )
        return f"right at {here} only; at {elsewhere} it {said}, and {symbol} is {short(truth)}"

    def _noise(self, wanted: Sequence[Step], point: Point) -> float:
        """Return how much of what is wanted could be rounding, at a point."""
        below = [step.value[1] for step in wanted if step.head == "derivative"]
        noise = rounding_noise(self.graph.order, point.partials)
        return max((noise.get(node, 0.0) for node in below), default=0.0)

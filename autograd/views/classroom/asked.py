"""What a quiz asks about a graph, as data: the right number, the wrong ones, what to say to them.

A program that grades a class knows numbers and how far an answer may be from them, and nothing of
formulas. So each question says how many digits it wants: so many that no known wrong number can be
taken for the right one. Wrong numbers that cannot be told apart so have one feedback.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from autograd.errors import UsageError
from autograd.views.by_hand.mistake import Mistake
from autograd.views.by_hand.questions import Question, gradient_questions
from autograd.views.paper.sheets import Sheet
from autograd.views.tracing.statements import definitions
from autograd.views.tracing.walk import Walk
from autograd.views.writing.numbers import short

__all__ = ["UNKNOWN", "Asked", "Task", "Wrong", "asked"]

DIGITS = range(3, 7)
"""How many significant digits may be asked for."""

TOLD = 3
"""How many mistakes that lead to one number are told."""

UNKNOWN = "This is wrong, and no known mistake leads to this number."
"""What is to be said of a number that is neither right nor known."""

HIDDEN = "…"
"""What stands in a feedback for a number that is asked for."""

_NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(\.\d+)?(e[-+]?\d+)?(?![\w.]*\w)")


class Wrong(NamedTuple):
    """A wrong number, how far an answer may be from it, and the mistakes that lead to it.

    >>> Wrong(4.0, 0.005, ("the factor 2 is missing", "∂v1/∂w is forgotten")).feedback
    'This is what comes out if the factor 2 is missing, or if ∂v1/∂w is forgotten.'
    """

    number: float
    tolerance: float
    reasons: tuple[str, ...]

    @property
    def feedback(self) -> str:
        """What to say to whoever answers so."""
        return f"This is what comes out if {', or if '.join(self.reasons)}."


class Asked(NamedTuple):
    """A gradient that is asked for: its symbol, the question, its number, and wrong ones.

    No two of the numbers are so near to each other that an answer could be taken for both.
    """

    symbol: str
    prompt: str
    number: float
    tolerance: float
    wrong: tuple[Wrong, ...]


class Task(NamedTuple):
    """A worksheet to be graded by a program: its graph, what it shows, and what it asks.

    ``number`` is the sheet's in a class set, None of one that is by itself.
    """

    number: int | None
    graph: Walk
    sheet: Sheet
    asked: tuple[Asked, ...]

    @property
    def defined(self) -> str:
        """What the results on the way are called, in a sentence; "" if there are none."""
        equations = definitions(self.graph)
        return f"Results on the way: {', '.join(equations)}." if equations else ""

    def called(self, what: str) -> str:
        """Return what something on this sheet is called among those of other sheets."""
        return what if self.number is None else f"{what}, sheet {self.number}"


def asked(graph: Walk) -> tuple[Asked, ...]:
    """Return what is asked of a graph: the gradient in each leaf.

    Raises `UsageError` where one is no number that could be typed.

    >>> from autograd import Value
    >>> w, x = Value(3.0, "w"), Value(2.0, "x")
    >>> first, second = asked(Walk(w * x))
    >>> first.prompt
    'What is ∂v1/∂w, at w = 3? Give it exactly, or rounded to 3 significant digits at least.'
    >>> print(first.wrong[0].number, first.wrong[0].feedback)
    -2.0 This is what comes out if the sign of the whole is flipped.
    """
    questions = [q for leaf in graph.leaves for q in gradient_questions(graph, leaf)]
    for question in questions:
        if not math.isfinite(question.answer):
            said = f"export: {question.symbol} is {short(question.answer)}"
            raise UsageError(f"{said}, which nobody can type; choose other numbers")
    if not questions:
        raise UsageError("export: there is no gradient to ask for; give a graph with leaves")
    answers = {question.answer for question in questions}
    return tuple(_asked(question, answers) for question in questions)


def _asked(question: Question, hidden: Collection[float]) -> Asked:
    right = 0.0 if abs(question.answer) <= question.noise else question.answer
    slack = question.noise
    for digits in DIGITS:
        told_apart = [m for m in question.mistakes if not _alike(right, m.number, digits, slack)]
        if len(told_apart) == len(question.mistakes):
            break
    wrong = [
        Wrong(number, reach, tuple(_hiding(reason, hidden) for reason in _told(mistakes)))
        for number, reach, mistakes in _groups(told_apart, digits)
    ]
    how = f"Give it exactly, or rounded to {digits} significant digits at least."
    tolerance = max(_reach(right, digits), slack)
    return Asked(question.symbol, f"{question.prompt} {how}", right, tolerance, tuple(wrong))


def _reach(x: float, digits: int) -> float:
    """Return how far from a number it may be rounded to: half a unit of its last digit."""
    # a little more: 0.1875 may be 0.188, and no float is exact
    return 0.501 * 10.0 ** (math.floor(math.log10(abs(x))) - digits + 1) if x else 0.0


def _alike(x: float, y: float, digits: int, slack: float = 0.0) -> bool:
    """Return whether an answer could be taken for either of two numbers."""
    reach = max(_reach(x, digits), slack) + _reach(y, digits)
    added = 1e-13 * max(1.0, abs(x), abs(y))  # graders add a little of their own, Moodle 1e-14
    return abs(x - y) <= 1.01 * reach + added


def _groups(
    mistakes: Sequence[Mistake], digits: int
) -> Iterator[tuple[float, float, list[Mistake]]]:
    """Yield the numbers that can be told apart: each, how far it reaches, and what leads there."""
    groups: list[list[float]] = []
    for number in sorted({mistake.number for mistake in mistakes}):
        if groups and _alike(groups[-1][-1], number, digits):
            groups[-1].append(number)
        else:
            groups.append([number])
    for group in groups:
        first, last = group[0], group[-1]
        low, high = first - _reach(first, digits), last + _reach(last, digits)
        middle = (low + high) / 2 if last - first > 1e-9 * abs(last) else first
        leading = [mistake for mistake in mistakes if first <= mistake.number <= last]
        yield middle, float(f"{(high - low) / 2:.3g}"), leading


def _told(mistakes: Iterable[Mistake]) -> list[str]:
    """Return the reasons that are told: of each kind the first."""
    kinds: dict[str, str] = {}
    for mistake in mistakes:
        kinds.setdefault(mistake.kind, mistake.reason)
    return list(kinds.values())[:TOLD]


def _hiding(reason: str, hidden: Collection[float]) -> str:
    """Return a reason without the numbers that are asked for."""

    def shown(found: re.Match[str]) -> str:
        number = float(found[0].replace("−", "-"))
        asked_for = any(math.isclose(number, right, rel_tol=1e-3) for right in hidden)
        return HIDDEN if asked_for else found[0]

    return _NUMBER.sub(shown, reason)

"""One mistake: is it named, and where it was made; as it is, rounded, and after one question."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from autograd.views.tracing.graph import Graph
from benchmarks.teaching.cases import Case, consistent, single
from benchmarks.teaching.makers import same_number
from benchmarks.teaching.passes import Edge
from benchmarks.teaching.reading import Cause, Diagnosis, diagnosed
from benchmarks.teaching.table import Observation, Row, Target
from benchmarks.teaching.written import case

__all__ = ["CONSISTENT", "QUESTION", "ROUNDED", "SINGLE"]


def _observed(line: str, seen: bool, made: Case, diagnosis: Diagnosis, good: bool) -> Observation:
    """Return an observation in the group of its kind, with an example where it is not good."""
    slip = made.slip
    example = "" if good else (
        f"{case(*made.task, slip.number)}\n"
        f"made: {slip.kind} ({slip.manner}) at {_where(made)}\nsaid: {diagnosis}"
    )  # fmt: skip
    return Observation(line, seen, slip.kinds[0], example)


def _where(made: Case) -> str:
    """Return the names of the places, for who looks at a case."""
    names = Graph(made.task.output).names
    written = [
        f"{names(place.node)} ← {names(place.parent)}" if isinstance(place, Edge) else names(place)
        for place in made.slip.places[:3]
    ]
    return ", ".join(written) or "no place"


def _diagnosis(made: Case, answer: Any) -> Diagnosis:
    return diagnosed(*made.task, answer, made.slip.given)


def one_mistake(number: int) -> Iterator[Observation]:
    """Look for the kind in the first sentence, for kind and place in all that is printed."""
    made = single(number)
    slip = made.slip
    found = _diagnosis(made, slip.number)
    first, told = found.names_first(slip.kinds), found.tells(slip.kinds)
    place = told and found.tells_place(slip.kinds, made.places)
    breath = len(found.causes[0].first) if found.causes else 0
    none = not found.causes
    yield _observed("kind in the first sentence", first, made, found, first)
    yield _observed("kind printed", told, made, found, told)
    yield _observed("kind and place printed", place, made, found, place or not told)
    yield _observed("no known mistake", none, made, found, not none)
    if breath:
        yield _observed("one kind in the first sentence", breath == 1, made, found, True)


def one_misconception(number: int) -> Iterator[Observation]:
    """Look for the kind where the same is done wrongly wherever it can be."""
    made = consistent(number)
    found = _diagnosis(made, made.slip.number)
    first, told = found.names_first(made.slip.kinds), found.tells(made.slip.kinds)
    yield _observed("kind in the first sentence", first, made, found, first)
    yield _observed("kind printed", told, made, found, told)
    yield _observed("no known mistake", not found.causes, made, found, bool(found.causes))


def rounded(number: int) -> Iterator[Observation]:
    """Look for the kind where the number is rounded to three significant digits."""
    made = single(number)
    answer = f"{float(f'{made.slip.number:.3g}')!r}"
    found = _diagnosis(made, answer)
    if found.verdict in ("right", "too coarse"):
        return  # rounded so far that it is not wrong any more
    told = found.tells(made.slip.kinds)
    yield _observed("kind printed", told, made, found, told)


def after_the_question(number: int) -> Iterator[Observation]:
    """Look whether one cause is left when the question is answered as who made the slip would."""
    made = single(number)
    found = _diagnosis(made, made.slip.number)
    true = [cause for cause in found.causes if cause.kinds & {*made.slip.kinds}]
    if true:
        left = _left(found, true[0], made.slip.kinds)
        unique = all(cause.kinds & true[0].kinds for cause in left)
        yield _observed("one cause is left", unique, made, found, unique)


def _left(found: Diagnosis, true: Cause, kinds: Collection[str]) -> list[Cause]:
    """Return the causes by which the next question has the same answer as by the true one.

    The answers are those of causes, or of the mistakes that are named in one breath as one cause:
    then the person answers as by the mistake that is of the kind that was made.
    """
    question = getattr(found.report, "next_question", None)
    answers = [
        (cause, number, getattr(suspect, "kind", None))
        for suspect, number in (question.answers if question else [])
        for cause in found.causes
        if cause.includes(suspect)
    ]
    own = [x for cause, x, kind in answers if cause == true and kind in (None, *kinds)]
    if not own:
        return found.causes
    return [cause for cause, number, _ in answers if same_number(number, own[0], 1e-6)]


SINGLE = Row(
    "one mistake",
    one_mistake,
    {
        "kind in the first sentence": Target(">=", 0.90),
        "kind printed": Target(">=", 0.99),
        "kind and place printed": Target(">=", 0.97),
        "no known mistake": Target("<=", 0.005),
        "one kind in the first sentence": None,
    },
)

ROUNDED = Row("one mistake, rounded to three digits", rounded, {"kind printed": Target(">=", 0.95)})

CONSISTENT = Row(
    "one misconception, wherever it applies",
    one_misconception,
    {"kind in the first sentence": None, "kind printed": None, "no known mistake": None},
    lambda graphs: graphs // 5,
)

QUESTION = Row(
    "one mistake, after one question",
    after_the_question,
    {"one cause is left": Target(">=", 0.98)},
)

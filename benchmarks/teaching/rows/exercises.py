"""Numbers that tell: do known mistakes lead to different ones where the numbers were chosen?"""

from __future__ import annotations

import random
from collections.abc import Iterator

from autograd import UsageError, Value, exercise, worksheet
from benchmarks.teaching.graphs import random_task
from benchmarks.teaching.makers import made, same_number
from benchmarks.teaching.passes import Setting, Slip
from benchmarks.teaching.reading import diagnosed
from benchmarks.teaching.table import Observation, Row, Target
from benchmarks.teaching.written import case

__all__ = ["EXERCISES", "WORKSHEETS"]

ASKED = 30
"""How many of the wrong answers of one sheet are given, drawn at random."""


def _wrong_answers(rng: random.Random, output: Value) -> Iterator[tuple[Value, Slip]]:
    """Yield wrong answers for the leaves, each number once."""
    leaves = [n for n in Setting(output, output).order if not n.parents and not n.is_constant]
    found: list[tuple[Value, Slip]] = []
    for leaf in leaves:
        numbers: list[float] = []
        for slip in made(Setting(output, leaf)):
            if slip.given is None and not any(same_number(slip.number, x) for x in numbers):
                numbers.append(slip.number)
                found.append((leaf, slip))
    yield from rng.sample(found, min(ASKED, len(found)))


def _told_apart(rng: random.Random, output: Value, group: str) -> Iterator[Observation]:
    for leaf, slip in _wrong_answers(rng, output):
        found = diagnosed(output, leaf, slip.number)
        if found.verdict != "wrong":
            continue
        known = bool(found.causes)
        yield Observation("known", known, group)
        if known:
            one = bool(frozenset.intersection(*(cause.kinds for cause in found.causes)))
            example = f"{case(output, leaf, slip.number)}\nmade: {slip.kind}\nsaid: {found}"
            yield Observation("points to one kind", one, group, "" if one else example)


def in_exercises(number: int) -> Iterator[Observation]:
    """Give wrong answers to an exercise."""
    level = 1 + number % 3
    rng = random.Random(f"exercise {number}")
    yield from _told_apart(rng, exercise(number, level), f"level {level}")


def on_worksheets(number: int) -> Iterator[Observation]:
    """Give wrong answers on a worksheet whose numbers were chosen by a seed."""
    rng = random.Random(f"worksheet {number}")
    for _ in range(20):
        try:
            sheet = worksheet(random_task(rng, most=6).output, seed=number)
        except UsageError:
            continue
        yield from _told_apart(rng, sheet.output, "worksheet")
        return


_TARGETS = {"points to one kind": Target(">=", 0.95), "known": None}

EXERCISES = Row(
    "wrong answers to exercise(seed, level)", in_exercises, _TARGETS, lambda graphs: graphs // 20
)

WORKSHEETS = Row(
    "wrong answers on worksheet(y, seed=)", on_worksheets, _TARGETS, lambda graphs: graphs // 20
)

"""Cases: a random graph, a node, and a wrong answer to what its gradient is."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.teaching.graphs import Task, random_task
from benchmarks.teaching.makers import differs, made, same_number
from benchmarks.teaching.makers.consistent import misconceptions
from benchmarks.teaching.passes import Place, Setting, Slip

__all__ = ["Case", "Pair", "consistent", "pair", "picked", "single"]


class Case(NamedTuple):
    """A task, what went wrong with it, and where: all places at which it leads to this number."""

    task: Task
    slip: Slip
    places: tuple[Place, ...]


class Pair(NamedTuple):
    """A task with two slips in one backward pass, and the number that comes of both."""

    task: Task
    slips: tuple[Slip, Slip]
    number: float


def single(seed: int) -> Case:
    """Return a case of one mistake: any kind, of it any manner, of that any place."""
    rng = random.Random(f"single {seed}")
    while True:
        task = random_task(rng)
        slips = made(Setting(*task))
        if slips:
            slip = picked(rng, slips)
            return Case(task, slip, _places(slips, slip))


def consistent(seed: int) -> Case:
    """Return a case of one misconception that applies at several places."""
    rng = random.Random(f"consistent {seed}")
    while True:
        task = random_task(rng)
        setting = Setting(*task)
        known = [s for s in misconceptions(setting) if differs(s.number, setting.truth)]
        if known:
            return Case(task, picked(rng, known), ())


def picked(rng: random.Random, slips: Sequence[Slip]) -> Slip:
    """Return one of the slips; what has many manners or places does not come more often."""
    kind = rng.choice(sorted({slip.kinds[0] for slip in slips}))
    slips = [slip for slip in slips if slip.kinds[0] == kind]
    manner = rng.choice(sorted({slip.manner for slip in slips}))
    return rng.choice([slip for slip in slips if slip.manner == manner])


def _places(slips: Sequence[Slip], slip: Slip) -> tuple[Place, ...]:
    """Return wherever a mistake of the same kind leads to the same number: nobody can tell."""
    alike = [s for s in slips if s.kind == slip.kind and same_number(s.number, slip.number)]
    if not all(other.places for other in alike):
        return ()
    return tuple(place for other in alike for place in other.places)


def pair(seed: int) -> Pair:
    """Return a case of two mistakes at different nodes, each of which makes a difference."""
    rng = random.Random(f"two {seed}")
    while True:
        task = random_task(rng)
        setting = Setting(*task)
        slips = [slip for slip in made(setting) if slip.is_local]
        for _ in range(20 if len(slips) > 1 else 0):
            first, second = picked(rng, slips), picked(rng, slips)
            if _nodes(first) & _nodes(second):
                continue
            number = setting.both(first, second)
            singly = (setting.truth, first.number, second.number)
            if all(differs(number, other) for other in singly):
                return Pair(task, (first, second), number)


def _nodes(slip: Slip) -> set[object]:
    return {edge.node for edge in slip.edges} | set(slip.folds)

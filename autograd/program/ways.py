"""The ways that samples go through a function, and the samples sorted by them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from threading import RLock
from typing import Any

from autograd.errors import BranchError, DomainError, UsageError
from autograd.program.given import outputs
from autograd.program.results import Results
from autograd.program.way import AVERAGE, Numbers, Way
from autograd.recording import Recording, leniently
from autograd.value import Value

__all__ = ["Ways", "total"]

MOST = 100
"""How many ways are recorded at most."""

Record = Callable[..., Any]


class Ways:
    """A recorded graph, or several if the `function` that made it may be recorded again.

    `way_of` makes a way of outputs and the leaves that vary in them.
    """

    def __init__(
        self,
        recorded: Sequence[Value],
        varying: Sequence[Value],
        shared: Sequence[Value],
        way_of: Callable[[Sequence[Value], Sequence[Value]], Way],
        function: Record | None,
    ) -> None:
        self.varying, self.shared = varying, shared
        self.way_of, self.function = way_of, function
        self.known = [way_of(recorded, varying)]
        self.count = len(recorded)
        self._turn = RLock()

    def others(self) -> dict[Value, float]:
        """Return the numbers that the leaves have which neither vary nor are shared."""
        return {leaf: leaf._number for way in self.known for leaf in way.others}

    def refuse_guards(self, operation: str) -> None:
        """Raise `UsageError` if an ``if`` decided how the graph was recorded."""
        for guard in self.known[0].guards:
            raise UsageError(
                f"{operation}: {guard.question} decided something while the graph was "
                f"recorded ({guard.source}); write where(condition, a, b)"
            )

    def run(self, purpose: str, X: Any, numbers: Numbers, seeded: int | None) -> Results:
        """Compute a batch, each sample in the way that it goes."""
        way = self.known[0]
        found = way.run(purpose, X, numbers, seeded, _seed(purpose, X))
        if not way.guards:
            return found
        turned = way.turned(found)
        if turned is not None:
            if self.function is None:
                raise _turned_away(way, turned)
            with self._turn:
                return self._sorted(purpose, X, numbers, seeded)
        return found._replace(values=found.values[: way.count])

    def _sorted(self, purpose: str, X: Any, numbers: Numbers, seeded: int | None) -> Results:
        """Compute a batch way by way, recording another one where samples go by none of them."""
        import numpy

        found = _Merged(len(X), self.count, len(self.shared))
        left, number = numpy.arange(len(X)), 0
        while len(left):
            if number == len(self.known):
                try:
                    self.known.append(self._recorded(X[left[0]], numbers[0]))
                except DomainError:
                    found.add_nothing(left[0])
                    left = left[1:]
                    continue
                numbers = numbers[0], {**self.others(), **numbers[1]}
            way, seed = self.known[number], _seed(purpose, X)
            turned = way.turned(way.run(purpose, X[left], numbers, None, seed))
            goes = numpy.ones(len(left), bool) if turned is None else ~turned.any(axis=0)
            if goes.any():
                rows = left[goes]
                found.add(rows, way.run(purpose, X[rows], numbers, seeded, seed))
            left, number = left[~goes], number + 1
            if number == MOST and len(left):
                raise BranchError(
                    f"Program: the samples go more than {MOST} ways through the function by its "
                    "ifs; write where(condition, a, b)"
                )
        return found.results(seeded)

    def _recorded(self, row: Any, theta: Any) -> Way:
        """Return the way that one sample goes."""
        assert self.function is not None
        leaves = [Value(x, leaf.label) for x, leaf in zip(row.tolist(), self.varying, strict=True)]
        before = [leaf._number for leaf in self.shared]
        for leaf, x in zip(self.shared, theta.tolist(), strict=True):
            leaf._number = x  # not by .data: what was asked of it elsewhere still holds
        try:
            with Recording(True), leniently():
                recorded = outputs(self.function(*leaves))
        finally:
            for leaf, x in zip(self.shared, before, strict=True):
                leaf._number = x
        if len(recorded) != self.count:
            raise UsageError(
                f"Program: the function returned {self.count} output(s) at first, and "
                f"{len(recorded)} for another sample; return as many each time"
            )
        return self.way_of(recorded, leaves)


class _Merged:
    """What was found of some samples, and then of others."""

    def __init__(self, samples: int, outputs: int, shared: int) -> None:
        import numpy

        self.values, self.gradient = numpy.empty((outputs, samples)), numpy.zeros(shared)
        self.slopes: Any = None
        self.void: list[int] = []

    def add_nothing(self, row: int) -> None:
        """Note that a sample has no value."""
        self.void.append(row)

    def add(self, rows: Any, found: Results) -> None:
        """Put in what was found of the samples in some rows."""
        import numpy

        self.values[:, rows] = found.values[: len(self.values)]
        if found.gradient is not None and len(found.gradient) == len(self.gradient):
            self.gradient += found.gradient
        if found.slopes is not None:
            if self.slopes is None:
                self.slopes = numpy.zeros((self.values.shape[1], found.slopes.shape[1]))
            self.slopes[rows] = found.slopes

    def results(self, seeded: int | None) -> Results:
        """Return it as of one batch."""
        for array in (self.values.T, self.slopes):
            if array is not None and self.void:
                array[self.void] = math.nan
        if seeded is None:
            return Results(self.values)
        if self.void:
            self.gradient += math.nan
        found = total(self.values[seeded])
        finite = found + total(self.gradient) + (0.0 if self.slopes is None else total(self.slopes))
        return Results(self.values, self.gradient, self.slopes, found, finite)


def total(values: Any) -> float:
    """Return the sum of an array, without a word where that is not finite."""
    import numpy

    with numpy.errstate(all="ignore"):
        return float(values.sum())


def _seed(purpose: str, X: Any) -> float:
    """Return the adjoint of an output of each sample: its share in the average, or 1."""
    return 1 / len(X) if purpose == AVERAGE else 1.0


def _turned_away(way: Way, turned: Any) -> BranchError:
    """Return the error that says which comparison came out otherwise, and for which samples."""
    sample = int(turned.any(axis=0).argmax())
    number = int(turned[:, sample].argmax())
    guard, flips = way.guards[number], int(turned[number].sum())
    return BranchError(
        f"Program: {guard.question} was {guard!r} when it was recorded "
        f"({guard.source}), and is {not guard} in {flips} of {turned.shape[1]} sample(s), first in "
        f"{sample}: a Python `if` is no part of a graph; write where(condition, a, b), or give the "
        'function itself and on_branch="record"'
    )

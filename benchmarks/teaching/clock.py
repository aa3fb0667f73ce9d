"""How long one answer takes, wrong ones above all: what is searched in vain takes longest."""

from __future__ import annotations

from statistics import median
from time import perf_counter

from autograd import Value
from benchmarks.teaching.cases import pair, single
from benchmarks.teaching.reading import diagnosed

__all__ = ["line"]


def line(count: int) -> str:
    """Return the median and the 95th percentile, in milliseconds, of so many of each kind."""
    answers = [(*case.task, case.slip.number) for case in map(single, range(count))]
    answers += [(*case.task, case.number) for case in map(pair, range(count))]
    times = sorted(_seconds(*answer) for answer in answers)
    late = times[int(0.95 * (len(times) - 1))]
    return f"median {1e3 * median(times):.1f} ms, 95th percentile {1e3 * late:.1f} ms"


def _seconds(output: Value, wrt: Value, number: float) -> float:
    start = perf_counter()
    diagnosed(output, wrt, number)
    return perf_counter() - start

"""How to measure on a busy machine: ratios within interleaved rounds, and bytes by tracemalloc.

Seconds are of the processor, not of the clock, which goes on while others have their turn; except
where an engine is given several processors: what they save is seen by the clock alone.

Every engine is measured in a process of its own, with the garbage collector on: no one pays for
walking another's modules and nodes, and everyone pays for its own garbage.
"""

from __future__ import annotations

import gc
import math
import os
import statistics
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from time import perf_counter, process_time
from typing import Any, TypeAlias, TypeVar

__all__ = ["Bytes", "Recipe", "Spread", "alone", "bytes_per_node", "interleave", "ratios"]

T = TypeVar("T")

SHORTEST = 0.1  # seconds for one timing, so that it has its share of the garbage collections

Recipe: TypeAlias = Callable[[], Callable[[], object]]
"""What makes, in the process that will time it, a step to time."""


@dataclass(frozen=True)
class Spread:
    """The median of a figure over the rounds, and the least and the greatest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread:
        """Summarize the figures of all rounds."""
        return cls(statistics.median(figures), min(figures), max(figures))


@dataclass(frozen=True)
class Bytes:
    """The memory of one node: once recorded, and with its gradient."""

    recorded: float
    differentiated: float


def alone(task: Callable[[], T], **environment: str) -> T:
    """Return what the task returns in a process of its own, which imports what the task needs.

    The process is started with these variables of the environment.
    """
    with _worker(environment=environment) as worker:
        return worker.submit(task).result()


def interleave(
    recipes: Mapping[str, Recipe], rounds: int, cores: int | None = None
) -> dict[str, list[float]]:
    """Time all the steps, one after another, once a round, each in a process of its own.

    Returns the seconds that one call took, round by round, under the name of the step. With
    `cores`, a process is kept to so many processors from before its imports.
    """
    clock = perf_counter if cores and cores > 1 else process_time
    with ExitStack() as stack:
        workers = {name: stack.enter_context(_worker(cores)) for name in recipes}
        for name, recipe in recipes.items():
            workers[name].submit(_prepare, recipe, clock).result()
        times: dict[str, list[float]] = {name: [] for name in recipes}
        for _ in range(rounds):
            for name, worker in workers.items():
                times[name].append(worker.submit(_seconds).result())
    return times


def _worker(
    cores: int | None = None, environment: Mapping[str, str] | None = None
) -> ProcessPoolExecutor:
    place = cores, dict(environment or {})
    return ProcessPoolExecutor(1, get_context("spawn"), initializer=_settle, initargs=place)


def _settle(cores: int | None, environment: Mapping[str, str]) -> None:
    """Give a worker its place, before it imports what might look around."""
    os.environ.update(environment)
    if cores and hasattr(os, "sched_setaffinity"):  # Linux alone has it
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])


Clock: TypeAlias = Callable[[], float]

# in a worker: its step, how often to repeat it, and by which clock
_step: list[tuple[Callable[[], object], int, Clock]] = []


def _prepare(recipe: Recipe, clock: Clock) -> None:
    step = recipe()
    _step[:] = [(step, 1, clock)]
    _seconds()  # the first call pays for imports and caches
    _step[:] = [(step, math.ceil(SHORTEST / _seconds()), clock)]


def _seconds() -> float:
    [(step, repeats, clock)] = _step
    start = clock()
    for _ in range(repeats):
        step()
    return (clock() - start) / repeats


def ratios(above: Sequence[float], below: Sequence[float]) -> Spread:
    """Divide round by round, so that what slowed the machine down cancels."""
    return Spread.of([a / b for a, b in zip(above, below, strict=True)])


def bytes_per_node(chain: Callable[[int], Any], operations: int = 20_000) -> Bytes:
    """Return the memory that each operation of a chain adds, before and after ``backward()``."""
    gc.collect()  # empties the free lists, whose memory would be reused without being counted
    tracemalloc.start()
    try:
        output = chain(operations)
        recorded = _allocated()
        with _recursion(2 * operations):
            output.backward()
        return Bytes(recorded / operations, _allocated() / operations)
    finally:
        tracemalloc.stop()


def _allocated() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


@contextmanager
def _recursion(limit: int) -> Iterator[None]:
    """Let a peer whose ``backward()`` recurses walk a long chain."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before + limit)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)

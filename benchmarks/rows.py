"""The rows of the table: what is compared with what, and the target of each figure.

A row is a function from the number of rounds to lines; `row` puts it into the table.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import isclose
from statistics import median
from typing import TypeAlias

from benchmarks.engines import OURS, OURS_WITH_DOT, Engine, engine, installed
from benchmarks.measure import Spread, bytes_per_node, interleave, ratios
from benchmarks.table import Line, Target
from benchmarks.workloads import Workload, chain, demo_step, demo_step_with_nn, one_sample

__all__ = ["ROWS", "DisagreementError", "Row"]


class DisagreementError(Exception):
    """Say that two engines compute different things, so that their times mean nothing."""


Lines: TypeAlias = Callable[[int], list[Line]]
"""What measures a row, in so many rounds."""


@dataclass(frozen=True)
class Row:
    """A row of the table: what stands above its lines, and the function that measures them."""

    title: str
    lines: Lines


ROWS: dict[str, Row] = {}
"""The table, each row under the name to ask for it with."""


def row(title: str) -> Callable[[Lines], Lines]:
    """Put the function that follows into the table, under its own name."""

    def register(lines: Lines) -> Lines:
        ROWS[lines.__name__] = Row(title, lines)
        return lines

    return register


@row("one sample through a 2-16-16-1 network, node for node, forward and backward")
def sample(rounds: int) -> list[Line]:
    """Compare the same additions and multiplications, in the same order."""
    targets = {"micrograd": Target(">=", 2.2), "torch": Target(">=", 10)}
    return _beside_peers(one_sample, OURS, rounds, targets)


@row("the same, with one dot node for a neuron's products; the peers still node for node")
def dot(rounds: int) -> list[Line]:
    """Compare what a neuron costs when it is written with this engine's own node for it."""
    return _beside_peers(one_sample, OURS_WITH_DOT, rounds)


@row("micrograd's demo step, 100 samples; ours with dot nodes, the peers node for node")
def demo(rounds: int) -> list[Line]:
    """Compare a step of training: zero the gradients, hinge loss and L2 penalty, backward."""
    return _beside_peers(demo_step, OURS_WITH_DOT, rounds, {"micrograd": Target(">=", 25)})


@row("the same demo step written with nn alone; the peers node for node")
def nn(rounds: int) -> list[Line]:
    """Compare what the packages for networks cost: modules, labels, losses and all."""
    return _beside_peers(demo_step_with_nn, OURS, rounds, {"micrograd": Target(">=", 20)})


@row("bytes for each operation of a chain, x and + in turn, whose other operand is a leaf")
def memory(rounds: int) -> list[Line]:
    """Compare what one more node occupies: itself, its number, its edges, and then its gradient.

    An operand written as a plain number would be a node more; here both are there already. The
    figures do not vary, so that one round is enough.
    """
    ours = bytes_per_node(partial(chain, engine(OURS)))
    lines = [
        Line("ours", ours.recorded, "B", target=Target("<=", 220, " B")),
        Line("ours, after backward", ours.differentiated, "B"),
    ]
    for peer in installed(["micrograd"]):  # PyTorch's memory is not Python's
        theirs = bytes_per_node(partial(chain, engine(peer)))
        for name, figure, base in (
            (peer, theirs.recorded, ours.recorded),
            (f"{peer}, after backward", theirs.differentiated, ours.differentiated),
        ):
            lines.append(Line(name, figure, "B", Spread.of([figure / base])))
    return lines


@row("seconds for each operation of such a chain: recorded, differentiated, freed; ours alone")
def size(rounds: int) -> list[Line]:
    """Compare long chains with short ones: the cost of a node must not grow with the graph.

    The collector is paused, as ``timeit`` does, to see the engine's own part; then the longest
    chain once more with it on, for Python's part: it walks a growing graph again and again.
    """
    sizes = {f"10^{digits} operations": 10**digits for digits in (3, 4, 5, 6)}
    recipes = {name: partial(_chain_step, count, paused=True) for name, count in sizes.items()}
    sizes[_WITH_COLLECTOR] = 10**6
    recipes[_WITH_COLLECTOR] = partial(_chain_step, 10**6, paused=False)
    seconds = {
        name: [time / sizes[name] for time in times]
        for name, times in interleave(recipes, rounds).items()
    }
    (first, shortest), *longer = seconds.items()
    return [Line(first, median(shortest), "s")] + [
        Line(
            name,
            median(times),
            "s",
            ratios(times, shortest),
            None if name == _WITH_COLLECTOR else Target("<=", 2),
        )
        for name, times in longer
    ]


_WITH_COLLECTOR = "10^6, collector on"


def _chain_step(operations: int, *, paused: bool) -> Callable[[], object]:
    if paused:
        gc.disable()
    return lambda: chain(engine(OURS), operations).backward()


def _beside_peers(
    task: Callable[[Engine], Workload],
    ours: str,
    rounds: int,
    targets: Mapping[str, Target] | None = None,
) -> list[Line]:
    """Time a task on all engines; a peer's ratio says how many times ours is faster."""
    names = [ours, *installed()]
    _check_agreement({name: task(engine(name)) for name in names})
    times = interleave({name: partial(_step_of, task, name) for name in names}, rounds)
    own = times.pop(ours)
    return [Line(ours, median(own), "s")] + [
        Line(name, median(their), "s", ratios(their, own), (targets or {}).get(name))
        for name, their in times.items()
    ]


def _step_of(task: Callable[[Engine], Workload], name: str) -> Callable[[], object]:
    return task(engine(name)).step


def _check_agreement(workloads: Mapping[str, Workload]) -> None:
    """Raise `DisagreementError` unless all outputs and gradients are the same, but for rounding."""
    (reference, expected), *others = [(name, w.outcome()) for name, w in workloads.items()]
    for name, found in others:
        for x, y in zip(expected, found, strict=True):
            if not isclose(x, y, rel_tol=1e-9, abs_tol=1e-12):
                raise DisagreementError(f"{reference} finds {x!r} where {name} finds {y!r}")

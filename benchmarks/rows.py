"""The rows of the table: what is compared with what, and the target of each figure.

A row is a function from the number of rounds to lines; `ROWS.row` puts it into the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from statistics import median
from typing import TypeAlias

from benchmarks.agreement import check_agreement
from benchmarks.beside import Targets, beside
from benchmarks.engines import LEAN, OURS, OURS_WITH_DOT, Engine, engine, installed
from benchmarks.measure import Bytes, Spread, alone, bytes_per_node, interleave, ratios
from benchmarks.table import Line, Rows, Target
from benchmarks.views import SHAPES, SIZES, VIEWS, largest_paths_seconds, seconds
from benchmarks.workloads import (
    Workload,
    chain,
    demo_step,
    demo_step_with_nn,
    one_sample,
    whole_program,
)

LEAST = 0.05
"""Seconds below which a time says nothing about growth."""

__all__ = ["ROWS", "Task", "outcomes"]

Task: TypeAlias = Callable[[Engine], Workload]


ROWS = Rows()


@ROWS.row("one sample through a 2-16-16-1 network, node for node, forward and backward")
def sample(rounds: int) -> list[Line]:
    """Compare the same additions and multiplications, in the same order."""
    targets = {"micrograd": Target(">=", 2.2), "torch": Target(">=", 10)}
    return _beside(installed(), one_sample, OURS, rounds, targets)


@ROWS.row("the same, with one dot node for a neuron's products; the peers still node for node")
def dot(rounds: int) -> list[Line]:
    """Compare what a neuron costs when it is written with this engine's own node for it."""
    return _beside(installed(), one_sample, OURS_WITH_DOT, rounds)


@ROWS.row("micrograd's demo step, 100 samples; ours with dot nodes, the peers node for node")
def demo(rounds: int) -> list[Line]:
    """Compare a step of training: zero the gradients, hinge loss and L2 penalty, backward."""
    targets = {"micrograd": Target(">=", 25)}
    return _beside(installed(), demo_step, OURS_WITH_DOT, rounds, targets)


@ROWS.row("the same demo step written with nn alone; the peers node for node")
def nn(rounds: int) -> list[Line]:
    """Compare what the packages for networks cost: modules, labels, losses and all."""
    targets = {"micrograd": Target(">=", 20)}
    return _beside(installed(), demo_step_with_nn, OURS, rounds, targets)


@ROWS.row(
    "a whole program beside a lean engine, node for node: a step of a GPT of scalars, with Adam"
)
def gpt(rounds: int) -> list[Line]:
    """Compare what a training step costs in which most time goes to making and freeing nodes."""
    return _beside([LEAN], whole_program, OURS, rounds, {LEAN: Target(">=", 2.5)})


@ROWS.row("bytes for each operation of a chain, x and + in turn, whose other operand is a leaf")
def memory(rounds: int) -> list[Line]:
    """Compare what one more node occupies: itself, its number, its edges, and then its gradient.

    An operand written as a plain number would be a node more; here both are there already. The
    figures do not vary, so that one round is enough.
    """
    ours = _bytes(OURS)
    lines = [
        Line("ours", ours.recorded, "B", target=Target("<=", 130, " B")),
        Line("ours, after backward", ours.differentiated, "B"),
    ]
    for peer in (LEAN, *installed(["micrograd"])):  # PyTorch's memory is not Python's
        theirs = _bytes(peer)
        for name, figure, base in (
            (peer, theirs.recorded, ours.recorded),
            (f"{peer}, after backward", theirs.differentiated, ours.differentiated),
        ):
            lines.append(Line(name, figure, "B", Spread.of([figure / base])))
    return lines


def _bytes(name: str) -> Bytes:
    return alone(partial(_measured_bytes, name))


def _measured_bytes(name: str) -> Bytes:
    return bytes_per_node(partial(chain, engine(name)))


@ROWS.row("seconds for each operation of such a chain: recorded, differentiated, freed; ours alone")
def size(rounds: int) -> list[Line]:
    """Compare long chains with short ones: the cost of a node must not grow with the graph.

    The collector is on, and walks a growing graph again and again: fewer objects are a faster walk.
    """
    sizes = {f"10^{digits} operations": 10**digits for digits in (3, 4, 5, 6)}
    recipes = {name: partial(_chain_step, count) for name, count in sizes.items()}
    seconds = {
        name: [time / sizes[name] for time in times]
        for name, times in interleave(recipes, rounds).items()
    }
    (first, shortest), *longer = seconds.items()
    return [Line(first, median(shortest), "s")] + [
        Line(name, median(times), "s", ratios(times, shortest), Target("<=", 2))
        for name, times in longer
    ]


@ROWS.row("the five largest paths of a GPT of scalars, of some 10^13, found and told")
def paths(rounds: int) -> list[Line]:
    """Measure `explain(loss, weight, top=5)` on a graph of 60,000 nodes."""
    seconds = median(largest_paths_seconds() for _ in range(rounds))
    return [Line("explain", seconds, "s", target=Target("<=", 1, " s"))]


@ROWS.row("seconds of each view of 100,000 nodes, of the shape of graph that it takes longest for")
def views(rounds: int) -> list[Line]:
    """Compare graphs of ten times the size: the cost of a node must not grow with the graph.

    The ratio is the worst over all shapes of graphs, of the seconds for each node; one round.
    """
    lines = []
    for view in VIEWS:
        times = {shape: [seconds(view, shape, size) for size in SIZES] for shape in SHAPES}
        grown = [
            (large / SIZES[1]) / (max(small, LEAST) / SIZES[0]) for small, large in times.values()
        ]
        longest = max(large for _, large in times.values())
        spread = Spread.of(grown)
        worst = Spread(spread.high, spread.low, spread.high)
        lines.append(Line(view, longest, "s", worst, Target("<=", 2)))
    return lines


def _chain_step(operations: int) -> Callable[[], object]:
    ours = engine(OURS)
    return lambda: chain(ours, operations).backward()


def _beside(
    peers: Sequence[str],
    task: Task,
    ours: str,
    rounds: int,
    targets: Targets | None = None,
) -> list[Line]:
    """Time a task on all engines; a peer's ratio says how many times ours is faster."""
    names = [ours, *peers]
    check_agreement(outcomes(task, names))
    return beside({name: partial(_step, task, name) for name in names}, rounds, targets or {})


def _step(task: Task, name: str) -> Callable[[], object]:
    return task(engine(name)).step


def outcomes(task: Task, names: Iterable[str]) -> dict[str, list[float]]:
    """Return what the task comes to on each engine: outputs, then gradients."""
    return {name: alone(partial(_outcome, task, name)) for name in names}


def _outcome(task: Task, name: str) -> list[float]:
    return task(engine(name)).outcome()

"""The rows about `Program`: what it is compared with, and the target of each figure.

All ratios are to `Program`, so that one below 1 is of what is faster: 0.5 is twice as fast.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

from benchmarks.agreement import check_agreement
from benchmarks.beside import Targets, beside
from benchmarks.engines import LEAN, OURS, engine
from benchmarks.measure import Spread, alone
from benchmarks.program import recorded, symbolic, training
from benchmarks.program.engines import ARRAYS, ONE_THREAD, PROGRAM, STEPS, C, available
from benchmarks.program.graph import random_graph
from benchmarks.program.perceptron import DEMO, MANY, TANH, WIDE, Perceptron
from benchmarks.program.starts import Recorder, bytes_of_a_call, seconds_to_start
from benchmarks.program.step import Step, of_workload
from benchmarks.table import Line, Rows, Target
from benchmarks.workloads import gpt_step

__all__ = ["PACKAGES", "ROWS"]

ROWS = Rows("program.")

Makers: TypeAlias = Mapping[str, Callable[[], Step]]
"""What makes the step of each engine, in the process that will time it."""

PACKAGES = ("numpy", "llvmlite", "jax", "casadi")
"""What is measured in these rows alone."""

OPERATIONS = 100_000  # of the random graph
FEW = 3  # rounds for what takes long


@ROWS.row("micrograd's demo step, 100 samples: value and gradient; seconds of the clock")
def demo(rounds: int) -> list[Line]:
    """Compare a small step, most of which is overhead elsewhere."""
    targets = {
        C: Target(">=", 0.625),
        ARRAYS: Target("<=", 20),
        "jax": Target(">=", 4),
        "torch": Target(">=", 30),
        "casadi": Target(">=", 40),
        "casadi, matrices": None,
        "micrograd": None,
    }
    return _network(DEMO, rounds, targets, cores=2)


@ROWS.row("the same network, 10,000 samples, on two processors; seconds of the clock")
def samples(rounds: int) -> list[Line]:
    """Compare a step with enough samples to be spread over threads."""
    targets = {C: Target(">=", 1), "jax": Target(">=", 1.3), ONE_THREAD: None}
    return _network(MANY, rounds, targets, cores=2)


@ROWS.row("the same with tanh, on one processor")
def tanh(rounds: int) -> list[Line]:
    """Compare a step that computes many exponentials."""
    return _network(TANH, rounds, {"jax": Target(">=", 1)})


@ROWS.row("the same with tanh, on two processors; seconds of the clock")
def tanh_on_two(rounds: int) -> list[Line]:
    """Compare how it is spread over threads."""
    return _network(TANH, rounds, {"jax": Target(">=", 1.3)}, cores=2)


@ROWS.row("a network 64-32-32-1 with relu, 256 samples; seconds of the clock")
def wide(rounds: int) -> list[Line]:
    """Compare products of matrices, for which others have libraries."""
    return _network(WIDE, rounds, {C: Target(">=", 0.77), "jax": Target(">=", 1.2)}, cores=2)


@ROWS.row("a random graph of 100,000 operations, one sample, on one processor")
def graph(rounds: int) -> list[Line]:
    """Compare what has no matrices in it; CasADi's graph is of scalars too."""
    return _graph(1, rounds, Target(">=", 2.5))


@ROWS.row("the same graph, 64 samples, on one processor")
def graph_64(rounds: int) -> list[Line]:
    """Compare what samples cost that go through side by side."""
    return _graph(64, rounds, Target(">=", 5))


@ROWS.row("the same graph, 1,024 samples, on one processor")
def graph_1024(rounds: int) -> list[Line]:
    """Compare what samples cost that do not fit in at once."""
    return _graph(1024, min(rounds, FEW), None)


@ROWS.row("a GPT of 4,192 parameters reads 11 letters, node for node: 84,000 operations")
def gpt(rounds: int) -> list[Line]:
    """Compare a program with recording the same graph again, forward and backward."""
    targets = {OURS: Target(">=", 250), LEAN: Target(">=", 700)}
    eager = {name: partial(_gpt, name) for name in targets}
    return _beside({PROGRAM: _gpt_program, **eager}, rounds, targets)


@ROWS.row("seconds of the clock to make a Program and call it once")
def start(rounds: int) -> list[Line]:
    """Measure what is paid once, with an empty cache and with what that call has left in it."""
    demo, graph = partial(recorded.perceptron, DEMO), partial(_recorded_graph, 1)
    return [
        *_start("demo", demo, rounds, Target("<=", 0.5, " s"), Target("<=", 0.1, " s")),
        *_start("random graph", graph, rounds, Target("<=", 1, " s"), None),
    ]


@ROWS.row("bytes for each operation of the random graph, at most during the first call")
def memory(rounds: int) -> list[Line]:
    """Compare few samples with many: they go through a chunk at a time. One round is enough."""
    few, many = (
        bytes_of_a_call(partial(_recorded_graph, samples)) / OPERATIONS for samples in (64, 1024)
    )
    growth = Spread.of([many / few])
    return [
        Line("64 samples", few, "B"),
        Line("1,024 samples", many, "B", growth, Target("<=", 1.1)),
    ]


@ROWS.row("a training by fit: breast cancer, a network 30-8-1, 50 epochs with Adam")
def fit(rounds: int) -> list[Line]:
    """Compare what fit chooses by itself with recording every batch."""
    makers = {name: partial(training.breast_cancer, name) for name in ("auto", "eager")}
    return _beside(makers, min(rounds, FEW), {"eager": Target(">=", 50)}, tolerance=1e-6)


@ROWS.row("handwritten digits, a network 64-32-10: imports, data, training and test")
def digits(rounds: int) -> list[Line]:
    """Measure how well and how soon a network of scalars reads; one round is enough."""
    accuracy, seconds = alone(training.digits)
    return [
        Line("test accuracy", 100 * accuracy, "%", target=Target(">=", 96, " %")),
        Line("all told", seconds, "s", target=Target("<=", 30, " s")),
    ]


def _network(network: Perceptron, rounds: int, targets: Targets, cores: int = 1) -> list[Line]:
    names = available([PROGRAM, *targets])
    makers = {name: partial(STEPS[name], network) for name in names}
    return _beside(makers, rounds, targets, cores)


def _graph(samples: int, rounds: int, target: Target | None) -> list[Line]:
    makers = {PROGRAM: partial(_graph_program, samples), "casadi": partial(_casadi, samples)}
    return _beside({name: makers[name] for name in available(makers)}, rounds, {"casadi": target})


def _start(
    name: str, recorder: Recorder, rounds: int, cold: Target, from_disk: Target | None
) -> list[Line]:
    without, with_cache = seconds_to_start(recorder, min(rounds, FEW))
    return [
        Line(f"{name}, cold", without.median, "s", target=cold),
        Line(f"{name}, from disk", with_cache.median, "s", target=from_disk),
    ]


def _recorded_graph(samples: int) -> recorded.Recording:
    return recorded.graph(random_graph(OPERATIONS), samples)


def _graph_program(samples: int) -> Step:
    return _recorded_graph(samples).step()


def _casadi(samples: int) -> Step:
    return symbolic.of_graph(random_graph(OPERATIONS), samples)


def _gpt_program() -> Step:
    return recorded.gpt().step()


def _gpt(name: str) -> Step:
    return of_workload(gpt_step(engine(name)))


def _beside(
    makers: Makers, rounds: int, targets: Targets, cores: int = 1, tolerance: float = 1e-9
) -> list[Line]:
    """Time the steps of all engines, once they agree; the ratios are to the first."""
    outcomes = {name: alone(partial(_outcome, maker)) for name, maker in makers.items()}
    check_agreement(outcomes, tolerance)
    recipes = {name: partial(_run, maker) for name, maker in makers.items()}
    return beside(recipes, rounds, targets, cores)


def _outcome(maker: Callable[[], Step]) -> list[float]:
    return maker().outcome()


def _run(maker: Callable[[], Step]) -> Callable[[], object]:
    return maker().run

"""What computes the gradients of the networks, each under its name in the table.

The name of a peer is that of its package; what stands after a comma says how it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from benchmarks.engines import engine, installed
from benchmarks.program import recorded
from benchmarks.program.arrays import in_jax, in_torch
from benchmarks.program.limit import compiler, limit
from benchmarks.program.perceptron import DEMO, Perceptron
from benchmarks.program.step import Step, of_workload
from benchmarks.program.symbolic import by_matrices, by_scalars
from benchmarks.workloads import demo_step

__all__ = ["ARRAYS", "ONE_THREAD", "PROGRAM", "STEPS", "C", "available"]

PROGRAM = "Program"
ONE_THREAD = "Program, one thread"
ARRAYS = "Program, on NumPy"
C = "C, one thread"


def _program(network: Perceptron) -> Step:
    return recorded.perceptron(network).step()


def _program_on_one_thread(network: Perceptron) -> Step:
    return recorded.perceptron(network).step(threads=1)


def _program_on_arrays(network: Perceptron) -> Step:
    return recorded.perceptron(network).step(backend="arrays")


def _micrograd(network: Perceptron) -> Step:
    """Return the step of micrograd's demo, which is that of this network alone."""
    assert network == DEMO
    return of_workload(demo_step(engine("micrograd")))


STEPS: dict[str, Callable[[Perceptron], Step]] = {
    PROGRAM: _program,
    ONE_THREAD: _program_on_one_thread,
    ARRAYS: _program_on_arrays,
    C: limit,
    "jax": in_jax,
    "torch": in_torch,
    "casadi": by_scalars,
    "casadi, matrices": by_matrices,
    "micrograd": _micrograd,
}


def available(names: Iterable[str]) -> list[str]:
    """Return those that can be measured on this machine."""
    return [name for name in names if _is_there(name)]


def _is_there(name: str) -> bool:
    if name == C:
        return compiler() is not None
    package, _, _ = name.partition(",")
    return package == PROGRAM or bool(installed([package]))

"""A step that is timed: a value and its gradient, by one engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks.workloads import Workload

__all__ = ["Step", "numbers", "of_workload"]


@dataclass(frozen=True)
class Step:
    """What is timed, and how to read the value and the gradient in what it returns."""

    run: Callable[[], Any]
    read: Callable[[Any], list[float]]

    def outcome(self) -> list[float]:
        """Do the step; return the value, then the derivative in each parameter."""
        return self.read(self.run())


def numbers(found: tuple[Any, Iterable[Any]]) -> list[float]:
    """Return a value and its gradient as floats.

    >>> numbers((1, [2, 3]))
    [1.0, 2.0, 3.0]
    """
    value, gradient = found
    return [float(value), *map(float, gradient)]


def of_workload(workload: Workload) -> Step:
    """Return the step of an engine that keeps gradients in its parameters."""
    return Step(workload.step, lambda y: numbers((y.data, (p.grad for p in workload.parameters))))

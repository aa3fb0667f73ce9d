"""`gradcheck`: compare gradients with finite differences, operand by operand."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from autograd.errors import DomainError, GradientError, InfiniteGradientWarning, UsageError
from autograd.gradients import grad
from autograd.recording import no_grad
from autograd.rule import Rule
from autograd.structures import flat, map_numbers
from autograd.value import Value

__all__ = ["Check", "Report", "gradcheck"]


class Check(NamedTuple):
    """One operand: its gradient by the engine and by finite differences."""

    operand: str
    at: float
    gradient: float
    difference: float
    verdict: str

    @property
    def error(self) -> float:
        """The disagreement, relative to the larger of the two and to 1."""
        if self.verdict:
            return 0.0
        size = max(1.0, abs(self.gradient), abs(self.difference))
        return abs(self.gradient - self.difference) / size

    def __str__(self) -> str:
        note = f" ({self.verdict})" if self.verdict else ""
        return (
            f"∂f/∂{self.operand} at {self.operand} = {self.at!r}: {self.gradient!r} by backward, "
            f"{self.difference:.9g} by finite differences{note}"
        )


class Report(list[Check]):
    """What `gradcheck` found for each operand."""

    @property
    def worst(self) -> Check:
        """The operand with the largest disagreement; NaN counts as the largest."""
        return max(self, key=lambda check: math.inf if math.isnan(check.error) else check.error)

    def __repr__(self) -> str:
        return "\n".join(map(str, self))


def gradcheck(function: Callable[..., Any], *arguments: Any, tolerance: float = 1e-6) -> Report:
    """Check a function's gradient in every number of its arguments against finite differences.

    The arguments are numbers, or lists, tuples, dicts or NumPy arrays of numbers. At a kink any
    slope between those of the two sides is right; where the slope is infinite the gradient must
    be too.

    Returns the report. Raises `GradientError` naming the worst operand if any disagrees by more
    than `tolerance`, relative to the larger of the two slopes and to 1.

    >>> gradcheck(lambda w, x: (w * x).tanh(), 0.5, 0.0)
    ∂f/∂w at w = 0.5: 0.0 by backward, 0 by finite differences
    ∂f/∂x at x = 0.0: 0.5 by backward, 0.5 by finite differences
    >>> from autograd import rule
    >>> @rule
    ... def square(x):
    ...     return x * x, (x,)
    >>> gradcheck(square, 3.0)
    Traceback (most recent call last):
    autograd.errors.GradientError: ∂f/∂x at x = 3.0: 3.0 by backward, 6 by finite differences
    """
    if not flat(arguments):
        raise UsageError("gradcheck: no numbers to check; give the function's arguments")
    everything = tuple(range(len(arguments)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InfiniteGradientWarning)  # the report says "vertical"
        gradients = flat(grad(function, argnums=everything)(*arguments))
    names = [
        name
        for parameter, argument in zip(_parameters(function, arguments), arguments, strict=True)
        for name in _entries(parameter, argument)
    ]
    numbers = [x.data if isinstance(x, Value) else float(x) for x in flat(arguments)]
    report = Report()
    for i, (name, x, gradient) in enumerate(zip(names, numbers, gradients, strict=True)):
        along = _along(function, arguments, numbers, i)
        slope = gradient.data if isinstance(gradient, Value) else float(gradient)
        report.append(_compare(name, along, x, slope, tolerance))
    if not report.worst.error <= tolerance:
        raise GradientError(str(report.worst))
    return report


def _parameters(function: Callable[..., Any], arguments: tuple[Any, ...]) -> list[str]:
    """Return what the function calls its arguments, as far as it says."""
    import inspect

    try:
        rule = function if isinstance(function, Rule) else None
        names = (
            rule.parameters(len(arguments)) if rule else [*inspect.signature(function).parameters]
        )
    except (TypeError, ValueError):
        names = []
    names = names[: len(arguments)]
    return [*names, *[f"argument {i + 1}" for i in range(len(names), len(arguments))]]


def _entries(name: str, tree: Any) -> Iterator[str]:
    """Yield a name for every number of an argument: ``x``, or ``x[0]`` and ``x[1]``."""
    if isinstance(tree, dict):
        branches = list(tree.items())
    elif isinstance(tree, list | tuple) or len(getattr(tree, "shape", ())):
        branches = list(enumerate(tree))
    else:
        yield name
        return
    for key, branch in branches:
        yield from _entries(f"{name}[{key!r}]", branch)


def _along(
    function: Callable[..., Any], arguments: tuple[Any, ...], numbers: list[float], i: int
) -> Callable[[float], float]:
    """Return the function of the i-th number alone."""

    def along(x: float) -> float:
        values = iter([*numbers[:i], x, *numbers[i + 1 :]])
        with no_grad():
            output = function(*map_numbers(lambda _: Value(next(values)), arguments))
        return output.data if isinstance(output, Value) else float(output)

    return along


def _compare(
    name: str, along: Callable[[float], float], x: float, gradient: float, tolerance: float
) -> Check:
    difference, _ = _limit(lambda h: (along(x + h) - along(x - h)) / (2 * h), x, order=4)
    check = Check(name, x, gradient, difference, "")
    if check.error <= tolerance:
        return check
    y = along(x)
    sides = (lambda h: (along(x + h) - y) / h, lambda h: (y - along(x - h)) / h)
    if math.isinf(gradient):
        steep = any(_grows(side, gradient, x) for side in sides)
        return check._replace(verdict="vertical" if steep else "")
    settled = [
        slope for slope, error in (_limit(side, x, order=2) for side in sides) if error < 0.01
    ]
    return check._replace(verdict=_excuse(gradient, settled))


def _excuse(gradient: float, sides: list[float]) -> str:
    """Say why a slope may differ from the central difference, or "" if it may not.

    `sides` are the slopes to the left and to the right, as far as there are any: the function may
    end here, or jump.
    """
    if not sides:
        return ""
    slack = 1e-3 * max(1.0, *map(abs, sides))
    if not min(sides) - slack <= gradient <= max(sides) + slack:
        return ""
    if len(sides) == 1:
        return "edge of the domain"
    return "kink" if max(sides) - min(sides) > slack else ""


def _limit(quotient: Callable[[float], float], x: float, order: int) -> tuple[float, float]:
    """Return the limit of a difference quotient for small steps, and its relative error.

    The limit is NaN, and the error infinite, if the quotient is defined for no step.

    Richardson extrapolation: halving the step divides the error's leading term by `order`. Of all
    entries of the table the one that agrees best with its neighbours is taken (Ridders 1982).
    """
    best, smallest = math.nan, math.inf
    row: list[float] = []
    step, tries = max(1.0, abs(x)) / 16, 0
    while tries < 24 and step > 1e-100 and x + step != x:  # more would only add rounding errors
        step /= 2
        try:
            entries = [quotient(step)]
        except DomainError:
            continue
        tries += 1
        for j, coarse in enumerate(row[:5]):
            fine = entries[-1]
            entries.append(fine + (fine - coarse) / (order ** (j + 1) - 1))
            error = max(abs(entries[-1] - fine), abs(entries[-1] - coarse))
            if error < smallest * max(1.0, abs(entries[-1])):
                best, smallest = entries[-1], error / max(1.0, abs(entries[-1]))
        row = entries
    return best, smallest


def _grows(quotient: Callable[[float], float], slope: float, x: float) -> bool:
    """Return whether a quotient heads for the infinity `slope`, instead of settling."""
    step = max(1.0, abs(x)) * 2.0**-20
    try:
        coarse, fine = quotient(step), quotient(step * 2.0**-20)
    except DomainError:
        return False
    return math.copysign(1.0, slope) * fine > 2 * abs(coarse)

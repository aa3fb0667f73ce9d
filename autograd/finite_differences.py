"""`gradcheck`: compare gradients with finite differences, operand by operand."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from autograd.comparisons import set_aside
from autograd.errors import (
    DomainError,
    GradientError,
    InfiniteGradientWarning,
    NumberError,
    UsageError,
)
from autograd.float_slopes import Slopes, float_slopes
from autograd.gradients import grad, gradient
from autograd.graph import topological_order
from autograd.number import number
from autograd.recording import no_grad
from autograd.rule import Rule
from autograd.structures import flat, map_numbers, places, written
from autograd.value import Value

__all__ = ["Check", "Report", "excuse", "gradcheck"]

_SMALLEST = math.ulp(0.0)


class Check(NamedTuple):
    """One operand: its gradient by the engine and by finite differences."""

    operand: str
    at: float
    gradient: float
    difference: float
    verdict: str = ""
    rounding: float = 0.0
    """How far the two may be apart for rounding errors alone."""
    method: str = "finite differences"

    @property
    def error(self) -> float:
        """The disagreement beyond rounding errors, relative to the larger of the two."""
        if self.verdict or self.gradient == self.difference:
            return 0.0
        size = max(abs(self.gradient), abs(self.difference))
        apart = abs(self.gradient - self.difference)
        if not math.isfinite(apart):
            return apart
        return max(0.0, apart - max(self.rounding, 8 * _SMALLEST)) / size

    def __str__(self) -> str:
        note = f" ({self.verdict})" if self.verdict else ""
        if self.rounding > 1e-6 * abs(self.difference):
            note = f" ± {self.rounding:.1g}{note}"
        return (
            f"∂f/∂{self.operand} at {self.operand} = {self.at!r}: {self.gradient!r} by backward, "
            f"{self.difference:.9g} by {self.method}{note}"
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

    The differences are those of the recorded graph, replayed in hundreds of digits with steps of
    1e-120 or less: no peak is too narrow for them, and nothing cancels. A function that leaves the
    engine (through ``.data``, or by a rule written with ``math``) is called at floats, with steps
    of every size.

    Returns the report. Raises `GradientError` naming the worst operand if any disagrees by more
    than `tolerance`, relative to the larger of the two slopes, and by more than rounding errors.

    >>> gradcheck(lambda w, x: (w * x).tanh(), 0.5, 0.0)
    ∂f/∂w at w = 0.5: 0.0 by backward, 0 by finite differences in high precision
    ∂f/∂x at x = 0.0: 0.5 by backward, 0.5 by finite differences in high precision
    >>> from autograd import rule
    >>> @rule
    ... def square(x):
    ...     return x * x, (x,)
    >>> gradcheck(square, 3.0)
    Traceback (most recent call last):
    autograd.errors.GradientError: ∂f/∂x at x = 3.0: 3.0 by backward, 6 by finite differences in ...
    """
    of = _Flat(function, arguments)
    if not of.numbers:
        raise UsageError("gradcheck: no numbers to check; give the function's arguments")
    with set_aside(), warnings.catch_warnings():
        warnings.simplefilter("ignore", InfiniteGradientWarning)  # the report says "vertical"
        report = Report(_checks(of, tolerance))
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


class _Record(NamedTuple):
    """A function as it was recorded at some numbers, and its gradient there."""

    output: Value
    leaves: list[Value]
    gradients: list[float]

    def sketch(self) -> list[Any]:
        """Return all that the recorded function is made of, but for the numbers it was given."""
        order = topological_order(self.output)
        place = {node: i for i, node in enumerate(order)}
        variables = {leaf: i for i, leaf in enumerate(self.leaves)}
        return [
            (node.rule.function, node.rule.constants, [place[parent] for parent in node.parents])
            if node.rule
            else variables.get(node, repr(node.data))
            for node in order
        ]

    def size(self) -> float:
        """Return the size of the numbers that the output is made of, as far as each counts."""
        order = topological_order(self.output)
        slopes = gradient(self.output, order)
        sizes = [abs(x.data * slope) for x, slope in zip(order, slopes, strict=True)]
        return sum(filter(math.isfinite, sizes))


class _Flat:
    """A function as one of a flat row of numbers."""

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self.function = function
        self.arguments = arguments
        given = flat(arguments, "gradcheck")
        self.numbers = [x.data if isinstance(x, Value) else number(x, "gradcheck") for x in given]

    def names(self) -> list[str]:
        """Return a name for every number."""
        parameters = _parameters(self.function, self.arguments)
        pairs = zip(parameters, self.arguments, strict=True)
        return [written(name, path) for name, argument in pairs for path in places(argument)]

    def shaped(self, kind: Callable[[float], Any], numbers: Iterable[float]) -> Any:
        """Return numbers in the places that they have among the arguments."""
        fresh = iter(numbers)
        return map_numbers(lambda _: kind(next(fresh)), self.arguments)

    def along(self, i: int) -> Callable[[float], float]:
        """Return the function of the i-th number alone."""

        def along(x: float) -> float:
            numbers = [*self.numbers[:i], x, *self.numbers[i + 1 :]]
            with no_grad():
                output = self.function(*self.shaped(Value, numbers))
            return output.data if isinstance(output, Value) else float(output)

        return along

    def record(self, numbers: Sequence[float]) -> _Record:
        """Record the function at some numbers."""
        leaves: list[Value] = []
        outputs: list[Any] = []

        def recorded(*operands: Any) -> Any:
            leaves.extend(flat(operands))
            outputs.append(self.function(*operands))
            return outputs[0]

        everything = tuple(range(len(self.arguments)))
        slopes = flat(grad(recorded, argnums=everything)(*self.shaped(float, numbers)))
        output = outputs[0] if isinstance(outputs[0], Value) else Value(outputs[0])
        return _Record(output, leaves, slopes)

    def stays(self, record: _Record) -> bool:
        """Return whether the function is what was recorded, at numbers nearby too.

        It is not if it leaves the engine (a constant of the graph varies) or takes another branch.
        """
        sketch = record.sketch()
        for scale in (2.0**-20, -(2.0**-20), 2.0**-40, -(2.0**-40)):
            numbers = [x + scale * (abs(x) or 1) / (1 + i % 7) for i, x in enumerate(self.numbers)]
            try:
                with set_aside():
                    nearby = self.record(numbers).sketch()
            except (ArithmeticError, ValueError):
                continue  # beyond an edge of the domain
            if nearby != sketch:
                return False
        return True


def _checks(of: _Flat, tolerance: float) -> Iterator[Check]:
    """Yield the verdict on every number."""
    record = of.record(of.numbers)
    slopes, method = _slopes(of, record)
    rows = zip(of.names(), of.numbers, record.gradients, slopes, strict=True)
    for name, x, found, true in rows:
        check = Check(name, x, found, true.middle, "", true.rounding, method)
        yield check._replace(verdict=excuse(check, true, tolerance))


def _slopes(of: _Flat, record: _Record) -> tuple[list[Slopes], str]:
    """Return the slopes in every number, and how they were found."""
    from autograd.precise_slopes import precise_slopes

    if of.stays(record):
        with suppress(NumberError, DomainError):  # of rules that are written for floats alone
            found = precise_slopes(record.output, record.leaves)
            return found, "finite differences in high precision"
    value, again = (of.along(0)(of.numbers[0]) for _ in range(2))
    if repr(value) != repr(again):
        raise UsageError(
            f"gradcheck: the function gave {value!r}, then {again!r} at the same numbers; "
            "fix what it draws at random"
        )
    size = record.size()
    found = [float_slopes(of.along(i), x, size) for i, x in enumerate(of.numbers)]
    return found, "finite differences"


def excuse(check: Check, true: Slopes, tolerance: float) -> str:
    """Say why a slope is right where there is none, or not the same all around; else ""."""
    sides = true.sides
    if not sides:
        return "no slope" if math.isnan(check.gradient) or check.gradient == 0 else ""
    if check.error <= tolerance:
        if math.isinf(check.difference):
            return "vertical"
        return "edge of the domain" if len(sides) == 1 else ""
    low, high = min([*sides, *true.nearby]), max([*sides, *true.nearby])
    slack = true.rounding + tolerance * max(abs(low), abs(high))
    return "kink" if low < high and low - slack <= check.gradient <= high + slack else ""

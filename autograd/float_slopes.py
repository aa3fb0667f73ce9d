"""The slopes of a function of one float on both sides of a point, from its values alone.

Difference quotients with steps of every size, each with an interval in which the slope must lie:
too small a step drowns in rounding errors, too large a one sees another part of the function. From
the smallest step on, the intervals that have a number in common close in on the slope.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, pairwise
from typing import NamedTuple, TypeAlias

__all__ = ["Slopes", "float_slopes"]

Function: TypeAlias = Callable[[float], float]
Guess: TypeAlias = tuple[float, float, float]
"""A slope, a worse guess at it, and the rounding error of the better one."""

_ENOUGH, _FEWEST = 8, 4  # so many intervals seldom agree by chance; fewer say nothing


class Slopes(NamedTuple):
    """The slopes of a function in one of its operands, to the left and to the right of a point.

    None where the function has no value on that side, or jumps; infinite where it is vertical.
    `rounding` is what a calculation in floats may miss them by; at a kink, `nearby` are slopes
    that the function has around it, when its other operands vary too.
    """

    left: float | None
    right: float | None
    rounding: float = 0.0
    nearby: tuple[float, ...] = ()

    @property
    def sides(self) -> list[float]:
        """Those slopes that there are."""
        return [slope for slope in (self.left, self.right) if slope is not None]

    @property
    def middle(self) -> float:
        """The central slope, or that of the one side, or NaN if there is none."""
        if not self.sides:
            return math.nan
        low, high = min(self.sides), max(self.sides)
        return low if low == high else low / 2 + high / 2


class Interval(NamedTuple):
    """Where a slope must lie: between `middle` − `error` and `middle` + `error`."""

    middle: float
    error: float

    def agrees(self, other: Interval) -> bool:
        """Return whether the two have a number in common."""
        return abs(self.middle - other.middle) <= self.error + other.error


_ANYWHERE = Interval(0.0, math.inf)


def float_slopes(function: Function, x: float, size: float) -> Slopes:
    """Return the slopes of a function on both sides of x.

    `size` is that of the numbers it computes with, to which its rounding errors are relative. The
    function may raise an arithmetic error where it has no value.

    >>> float_slopes(lambda x: abs(x) / 2, 0.0, size=0.0).sides
    [-0.5, 0.5]
    """
    around = _Around(function, x, size)
    left, right = around.side(-1), around.side(1)
    if left and right and left.agrees(right):
        central = around.central() or min(left, right, key=lambda side: side.error)
        return Slopes(central.middle, central.middle, central.error)
    errors = [side.error for side in (left, right) if side]
    return Slopes(
        left.middle if left else None, right.middle if right else None, max(errors, default=0.0)
    )


class _Around:
    """A function around a point."""

    def __init__(self, function: Function, x: float, size: float) -> None:
        self.function = function
        self.x = x
        self.y = function(x)
        self.noise = max(2 * sys.float_info.epsilon * max(size, abs(self.y)), self._jump())

    def at(self, x: float) -> float:
        """Return the value at x, or NaN if there is none."""
        try:
            y = self.function(x)
        except (ArithmeticError, ValueError):
            return math.nan
        return y if math.isfinite(y) else math.nan

    def _jump(self) -> float:
        """Return by how much the value changes from one float to the next."""
        ulp = math.ulp(self.x) if self.x else 0.0
        changes = [abs(self.at(self.x + k * ulp) - self.y) for k in (-2, -1, 1, 2)]
        return max(filter(math.isfinite, changes), default=0.0)

    def steps(self) -> Iterator[float]:
        """Yield ever larger steps, no one of which is a multiple of many others.

        Each is a multiple of what floats are apart there: a step ahead is one back.
        """
        size = abs(self.x)
        h, largest = size * 2.0**-48 or 1e-300, 1e20 * max(1.0, size)
        while h < largest:
            far = size + 2 * h
            yield (far + h) - far
            h *= 3.3 if h < size or h > 1e-20 else 1e4

    def rise(self, step: float) -> tuple[float, float]:
        """Return a step, as floats allow it, and by how much the value rises there."""
        there = self.x + step
        return there - self.x, self.at(there) - self.y

    def side(self, sign: int) -> Interval | None:
        """Return the slope to the right (sign 1) or to the left (−1).

        It is infinite where quotients grow without end, None where there are none.
        """
        return self.vertical(sign) or _close_in(_intervals(self.one_sided(sign)))

    def central(self) -> Interval | None:
        """Return the slope, where it is the same on both sides."""
        return _close_in(_intervals(self.two_sided()))

    def one_sided(self, sign: int) -> Iterator[Guess]:
        """Yield guesses at the slope on one side."""
        for step in self.steps():
            (h, near), (h_far, far) = self.rise(sign * step), self.rise(sign * 2 * step)
            limit = near / h + (near / h - far / h_far) * h / (h_far - h)
            yield limit, near / h, 5 * self.noise / step

    def two_sided(self) -> Iterator[Guess]:
        """Yield guesses at a slope that is the same on both sides."""
        for step in self.steps():
            fine, coarse = self.parabola(step), self.parabola(2 * step)
            yield (4 * fine - coarse) / 3, fine, 2 * self.noise / step

    def parabola(self, step: float) -> float:
        """Return the slope of the parabola through three points, whatever their distances are."""
        (h, ahead), (back, behind) = self.rise(step), self.rise(-step)
        return (ahead / h * back - behind / back * h) / (back - h)

    def vertical(self, sign: int) -> Interval | None:
        """Return the infinity that quotients of ever smaller steps head for, if they do."""
        few = [self.rise(sign * step) for step in islice(self.steps(), 2, 12)]  # beyond rounding
        for (h, near), (h_far, far) in pairwise(few):
            steeper = abs(near / h) > 1.01 * abs(far / h_far)
            if not steeper or abs(near) > 0.99 * abs(far):  # the value itself jumps
                return None
        h, near = few[0]
        return Interval(math.copysign(math.inf, h * near), 0.0)


def _intervals(guesses: Iterable[Guess]) -> Iterator[Interval]:
    """Yield an interval for each guess at a slope.

    The better guess is off by less than it differs from the worse one, at this step or at the next
    larger one: at one of them they may agree by chance.
    """
    for (better, worse, rounding), (later, less, _) in pairwise(guesses):
        apart = max(filter(math.isfinite, [abs(better - worse), abs(later - less)]), default=0.0)
        yield Interval(better, apart + rounding)


def _close_in(intervals: Iterable[Interval]) -> Interval | None:
    """Return the narrowest of the first intervals that agree, if enough do; else of the most."""
    runs: list[tuple[int, Interval]] = []
    best, count = _ANYWHERE, 0
    for interval in intervals:
        if not math.isfinite(interval.middle):
            continue  # no value at such a step
        if best.agrees(interval):
            best, count = min(best, interval, key=lambda x: x.error), count + 1
        elif count >= _ENOUGH:
            break
        else:
            runs.append((count, best))
            best, count = interval, 1
    count, best = max([(count, best), *runs], key=lambda run: run[0])
    return best if count >= _FEWEST else None

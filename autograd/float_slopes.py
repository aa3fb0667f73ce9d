"""The slopes of a function of one float on both sides of a point, from its values alone.

Difference quotients with steps of every size, each with an interval in which the slope must lie:
too small a step drowns in rounding errors, too large a one sees another part of the function. From
the smallest step on, the intervals that have a number in common close in on the slope.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

__all__ = ["Slopes", "float_slopes"]

Function: TypeAlias = Callable[[float], float]

_ENOUGH = 4  # so many intervals never have a number in common by chance


class Slopes(NamedTuple):
    """The slopes to the left and to the right of a point, and what a calculation may miss them by.

    None where the function has no value on that side, or jumps; infinite where it is vertical.
    """

    left: float | None
    right: float | None
    rounding: float = 0.0

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
    """Where a slope must lie, by so many difference quotients."""

    low: float
    high: float
    quotients: int = 1

    @property
    def middle(self) -> float:
        """The best guess."""
        return self.low + (self.high - self.low) / 2

    def common(self, other: Interval) -> Interval:
        """Return what lies in both; it is empty if it ends before it begins."""
        quotients = self.quotients + other.quotients
        return Interval(max(self.low, other.low), min(self.high, other.high), quotients)

    def __bool__(self) -> bool:
        return self.low <= self.high


_ANYWHERE = Interval(-math.inf, math.inf, 0)


def float_slopes(function: Function, x: float, size: float) -> Slopes:
    """Return the slopes of a function on both sides of x.

    `size` is that of the numbers it computes with, to which its rounding errors are relative. The
    function may raise an arithmetic error where it has no value.

    >>> float_slopes(lambda x: abs(x) / 2, 0.0, size=0.0)
    Slopes(left=-0.5, right=0.5, rounding=0.0)
    """
    around = _Around(function, x, size)
    left, right = around.side(-1), around.side(1)
    if isinstance(left, Interval) and isinstance(right, Interval):
        both = left.common(right)
        if both:
            central = _close_in(around.central()) or both
            both = central.common(both) or both
            return Slopes(both.middle, both.middle, both.high - both.middle)
    errors = [side.high - side.middle for side in (left, right) if isinstance(side, Interval)]
    return Slopes(_middle(left), _middle(right), max(errors, default=0.0))


def _middle(side: Interval | float | None) -> float | None:
    return side.middle if isinstance(side, Interval) else side


class _Around:
    """A function around a point."""

    def __init__(self, function: Function, x: float, size: float) -> None:
        self.function = function
        self.x = x
        self.y = function(x)
        self.noise = max(4 * sys.float_info.epsilon * max(size, abs(self.y)), self._jump())

    def at(self, x: float) -> float:
        """Return the value at x, or NaN if there is none."""
        try:
            y = self.function(x)
        except (ArithmeticError, ValueError):
            return math.nan
        return y if math.isfinite(y) else math.nan

    def _jump(self) -> float:
        """Return by how much the value changes within a few floats."""
        ulp = math.ulp(self.x) if self.x else 0.0
        changes = [abs(self.at(self.x + k * ulp) - self.y) for k in (-5, -3, -2, 2, 3, 5)]
        return max(filter(math.isfinite, changes), default=0.0)

    def steps(self) -> Iterator[float]:
        """Yield steps of every size, no one of which is a multiple of many others."""
        h, largest = abs(self.x) * 2.0**-48 or 1e-300, 0.25 * max(1.0, abs(self.x))
        while h < largest:
            yield h
            h *= 3.3 if h < abs(self.x) or h > 1e-20 else 1e4

    def rise(self, step: float) -> tuple[float, float]:
        """Return a step, as floats allow it, and by how much the value rises there."""
        there = self.x + step
        return there - self.x, self.at(there) - self.y

    def side(self, sign: int) -> Interval | float | None:
        """Return the slope to the right (sign 1) or to the left (−1).

        It is infinite where quotients grow without end, None where there are none.
        """
        rises, intervals = [], []
        for step in self.steps():
            (h, near), (h_far, far) = self.rise(sign * step), self.rise(sign * 2 * step)
            limit = near / h + (near / h - far / h_far) * h / (h_far - h)
            rises.append((h, near))
            intervals.append(self.interval(limit, near / h, h))
        return _vertical(rises) or _close_in(intervals)

    def central(self) -> Iterator[Interval]:
        """Yield intervals for the slope where it is the same on both sides."""
        for step in self.steps():
            coarse, fine = [
                (ahead - behind) / (h - h_back)
                for (h, ahead), (h_back, behind) in (
                    (self.rise(k * step), self.rise(-k * step)) for k in (2, 1)
                )
            ]
            yield self.interval((4 * fine - coarse) / 3, fine, step)

    def interval(self, better: float, worse: float, h: float) -> Interval:
        """Return the interval around a quotient, by its distance to a worse one and by rounding."""
        error = abs(better - worse) + 4 * self.noise / abs(h)  # 4 values, or 2 and twice as much
        return Interval(better - error, better + error)


def _close_in(intervals: Iterable[Interval]) -> Interval | None:
    """Return what the first intervals that agree have in common, if enough do."""
    found = _ANYWHERE
    for interval in intervals:
        if not interval.low - interval.high <= 0:
            continue  # NaN: no value at such a step
        closer = found.common(interval)
        if not closer and found.quotients >= _ENOUGH:
            break
        found = closer or interval
    return found if found.quotients >= _ENOUGH else None


def _vertical(rises: Sequence[tuple[float, float]]) -> float:
    """Return the infinity that quotients of ever larger steps come from, or 0 if there is none."""
    few = rises[4:10]  # the smallest steps drown in rounding errors
    for (h, near), (h_far, far) in pairwise(few):
        steeper = abs(near / h) > 1.01 * abs(far / h_far)
        if not steeper or abs(near) > 0.99 * abs(far):  # the value itself jumps
            return 0.0
    return math.copysign(math.inf, rises[0][0] * rises[0][1])

"""Points at which to test a rule: everyday ones, and those where numbers are hard."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias

from autograd.errors import UsageError
from autograd.rule import Rule

__all__ = ["Point", "Points"]

Point: TypeAlias = tuple[float, ...]

_SIZES = (1e-300, 1e-8, 0.5, 1 - 1e-9, 1.0, 3.0, 40.0, 1000.0)
_HARD = [0.0, -0.0, *_SIZES, *[-size for size in _SIZES]]


class Points:
    """The points to test a rule of so many operands at, by what it says of them.

    - ``inside``: its value is a finite number;
    - ``outside``: it declares a domain, and they lie outside;
    - ``empty``: it has no value there, and did not declare so;
    - ``too_large``: its value fits no float, or so it says.

    >>> from autograd import rules
    >>> points = Points(rules.log, 1)
    >>> (5e-324,) in points.inside, (0.0,) in points.outside
    (True, True)
    """

    def __init__(self, rule: Rule, count: int, extra: Sequence[Point] = ()) -> None:
        self.rule = rule
        self.inside: list[Point] = []
        self.outside: list[Point] = []
        self.empty: list[Point] = []
        self.too_large: list[Point] = []
        for point in [*extra, *_points(count)]:
            self._add(point)
        if count == 1:
            for low, high in pairwise(sorted({x for (x,) in [*self.inside, *self.outside]})):
                self._add_edge(low, high)

    def _place(self, point: Point) -> list[Point]:
        if self.rule.excludes(point):
            return self.outside
        try:
            value, _ = self.rule.derive(*point)
        except OverflowError:
            return self.too_large
        except UsageError:
            return self.inside  # where the checks say what is wrong
        except (ArithmeticError, ValueError):
            return self.empty
        except Exception:
            return self.inside
        if math.isfinite(value):
            return self.inside
        return self.empty if math.isnan(value) else self.too_large

    def _add(self, point: Point) -> None:
        place = self._place(point)
        if repr(point) not in map(repr, place):  # 0.0 and −0.0 are two points
            place.append(point)

    def _add_edge(self, low: float, high: float) -> None:
        """Add the last point outside, the first inside, and some near it, if there is an edge."""
        place, other = self._place((low,)), self._place((high,))
        if place is other:
            return
        while low < (middle := low + (high - low) / 2) < high:
            low, high = (middle, high) if self._place((middle,)) is place else (low, middle)
        for further in (0.0, 1e-9, 1e-3):
            self._add((low - further * max(1.0, abs(low)),))
            self._add((high + further * max(1.0, abs(high)),))


def _points(count: int) -> Iterator[Point]:
    """Yield hard points, ties among them, and everyday ones: always the same."""
    draw = random.Random(count)
    if count == 1:
        yield from [(x,) for x in _HARD]
    else:
        yield from [(x,) * count for x in _HARD[::3]]
        yield from [(x, *[-x] * (count - 1)) for x in _HARD[3::4]]
        yield from [tuple(draw.choices(_HARD, k=count)) for _ in range(40)]
    yield from [tuple(draw.uniform(-3, 3) for _ in range(count)) for _ in range(8)]
    for _ in range(8):
        yield tuple(draw.choice([-1, 1]) * 10 ** draw.uniform(-6, 3) for _ in range(count))

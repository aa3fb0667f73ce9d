"""The slopes of a recorded function on both sides of a point, from its values alone.

The graph is replayed on `Precise` numbers, with steps that are smaller than anything that floats
can tell apart, and digits enough for whatever cancels. Kinks, edges and vertical tangents show as
what they are.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_UP, Context, Decimal, localcontext
from itertools import combinations_with_replacement
from typing import Any, TypeAlias

from autograd.decimals import digits
from autograd.errors import DomainError, NumberError
from autograd.float_slopes import Slopes
from autograd.graph import topological_order
from autograd.precise import Precise
from autograd.replay import replay
from autograd.rule import Rule
from autograd.value import Value

__all__ = ["precise_curvatures", "precise_slopes", "precise_value"]

Sides: TypeAlias = tuple[Decimal | None, Decimal | None]

_LEVELS = [(450, Decimal("1e-120")), (1400, Decimal("1e-350"))]
"""Digits, and the smallest step. The first does for most; the second for all that floats hold."""

_SAME = Decimal("1e-9")  # quotients that agree so well have settled
_NOTHING = Decimal("1e-330")  # less than the smallest float
_WRONG = Decimal("1e-3")  # more than the constants of a right formula, which are floats, can do
_AROUND = 24  # so many points around a kink of several operands are looked at
_NOWHERE: Mapping[int, Decimal] = {}


def precise_slopes(output: Value, leaves: Sequence[Value]) -> list[Slopes]:
    """Return the slopes of a recorded output in each of the leaves.

    Their `rounding` is what the same calculation, slopes and all, loses in 16 digits.

    Raises `NumberError` if a rule of the graph is written for floats alone, or if the output is
    another number in many digits than in floats.

    >>> x = Value(0.0)
    >>> precise_slopes(abs(x), [x])[0].sides
    [-1.0, 1.0]
    """
    graph = _Graph(output, leaves)
    for count, step in _LEVELS:
        with digits(count):
            value, formulas = graph.run()
            confirmed = graph.confirms(value, formulas, step)
        if confirmed:
            break
    with digits(count):
        errors = graph.rounding_errors(value, formulas)
        if confirmed:
            sides: list[Sides] = [(formula, formula) for formula in formulas]
        else:
            sides = [graph.sides(value, i, step) for i in range(len(leaves))]
        found = list(map(_slopes, sides, formulas, errors))
        if len(found) == 1 or not any(slopes.bent for slopes in found):
            return found
        return [
            slopes._replace(nearby=tuple(map(float, graph.nearby(i, step))))
            for i, slopes in enumerate(found)
        ]


def precise_curvatures(output: Value, leaves: Sequence[Value]) -> list[list[float | None]]:
    """Return the second derivatives of a recorded output, None where the two sides differ.

    Raises `NumberError` as `precise_slopes` does.

    >>> x, y = Value(3.0), Value(0.0)
    >>> precise_curvatures(x * x * y.elu(), [x, y])
    [[0.0, 6.0], [6.0, None]]
    """
    graph = _Graph(output, leaves)
    found = {
        (i, j): graph.curvature(i, j)
        for i, j in combinations_with_replacement(range(len(leaves)), 2)
    }
    return [[found[min(i, j), max(i, j)] for j in range(len(leaves))] for i in range(len(leaves))]


def precise_value(rule: Rule, point: Sequence[float]) -> float:
    """Return the value of a rule, rounded once from many digits; infinite beyond floats.

    >>> from autograd import rules
    >>> precise_value(rules.sum, [0.1, 1e16, -1e16]), precise_value(rules.exp, [1000.0])
    (0.1, inf)
    """
    with digits(_LEVELS[0][0]):
        return float(_decimal(rule.evaluate([Precise(x) for x in point])[0]))


class _Graph:
    """A recorded graph, as a function of the numbers at its leaves."""

    def __init__(self, output: Value, leaves: Sequence[Value]) -> None:
        self.output = output
        self.leaves = leaves
        self.present = set(topological_order(output))
        self.units = [Decimal(abs(leaf.data) or 1.0) for leaf in leaves]

    def run(self, steps: Mapping[int, Decimal] = _NOWHERE) -> tuple[Decimal, list[Decimal]]:
        """Return the value and its slopes by the rules, with steps added to some of the leaves."""
        numbers = {
            leaf: Precise(Decimal(leaf.data) + steps[i] if i in steps else Decimal(leaf.data))
            for i, leaf in enumerate(self.leaves)
            if leaf in self.present
        }
        try:
            value, slopes = replay(self.output, numbers)
        except DomainError:
            raise
        except Exception as error:  # whatever a rule says to a kind of number that it does not know
            raise NumberError(f"the graph has no values in many digits ({error})") from error
        return _decimal(value), [_decimal(slopes.get(leaf, 0.0)) for leaf in self.leaves]

    def rise(self, value: Decimal, steps: Mapping[int, Decimal]) -> Decimal:
        """Return by how much the value rises with steps, or NaN if there is none."""
        try:
            return self.run(steps)[0] - value
        except DomainError:
            return Decimal("NaN")

    def confirms(self, value: Decimal, slopes: Sequence[Decimal], step: Decimal) -> bool:
        """Return whether the values around the point confirm all slopes of the rules at once.

        They do if the function, along one odd direction and back, rises as the slopes say.
        """
        direction = self.direction(0)
        terms = [direction[i] * slope for i, slope in enumerate(slopes)]
        for h in (step, -step):
            rise = self.rise(value, {i: h * v for i, v in direction.items()})
            drift = abs(rise / h - sum(terms))
            if not drift.is_finite():
                return False
            for v, term in zip(direction.values(), terms, strict=True):
                if not (drift <= _SAME * abs(term) or drift <= _NOTHING * v):
                    return False
        return True

    def direction(self, n: int) -> dict[int, Decimal]:
        """Return the n-th of many odd directions, in none of which two leaves keep step."""
        draw = random.Random(n)
        sizes = [draw.choice([-1, 1]) * draw.uniform(0.1, 1) for _ in self.units]
        return {
            i: unit * Decimal(size)
            for i, (unit, size) in enumerate(zip(self.units, sizes, strict=True))
        }

    def nearby(self, i: int, step: Decimal) -> list[Decimal]:
        """Return the slopes in one leaf at some points around, each of which is no kink."""
        found = []
        for n in range(_AROUND):
            far = {j: step * 10**30 * v for j, v in self.direction(n).items()}
            base = self.rise(Decimal(0), far)
            h = step * self.units[i]
            found.append(self.rise(base, {**far, i: far[i] + h}) / h)
        return [slope for slope in found if slope.is_finite()]

    def sides(self, value: Decimal, i: int, step: Decimal) -> Sides:
        """Return the slopes in one leaf to the left and to the right."""
        steps = [step * larger * self.units[i] for larger in (10**20, 10**10, 1)]
        ahead = [self.rise(value, {i: h}) for h in steps]
        behind = [-self.rise(value, {i: -h}) for h in steps]
        left, right = _limit(behind, steps), _limit(ahead, steps)
        if left is None and right is None:  # one point may jump out of a curve that goes on
            across = [(x + y) / 2 for x, y in zip(ahead, behind, strict=True)]
            left = right = _limit(across, steps)
        return left, right

    def curvature(self, i: int, j: int) -> float | None:
        """Return the second derivative in two leaves, or None if the two sides differ."""
        for count, step in _LEVELS:
            with digits(count + 150):
                value = self.run()[0]
                left = self._bend(value, i, j, -step)
                right = self._bend(value, i, j, step * 10**10)
                if _same(left, right):
                    return float(right)
                if abs(left) + abs(right) < step.sqrt():  # of third derivatives, the second being 0
                    return 0.0
        return None

    def _bend(self, value: Decimal, i: int, j: int, step: Decimal) -> Decimal:
        """Return the second difference quotient in two leaves."""
        h, k = (step * max(Decimal(1), self.units[n]) for n in (i, j))
        both = self.rise(value, {i: h, j: k} if i != j else {i: 2 * h})
        first = self.rise(value, {i: h})
        second = self.rise(value, {j: k}) if i != j else first
        return (both - first - second) / (h * k)

    def rounding_errors(self, value: Decimal, slopes: Sequence[Decimal]) -> list[Decimal]:
        """Return how far the slopes of the rules are off in 16 digits, rounded up, down and so on.

        Floats keep as many, and the same exponents: their errors are of the same size.
        """
        exact = [value, *slopes]
        worst = [Decimal(0)] * len(exact)
        for rounding in (ROUND_UP, ROUND_DOWN, ROUND_CEILING, ROUND_FLOOR):
            with localcontext(Context(16, rounding, -307, 308, traps=[])):
                try:
                    rounded, slopes = self.run()
                except DomainError:
                    continue
            errors = [8 * abs(x - y) for x, y in zip([rounded, *slopes], exact, strict=True)]
            worst = [max(x, y) if y.is_finite() else x for x, y in zip(worst, errors, strict=True)]
        if not abs(value - Decimal(self.output.data)) <= _SAME * abs(value) + worst[0]:
            raise NumberError(f"the value {self.output.data!r} is {value:.9g} in many digits")
        return worst[1:]


def _limit(rises: Sequence[Decimal], steps: Sequence[Decimal]) -> Decimal | None:
    """Return what the quotients of rises and ever smaller steps head for."""
    q0, q1, q2 = (rise / step for rise, step in zip(rises, steps, strict=True))
    if not q2.is_finite() or _same(rises[1], rises[2]):
        return Decimal(0) if q2 == 0 else None  # no value there, or a jump
    if _same(q1, q2):
        return q2
    slowing = abs(q1 - q0) - abs(q2 - q1)
    if not slowing > _SAME * abs(q2 - q1):
        return Decimal("Infinity").copy_sign(q2)
    limit = (q0 * q2 - q1 * q1) / (q0 - 2 * q1 + q2)  # of s + c hᵖ it is s (Aitken)
    return limit if abs(limit) > _SAME * abs(q2) else Decimal(0)


def _slopes(sides: Sides, formula: Decimal, error: Decimal) -> Slopes:
    """Return slopes as floats; a formula that is wrong has no rounding errors to excuse it."""
    left, right = (None if slope is None else float(slope) for slope in sides)
    slopes = [slope for slope in sides if slope is not None]
    if slopes and _same(slopes[0], slopes[-1]):
        wrong = abs(formula - slopes[0]) > _WRONG * abs(slopes[0])
        error = Decimal(0) if wrong else error
    return Slopes(left, right, float(error))


def _same(x: Decimal, y: Decimal) -> bool:
    return abs(x - y) <= _SAME * abs(y)


def _decimal(number: Any) -> Decimal:
    return number.decimal if isinstance(number, Precise) else Decimal(number)

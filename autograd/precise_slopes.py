"""The slopes of a recorded function on both sides of a point, from its values alone.

The graph is replayed on `Precise` numbers. With 700 digits, steps of 1e-350 are seen, which are
smaller than anything that floats can tell apart, and 350 digits are left for what cancels. Kinks,
edges and vertical tangents show as what they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_UP, Context, Decimal, localcontext
from typing import Any

from autograd.decimals import digits
from autograd.errors import DomainError, NumberError
from autograd.float_slopes import Slopes
from autograd.graph import topological_order
from autograd.precise import Precise
from autograd.replay import replay
from autograd.value import Value

__all__ = ["DIGITS", "precise_slopes"]

DIGITS = 700
_STEPS = [Decimal(f"1e-{n}") for n in (330, 340, 350)]
_SAME = Decimal("1e-9")  # quotients that agree so well have settled
_NOWHERE: Mapping[int, Decimal] = {}
_NOTHING = Decimal("1e-330")  # less than the smallest float


def precise_slopes(output: Value, leaves: Sequence[Value]) -> list[Slopes]:
    """Return the slopes of a recorded output in each of the leaves.

    Their `rounding` is what the same calculation, slopes and all, loses in 16 digits.

    Raises `NumberError` if a rule of the graph is written for floats alone, or if the output is
    another number in many digits than in floats.

    >>> x = Value(0.0)
    >>> precise_slopes(abs(x), [x])
    [Slopes(left=-1.0, right=1.0, rounding=0.0)]
    """
    graph = _Graph(output, leaves)
    with digits(DIGITS):
        value, formulas = graph.run()
        value_error, *errors = graph.rounding_errors([value, *formulas])
        if not abs(value - Decimal(output.data)) <= _SAME * abs(value) + value_error:
            raise NumberError(f"the output is {output.data!r} in floats, {value} in many digits")
        if graph.confirms(value, formulas):
            sides: list[Any] = [(slope, slope) for slope in formulas]
        else:
            sides = [graph.sides(value, i) for i in range(len(leaves))]
    return [
        Slopes(_float(left), _float(right), float(error))
        for (left, right), error in zip(sides, errors, strict=True)
    ]


class _Graph:
    """A recorded graph, as a function of the numbers at its leaves."""

    def __init__(self, output: Value, leaves: Sequence[Value]) -> None:
        self.output = output
        self.leaves = leaves
        self.present = set(topological_order(output))
        self.units = [Decimal(max(1.0, abs(leaf.data))) for leaf in leaves]

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
        except Exception as error:  # whatever a foreign rule says to a foreign number
            raise NumberError(f"a rule is written for floats alone ({error})") from error
        return _decimal(value), [_decimal(slopes.get(leaf, 0.0)) for leaf in self.leaves]

    def value(self, steps: Mapping[int, Decimal]) -> Decimal:
        """Return the value with steps added to some of the leaves, or NaN if there is none."""
        try:
            return self.run(steps)[0]
        except DomainError:
            return Decimal("NaN")

    def rounding_errors(self, exact: Sequence[Decimal]) -> list[Decimal]:
        """Return how far the value and the slopes are off in 16 digits, rounded up, down and so on.

        Floats keep as many, and the same exponents: their errors are of the same size.
        """
        worst = [Decimal(0)] * len(exact)
        for rounding in (ROUND_UP, ROUND_DOWN, ROUND_CEILING, ROUND_FLOOR):
            with localcontext(Context(16, rounding, -307, 308, traps=[])):
                try:
                    value, slopes = self.run()
                except DomainError:
                    continue
            for i, number in enumerate([value, *slopes]):
                error = 8 * abs(number - exact[i])
                if error.is_finite():
                    worst[i] = max(worst[i], error)
        return worst

    def confirms(self, value: Decimal, slopes: Sequence[Decimal]) -> bool:
        """Return whether the values around the point confirm all slopes of the rules at once.

        They do if the function, along one odd direction and back, rises as the slopes say.
        """
        golden = Decimal(5).sqrt() / 2
        direction = [unit * (1 + golden * (i + 1) % 1) for i, unit in enumerate(self.units)]
        terms = [v * slope for v, slope in zip(direction, slopes, strict=True)]
        for h in (_STEPS[-1], -_STEPS[-1]):
            quotient = (self.value({i: h * v for i, v in enumerate(direction)}) - value) / h
            drift = abs(quotient - sum(terms))
            if not drift.is_finite():
                return False
            for v, term in zip(direction, terms, strict=True):
                if not (drift <= _SAME * abs(term) or drift <= _NOTHING * v):
                    return False
        return True

    def sides(self, value: Decimal, i: int) -> list[Decimal | None]:
        """Return the slopes in one leaf to the left and to the right."""
        found = []
        for sign in (-1, 1):
            steps = [sign * h * self.units[i] for h in _STEPS]
            rises = [self.value({i: step}) - value for step in steps]
            found.append(_limit(rises, steps))
        return found


def _float(slope: Decimal | None) -> float | None:
    return None if slope is None else float(slope)


def _decimal(number: Any) -> Decimal:
    return number.decimal if isinstance(number, Precise) else Decimal(number)


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


def _same(x: Decimal, y: Decimal) -> bool:
    return abs(x - y) <= _SAME * abs(y)

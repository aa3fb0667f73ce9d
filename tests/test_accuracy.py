"""The slopes of the table are right relative to the true slope, over each rule's whole domain."""

from __future__ import annotations

import itertools
import math
import random
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import mpmath
import pytest

from autograd import InfiniteGradientWarning, hessian
from tests.table import CASES, ORACLE, Case

EPSILON = sys.float_info.epsilon
LEAST, MOST = 1e-290, 1e290  # beyond, floats themselves have fewer digits or none

ULPS = 4
"""Units in the last place that a slope may be off, where the function allows it."""

Scale = Callable[..., float]

FIRST: dict[str, tuple[Scale, str]] = {
    "pow": (
        lambda slope, x, y: abs(slope) * (1 + 0.3 * abs(math.log(abs(x)))),
        "y − 1 is rounded, and x to that power is off by log |x| times as much",
    ),
    "logsumexp": (
        lambda slope, *x: abs(slope) * (1 + (max(x) - min(x))),
        "the difference of two operands is rounded, and its exponential off by as much",
    ),
    "gelu": (lambda slope, x: abs(slope) + 0.1, "Φ(x) + x φ(x) cancels near its zero at −0.75"),
    "silu": (lambda slope, x: abs(slope) + 0.1, "1 + x (1 − σ(x)) cancels near its zero at −1.28"),
}
"""What slopes are compared relative to, where that is not the slope itself, and the reason."""

SECOND: dict[str, tuple[Scale, str]] = {
    "pow": (
        lambda slope, x, y: abs(slope) * (10 + 2 * abs(math.log(abs(x)))),
        "as in first order, twice",
    ),
    "cbrt": (lambda slope, x: 3 * abs(slope), "−2/(9 z⁵) has five times the error of z"),
    "atan2": (lambda slope, y, x: 1 / (x * x + y * y), "(y² − x²)/r⁴ cancels where |x| = |y|"),
    "norm": (lambda slope, *x: 1 / math.hypot(*x), "1/r − x²/r³ cancels for a dominating operand"),
    "logsumexp": (lambda slope, *x: 1.0, "p (1 − p) cancels for a dominating operand"),
    "sech": (lambda slope, x: abs(slope) + 1 / math.cosh(x), "2z³ − z changes its sign at 0.88"),
    "gelu": (lambda slope, x: abs(slope) + 0.1, "(2 − x²) φ(x) changes its sign at √2"),
    "silu": (lambda slope, x: abs(slope) + 0.1, "it changes its sign at 2.4"),
    "gaussian": (lambda slope, x: 2 * abs(slope) + 1e-16, "it changes its sign at 0.71"),
}

UNBOUNDED = {"mod", "where", "less", "less_equal", "greater", "greater_equal"} | {
    "equal",
    "not_equal",
}
"""Rules whose slopes are constant between jumps that may lie closer than floats do."""

GRADED = [case for case in CASES if case.rule.name not in UNBOUNDED]


def true_value(case: Case, point: Sequence[Any]) -> Any:
    constants = {name: mpmath.mpf(c) for name, c in case.rule.constants.items()}
    return ORACLE[case.rule.name](*point, **constants)


def points(case: Case, size: int) -> Iterator[tuple[float, ...]]:
    """Yield points of the domain, of all magnitudes and signs, and near its edges."""
    draw = random.Random(f"accuracy {case}")
    candidates = (tuple(magnitude(draw) for _ in range(case.count)) for _ in range(100 * size))
    kink, constants = case.rule.kink, case.rule.constants
    inside = (p for p in candidates if case.allows(p) and not (kink and kink(*p, **constants)))
    yield from itertools.islice(inside, size)


def magnitude(draw: random.Random) -> float:
    sign = draw.choice([1.0, -1.0])
    match draw.randrange(4):
        case 0:
            return sign * 10 ** draw.uniform(-18, 3)
        case 1:
            return sign * (1 + draw.choice([1, -1]) * 10 ** draw.uniform(-15, -1))
        case 2:
            return sign * draw.uniform(0, 40)
        case _:
            return sign * 10 ** draw.uniform(-150, 150)


def slope(case: Case, point: Sequence[Any], *which: int) -> Any:
    """Return a derivative of first or of second order, by differences in very many digits."""
    if not which:
        return true_value(case, point)
    *inner, i = which
    h = abs(point[i]) * mpmath.mpf(2) ** -500
    ahead, behind = (
        slope(case, [x + s * h * (k == i) for k, x in enumerate(point)], *inner) for s in (1, -1)
    )
    return (ahead - behind) / (2 * h)


def is_graded(true: Any) -> bool:
    """Return whether a slope is real, and a float has all its digits."""
    return not isinstance(true, mpmath.mpc) and LEAST < abs(true) < MOST


def units(
    exceptions: dict[str, tuple[Scale, str]], case: Case, point: Any, found: float, true: Any
) -> float:
    """Return by how many units in the last place a slope is off."""
    scale, _ = exceptions.get(case.rule.name, (lambda slope, *_: abs(slope), ""))
    return float(abs(found - true) / scale(float(true), *point)) / EPSILON


@pytest.mark.slow
@pytest.mark.parametrize("case", GRADED, ids=str)
def test_slopes_are_right_to_the_last_digits_over_the_whole_domain(case: Case) -> None:
    with mpmath.workdps(1300):
        for point in points(case, 25):
            exactly = [mpmath.mpf(x) for x in point]
            if abs(true_value(case, exactly)) > MOST:
                continue
            for i, found in enumerate(case.rule.derive(*point)[1]):
                true = slope(case, exactly, i)
                if is_graded(true):
                    assert units(FIRST, case, point, found, true) <= ULPS, (point, i)


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in GRADED if case.count <= 2], ids=str)
def test_second_derivatives_are_right_to_the_last_digits_over_the_whole_domain(case: Case) -> None:
    with mpmath.workdps(1800):
        for point in points(case, 12):
            exactly = [mpmath.mpf(x) for x in point]
            if abs(true_value(case, exactly)) > MOST:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", InfiniteGradientWarning)  # beyond MOST
                found = hessian(case)(list(point))
            for i, j in itertools.product(range(case.count), repeat=2):
                true = slope(case, exactly, i, j)
                if is_graded(true):
                    assert units(SECOND, case, point, found[i][j], true) <= ULPS, (point, i, j)

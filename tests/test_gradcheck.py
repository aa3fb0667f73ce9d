"""gradcheck passes every right slope and no wrong one: narrow, fast, tiny, huge, cancelling."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

import autograd
from autograd import GradientError, UsageError, Value, comparisons, gradcheck, rule
from autograd import functions as f
from autograd.float_slopes import float_slopes
from autograd.rule import Rule
from tests.table import CASES, Case
from tests.test_rules import hard_points

Function = Callable[[Any, Any], Any]


def gauss(width: float, centre: float) -> tuple[str, Function, Function, list[float]]:
    def value(m: Any, x: Any) -> Any:
        u = (x - centre) / width
        return m.exp(-u * u)

    def slope(m: Any, x: Any) -> Any:
        return -2 * (x - centre) / width / width * value(m, x)

    points = [centre + width * u for u in (0.0, 0.3, -1.0, 2.0)]
    return f"gauss of width {width} at {centre}", value, slope, points


def wave(k: float) -> tuple[str, Function, Function, list[float]]:
    return (
        f"sin 2π·{k}·x",
        lambda m, x: m.sin(math.tau * k * x),
        lambda m, x: math.tau * k * m.cos(math.tau * k * x),
        [0.0, 0.5, 0.3, 1.0],
    )


def scaled(s: float) -> Iterator[tuple[str, Function, Function, list[float]]]:
    yield f"{s} sin", lambda m, x: s * m.sin(x), lambda m, x: s * m.cos(x), [0.0, 0.7, 1e-9]
    yield f"{s} x²", lambda m, x: s * x * x, lambda m, x: 2 * s * x, [1.0, 1e-8, 1e8, 0.0]
    yield f"exp(x/{s})", lambda m, x: m.exp(x / s), lambda m, x: m.exp(x / s) / s, [0.0, -3 * s]


FUNCTIONS = [
    *[gauss(w, c) for w, c in ((1e-1, 0.5), (1e-4, 0.5), (1e-4, 100.0), (1e-6, 0.5), (1e-12, 0.0))],
    *[wave(k) for k in (1.0, 16.0, 1024.0, 2.0**20, 12345.678)],
    *itertools.chain.from_iterable(scaled(s) for s in (1e-12, 1e-4, 1.0, 1e4, 1e12)),
    ("1/x", lambda m, x: 1 / x, lambda m, x: -1 / (x * x), [1e-100, 1e-8, 1.0, 1e12]),
    ("log", lambda m, x: m.log(x), lambda m, x: 1 / x, [1e-300, 1e-8, 1.0, 1e100]),
    ("sqrt", lambda m, x: m.sqrt(x), lambda m, x: 0.5 / m.sqrt(x), [1e-300, 1e-8, 1.0, 1e100]),
    ("exp(−x²)", lambda m, x: m.exp(-x * x), lambda m, x: -2 * x * m.exp(-x * x), [-26.0, 5.0]),
    ("sin + 1e6", lambda m, x: m.sin(x) + 1e6, lambda m, x: m.cos(x), [0.3, 1e-8]),
]
"""Functions with their slopes, written with the functions of a module `m`, and points."""

MISTAKES: dict[str, Callable[[Any], Any]] = {
    "a ten-thousandth too large": lambda slope: slope * (1 + 1e-4),
    "of the wrong sign": lambda slope: -slope,
    "0": lambda slope: 0 * slope,
    "twice as large": lambda slope: 2 * slope,
    "far too small": lambda slope: slope * 1e-12,
}

every_function = pytest.mark.parametrize("case", FUNCTIONS, ids=lambda case: case[0])
every_way = pytest.mark.parametrize("module", [f, math], ids=["for any number", "for floats"])


def declared(case: Any, module: Any, change: Callable[[Any], Any] = lambda slope: slope) -> Rule:
    _, value, slope, _ = case

    def function(x: Any) -> Any:
        return value(module, x), (change(slope(module, x)),)

    return rule(function)


@pytest.mark.slow
@every_way
@every_function
def test_right_slopes_pass(case: Any, module: Any) -> None:
    for x in case[3]:
        report = gradcheck(declared(case, module), x)
        assert "precision" in report[0].method or module is math


@pytest.mark.slow
@every_way
@every_function
def test_wrong_slopes_fail(case: Any, module: Any) -> None:
    _, _, slope, points = case
    for x in points:
        true = slope(math, x)
        changes = [MISTAKES[name] for name in random.Random(repr(x)).sample(sorted(MISTAKES), 2)]
        for change in changes if true else [lambda slope: slope + 1e-5]:
            with pytest.raises(GradientError):
                gradcheck(declared(case, module, change), x)


@pytest.mark.parametrize(
    "case",
    [
        *FUNCTIONS,
        (*gauss(1e-10, 0.5)[:3], [0.50000000003]),
        (*gauss(1e-2, 0.5)[:3], [0.5]),
        (
            "erf",
            lambda m, x: m.erf(x),
            lambda m, x: 2 / math.sqrt(math.pi) * m.exp(-x * x),
            [0.0, 3.0, 5.0],
        ),
    ],
    ids=lambda case: case[0],
)
def test_slopes_of_floats_lie_within_their_errors(case: Any) -> None:
    _, value, slope, points = case
    for x in points:
        found = float_slopes(lambda x: float(value(math, x)), x, size=0.0)
        true = slope(math, x)
        assert abs(found.middle - true) <= found.rounding + 1e-9 * abs(true)
        assert found.rounding <= 2e-3 * abs(true) or found.rounding <= 1e-3
        assert len(set(found.sides)) == 1


@pytest.mark.slow
def test_slopes_of_floats_lie_within_their_errors_at_any_scale() -> None:
    draw = random.Random(3)
    for _ in range(4000):
        width, centre = 10 ** draw.uniform(-8, 1), draw.choice([0.0, 0.5, 100.0, -3.0])
        x = centre + width * draw.uniform(-3, 3)
        u = (x - centre) / width
        value, slope = draw.choice(
            [
                (lambda u: math.exp(-u * u), -2 * u * math.exp(-u * u)),
                (math.sin, math.cos(u)),
                (math.tanh, math.cosh(u) ** -2),
                (math.erf, 2 / math.sqrt(math.pi) * math.exp(-u * u)),
                (lambda u: u**3 - u, 3 * u * u - 1),
            ]
        )

        def function(x: float, f: Any = value, c: float = centre, w: float = width) -> float:
            return float(f((x - c) / w))

        found = float_slopes(function, x, size=0.0)
        assert abs(found.middle - slope / width) <= found.rounding + 1e-9 * abs(slope / width)


# Over the table, at hard points


def few_hard_points(case: Case) -> list[tuple[float, ...]]:
    points = list(hard_points(case))
    return random.Random(str(case)).sample(points, min(len(points), 3))


def with_slope(case: Case, i: int, change: Callable[[Any], Any]) -> Rule:
    """Return the rule with another slope in one of its operands."""

    def function(*x: Any) -> Any:
        value, partials = case.rule.function(*x, **case.rule.constants)
        return value, tuple([change(p) if k == i else p for k, p in enumerate(partials)])

    return rule(function)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_table_passes_at_hard_points_and_fails_with_a_wrong_slope(case: Case) -> None:
    for point in few_hard_points(case):
        try:
            _, partials = case.rule.derive(*point)
        except OverflowError:
            continue
        kink = case.rule.kink and case.rule.kink(*point, **case.rule.constants)
        if kink or not all(map(math.isfinite, partials)):
            continue
        report = gradcheck(lambda x: case(x), list(point))
        for i, partial in enumerate(partials):
            if abs(partial) > 1e-300 and not report[i].verdict:
                wrong = with_slope(case, i, lambda p: p * (1 + 1e-4))
                with pytest.raises(GradientError, match=rf"^∂f/∂x\[{i}\]"):
                    gradcheck(lambda x, wrong=wrong: wrong(x), list(point))


# Many operands, of which one is wrong


@pytest.mark.parametrize("change", [lambda p: p * (1 + 1e-4), lambda p: 0 * p], ids=["off", "0"])
@pytest.mark.parametrize(("count", "i"), [(3, 1), (30, 7), (60, 59)])
def test_one_wrong_slope_of_many_is_found_whatever_their_sizes(
    count: int, i: int, change: Callable[[Any], Any]
) -> None:
    def squares(*x: Any) -> Any:
        slopes = [2 * x_k for x_k in x]
        slopes[i] = change(slopes[i])
        return f.total(*[x_k * x_k for x_k in x]), tuple(slopes)

    wrong = rule(squares)
    with pytest.raises(GradientError, match=rf"^∂f/∂x\[{i}\] at"):
        gradcheck(lambda x: wrong(x), [10.0 ** (-k % 12) for k in range(count)])


def test_a_slope_of_0_is_not_believed_because_digits_ran_out() -> None:
    def flat(x: Any, y: Any) -> Any:
        z = f.hypot(x, y)
        return z, (x / z, 0 * y)

    wrong = rule(flat)
    with pytest.raises(GradientError, match=r"^∂f/∂y"):
        gradcheck(wrong, 3e200, 4.0)
    with pytest.raises(GradientError, match=r"^∂f/∂y"):
        gradcheck(lambda y: wrong(3e200, y), 4.0)


@pytest.mark.parametrize("sharp", [False, True], ids=["smooth", "at kinks"])
def test_replays_do_not_grow_with_the_operands(
    sharp: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[int] = []

    def counted(*arguments: Any) -> Any:
        runs[-1] += 1
        return autograd.replay(*arguments)

    monkeypatch.setattr("autograd.precise_slopes.replay", counted)
    for size in (10, 80):
        runs.append(0)
        point = [0.1 * (k + 1) for k in range(size)]

        def function(x: Any) -> Any:
            terms = [u * u if k % 2 else (-u).relu() for k, u in enumerate(x)]  # half are flat
            return autograd.sum(terms) + sharp * (x[1] - 0.2).relu()

        gradcheck(function, point)
    assert runs[1] <= runs[0] <= (100 if sharp else 10)


# What cancels, and what is lost in it


@pytest.mark.parametrize(
    ("function", "point"),
    [
        (lambda v: autograd.dot(v, v), [1e-5, 1e5]),
        (lambda v: autograd.dot(v, v), [1e-12, 1.0, 1e12]),
        (lambda v: v[0] - v[0].sin(), [1e-6]),
        (lambda v: (v[0] + 1e8) - 1e8, [0.3]),
        (lambda v: ((v[0] + 1e16) - 1e16).exp(), [1.5]),
        (lambda v: (1 - v[0].cos()) / (v[0] * v[0]), [1e-5]),
        (lambda v: v[0] * (1 + (v[0] / math.sqrt(2)).erf()) / 2, [-9.0]),
        (lambda v: v[0] + 1e300, [2.0]),
        (lambda v: ((v[0] - 0.5) * 1e200).tanh(), [0.5]),
        (lambda v: v[0] * v[1] * v[2] * v[3], [1e-3, 1e3, 1e-6, 1e6]),
        (lambda v: 100 * (v[1] - v[0] ** 2) ** 2 + (1 - v[0]) ** 2, [1.0, 1.0]),
        (lambda v: autograd.logsumexp(v) - v[0], [1000.0, 0.0, -1000.0]),
        (lambda v: autograd.hypot(v[0], v[1]), [3e200, 4.0]),
    ],
)
def test_what_cancels_passes(function: Callable[[Any], Any], point: Sequence[float]) -> None:
    gradcheck(function, point)


def test_a_right_formula_is_excused_for_rounding_and_a_wrong_one_is_not() -> None:
    def naive(x: Any) -> Any:
        z = f.tanh(x)
        return z, (1 - z * z,)

    def wrong(x: Any) -> Any:
        z = f.tanh(x)
        return z, (1 - z,)

    (check,) = gradcheck(rule(naive), 20.0)
    assert (check.gradient, check.error) == (0.0, 0.0)
    assert "±" in str(check)
    with pytest.raises(GradientError):
        gradcheck(rule(wrong), 20.0)


# Functions that leave their graph, or take another branch


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.detach() * x,
        lambda x: x.data * x,
        lambda x: x**x.data,
        lambda x: x.data**2,
        lambda x: (x * x).detach(),
        lambda x: (1 + 1e-3 * x.data) * x,
    ],
)
def test_what_leaves_the_engine_is_wrong(function: Callable[[Value], Any]) -> None:
    with pytest.raises(GradientError, match="finite differences"):
        gradcheck(function, 3.0)


@pytest.mark.parametrize(
    ("function", "point", "slope"),
    [
        (lambda x: x * x if x > 0 else -x, 2.0, 4.0),
        (lambda x: x * x if x.data > 0 else -x, -2.0, -1.0),
        (lambda x: x * x if x > 0.3 else -x, 0.3 + 1e-12, 0.6),
        (lambda x: 2 * x if x > 0 else x, 0.0, 1.0),
        (lambda x: autograd.where(x > 0, x * x, -x), -2.0, -1.0),
        (lambda x: x * math.floor(x.data), 2.5, 2.0),
        (lambda x: x * int(x.data * 10), 0.55, 5.0),
        (lambda x: 3.0, 2.0, 0.0),
        (lambda x: Value(3.0), 2.0, 0.0),
        (lambda x: autograd.grad(lambda w: (w * x).sin())(2.0), 0.4, None),
        (autograd.grad(autograd.grad(autograd.tanh)), 0.4, None),
    ],
)
def test_branches_and_what_is_constant_around_pass(
    function: Callable[[Any], Any], point: float, slope: float | None
) -> None:
    kept = comparisons._kept
    before = [*kept.older, *kept.recent]
    (check,) = gradcheck(function, point)
    assert slope is None or check.gradient == pytest.approx(slope)
    assert [*kept.older, *kept.recent] == before


def test_a_function_that_draws_at_random_is_refused() -> None:
    draw = random.Random(0)
    with pytest.raises(
        UsageError, match=r"gave .*, then .* at the same numbers; fix what it draws"
    ):
        gradcheck(lambda x: draw.random() * x, 2.0)


@pytest.mark.slow
def test_a_slope_at_a_kink_of_several_operands_is_one_of_those_around() -> None:
    report = gradcheck(autograd.clip, 0.0, 0.0, 0.0)
    assert [check.gradient for check in report] == [0.25, 0.25, 0.5]
    assert "kink" in {check.verdict for check in report}
    for i in range(3):
        wrong = with_slope(Case(autograd.clip, 3), i, lambda p: 1.5)
        with pytest.raises(GradientError):
            gradcheck(lambda x, wrong=wrong: wrong(x), [0.0, 0.0, 0.0])


@pytest.mark.slow
def test_where_the_value_jumps_there_is_no_slope_but_the_chosen_0() -> None:
    (check,) = gradcheck(lambda x: autograd.atan2(x, x), 0.0)
    assert (check.gradient, check.verdict) == (0.0, "no slope")
    with pytest.raises(GradientError):
        gradcheck(lambda x: autograd.atan2(x, x) + x, 0.0)


def test_the_report_says_how_the_differences_were_found() -> None:
    assert "9 by finite differences in high precision" in repr(gradcheck(lambda x: x * x, 4.5))
    (check,) = gradcheck(declared(wave(1.0), math), 0.0)
    assert check.method == "finite differences"
    assert str(check).endswith("6.283185307179586 by backward, 6.28318531 by finite differences")

"""Slopes that are infinite, and slopes that nobody asked for, by every way to a derivative."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import (
    InfiniteGradientWarning,
    UndefinedGradientWarning,
    Value,
    grad,
    gradient,
    hessian,
    hvp,
    jacobian,
    replay,
    rule,
    value_and_grad,
)
from autograd.graph import topological_order
from tests.table import CASES, Case

HERE = Path(__file__).name

Function = Callable[[Any], Any]


def by_backward(function: Function, x: float) -> float:
    leaf = Value(x, "x")
    function(leaf).backward()
    return leaf.grad or 0.0


def by_gradient(function: Function, x: float) -> float:
    leaf = Value(x, "x")
    return gradient(function(leaf), [leaf])[0]


def by_replay(function: Function, x: float) -> float:
    leaf = Value(x, "x")
    return float(replay(function(leaf), {leaf: x})[1][leaf])


def by_replay_elsewhere(function: Function, x: float) -> float:
    leaf = Value(1e-150, "x")
    return float(replay(function(leaf), {leaf: x})[1][leaf])


def by_replay_on_arrays(function: Function, x: float) -> float:
    leaf = Value(1e-150, "x")
    return float(replay(function(leaf), {leaf: np.array([1e-150, x, 1e-150])})[1][leaf][1])


def by_replay_on_values(function: Function, x: float) -> float:
    leaf = Value(1e-150, "x")
    slope: Value = replay(function(leaf), {leaf: Value(x, "x")})[1][leaf]
    return slope.data


FIRST: dict[str, Callable[[Function, float], float]] = {
    "backward": by_backward,
    "gradient": by_gradient,
    "grad": lambda f, x: grad(f)(x),
    "grad of a list": lambda f, x: grad(lambda x: f(x[0]))([x])[0],
    "grad of an array": lambda f, x: float(grad(lambda x: f(x[0]))(np.array([x]))[0]),
    "grad at a Value": lambda f, x: grad(f)(Value(x, "x")).data,
    "value_and_grad": lambda f, x: value_and_grad(f)(x)[1],
    "jacobian": lambda f, x: jacobian(lambda x: [f(x)])(x)[0],
    "replay": by_replay,
    "replay elsewhere": by_replay_elsewhere,
    "replay on arrays": by_replay_on_arrays,
    "replay on Values": by_replay_on_values,
}
ELSEWHERE = [by_replay_elsewhere, by_replay_on_arrays, by_replay_on_values]
every_way = pytest.mark.parametrize("way", FIRST.values(), ids=list(FIRST))

STEEP: dict[str, tuple[Function, float, float, str]] = {
    "sqrt": (lambda x: x.sqrt(), 0.0, math.inf, "sqrt at x = 0.0"),
    "power": (lambda x: 1 + x**0.5, 0.0, math.inf, "power at x = 0.0"),
    "asin": (lambda x: 3 * x.asin(), 1.0, math.inf, "asin at x = 1.0"),
    "acos": (lambda x: x.acos() / 3, -1.0, -math.inf, "acos at x = -1.0"),
    "inner": (lambda x: (1 - x).sqrt() + x * x, 1.0, -math.inf, "sqrt at x = 0.0"),
}


def warned(way: Callable[[Function, float], float], function: Any, x: float) -> Any:
    """Return the slope by one way, and the warnings that came with it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        slope = way(function, x)
    return slope, caught


@every_way
@pytest.mark.parametrize(
    ("function", "point", "slope", "operation"), STEEP.values(), ids=list(STEEP)
)
def test_every_way_to_an_infinite_slope_warns_once_and_names_the_operation(
    way: Callable[[Function, float], float],
    function: Function,
    point: float,
    slope: float,
    operation: str,
) -> None:
    found, caught = warned(way, function, point)
    assert found == slope
    (warning,) = caught
    assert issubclass(warning.category, InfiniteGradientWarning)
    message = str(warning.message)
    assert f"{operation} has a value but no finite slope" in message
    if way not in ELSEWHERE:  # where it is the operation that met the slope
        assert f"{HERE}:{function.__code__.co_firstlineno})" in message
    assert Path(warning.filename).name == HERE, "the warning points at the caller"


@every_way
def test_every_way_to_a_product_that_is_too_large_warns(
    way: Callable[[Function, float], float],
) -> None:
    found, (warning,) = warned(way, lambda x: (x * 1e200) * 1e200, 0.0)
    assert found == math.inf
    assert issubclass(warning.category, InfiniteGradientWarning)
    assert "a product of slopes is too large" in str(warning.message)


@every_way
@pytest.mark.parametrize(
    ("function", "point", "slope"),
    [
        (lambda x: x.relu().sqrt(), -1.0, 0.0),
        (lambda x: autograd.where(x > 0, x.sqrt(), x), 0.0, 1.0),
        (lambda x: x * x, math.inf, math.inf),
        (lambda x: x * math.inf, 1.0, math.inf),
        (lambda x: x * x, math.nan, math.nan),
        (lambda x: x + Value(0.0).sqrt().detach(), 0.0, 1.0),
        (lambda x: abs(x).sqrt(), 0.0, 0.0),  # a kink's slope is chosen
    ],
)
def test_what_came_in_or_was_not_taken_is_no_reason_to_warn(
    way: Callable[[Function, float], float], function: Function, point: float, slope: float
) -> None:
    assert way(function, point) == pytest.approx(slope, nan_ok=True)


@every_way
def test_an_infinite_slope_that_meets_a_slope_of_0_is_told(
    way: Callable[[Function, float], float],
) -> None:
    for function in (lambda x: x.sqrt() ** 2, lambda x: (x * x).sqrt()):
        slope, (warning,) = warned(way, function, 0.0)
        assert slope == 0.0
        assert issubclass(warning.category, UndefinedGradientWarning)
        assert "sqrt at" in str(warning.message)
        assert "0 · ∞, undefined, taken as 0" in str(warning.message)
        assert Path(warning.filename).name == HERE


def test_what_was_not_asked_for_is_no_reason_to_warn() -> None:
    w, x = Value(0.0, "w"), Value(2.0, "x")
    y = w.sqrt() + x
    assert gradient(y, [x]) == [1.0]
    assert grad(lambda v: w.sqrt() + v)(2.0) == 1.0
    assert hessian(lambda v: (w.sqrt() + v) ** 2)(2.0) == 2.0
    with pytest.warns(InfiniteGradientWarning, match="the gradient of w is inf: sqrt at w = 0.0"):
        assert gradient(y, [x, w]) == [1.0, math.inf]
    z = w * 1
    with pytest.warns(InfiniteGradientWarning, match="is inf: sqrt at"):
        assert gradient(z.sqrt(), [z]) == [math.inf]


def test_what_is_not_wanted_meets_no_infinite_slope() -> None:
    x, c = Value(0.0, "x"), Value(2.0, "c")
    y = (abs(x) * c).sqrt()
    assert gradient(y, [x]) == [0.0]  # |x|'(0) is chosen
    with pytest.warns(UndefinedGradientWarning, match="0 · ∞, undefined, taken as 0"):
        assert gradient(y, [x, c]) == [0.0, 0.0]


def test_a_warning_points_at_the_call() -> None:
    x = Value(0.0, "x")
    y = x.sqrt()
    calls: list[Callable[[], Any]] = [
        lambda: y.backward(),
        lambda: gradient(y, [x]),
        lambda: replay(y),
        lambda: replay(y, {x: np.zeros(2)}),
        lambda: replay(y, {x: Value(0.0)}),
        lambda: grad(autograd.sqrt)(0.0),
        lambda: value_and_grad(lambda p: p["w"][0].sqrt())({"w": [0.0]}),
        lambda: jacobian(lambda x: {"a": [(x.sqrt(),)]})(0.0),
        lambda: hessian(lambda x: x[0] ** 1.5)([0.0]),
        lambda: hvp(lambda x: x**1.5)(0.0, 1.0),
    ]
    for call in calls:
        with pytest.warns(InfiniteGradientWarning) as caught:
            call()
        (warning,) = caught
        assert (Path(warning.filename).name, warning.lineno) == (
            HERE,
            call.__code__.co_firstlineno,
        )


def test_a_batch_warns_once_of_the_first_sample_with_a_reason() -> None:
    x, w = Value(1.0, "x"), Value(2.0, "w")
    y = x.sqrt() * w
    with pytest.warns(InfiniteGradientWarning, match="x is inf: sqrt at x = 0.0") as caught:
        _, found = replay(y, {x: np.zeros(1000)})
    assert len(caught) == 1
    assert float(found[w]) == 0.0
    assert np.isinf(found[x]).all()
    late = np.where(np.arange(1000) == 999, 0.0, 1.0)
    with pytest.warns(InfiniteGradientWarning, match="sqrt at x = 0.0"):
        replay(y, {x: late})
    with pytest.warns(InfiniteGradientWarning, match="sqrt at x = 0.0"):
        replay(y, {x: late[:, None], w: np.ones(2)})
    with pytest.warns(InfiniteGradientWarning, match="a product of slopes is too large"):
        replay(x * w, {x: np.array([1e200, 1e10])}, seed=np.array([1.0, 1e300]))
    with pytest.warns(InfiniteGradientWarning, match=r"log at x = 0\.0 has no finite value"):
        replay(x.log(), {x: np.array([1.0, 0.0])})
    replay(x.sqrt() * w, {x: np.array([math.inf, math.nan, 1.0])})
    with pytest.warns(InfiniteGradientWarning, match="sqrt at x = 0.0"):
        replay(x.sqrt() ** 1.0 * w, {x: np.array([math.nan] * 1000 + [0.0])})
    with pytest.warns(UndefinedGradientWarning, match="sqrt at x = 0.0"):
        replay(x.sqrt() ** 2, {x: np.array([math.nan] * 1000 + [0.0])})
    for unsigned in (np.array([0.0, 1.0]), np.array([1.0, 0.0])):  # none where it is not taken
        taken = autograd.where(x > 0.5, x.sqrt(), x * 2)
        assert replay(taken, {x: unsigned})[1][x].tolist() == [2.0 - 1.5 * u for u in unsigned]


@pytest.mark.slow
@given(st.lists(st.sampled_from([-1.0, 0.0, 0.25, 1.0, math.inf, math.nan]), min_size=1))
def test_a_batch_warns_where_one_of_its_samples_does(samples: list[float]) -> None:
    x = Value(0.25, "x")
    for y in (
        x.relu().sqrt(),
        abs(x).sqrt(),
        x * x.relu() ** 0.5,
        autograd.maximum(x, 0.25).sqrt() ** 2,
        (x * x).sqrt(),
    ):
        expected = [str(w.message) for s in samples for w in warned(by_sample, y, s)[1]]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            replay(y, {x: np.array(samples)})
        told = [str(warning.message) for warning in caught]
        assert len(told) == bool(expected)
        assert set(told) <= set(expected)


def by_sample(output: Any, x: float) -> Any:
    """Replay a graph of one leaf at a number."""
    (leaf,) = (node for node in topological_order(output) if node.label == "x")
    return replay(output, {leaf: x})[1][leaf]


def test_a_replay_of_tracers_is_silent() -> None:
    jax = pytest.importorskip("jax")
    x = Value(1.0, "x")
    slope = jax.jit(lambda a: replay(x.sqrt(), {x: a})[1][x])
    assert slope(np.array([0.0, 4.0])).tolist() == [math.inf, 0.25]


SECOND: dict[str, Callable[[Function, float], float]] = {
    "hessian": lambda f, x: hessian(f)(x),
    "hessian of a list": lambda f, x: hessian(lambda x: f(x[0]))([x])[0][0],
    "hvp": lambda f, x: hvp(f)(x, 1.0),
    "grad of grad": lambda f, x: grad(grad(f))(x),
    "jacobian of grad": lambda f, x: jacobian(grad(f))(x),
    "grad at a Value": lambda f, x: grad(grad(f))(Value(x)).data,
}
every_second_way = pytest.mark.parametrize("way", SECOND.values(), ids=list(SECOND))


@every_second_way
@pytest.mark.parametrize(
    ("function", "point", "sign"),
    [
        (lambda x: x**1.5, 0.0, 1),
        (lambda x: -(x**1.5), 0.0, -1),
        (lambda x: x.sqrt() ** 3, 0.0, 1),
    ],
)
def test_an_infinite_second_derivative_warns(
    way: Callable[[Function, float], float], function: Function, point: float, sign: int
) -> None:
    slope, caught = warned(way, function, point)
    assert caught
    assert all(issubclass(warning.category, RuntimeWarning) for warning in caught)
    assert slope == sign * math.inf or "0 · ∞" in str(caught[-1].message)


@every_second_way
def test_finite_second_derivatives_do_not_warn(way: Callable[[Function, float], float]) -> None:
    assert way(lambda x: x**2, 0.0) == 2.0
    assert way(lambda x: x * x.relu(), 0.0) == 0.0
    assert way(lambda x: autograd.where(x > 0, x.sqrt(), x * x), 0.0) == 2.0


# Slopes that nobody asked for

CONSTANT: dict[str, tuple[Function, float, float]] = {
    "divisor": (lambda v: v**2 / 1e-200 * 1e-200, 3.0, 2.0),
    "divisor of a product": (lambda v: v * v / 1e-180 * 1e-180, 3.0, 2.0),
    "divisor, twice": (lambda v: v**2 / 1e-200 / 1e100 * 1e-100, 3.0, 2.0),
    "exponent": (lambda v: v ** Value(2.0), -3.0, 2.0),
    "exponent at 0": (lambda v: v ** Value(2.0), 0.0, 2.0),
    "large exponent": (lambda v: v ** Value(3.0) * 1e-300, -1e100, -6e-200),
    "recorded": (lambda v: v**2 / Value(1e-200).exp().log().exp(), 3.0, 2.0),
    "steep": (lambda v: v**2 + Value(0.0).sqrt() * v, 3.0, 2.0),
    "small and large": (lambda v: (v * 1e-150) ** 2 * 1e150 * 1e150, 3.0, 2.0),
}


@every_second_way
@pytest.mark.parametrize(("function", "point", "second"), CONSTANT.values(), ids=list(CONSTANT))
def test_a_slope_towards_a_constant_may_be_missing(
    way: Callable[[Function, float], float], function: Function, point: float, second: float
) -> None:
    assert way(function, point) == pytest.approx(second, rel=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in CASES if case.count == 2], ids=str)
def test_second_derivatives_with_a_constant_are_those_of_both(case: Case) -> None:
    for point in case.points(3):
        if not all(map(math.isfinite, case.rule.derive(*point)[1])):
            continue  # no slope in the exponent of a negative base
        both = hessian(lambda x: case(x))(list(point))
        for i, x in enumerate(point):

            def alone(x: Any, i: int = i, point: Any = point) -> Any:
                return case([*point[:i], x, *point[i + 1 :]])

            assert grad(grad(alone))(x) == both[i][i]
            assert type(grad(grad(alone))(x)) is float


@given(st.integers(-300, 300), st.integers(-300, 300), st.floats(0.5, 2))
def test_scaling_by_any_powers_of_ten_cancels(a: int, b: int, x: float) -> None:
    small, large = 10.0**a, 10.0**b
    # sin(x) scaled up and down again, where every intermediate value is finite
    if not (1e-300 < small / large < 1e300 and abs(a) < 290):
        return
    function: Function = lambda v: (v.sin() * small / large) * large / small  # noqa: E731
    assert grad(function)(x) == pytest.approx(math.cos(x), rel=1e-12)
    assert grad(grad(function))(x) == pytest.approx(-math.sin(x), rel=1e-12)
    assert hvp(function)(x, 2.0) == pytest.approx(-2 * math.sin(x), rel=1e-12)


def test_no_slope_towards_a_constant_is_multiplied() -> None:
    @rule
    def scaled(x: Any, c: Any) -> Any:
        return x * c, (c, object() if isinstance(x, Value) else x)

    assert hessian(lambda v: scaled(v, 3.0) ** 2)(2.0) == 18.0
    with pytest.raises(TypeError):  # this rule has no second derivative in c
        hessian(lambda v: scaled(v[0], v[1]) ** 2)([2.0, 3.0])


@every_second_way
def test_every_derivative_that_is_taken_warns_by_itself(
    way: Callable[[Function, float], float],
) -> None:
    _, caught = warned(way, lambda x: x**1.5, 0.0)  # the first derivative is 0
    assert len(caught) == 1
    slope, caught = warned(way, lambda x: x.sqrt(), 0.0)
    assert slope == -math.inf
    assert "sqrt at x = 0.0" in str(caught[0].message)
    assert len(caught) == 2


def test_a_derivative_within_a_derivative_warns() -> None:
    def outer(c: Any) -> Any:
        return grad(lambda v: c * v.sqrt())(0.0)

    slope, (warning,) = warned(lambda f, c: grad(f)(c), outer, 2.0)
    assert slope == math.inf
    assert "sqrt at x = 0.0 has a value but no finite slope" in str(warning.message)
    assert warning.lineno == outer.__code__.co_firstlineno + 1


# 0 to the power 0


def test_the_hessian_of_a_power_is_symmetric() -> None:
    points = [[x, y] for x in (0.0, 0.5, 2.0) for y in (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)]
    for point in [*points, [-2.0, 1.0], [-2.0, 3.0]]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rows = np.array(hessian(lambda v: v[0] ** v[1])(point))
        np.testing.assert_allclose(rows, rows.T, rtol=1e-13)


def test_every_way_agrees_on_0_to_the_0() -> None:
    x, y = Value(0.0), Value(0.0)
    z = x**y
    eager = gradient(z, [x, y])
    assert eager == [0.0, 0.0]
    kinds: list[Callable[[float], Any]] = [float, Value, lambda v: np.array([v])]
    for kind in kinds:
        _, found = replay(z, {x: kind(0.0), y: kind(0.0)})
        slopes: list[Any] = [getattr(found[leaf], "data", found[leaf]) for leaf in (x, y)]
        assert [float(np.ravel(slope)[0]) for slope in slopes] == eager

"""Derivatives of functions: structures, nesting without confusion, and the check against doubt."""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy

import autograd
from autograd import (
    GradientError,
    InfiniteGradientWarning,
    NumberError,
    UsageError,
    Value,
    grad,
    gradcheck,
    gradient,
    hessian,
    hvp,
    jacobian,
    no_grad,
    replay,
    rule,
    value_and_grad,
)
from autograd import functions as f
from tests.table import CASES, Case
from tests.untyped import untyped

# One derivative: arguments and structures


def test_grad_takes_the_arguments_that_argnums_counts() -> None:
    def function(x: Any, y: Any, z: Any) -> Any:
        return x * x * y + z

    assert grad(function)(3.0, 5.0, 7.0) == 30.0
    assert grad(function, argnums=1)(3.0, 5.0, 7.0) == 9.0
    assert grad(function, argnums=-1)(3.0, 5.0, 7.0) == 1.0
    assert grad(function, argnums=(2, 0))(3.0, 5.0, 7.0) == (1.0, 30.0)
    assert grad(function, argnums=(1,))(3.0, 5.0, 7.0) == (9.0,)
    assert value_and_grad(function, argnums=1)(3.0, 5.0, 7.0) == (52.0, 9.0)
    assert grad(function, argnums=untyped([0, 1]))(3.0, 5.0, 7.0) == (30.0, 9.0)
    assert grad(lambda x, *, k: k * x)(3.0, k=4.0) == 4.0


Point = namedtuple("Point", "x y")


def test_a_derivative_has_the_structure_of_its_argument() -> None:
    def weighted(tree: Any) -> Any:
        first, (second, third) = tree["list"], tree["tuple"]
        return first[0] + 2 * first[1] + 3 * second + 4 * third + 5 * tree["number"]

    tree = {"list": [1.0, 1], "tuple": (1.0, np.float32(1)), "number": True, "unused": [[0.0]]}
    assert grad(weighted)(tree) == {
        "list": [1.0, 2.0],
        "tuple": (3.0, 4.0),
        "number": 5.0,
        "unused": [[0.0]],
    }
    assert grad(lambda p: p.x * p.y)(Point(2.0, 3.0)) == Point(3.0, 2.0)
    assert grad(lambda x: 1.0)([]) == []


def test_a_derivative_in_an_array_is_an_array() -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    slope = grad(lambda x: (x * x).sum())(x)
    assert slope.dtype == float
    np.testing.assert_array_equal(slope, 2 * x)
    whole = grad(lambda x: (x @ x)[0, 0])(np.array([[1, 2], [3, 4]]))
    np.testing.assert_array_equal(whole, [[2.0, 3.0], [2.0, 0.0]])
    np.testing.assert_array_equal(
        grad(lambda w, x: autograd.dot(w, x), argnums=(0, 1))(x[0], x[1]), [x[1], x[0]]
    )
    assert grad(lambda x: x.sum())(np.array([])).shape == (0,)


def test_functions_may_ignore_their_arguments_or_return_them() -> None:
    assert grad(lambda x: 5)(2.0) == 0.0
    assert grad(lambda x: np.float64(5))(2.0) == 0.0
    assert value_and_grad(lambda x: x)(2.0) == (2.0, 1.0)
    assert grad(grad(lambda x: 5.0))(2.0) == 0.0
    assert grad(grad(lambda x: x))(2.0) == 0.0
    assert jacobian(lambda x: [x, 1.0])(2.0) == [1.0, 0.0]


def test_functions_of_the_table_are_functions_like_any_other() -> None:
    assert grad(autograd.tanh)(0.0) == 1.0
    assert grad(autograd.hypot, argnums=(0, 1))(3.0, 4.0) == (0.6, 0.8)
    assert grad(autograd.mean)([1.0, 2.0]) == [0.5, 0.5]


def test_gradient_takes_any_nodes_and_leaves_grad_alone() -> None:
    x, y, other = Value(2.0), Value(5.0), Value(7.0)
    z = x * y
    output = z * z + x
    x.grad = 42.0
    assert gradient(output, [x, z, y, output, other, x]) == [101.0, 20.0, 40.0, 1.0, 0.0, 101.0]
    assert (x.grad, z.has_grad, output.has_grad) == (42.0, False, False)
    assert gradient(output, []) == []
    assert all(type(slope) is float for slope in gradient(x - y, [x, y, other]))
    assert gradient(x, [x]) == [1.0]


def test_grad_touches_no_grad_of_the_callers_values() -> None:
    w = Value(3.0)
    x = Value(2.0)
    w.grad = x.grad = 10.0
    assert grad(lambda v: w * v * v)(2.0) == 12.0
    grad(lambda v: w * v * v)(x)
    assert (w.grad, x.grad) == (10.0, 10.0)


def test_a_derivative_at_a_value_can_be_differentiated_again() -> None:
    x, w = Value(2.0), Value(3.0)
    value, slope = value_and_grad(lambda v: w * v**3)(x)
    assert (type(value), type(slope), value.data, slope.data) == (Value, Value, 24.0, 36.0)
    slope.backward()
    assert (x.grad, w.grad) == (36.0, 12.0)
    value, slope = value_and_grad(autograd.relu)(Value(-1.0))
    assert (type(value), type(slope), value.data, slope.data) == (Value, Value, 0.0, 0.0)


# Many outputs, second derivatives


def test_jacobian_has_the_structure_of_the_outputs_and_in_each_that_of_the_argument() -> None:
    def function(p: Any) -> Any:
        return {"product": p["x"] * p["y"], "pair": (p["x"] + p["y"], p["x"])}

    assert jacobian(function)({"x": 2.0, "y": 5.0}) == {
        "product": {"x": 5.0, "y": 2.0},
        "pair": ({"x": 1.0, "y": 1.0}, {"x": 1.0, "y": 0.0}),
    }
    assert jacobian(lambda x, y: [x * y, x], argnums=(1, 0))(2.0, 5.0) == [(2.0, 5.0), (0.0, 1.0)]
    matrix = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    found = jacobian(lambda x: matrix @ x)(np.array([1.0, 1.0]))
    np.testing.assert_array_equal(found, matrix)
    assert jacobian(lambda x: np.array([x * x, 3 * x]))(2.0).tolist() == [4.0, 3.0]
    table = jacobian(lambda x: x * x[:, None])(np.array([1.0, 2.0]))
    assert table.shape == (2, 2, 2)
    assert table[0, 1].tolist() == [2.0, 1.0]


def test_jacobian_of_an_array_in_several_arguments() -> None:
    found = jacobian(lambda a, s: np.array([a[0] * s, a[1]]), argnums=(0, 1))([1.0, 2.0], 3.0)
    assert list(found) == [([3.0, 0.0], 1.0), ([0.0, 1.0], 0.0)]


def rosenbrock(x: Any) -> Any:
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def test_hessian_and_hvp_agree_with_the_formula() -> None:
    x, y = 0.5, 2.0
    true = np.array([[1200 * x * x - 400 * y + 2, -400 * x], [-400 * x, 200.0]])
    np.testing.assert_allclose(hessian(rosenbrock)([x, y]), true, rtol=1e-14)
    np.testing.assert_allclose(hessian(rosenbrock)(np.array([x, y])), true, rtol=1e-14)
    for v in ([1.0, 0.0], [0.3, -2.0]):
        np.testing.assert_allclose(hvp(rosenbrock)([x, y], v), true @ v, rtol=1e-13)
        along = hvp(rosenbrock)(np.array([x, y]), np.array(v))
        assert isinstance(along, np.ndarray)
        np.testing.assert_allclose(along, true @ v, rtol=1e-13)
    assert hessian(lambda p: p["a"] * p["b"])({"a": 1.0, "b": 2.0}) == {
        "a": {"a": 0.0, "b": 1.0},
        "b": {"a": 1.0, "b": 0.0},
    }
    assert hvp(lambda x: x[0] + x[1])([1.0, 2.0], [1.0, 1.0]) == [0.0, 0.0]
    assert hessian(lambda x: x**3)(2.0) == 12.0


def test_third_derivatives() -> None:
    assert grad(grad(grad(lambda x: x**5)))(2.0) == 240.0
    assert grad(grad(grad(autograd.sin)))(0.5) == pytest.approx(-math.cos(0.5), rel=1e-15)
    assert grad(grad(grad(autograd.tanh)))(0.3) == pytest.approx(
        (4 * math.tanh(0.3) ** 2 - 2 / math.cosh(0.3) ** 2) / math.cosh(0.3) ** 2, rel=1e-13
    )
    assert grad(hessian(lambda x: x**4))(2.0) == 48.0
    third = jacobian(hessian(lambda x: x[0] ** 2 * x[1]))([3.0, 5.0])
    assert third == [[[0.0, 2.0], [2.0, 0.0]], [[2.0, 0.0], [0.0, 0.0]]]


@pytest.mark.parametrize(
    ("function", "edge"),
    [(autograd.sqrt, 0.0), (lambda x: x**0.5, 0.0), (autograd.asin, 1.0), (autograd.acos, -1.0)],
)
def test_the_second_derivative_at_a_vertical_tangent_is_not_finite(
    function: Callable[[Any], Any], edge: float
) -> None:
    with pytest.warns(InfiniteGradientWarning):
        slope = grad(function)(edge)
    with pytest.warns(InfiniteGradientWarning):
        at_a_value = grad(function)(Value(edge))
    with pytest.warns(InfiniteGradientWarning):
        second = grad(grad(function))(edge)
    assert math.isinf(slope)
    assert at_a_value.data == slope
    assert not math.isfinite(second)


# No perturbation confusion


def test_an_inner_derivative_does_not_see_the_outer_variable() -> None:
    # d/dx [x · d/dy (x + y)] = d/dx [x · 1] = 1; an engine that confuses the two says 2
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x + y)(x))(1.0) == 1.0


def test_an_inner_derivative_depends_on_the_outer_variable_by_closure() -> None:
    assert grad(lambda x: grad(lambda y: x * y)(3.0))(2.0) == 1.0
    assert grad(lambda x: grad(lambda y: x * x * y * y)(3.0))(2.0) == 24.0
    assert grad(lambda x: x * grad(lambda y: (x * y) ** 2)(3.0))(2.0) == 72.0


def test_an_inner_derivative_at_the_outer_variable_depends_on_it() -> None:
    assert grad(lambda x: x * grad(lambda y: y**3)(x))(2.0) == 36.0
    assert grad(lambda x: grad(lambda y: x * y * y)(x))(3.0) == 12.0
    assert grad(lambda x: grad(lambda y: y**3)(2 * x) + x)(1.0) == 25.0


def test_an_inner_derivative_through_what_was_computed_from_the_outer_variable() -> None:
    def outer(x: Any) -> Any:
        z = x * x
        return grad(lambda y: z * y * y + y)(z) + z

    # d/dx (2z·z + 1 + z) with z = x²: 8x³ + 2x
    assert grad(outer)(3.0) == 8 * 27.0 + 6.0


def test_values_and_slopes_of_inner_derivatives_are_both_alive() -> None:
    def outer(x: Any) -> Any:
        value, slope = value_and_grad(lambda y: x * y**3)(x)
        return value * slope  # x⁴ · 3x³

    assert grad(outer)(2.0) == 21 * 2.0**6
    assert grad(lambda x: value_and_grad(lambda y: x * x)(1.0)[0])(3.0) == 6.0
    assert grad(lambda x: value_and_grad(lambda y: x * x)(1.0)[1] + x)(3.0) == 1.0


def test_three_levels_stay_apart() -> None:
    def first(x: Any) -> Any:
        def second(y: Any) -> Any:
            def third(z: Any) -> Any:
                return x * y * z * z + x * z

            return y * grad(third)(y + x)  # y (2xy(x + y) + x)

        return grad(second)(x)  # at y = x: 4x²y + 6xy² + x = 10x³ + x

    assert grad(first)(2.0) == 30 * 4.0 + 1.0


def test_many_variables_stay_apart() -> None:
    def outer(x: Any) -> Any:
        inner = grad(lambda y: x[0] * y[0] * y[1] + x[1] * y[1] ** 2)([x[1], 2.0])
        return inner[0] * inner[1]  # 2x₀ (x₀x₁ + 4x₁)

    assert grad(outer)([3.0, 5.0]) == [2 * (2 * 3 * 5 + 4 * 5), 2 * 3 * (3 + 4)]


def test_the_derivative_of_a_fixed_point_iteration_nests() -> None:
    def root(a: Any) -> Any:
        x = 1.0 + 0 * a
        for _ in range(40):
            x = x - (x * x - a) / (2 * x)
        return x

    assert grad(root)(2.0) == pytest.approx(0.5 / math.sqrt(2), rel=1e-12)
    assert grad(grad(root))(2.0) == pytest.approx(-0.25 * 2**-1.5, rel=1e-10)


# no_grad


def test_no_grad_around_grad_or_inside_its_function() -> None:
    with no_grad():
        assert grad(lambda x: x**3)(2.0) == 12.0
        assert grad(grad(lambda x: x**3))(2.0) == 12.0
        slope = grad(lambda x: x**3)(Value(2.0))
        assert (slope.data, slope.parents) == (12.0, ())

    def half_constant(x: Any) -> Any:
        with no_grad():
            c = x * x
        return c * x

    assert grad(half_constant)(3.0) == 9.0

    def slope_as_a_constant(x: Any) -> Any:
        with no_grad():
            c = grad(lambda y: y * y)(x)
        return c * x

    assert grad(slope_as_a_constant)(3.0) == 6.0


# Usage errors


def test_usage_errors_say_what_to_do() -> None:
    with pytest.raises(UsageError, match=r"argnums=2 with 1 argument\(s\); count from 0"):
        grad(lambda x: x, argnums=2)(1.0)
    with pytest.raises(UsageError, match=r"argnums=\(0, -3\) with 2 argument\(s\)"):
        grad(lambda x, y: x, argnums=(0, -3))(1.0, 2.0)
    for many in (lambda x: [x, x], lambda x: np.array([x, x]), lambda x: {"a": x}):
        with pytest.raises(UsageError, match=r"grad: the function returned .*; use jacobian"):
            grad(many)(1.0)
    for nothing in (None, "2", 1j):
        with pytest.raises(NumberError, match=r"grad: .* is not a real number"):
            grad(lambda x, nothing=nothing: nothing)(1.0)
        with pytest.raises(NumberError, match="is not a real number"):
            grad(lambda x: x)(nothing)
    with pytest.raises(UsageError, match="gradcheck: no numbers to check"):
        gradcheck(lambda: 1.0)
    with pytest.raises(UsageError, match=r"2.0 is not a Value; give what you computed"):
        gradient(untyped(2.0), [])
    with pytest.raises(UsageError, match="a point of 2 but a vector of 1 numbers"):
        hvp(rosenbrock)([1.0, 2.0], [1.0])


def test_names_and_docstrings_are_kept() -> None:
    def cost(x: Any) -> Any:
        """Return the cost."""
        return x * x

    for derivative in (grad(cost), value_and_grad(cost), jacobian(cost)):
        assert derivative.__name__ == "cost"
        assert derivative.__doc__ == "Return the cost."


# gradcheck


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
def test_gradcheck_passes_over_the_table(case: Case) -> None:
    for point in case.points(3):
        if not all(map(math.isfinite, case.rule.derive(*point)[1])):
            continue  # no slope in the exponent of a negative base
        report = gradcheck(lambda x: case(x), list(point))
        assert [check.operand for check in report] == [f"x[{i}]" for i in range(case.count)]
        assert {check.verdict for check in report} == {""}
        assert report.worst.error <= 1e-6


def skewed(case: Case, i: int) -> Callable[[Any], Any]:
    """Return the rule with its i-th slope a little too small, and its value as it was."""
    return lambda x: case(x) + 1e-4 * (x[i].detach() - x[i])


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
def test_gradcheck_fails_over_the_table_when_one_slope_is_a_little_off(case: Case) -> None:
    point = case.points(3)[2]
    for worst in range(case.count):
        if case.operands[worst] == "condition":
            continue
        with pytest.raises(GradientError, match=rf"^∂f/∂x\[{worst}\] at x\[{worst}\] = "):
            gradcheck(skewed(case, worst), list(point))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "point", "verdict"),
    [
        (autograd.relu, 0.0, "kink"),
        (autograd.leaky_relu, 0.0, "kink"),
        (autograd.abs, 0.0, ""),  # the central difference is the engine's choice
        (lambda x: abs(x) + 3 * x, 0.0, ""),
        (lambda x: 2 * x + x.relu(), 0.0, "kink"),
        (lambda x: autograd.maximum(x, 2 * x), 0.0, ""),
        (lambda x: (x - 0.1).relu(), 0.1, "kink"),
        (lambda x: abs(x - 0.1), 0.1 + 1e-9, ""),  # a kink is a point
        (autograd.sqrt, 0.0, "vertical"),
        (lambda x: -x.sqrt(), 0.0, "vertical"),
        (lambda x: x ** (1 / 3), 0.0, "vertical"),
        (lambda x: x**0.75, 0.0, "vertical"),
        (lambda x: x**0.9, 0.0, "vertical"),
        (autograd.asin, 1.0, "vertical"),
        (autograd.asin, -1.0, "vertical"),
        (autograd.acos, 1.0, "vertical"),
        (lambda x: x**1.5, 0.0, "edge of the domain"),
        (lambda x: x * x.sqrt(), 0.0, "edge of the domain"),
        (autograd.log, 1e-8, ""),
        (lambda x: 1 / x, 1e-5, ""),
        (autograd.log1p, 1e-3 - 1, ""),
        (autograd.sin, 1000.0, ""),
        (lambda x: x.sin() + 1000, 1e-8, ""),
    ],
)
def test_gradcheck_is_right_about_kinks_edges_and_vertical_tangents(
    function: Callable[[Any], Any], point: float, verdict: str
) -> None:
    (check,) = gradcheck(function, point)
    assert check.verdict == verdict
    assert check.error <= 1e-6


def with_slope(value: Callable[[Any], Any], slope: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a rule for a function with a slope of the test's own."""

    def wrong(x: Any) -> Any:
        return value(x), (slope(x),)

    return rule(wrong)


@pytest.mark.parametrize(
    ("value", "slope", "point"),
    [
        (lambda x: x * x, lambda x: x, 3.0),
        (lambda x: x * x, lambda x: 2 * x + 1e-4, 3.0),
        (lambda x: x * x, lambda x: -2 * x, 3.0),
        (lambda x: x * x, lambda x: math.nan, 3.0),
        (lambda x: x * x, lambda x: math.inf, 3.0),
        (f.exp, lambda x: math.inf, 1.0),
        (lambda x: 1 / x, lambda x: 1 / (x * x), 1e-5),
        (f.log, lambda x: 0.5 / x, 1e-8),
        (f.sqrt, lambda x: -math.inf, 0.0),
        (f.sqrt, lambda x: 0.0, 0.0),
        (f.absolute, lambda x: 1.5, 0.0),
        (f.absolute, lambda x: -1.01, 0.0),
        (f.absolute, lambda x: math.inf, 0.0),
        (f.absolute, lambda x: 0.5, 1.0),
        (lambda x: f.power(x, 1.5), lambda x: 0.1, 0.0),
        (lambda x: x, lambda x: 0.0, 0.0),
        (lambda x: f.sin(x) + 1000, lambda x: 0.0, 1e-8),
    ],
)
def test_gradcheck_fails_for_wrong_slopes(
    value: Callable[[Any], Any], slope: Callable[[Any], Any], point: float
) -> None:
    with pytest.raises(GradientError, match=r"∂f/∂x at x = .* by backward, .* by finite diff"):
        gradcheck(with_slope(value, slope), point)


def test_gradcheck_names_the_worst_operand() -> None:
    def slightly_and_badly_wrong(w: Any, x: Any, b: Any) -> Any:
        return w * x + b["bias"][1] + 0.001 * (b["bias"][1] - b["bias"][1].detach())

    assert len(gradcheck(lambda w, x, b: w * x + b["bias"][0], 2.0, 3.0, {"bias": [1.0, 2.0]})) == 4
    with pytest.raises(GradientError) as caught:
        gradcheck(slightly_and_badly_wrong, 2.0, 3.0, {"bias": [1.0, 2.0]})
    assert str(caught.value).startswith("∂f/∂b['bias'][1] at b['bias'][1] = 2.0: 1.001 by backward")
    assert gradcheck(slightly_and_badly_wrong, 2.0, 3.0, {"bias": [1.0, 2.0]}, tolerance=0.01)


def test_gradcheck_takes_every_kind_of_argument_and_function() -> None:
    assert [check.operand for check in gradcheck(autograd.atan2, 1.0, 2.0)] == ["y", "x"]
    array = gradcheck(lambda x: (x * x).sum(), np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert [check.operand for check in array] == ["x[0][0]", "x[0][1]", "x[1][0]", "x[1][1]"]
    assert gradcheck(lambda x, exponent=3: x**exponent, 2.0).worst.gradient == 12.0
    assert gradcheck(lambda x: x**3, Value(2.0)).worst.gradient == 12.0
    assert gradcheck(lambda *x: x[0] * x[1], 2, np.float32(3)).worst.error < 1e-9
    report = gradcheck(lambda x: x * x, 3.0)
    assert "∂f/∂x at x = 3.0: 6.0 by backward, 6 by finite differences" in repr(report)
    with no_grad():
        assert gradcheck(lambda x: x * x, 3.0).worst.gradient == 6.0


def test_gradcheck_is_not_fooled_by_a_warning_or_a_detached_branch() -> None:
    x = Value(0.0)
    with pytest.warns(InfiniteGradientWarning):
        x.sqrt().backward()
    with pytest.raises(GradientError):
        gradcheck(lambda x: x.detach() * x, 3.0)


# A replay is a derivative too: the graph of a cost, at every sample


def test_replayed_gradients_are_those_of_the_function() -> None:
    def cost(w: Any, x: Any) -> Any:
        return (w[0] * x + w[1]).sigmoid() ** 2

    w, x = [Value(0.3), Value(-0.1)], Value(0.0)
    samples = np.linspace(-2, 2, 9)
    _, found = replay(cost(w, x), {x: samples})
    slopes = np.array([grad(cost)([0.3, -0.1], x_i) for x_i in samples])
    assert [found[w_k] for w_k in w] == pytest.approx(slopes.mean(axis=0), rel=1e-13)


def test_a_replay_on_symbols_is_the_formula_of_the_logistic_unit() -> None:
    w, x, b, y = (Value(0.5, name) for name in "wxby")
    guess = (w * x + b).sigmoid()
    loss = -(y * guess.log() + (1 - y) * (1 - guess).log())
    symbols = {leaf: sympy.Symbol(leaf.label) for leaf in (w, x, b, y)}
    formula, slopes = replay(loss, symbols)
    by_hand = 1 / (1 + sympy.exp(-(symbols[w] * symbols[x] + symbols[b])))
    for leaf, symbol in symbols.items():
        assert sympy.simplify(sympy.diff(formula, symbol) - slopes[leaf]) == 0
    assert (
        sympy.simplify(slopes[guess] - ((1 - symbols[y]) / (1 - by_hand) - symbols[y] / by_hand))
        == 0
    )
    assert sympy.simplify(slopes[w] - (by_hand - symbols[y]) * symbols[x]) == 0
    assert sympy.simplify(slopes[b] - (by_hand - symbols[y])) == 0
    from_outer = replay(loss, symbols, seed=sympy.Symbol("s"))[1][b]
    assert sympy.simplify(from_outer / slopes[b]) == sympy.Symbol("s")

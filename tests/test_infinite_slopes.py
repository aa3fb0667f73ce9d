"""A value with an infinite slope is recorded, and warned of where it reaches a leaf."""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

import autograd
from autograd import (
    InfiniteGradientWarning,
    UndefinedGradientWarning,
    Value,
)


def test_an_infinite_slope_is_recorded_and_warned_of_when_it_reaches_a_leaf() -> None:
    x = Value(0.0, "x")
    y = x.sqrt()
    line = sys._getframe().f_lineno - 1
    assert (y.data, y.partials) == (0.0, (math.inf,))
    with pytest.warns(InfiniteGradientWarning) as caught:
        (2 * y).backward()
    assert x.grad == math.inf
    assert [str(warning.message) for warning in caught] == [
        "the gradient of x is inf: sqrt at x = 0.0 has a value but no finite slope "
        f"({__file__}:{line})"
    ]
    assert caught[0].filename == __file__
    x.zero_grad()
    y.relu().backward()  # it is not taken, and a warning would be an error here
    assert x.grad == 0.0


def test_an_infinite_slope_that_meets_a_slope_of_0_is_warned_of_too() -> None:
    x = Value(0.0, "x")
    y = x.sqrt()
    line = sys._getframe().f_lineno - 1
    with pytest.warns(UndefinedGradientWarning) as caught:
        (y * 0).backward()
    assert x.grad == 0.0
    assert [str(warning.message) for warning in caught] == [
        "the gradient of x is 0.0: sqrt at x = 0.0 has an infinite slope, which met a slope of 0: "
        f"0 · ∞, undefined, taken as 0 ({__file__}:{line})"
    ]


@pytest.mark.parametrize(
    ("operation", "operands"),
    [
        (autograd.sqrt, [0.0]),
        (autograd.asin, [1.0]),
        (autograd.asin, [-1.0]),
        (autograd.acos, [1.0]),
        (lambda x: x**0.5, [0.0]),
        (lambda x, y: x**y, [0.0, 0.5]),
        (lambda x, y: x**y, [-2.0, 2.0]),
    ],
)
def test_every_infinite_or_missing_slope_is_warned_of(
    operation: Callable[..., Value], operands: list[float]
) -> None:
    y = operation(*[Value(x) for x in operands])
    told = rf"{y.op} at .*has a value but no finite slope \(.*{Path(__file__).name}:\d+\)$"
    with pytest.warns(InfiniteGradientWarning, match=told):
        y.backward()


def test_the_warning_names_the_node_where_the_infinity_of_its_leaf_was_born() -> None:
    a, b = Value(0.0, "a"), Value(0.0, "b")
    line = sys._getframe().f_lineno + 1
    first = a.sqrt()
    second = b.sqrt()
    places = {"a": f"{__file__}:{line}", "b": f"{__file__}:{line + 1}"}
    for output in (first + second, second + first, (first + second) * 2 + a):
        with pytest.warns(InfiniteGradientWarning) as caught:
            output.backward()
        for message in [str(warning.message) for warning in caught]:
            leaf = message.removeprefix("the gradient of ")[0]
            assert message == (
                f"the gradient of {leaf} is inf: sqrt at {leaf} = 0.0 has a value but no finite "
                f"slope ({places[leaf]})"
            )


def test_of_two_operations_without_a_slope_the_one_is_named_that_the_pass_meets_first() -> None:
    x = Value(0.0, "x")
    y = x**0.5
    y.label = "y"
    z = y.sqrt()
    line = sys._getframe().f_lineno - 1
    with pytest.warns(InfiniteGradientWarning) as caught:
        z.backward()
    assert [str(warning.message) for warning in caught] == [
        "the gradient of x is inf: sqrt at y = 0.0 has a value but no finite slope "
        f"({__file__}:{line})"
    ]


def test_other_gradients_that_are_not_finite_do_not_hide_an_infinite_slope() -> None:
    x, other = Value(0.0, "x"), Value(math.nan, "n")
    steep = x.sqrt()
    for output in (steep + other * other, other * other + steep):
        with pytest.warns(InfiniteGradientWarning, match="the gradient of x is inf: sqrt at x"):
            output.backward()
    fresh, known = Value(0.0, "x"), Value(1.0, "known")
    known.grad = math.inf
    for output in (fresh.sqrt() + known, known + fresh.sqrt()):
        with pytest.warns(InfiniteGradientWarning, match="the gradient of x is inf: sqrt at x"):
            output.backward()
    (known * 2).backward()  # no slope of this graph is to blame, and a warning would be an error


def test_a_product_of_slopes_that_overflows_is_warned_of() -> None:
    x = Value(1e-300, "x")
    with pytest.warns(InfiniteGradientWarning) as caught:
        (x * 1e200 * 1e200).backward()
    assert [str(warning.message) for warning in caught] == [
        "the gradient of x is inf: a product of slopes is too large for a float; "
        "rescale the operands"
    ]
    assert caught[0].filename == __file__


def test_a_warning_turned_into_an_error_leaves_complete_gradients() -> None:
    x, y = Value(0.0), Value(2.0)
    z = x.sqrt() + 3 * y
    y.grad = 10.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InfiniteGradientWarning):
            z.backward()
    assert (x.grad, y.grad) == (math.inf, 13.0)

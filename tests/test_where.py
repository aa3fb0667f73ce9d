"""What `where` does not take does not count."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import (
    InfiniteGradientWarning,
    Value,
    grad,
    gradient,
    replay,
)
from tests.untyped import untyped

BRANCHES: list[Callable[[Any], Any]] = [
    lambda x: x.sqrt(),
    lambda x: x**0.5,
    lambda x: x ** (0.5 + 0 * x),
    lambda x: (1 - x).asin(),
    lambda x: x * math.nan,
    lambda x: autograd.sum([x, math.inf]),
]


@pytest.mark.parametrize("steep", BRANCHES)
@pytest.mark.parametrize("first", [True, False])
def test_where_is_not_poisoned_by_the_branch_not_taken(
    steep: Callable[[Any], Any], first: bool
) -> None:
    def safe(x: Any, condition: Any) -> Any:
        branches = (3 * x * x, steep(x))
        return autograd.where(condition, *(branches if first else branches[::-1]))

    choice = float(first)
    leaf = Value(0.0)
    output = safe(leaf, choice)
    output.backward()
    assert (output.data, leaf.grad) == (0.0, 0.0)
    assert [grad(safe)(0.0, choice), grad(grad(safe))(0.0, choice)] == [0.0, 6.0]
    condition = Value(choice)
    output = safe(leaf, condition)
    numbers = {leaf: np.array([0.0, 2.0]), condition: np.array([choice, choice])}
    value, derivatives = replay(output, numbers)
    assert list(value) == [0.0, 12.0]
    assert list(derivatives[leaf]) == [0.0, 12.0]
    assert list(derivatives[condition]) == [0.0, 0.0]


def test_an_infinite_slope_downstream_reaches_the_branch_taken_alone() -> None:
    x, floor = Value(-1.0, "x"), Value(0.0, "floor")
    y = autograd.where(x > 0, x, floor).sqrt()
    with pytest.warns(InfiniteGradientWarning, match="the gradient of floor is inf: sqrt at"):
        y.backward()
    with pytest.warns(InfiniteGradientWarning, match="the gradient of floor is inf: sqrt at"):
        slopes = gradient(y, [x, floor])
    assert [x.grad, floor.grad] == slopes == [0.0, math.inf]
    for kind in (float, np.atleast_1d, Value):
        with pytest.warns(InfiniteGradientWarning, match="the gradient of floor is inf: sqrt at"):
            found = replay(y, {x: kind(-1.0)})[1][x]
        assert (found.data if isinstance(found, Value) else found) == 0.0


def test_where_chooses_for_every_sample() -> None:
    x = Value(4.0)
    condition = Value(1.0)
    y = autograd.where(condition, x.sqrt(), -x)
    x_k = np.array([4.0, 0.0, 9.0, 0.0])
    value, derivatives = replay(y, {x: x_k, condition: np.array([1.0, 0.0, 0.0, 0.0])})
    assert list(value) == [2.0, 0.0, -9.0, 0.0]
    assert list(derivatives[x]) == [0.25, -1.0, -1.0, -1.0]


def test_a_condition_is_a_number_or_a_comparison_and_has_no_slope() -> None:
    a, b = Value(1.0), Value(2.0)
    for condition in (True, a < b, 0.5, -1, Value(3.0), np.True_):
        y = autograd.where(condition, a, b)
        assert (y.data, y.partials) == (1.0, (0, 1, 0))
    for condition in (False, a > b, 0, Value(0.0), -0.0):
        assert autograd.where(condition, a, b).partials == (0, 0, 1)
    assert untyped(autograd.where(a < b, 3.0, 4.0)).data == 3.0
    assert autograd.where(a.data < b.data, 3.0, 4.0) == 3.0
    assert math.isnan(autograd.where(True, Value(math.nan), b).data)


def test_a_zero_upstream_stops_an_infinite_slope() -> None:
    x = Value(0.0)
    y = (x.sqrt() - 1).relu() + x
    y.backward()
    assert x.grad == 1.0
    assert replay(y, {x: np.array([0.0, 4.0])})[1][x].tolist() == [1.0, 1.25]
    assert replay(y, {x: Value(0.0)})[1][x].data == 1.0

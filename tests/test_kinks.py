"""Kinks choose a slope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import (
    Value,
    grad,
    hessian,
    replay,
)


@pytest.mark.parametrize(
    ("function", "operands", "slopes"),
    [
        (autograd.relu, [0.0], [0.0]),
        (autograd.relu, [-0.0], [0.0]),
        (autograd.leaky_relu, [0.0], [0.01]),
        (autograd.elu, [0.0], [1.0]),
        (autograd.abs, [0.0], [0.0]),
        (autograd.abs, [-0.0], [0.0]),
        (autograd.maximum, [2.0, 2.0], [0.5, 0.5]),
        (autograd.minimum, [2.0, 2.0], [0.5, 0.5]),
        (autograd.maximum, [0.0, -0.0], [0.5, 0.5]),
        (autograd.hypot, [0.0, 0.0], [0.0, 0.0]),
        (autograd.atan2, [0.0, 0.0], [0.0, 0.0]),
    ],
)
def test_kinks_choose_a_slope(
    function: Callable[..., Any], operands: list[float], slopes: list[float]
) -> None:
    leaves = [Value(x) for x in operands]
    output = function(*leaves)
    assert list(output.partials) == slopes
    columns = {leaf: np.array([leaf.data]) for leaf in leaves}
    _, in_arrays = replay(output, columns)
    _, in_values = replay(output, {leaf: Value(leaf.data) for leaf in leaves})
    for leaf, slope in zip(leaves, slopes, strict=True):
        assert in_arrays[leaf] == [slope]
        assert getattr(in_values[leaf], "data", in_values[leaf]) == slope


@pytest.mark.parametrize("function", [autograd.hypot, autograd.atan2, autograd.maximum])
def test_a_slope_that_was_chosen_has_no_slope_of_its_own(function: Callable[..., Any]) -> None:
    assert hessian(lambda x: function(*x))([0.0, 0.0]) == [[0.0, 0.0], [0.0, 0.0]]
    for kinked in (autograd.abs, autograd.relu, autograd.leaky_relu):
        assert grad(grad(kinked))(0.0) == 0.0


def test_a_tie_with_itself_is_the_number_itself() -> None:
    x = Value(2.0)
    x.maximum(x).backward()
    assert x.grad == 1.0

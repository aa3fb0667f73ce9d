"""NaN goes through as NaN, and infinities that come in go on."""

from __future__ import annotations

import math

import numpy as np

import autograd
from autograd import (
    Value,
)
from tests.untyped import untyped


def test_nan_comes_out_as_nan_through_whole_graphs() -> None:
    x, y = Value(math.nan), Value(2.0)
    z = (x * y).relu() + autograd.maximum(y, x).tanh() + x**2
    z.backward()
    assert all(map(math.isnan, (z.data, x.grad, y.grad)))
    for exponent in (math.nan, Value(math.nan)):
        for base in (2.0, -2.0, 0.5):
            assert math.isnan((Value(base) ** exponent).data)
    assert math.isnan((Value(math.inf) - Value(math.nan)).data)


def test_infinities_that_come_in_go_on() -> None:
    x = Value(math.inf)
    assert (x.exp().data, (-x).exp().data, x.tanh().data) == (math.inf, 0.0, 1.0)
    assert (x + 1).data == (x**2).data == (Value(2.0) ** math.inf).data == math.inf
    assert math.isinf((Value(-2.0) ** math.inf).data)
    assert math.isnan(
        np.subtract(untyped(x), untyped(Value(math.inf))).data
    )  # and NumPy does not warn

"""Equality is identity, and order is that of the data."""

from __future__ import annotations

import itertools
import math
import operator

from autograd import (
    Value,
)
from tests.untyped import untyped

COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge]


def test_equality_and_hash_are_by_identity() -> None:
    x, same = Value(2.0), Value(2.0)
    assert x == x
    assert x != same
    assert x != untyped(2.0)
    assert len({x, same, x}) == 2
    assert [same, x].index(x) == 1


def test_comparisons_compare_data() -> None:
    numbers = [-1.0, 0.0, 2.0, math.inf, math.nan]
    for x, y in itertools.product(numbers, repeat=2):
        for compare in COMPARISONS:
            want = compare(x, y)
            for found in (
                compare(Value(x), Value(y)), compare(Value(x), y), compare(x, Value(y)),
            ):  # fmt: skip
                assert (bool(found), int(found), repr(found)) == (want, want, repr(want))
    assert [v.data for v in sorted([Value(3.0), Value(1.0), Value(2.0)])] == [1.0, 2.0, 3.0]
    assert bool(Value(0.5))
    assert not Value(0.0)

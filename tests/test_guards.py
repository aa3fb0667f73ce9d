"""A Python `if` on Values is no part of a graph: a replay asks its question again."""

from __future__ import annotations

import copy
import operator
import pickle
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy

from autograd import BranchError, Value, grad, replay, where
from tests.untyped import untyped

COMPARISONS: list[Callable[[Any, Any], Any]] = [operator.lt, operator.le, operator.gt, operator.ge]


def size(x: Any) -> Any:
    """Return |x|, by an `if`."""
    return x if x > 0 else -x


def test_a_replay_where_the_if_comes_out_otherwise_is_refused() -> None:
    x = Value(3.0, "x")
    y = size(x)
    line = size.__code__.co_firstlineno + 2
    assert replay(y, {x: 5.0})[0] == 5.0
    with pytest.raises(BranchError) as caught:
        replay(y, {x: -2.0})
    assert f"x > 0 was True when it was recorded ({__file__}:{line})" in str(caught.value)
    assert "is False at these numbers" in str(caught.value)
    with pytest.raises(BranchError, match=r"is False in 2 of 4 sample\(s\), first in 1"):
        replay(y, {x: np.array([1.0, -1.0, 2.0, -2.0])})
    with pytest.raises(BranchError, match="for symbols"):
        replay(y, {x: sympy.Symbol("x")})
    with pytest.raises(BranchError, match="at these numbers"):
        replay(y, {x: Value(-2.0)})


@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize("at", [-1.0, 2.0, 5.0])
@pytest.mark.parametrize("there", [-1.0, 2.0, 5.0])
@pytest.mark.parametrize("reflected", [False, True])
def test_every_comparison_is_asked_again(
    compare: Callable[[Any, Any], Any], at: float, there: float, reflected: bool
) -> None:
    x = Value(at, "x")
    answer = compare(2.0, x) if reflected else compare(x, 2.0)
    y = x * x if answer else x + 1
    asked = [compare(2.0, number) if reflected else compare(number, 2.0) for number in (at, there)]
    if asked[0] == asked[1]:
        assert replay(y, {x: there})[0] == (there * there if asked[1] else there + 1)
    else:
        with pytest.raises(BranchError, match=r"2 .* x was|x .* 2 was"):
            replay(y, {x: there})


def test_what_the_leaves_that_vary_do_not_decide_is_not_asked() -> None:
    x, w = Value(3.0, "x"), Value(1.0, "w")
    y = w * 2 if x > 0 else w
    assert replay(y, {w: -5.0})[0] == -10.0
    with pytest.raises(BranchError):
        replay(size(x * w), {w: -5.0})


def test_the_truth_of_a_value_is_a_question_too() -> None:
    x = Value(3.0, "x")
    y = x * 2 if x else x + 1
    assert replay(y, {x: -1.0})[0] == -2.0
    with pytest.raises(BranchError):
        replay(y, {x: 0.0})


def test_another_number_in_a_leaf_makes_what_was_asked_of_the_old_one_void() -> None:
    x = Value(3.0, "x")
    assert size(x * 2).data == 6.0
    x.data = -3.0
    assert replay(x * x, {x: -2.0})[0] == 4.0
    y = size(x)
    assert replay(y, {x: -2.0})[0] == 2.0
    with pytest.raises(BranchError):
        replay(y, {x: 2.0})


def test_where_asks_nothing_and_chooses_anew() -> None:
    x = Value(3.0, "x")
    y = where(x > 0, x, -x)
    samples = np.array([-2.0, 0.0, 5.0])
    value, slopes = replay(y, {x: samples})
    assert (value.tolist(), slopes[x].tolist()) == ([2.0, 0.0, 5.0], [-1.0, -1.0, 1.0])
    assert replay(y, {x: -2.0})[0] == 2.0
    t = sympy.Symbol("t", real=True)
    assert [replay(y, {x: t})[0].subs(t, s) for s in (-2, 5)] == [2, 5]
    assert replay(untyped(x > 0) * x, {x: -2.0})[0] == 0.0


def test_a_condition_that_is_asked_as_well_is_a_guard() -> None:
    x = Value(3.0, "x")
    positive = untyped(x > 0)
    y = where(positive, x, -x)
    if positive:
        y = y + 1
    with pytest.raises(BranchError):
        replay(y, {x: -2.0})


def test_a_derivative_asks_only_where_it_is() -> None:
    assert [grad(size)(3.0), grad(size)(-3.0)] == [1.0, -1.0]
    assert grad(grad(lambda x: size(x) ** 3))(-2.0) == 12.0


@pytest.mark.slow
def test_no_more_than_some_comparisons_are_kept() -> None:
    x = Value(3.0)
    before = sys.getrefcount(x)
    for _ in range(30_000):
        assert x > 0
    assert sys.getrefcount(x) - before < 25_000


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_is_guarded_as_its_original_is(clone: Callable[[Any], Any]) -> None:
    a, b = Value(3.0, "a"), Value(1.0, "b")
    z = (a if a * b > 0 else -a) * (b if a > b else -b) + a * b
    branch = a * b  # asked, but no part of what is copied
    assert branch > 0
    y = (a if a > 0 else -a) * 2
    both = clone([y, a, z, b])
    doubled, leaf, _, other = both
    assert replay(doubled, {leaf: 6.0})[0] == 12.0
    with pytest.raises(BranchError, match="a > 0 was True"):
        replay(doubled, {leaf: -6.0})
    with pytest.raises(BranchError, match="a > b was True"):
        replay(both[2], {other: 5.0})
    assert replay(y, {a: 6.0})[0] == 12.0

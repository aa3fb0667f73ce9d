"""Copies and pickles keep the graph."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import (
    InfiniteGradientWarning,
    Value,
    replay,
)
from autograd.graph import topological_order


@pytest.mark.parametrize(
    "clone",
    [copy.deepcopy, *[lambda x, p=p: pickle.loads(pickle.dumps(x, p)) for p in range(6)]],
)
def test_a_copys_backward_reaches_the_copys_leaves(clone: Callable[[Any], Any]) -> None:
    w, x = Value(3.0, "w"), Value(2.0, "x")
    y = (w * x).sqrt() ** 3 + autograd.leaky_relu(x, slope=0.3)
    y.backward()
    kept = {"leaves": [w, x], "output": y, "again": y}
    made = clone(kept)
    v, u = made["leaves"]
    assert made["again"] is made["output"]
    assert [v.data, u.data, v.label, u.label, v.grad, u.grad] == [
        *(3.0, 2.0, "w", "x", w.grad, x.grad)
    ]
    made["output"].zero_grad()
    made["output"].backward()
    assert (v.grad, u.grad) == (w.grad, x.grad)
    y.zero_grad()
    assert v.grad != 0.0
    assert replay(made["output"], {u: 5.0})[0] == replay(y, {x: 5.0})[0]
    for mine, theirs in zip(topological_order(y), topological_order(made["again"]), strict=True):
        assert (mine.op, mine.data, mine.partials) == (theirs.op, theirs.data, theirs.partials)
        assert mine is not theirs


class Parameter(Value):
    """A leaf with something more to know about it."""

    history: list[Any]


def test_a_subclass_and_what_it_knows_are_kept() -> None:
    w = Parameter(3.0, "w")
    w.history = [1.0, w]
    for y in (copy.deepcopy(w * 2), pickle.loads(pickle.dumps(w * 2))):
        leaf = y.parents[0]
        assert type(leaf) is Parameter
        assert leaf.history == [1.0, leaf]
        y.backward()
        assert (leaf.grad, w.has_grad) == (2.0, False)


def test_a_shallow_copy_shares_the_parents() -> None:
    x = Value(3.0)
    y = x * x
    twin = copy.copy(y)
    assert twin is not y
    assert twin.parents == y.parents == (x, x)


def test_an_infinite_slope_keeps_its_source_line() -> None:
    y = pickle.loads(pickle.dumps(Value(0.0).sqrt()))
    with pytest.warns(InfiniteGradientWarning, match=r"test_copying\.py:\d+"):
        y.backward()

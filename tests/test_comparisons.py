"""Equality is identity, and order is that of the data."""

from __future__ import annotations

import gc
import itertools
import math
import operator
import random
import weakref

import pytest

from autograd import BranchError, Value, comparisons, dot, replay
from autograd.graph import Node, topological_order
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


def _kept_nodes() -> set[Node]:
    kept = [*comparisons._kept.older, *comparisons._kept.recent]
    return set(topological_order(*[operand for c in kept for operand in c.operands]))


@pytest.mark.slow
def test_comparisons_in_a_loop_keep_a_bounded_number_of_nodes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(comparisons, "_kept", comparisons._Kept())
    monkeypatch.setattr(comparisons, "NODES", 2_000)
    monkeypatch.setattr(comparisons, "LIMIT", 300)
    for size in (1, 10, 100, 3_000):
        w = [Value(float(i)) for i in range(size)]
        for i in range(1_500 if size < 1_000 else 20):
            assert sum(w_k * 1.0 for w_k in w) >= 0
            if i % 100 == 0:
                nodes = len(_kept_nodes())
                assert nodes <= 2_000 + 9 * 4 * size, (size, i, nodes)


@pytest.mark.slow
def test_a_loop_that_trains_looks_at_its_last_comparison_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    v = Value(1.0)
    for _ in range(500):  # an evaluation, whose guards stand beside those of the training
        assert v * v > 0
    looked_at = 0

    def counted(*outputs: Node) -> list[Node]:
        nonlocal looked_at
        order = topological_order(*outputs)
        looked_at += len(order)
        return order

    w = Value(1.0)
    assert w < 2
    w.data = 1.5
    assert w < 2
    monkeypatch.setattr(comparisons, "topological_order", counted)
    graphs = []
    for _ in range(100):
        loss = (w - 3) ** 2
        assert loss > 0
        loss.backward()
        w.data -= 1e-3 * w.grad
        graphs.append(weakref.ref(loss))
        del loss
    assert looked_at < 100 * 30
    gc.collect()
    assert sum(graph() is not None for graph in graphs) <= 2


@pytest.mark.slow
def test_numbers_that_change_are_not_remembered_for_ever() -> None:
    x = Value(1.0)
    assert x > 0
    for i in range(1_000):
        Value(0.0).data = float(i)
    gc.collect()
    assert len(comparisons._kept.changes) < 100


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_a_comparison_guards_until_what_it_depends_on_changes(seed: int) -> None:
    chosen = random.Random(seed)
    leaves = [Value(1.0, f"x_{i}") for i in range(4)]
    holding: dict[int, bool] = {}
    for _ in range(60):
        i = chosen.randrange(4)
        if chosen.random() < 0.6:
            assert leaves[i] * 2 > 0
            holding[i] = True
        else:
            leaves[i].data = 1.0 + chosen.random()
            holding[i] = False
        i = chosen.randrange(4)
        y = dot(leaves, leaves)
        if holding.get(i):
            with pytest.raises(BranchError):
                replay(y, {leaves[i]: -1.0})
        else:
            replay(y, {leaves[i]: -1.0})


def test_guards_are_asked_in_the_order_in_which_they_stood() -> None:
    x = Value(3.0, "x")
    if x > 0 and x.log() > 0:
        y = x * x
    with pytest.raises(BranchError, match="x > 0 was True"):
        replay(y, {x: -2.0})

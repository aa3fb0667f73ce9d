"""Nothing is recursive: graphs as deep as memory allows."""

from __future__ import annotations

import copy
import gc
import math
import pickle
from typing import Any

import pytest

from autograd import Value, grad, replay
from autograd.graph import topological_order


@pytest.mark.slow
@pytest.mark.parametrize("length", [20_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_a_long_chain_is_built_differentiated_copied_pickled_and_freed(length: int) -> None:
    gc.collect()
    counted = sum(type(thing) is Value for thing in gc.get_objects())
    gc.disable()  # a collector that walks a growing chain again and again costs half the time
    try:
        x = Value(1.0)
        y = x
        for _ in range(length // 2):
            y = -y + x
        y.backward()
        assert (y.data, x.grad) == (1.0, 1.0)
        assert replay(y)[1][x] == 1.0
        for clone in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
            order = topological_order(clone)
            assert len(order) == length + 1
            leaf = order[0]
            assert (leaf.data, leaf.grad, leaf.parents) == (1.0, 1.0, ())
            clone.zero_grad()
            clone.backward()
            assert leaf.grad == 1.0
            del order, leaf, clone
        del x, y
    finally:
        gc.enable()
    gc.collect()
    assert sum(type(thing) is Value for thing in gc.get_objects()) <= counted


@pytest.mark.slow
def test_a_deep_nest_of_functions_is_not_recursive_either() -> None:
    def f(x: Any) -> Any:
        for _ in range(20_000):
            x = x.sin() * 1.0001
        return x

    assert math.isfinite(grad(grad(f))(0.5))

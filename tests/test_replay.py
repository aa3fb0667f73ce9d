"""A recorded graph replayed on other numbers; leaves that do not vary are shared by all samples."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import (
    NumberError,
    UsageError,
    Value,
    replay,
)
from autograd.graph import topological_order


def test_a_shared_leafs_gradient_is_the_average_over_the_samples() -> None:
    w, b, x, y = Value(0.5, "w"), Value(-0.2, "b"), Value(1.0, "x"), Value(0.0, "y")
    cost = ((w * x + b).tanh() - y) ** 2 + w * 0.1
    xs, ys = np.array([0.3, -1.2, 2.0, 0.0]), np.array([1.0, -1.0, 0.5, 0.0])
    _, found = replay(cost, {x: xs, y: ys})
    one_by_one = [replay(cost, {x: x_i, y: y_i})[1] for x_i, y_i in zip(xs, ys, strict=True)]
    for shared in (w, b):
        assert np.shape(found[shared]) == ()
        assert found[shared] == pytest.approx(np.mean([each[shared] for each in one_by_one]))
    for varying in (x, y):
        assert found[varying] == pytest.approx(np.array([each[varying] for each in one_by_one]))


def test_a_derivative_has_the_shape_of_its_leaf() -> None:
    w, x = Value(2.0), Value(3.0)
    y = w + x
    value, found = replay(y, {x: np.arange(4.0)})
    assert (value.shape, found[x].tolist(), float(found[w])) == ((4,), [1.0] * 4, 1.0)
    batch = {w: np.arange(3.0).reshape(3, 1), x: np.arange(4.0)}
    value, found = replay(w * x, batch)
    assert (value.shape, found[w].shape, found[x].shape) == ((3, 4), (3, 1), (4,))
    assert found[w].ravel().tolist() == [1.5] * 3
    assert found[x].tolist() == [1.0] * 4


def test_replay_computes_with_whole_numbers_as_floats() -> None:
    x, n = Value(2.0), Value(3.0)
    y = x * x + x / n + x**n
    whole = {x: np.array([2**40, 3]), n: np.array([1, -2])}
    value, found = replay(y, whole)
    same, slopes = replay(y, {leaf: column.astype(float) for leaf, column in whole.items()})
    assert value.tolist() == same.tolist()
    assert found[x].tolist() == slopes[x].tolist()
    assert [type(part) for part in (replay(x * 3, {x: 2})[0], replay(x.relu(), {x: -2})[0])] == [
        float,
        float,
    ]


def test_replay_refuses_what_it_cannot_use_and_touches_nothing() -> None:
    x, stranger = Value(2.0, "x"), Value(3.0, "s")
    y = x * x / (x + 1)
    state = [(node.data, node.grad, node.partials) for node in topological_order(y)]
    with pytest.raises(UsageError, match="not a leaf; give numbers to leaves only"):
        replay(y, {y: 1.0})
    with pytest.raises(UsageError, match=r"does not depend on .*; leave it out"):
        replay(y, {stranger: 1.0})
    with pytest.raises(NumberError, match="rules cannot compute with a list; give a number"):
        replay(y, {x: [1.0, 2.0]})
    z = x / stranger
    with pytest.raises(ValueError, match="broadcast"):
        replay(z, {x: np.zeros(3), stranger: np.ones(2)})
    assert float(replay(y, {x: 3.0}, seed=2)[1][x]) == 2 * replay(y, {x: 3.0})[1][x]
    assert [(node.data, node.grad, node.partials) for node in topological_order(y)] == state

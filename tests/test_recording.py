"""What an operation records: its operands in their order, its slopes, a label."""

from __future__ import annotations

import copy
import operator
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import (
    DomainError,
    NumberError,
    Value,
    gradient,
)
from autograd.graph import topological_order
from tests.untyped import untyped

BINARY: list[Callable[[Any, Any], Any]] = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.pow,
]


def test_a_product_with_itself_has_two_parents_and_two_edges() -> None:
    x = Value(3.0)
    y = x * x
    assert y.parents == (x, x)
    assert y.partials == (3.0, 3.0)
    y.backward()
    assert x.grad == 6.0


def test_a_difference_with_itself_has_partials_1_and_minus_1_and_gradient_0() -> None:
    x = Value(3.0)
    y = x - x
    assert (y.parents, y.partials) == ((x, x), (1, -1))
    y.backward()
    assert (y.data, x.grad) == (0.0, 0.0)


def test_operands_stand_in_the_order_in_which_they_were_written() -> None:
    x, y = Value(3.0), Value(5.0)
    for operation in BINARY:
        assert operation(x, y).parents == (x, y)
        assert operation(y, x).parents == (y, x)
        assert operation(7.0, x).parents[1] is x
        assert operation(7.0, x).parents[0].data == 7.0
    total = autograd.sum([x, y, x])
    assert (total.parents, total.partials) == ((x, y, x), (1, 1, 1))


def test_division_is_ieee_division_bit_for_bit() -> None:
    for x in (1.0, 2.0, 5.0, 7.0, 0.1, 1e300):
        for y in (3.0, 7.0, 49.0, 0.3, 1e-5):
            assert (Value(x) / y).data.hex() == (x / Value(y)).data.hex() == (x / y).hex()


def test_minus_is_recorded_where_it_was_written() -> None:
    x, y = Value(1.0), Value(2.0)
    assert [node.op for node in (x - y, 1 - x, x - 1, -x, x / y)] == [
        *("sub", "sub", "sub", "neg", "div")
    ]
    assert len(topological_order(x - y)) == len(topological_order(x / y)) == 3
    assert len(topological_order(-x)) == 2


def test_changing_data_changes_nothing_recorded() -> None:
    x, y = Value(2.0), Value(5.0)
    z = x * y + x.exp()
    before = gradient(z, [x, y])
    data = z.data
    x.data, y.data = 100.0, 200.0
    z.backward()
    assert [x.grad, y.grad] == before
    assert z.data == data
    assert (x * y).partials == (200.0, 100.0)


def test_a_label_names_a_value_and_follows_it() -> None:
    w = Value(2.0, "w_{12}^{(2)}")
    assert repr(w) == "Value(data=2.0, grad=?, label='w_{12}^{(2)}')"
    for same in (w.detach(), copy.deepcopy(w), pickle.loads(pickle.dumps(w))):
        assert same.label == w.label
    assert Value(2.0).label == (w * w).label == ""
    z = w + 1
    z.label = "z"
    assert repr(z) == "Value(data=3.0, grad=?, op='add', label='z')"
    with pytest.raises(NumberError, match="the label 3 is not a string; write '3'"):
        Value(2.0, untyped(3))
    with pytest.raises(DomainError, match=r"log at z = -3.0: no value; z must be positive"):
        named(-z, "z").log()


def named(node: Value, label: str) -> Value:
    node.label = label
    return node

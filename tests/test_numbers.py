"""Real numbers enter as floats, and nothing else enters."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import (
    NumberError,
    Value,
)
from autograd.graph import topological_order
from autograd.rule import RULES
from tests.table import CASES, RULE_TABLE
from tests.untyped import untyped

BINARY: list[Callable[[Any, Any], Any]] = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.pow,
]
COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge]
NUMPY_SCALARS = [
    kind(2)
    for kind in (
        *(np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64),
        *(np.float16, np.float32, np.float64, np.longdouble),
    )
]
TWOS = [2, 2.0, Fraction(2), Decimal(2), *NUMPY_SCALARS]
NO_NUMBERS = {
    "str": "2",
    "NoneType": None,
    "complex": 2j,
    "list": [2.0],
    r"complex(128)?": np.complex128(2),
    r"ndarray of shape \(1,\)": np.array([2.0]),
    r"ndarray of shape \(1, 2\)": np.array([[2, 3]]),
}


def assert_plain(node: Value) -> None:
    """Assert that a graph holds Python's own numbers alone."""
    for member in topological_order(node):
        assert type(member) is Value
        assert type(member.data) is float
        assert {type(partial) for partial in member.partials} <= {float, int}
        assert type(member.grad) in (float, type(None))


@pytest.mark.parametrize("two", TWOS, ids=lambda two: type(two).__name__)
def test_every_kind_of_real_number_enters_as_a_float_on_both_sides(two: Any) -> None:
    assert type(Value(two).data) is float
    v = Value(3.0)
    for operation in BINARY:
        right, left = operation(v, two), operation(two, v)
        assert (right.data, left.data) == (operation(3.0, 2.0), operation(2.0, 3.0))
        for node in (right, left):
            node.backward()
            assert_plain(node)
    for compare in COMPARISONS:
        assert bool(compare(v, two)) is compare(3.0, 2.0)
        assert bool(compare(two, v)) is compare(2.0, 3.0)
    assert two != Value(two)
    for function in (autograd.maximum, autograd.hypot, autograd.atan2):
        assert_plain(function(v, two))
        assert function(two, v).data == function(2.0, 3.0)
    assert_plain(autograd.dot([v, two], [two, v]))
    v.data = two
    assert (type(v.data), v.data) == (float, 2.0)


def test_booleans_are_numbers_too() -> None:
    v = Value(3.0)
    for one in (True, np.True_):
        assert (Value(one).data, (v + one).data, (one - v).data) == (1.0, 4.0, -2.0)
        assert_plain(v * one)


@pytest.mark.parametrize("name", NO_NUMBERS)
def test_anything_else_is_refused_by_name_on_both_sides(name: str) -> None:
    wrong = NO_NUMBERS[name]
    v = Value(3.0)
    for operation in [*BINARY, *COMPARISONS]:
        for operands in ((v, wrong), (wrong, v)):
            with pytest.raises(TypeError, match=name):
                operation(*operands)
    for function in (Value, v.maximum, lambda x: autograd.sum([v, x])):
        with pytest.raises(NumberError, match=name):
            function(wrong)
    with pytest.raises(NumberError):
        v.data = wrong
    assert v.data == 3.0


def test_a_refusal_says_what_to_do() -> None:
    remedies: dict[str, Callable[[], object]] = {
        "Value: '2' (str) is not a real number; write float('2')": lambda: Value("2"),
        "add: None (NoneType) is not a real number; give an int or a float": lambda: (
            untyped(None) + Value(1.0)
        ),
        "power: 2j (complex) is not a real number; give an int or a float": lambda: (
            Value(1.0) ** 2j
        ),
        "mul: a ndarray of shape (2,) is not one real number; make an object array of Values, or "
        "replay a recorded graph on the array": lambda: Value(1.0) * np.zeros(2),
    }
    for message, attempt in remedies.items():
        with pytest.raises(NumberError) as caught:
            attempt()
        assert str(caught.value) == message
    with pytest.raises(NumberError, match="does not fit a float"):
        Value(10**400)


def test_object_arrays_of_values_compute() -> None:
    entries = [Value(x) for x in (1.0, 2.0, 3.0)]
    x = np.array(entries)
    assert x.dtype == object
    v = Value(2.0)
    wholes = {
        "@": (x @ x, 14.0),
        "sum": (x.sum(), 6.0),
        "np.sum": (np.sum(x * x), 14.0),
        "mean": (x.mean(), 2.0),
        "dot": (np.dot(x, [1, 2, 3]), 14.0),
        "matrix": ((np.ones((2, 3)) @ x)[1], 6.0),
        "autograd.sum": (autograd.sum(x), 6.0),
    }
    for found, value in wholes.values():
        assert (type(found), found.data) == (Value, value)
        assert_plain(found)
    for function in (np.exp, np.log, np.sqrt, np.sin, np.cos, np.tan, np.sinh, np.cosh, np.tanh):
        for entry, node in zip(entries, function(x), strict=True):
            assert node.parents == (entry,)
            assert node.data == pytest.approx(function(entry.data), rel=1e-15)
        assert type(function(v)) is Value
    for operation in BINARY:
        for other in (v, 2.0, 2, np.float64(2), np.array([2.0, 2.0, 2.0])):
            for found, value in (
                (operation(x, other), operation(np.array([1.0, 2.0, 3.0]), 2.0)),
                (operation(other, x), operation(2.0, np.array([1.0, 2.0, 3.0]))),
            ):
                assert [node.data for node in found] == list(value)
                for node in found:
                    assert_plain(node)
    assert [*(x > 1.5)] == [*untyped(v <= x)] == [False, True, True]
    assert [node.data for node in abs(-x)] == [1.0, 2.0, 3.0]
    (x @ x).backward()
    assert [entry.grad for entry in entries] == [2.0, 4.0, 6.0]


NUMPYS = {
    rule.name: ufunc
    for rule in RULE_TABLE
    if isinstance(
        ufunc := getattr(np, re.sub("^a(?=sin|cos|tan)", "arc", rule.name), None), np.ufunc
    )
    and not rule.symbol
}
"""The functions of NumPy that the table has, by the name of the rule."""


def test_many_functions_of_numpy_are_rules() -> None:
    assert len(NUMPYS) >= 20
    assert NUMPYS.keys() >= {"exp", "asin", "atan2", "maximum", "minimum", "hypot", "log1p"}


@pytest.mark.parametrize("name", NUMPYS)
def test_a_function_of_numpy_on_values_is_the_rule(name: str) -> None:
    rule, ufunc = RULES[name], NUMPYS[name]
    (case,) = [case for case in CASES if case.rule is rule]
    tie = [(2.0, 2.0)] if case.count == 2 else []
    for point in case.points(3) + tie:
        leaves = [Value(x) for x in point]
        node, expected = ufunc(*leaves), rule(*leaves)
        assert (type(node), node.op, node.parents) == (Value, name, tuple(leaves))
        assert (node.data, node.partials) == (expected.data, expected.partials)
        others = leaves[1:]  # of arrays alone, NumPy compares the entries itself
        column = ufunc(np.array([leaves[0], leaves[0]], dtype=object), *others)
        assert [entry.op for entry in column] == [name, name]


UNFIT = {
    "Decimal": Decimal("1e400"),
    "longdouble": np.longdouble("1e400") if np.finfo(np.longdouble).max > 1e308 else 10**400,
    "int": 10**400,
    "Fraction": Fraction(-(10**400)),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_a_number_that_fits_no_float_is_no_infinity(kind: str) -> None:
    x = Value(2.0)
    for use in (Value, lambda n: x * n, autograd.tanh, lambda n: autograd.sum([x, n])):
        with pytest.raises(NumberError, match="does not fit a float"):
            untyped(use)(UNFIT[kind])
    assert Value(Decimal("Infinity")).data == float("inf")


@pytest.mark.parametrize("time", [np.timedelta64(3), np.timedelta64(3, "D"), np.datetime64("2020")])
def test_dates_are_no_numbers(time: Any) -> None:
    x = Value(2.0)
    for use in (Value, lambda n: x * n, lambda n: n * x, autograd.tanh, lambda n: x > n):
        with pytest.raises(NumberError):
            untyped(use)(time)


def test_functions_take_plain_arrays_alone() -> None:
    assert autograd.tanh(np.array([True, False])).tolist() == [autograd.tanh(1.0), 0.0]
    x = Value(2.0)
    (y,) = autograd.tanh(np.array([x], dtype=object))
    assert y.parents == (x,)
    for wrong in (
        np.ma.array([1.0]), np.array([1.0]).view(np.recarray), np.array(["a"]), np.array([1j]),
        np.array(["2020"], dtype="M8[D]"), np.array("a"), np.array(1j),
    ):  # fmt: skip
        with pytest.raises(NumberError):
            autograd.tanh(wrong)


@pytest.mark.parametrize("flip", [operator.lt, operator.le, operator.gt, operator.ge])
@pytest.mark.parametrize("zero", [0.0, np.float64(0.0), np.int8(0), np.array(0.0)])
def test_a_comparison_with_a_number_on_the_left_is_recomputed(flip: Any, zero: Any) -> None:
    x = Value(3.0, "x")
    y = autograd.where(flip(zero, x), x, -x)
    for number in (-2.0, 2.0):
        assert autograd.replay(y, {x: number})[0] == (number if flip(0.0, number) else -number)


@pytest.mark.parametrize("number", [10**400, Value(1.0) == 1.0])
def test_a_replay_takes_no_other_number_than_a_value_does(number: Any) -> None:
    x = Value(3.0, "x")
    with pytest.raises(NumberError):
        autograd.replay(x * x, {x: number})


@pytest.mark.parametrize("name", ["isnan", "isfinite", "rint", "logaddexp", "heaviside", "divmod"])
def test_a_function_of_numpy_that_the_table_lacks_is_refused_by_name(name: str) -> None:
    ufunc = getattr(np, name)
    with pytest.raises(NumberError, match=f"numpy.{name} takes no Values"):
        ufunc(*[Value(2.0)] * ufunc.nin)

"""The conventions of DESIGN.md section 4, by number; 12 is in test_draw.py, 17 not yet built."""

from __future__ import annotations

import copy
import gc
import itertools
import math
import operator
import os
import pickle
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

import autograd
from autograd import (
    AutogradError,
    DivisionByZeroError,
    DomainError,
    InfiniteGradientWarning,
    NumberError,
    RangeError,
    UsageError,
    Value,
    grad,
    gradient,
    hessian,
    no_grad,
    replay,
)
from autograd.graph import topological_order
from tests.table import ORACLE

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


# 1. Parents and partials are positional tuples.


def test_1_a_product_with_itself_has_two_parents_and_two_edges() -> None:
    x = Value(3.0)
    y = x * x
    assert y.parents == (x, x)
    assert y.partials == (3.0, 3.0)
    y.backward()
    assert x.grad == 6.0


def test_1_a_difference_with_itself_has_partials_1_and_minus_1_and_gradient_0() -> None:
    x = Value(3.0)
    y = x - x
    assert (y.parents, y.partials) == ((x, x), (1, -1))
    y.backward()
    assert (y.data, x.grad) == (0.0, 0.0)


def test_1_operands_stand_in_the_order_in_which_they_were_written() -> None:
    x, y = Value(3.0), Value(5.0)
    for operation in BINARY:
        assert operation(x, y).parents == (x, y)
        assert operation(y, x).parents == (y, x)
        assert operation(7.0, x).parents[1] is x
        assert operation(7.0, x).parents[0].data == 7.0
    total = autograd.sum([x, y, x])
    assert (total.parents, total.partials) == ((x, y, x), (1, 1, 1))


# 2. Real numbers enter as floats, and nothing else enters.


@pytest.mark.parametrize("two", TWOS, ids=lambda two: type(two).__name__)
def test_2_every_kind_of_real_number_enters_as_a_float_on_both_sides(two: Any) -> None:
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


def test_2_booleans_are_numbers_too() -> None:
    v = Value(3.0)
    for one in (True, np.True_):
        assert (Value(one).data, (v + one).data, (one - v).data) == (1.0, 4.0, -2.0)
        assert_plain(v * one)


@pytest.mark.parametrize("name", NO_NUMBERS)
def test_2_anything_else_is_refused_by_name_on_both_sides(name: str) -> None:
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


def test_2_a_refusal_says_what_to_do() -> None:
    remedies = {
        "Value: '2' (str) is not a real number; write float('2')": lambda: Value("2"),
        "add: None (NoneType) is not a real number; give an int or a float": lambda: (
            None + Value(1.0)
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


def test_2_object_arrays_of_values_compute() -> None:
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
    assert [*(x > 1.5)] == [*(v <= x)] == [False, True, True]
    assert [node.data for node in abs(-x)] == [1.0, 2.0, 3.0]
    (x @ x).backward()
    assert [entry.grad for entry in entries] == [2.0, 4.0, 6.0]


# 3. Subtraction, division and minus are operations of their own.


def test_3_division_is_ieee_division_bit_for_bit() -> None:
    for x in (1.0, 2.0, 5.0, 7.0, 0.1, 1e300):
        for y in (3.0, 7.0, 49.0, 0.3, 1e-5):
            assert (Value(x) / y).data.hex() == (x / Value(y)).data.hex() == (x / y).hex()


def test_3_minus_is_recorded_where_it_was_written() -> None:
    x, y = Value(1.0), Value(2.0)
    assert [node.op for node in (x - y, 1 - x, x - 1, -x, x / y)] == [
        *("sub", "sub", "sub", "neg", "div")
    ]
    assert len(topological_order(x - y)) == len(topological_order(x / y)) == 3
    assert len(topological_order(-x)) == 2


# 4. Powers


def test_4_a_plain_exponent_has_its_own_rule() -> None:
    x = Value(-3.0)
    y = x**2
    assert (y.op, y.parents, y.rule.constants) == ("power", (x,), {"n": 2})
    y.backward()
    assert (y.data, x.grad) == (9.0, -6.0)
    assert (Value(-2.0) ** 3).partials == (12.0,)
    assert (Value(-2.0) ** -1).partials == (-0.25,)


@pytest.mark.parametrize(("n", "slope"), [(0, 0.0), (1, 1.0), (2, 0.0), (1.5, 0.0), (3, 0.0)])
def test_4_a_plain_exponent_is_right_at_0(n: float, slope: float) -> None:
    assert (Value(0.0) ** n).partials == (slope,)
    assert (Value(0.0) ** n).data == 0.0**n


def test_4_values_as_exponents_work() -> None:
    x, y = Value(2.0), Value(3.0)
    z = x**y
    assert (z.op, z.data) == ("pow", 8.0)
    assert gradient(z, [x, y]) == [12.0, 8.0 * math.log(2)]
    assert gradient(2**y, [y]) == [8.0 * math.log(2)]
    assert (Value(-2.0) ** Value(3.0)).partials[0] == 12.0
    assert (Value(0.0) ** Value(2.0)).partials == (0.0, 0.0)
    assert (Value(0.0) ** Value(0.0)).partials == (0.0, 0.0)
    assert (Value(0.0) ** Value(0.0)).data == 1.0


@pytest.mark.parametrize("exponent", [0.5, -1.5, Value(0.5), 1 / 3])
def test_4_a_fractional_power_of_a_negative_base_is_an_error(exponent: Any) -> None:
    with pytest.raises(DomainError, match=r"at x = -8.0, .*: no value; x must not be 0 for a neg"):
        Value(-8.0) ** exponent
    if not isinstance(exponent, Value):
        with pytest.raises(DomainError, match="no value"):
            (-8.0) ** Value(exponent)


# 5. Partials are recorded when the operation runs.


def test_5_changing_data_changes_nothing_recorded() -> None:
    x, y = Value(2.0), Value(5.0)
    z = x * y + x.exp()
    before = gradient(z, [x, y])
    data = z.data
    x.data, y.data = 100.0, 200.0
    z.backward()
    assert [x.grad, y.grad] == before
    assert z.data == data
    assert (x * y).partials == (200.0, 100.0)


# 6. float() raises; equality is identity; order is of the data.


def test_6_nothing_cuts_the_graph_in_silence() -> None:
    v = Value(2.0, "v_1")
    cuts: list[Callable[[Value], Any]] = [
        *(float, math.exp, math.sqrt, math.floor, np.float64, complex),
        lambda v: math.hypot(v, 1.0),
        lambda v: np.array([v], dtype=float),
    ]
    for cut in cuts:
        with pytest.raises(NumberError) as caught:
            cut(v)
        assert str(caught.value) == (
            "float(v_1) would cut the graph, as math.exp(v) would; "
            "write v.exp() to stay in it, or v.data to leave it"
        )
    for cut in (int, round, math.trunc, range):
        with pytest.raises(TypeError):
            cut(v)


def test_6_equality_and_hash_are_by_identity() -> None:
    x, same = Value(2.0), Value(2.0)
    assert x == x
    assert x != same
    assert x != 2.0
    assert len({x, same, x}) == 2
    assert [same, x].index(x) == 1


def test_6_comparisons_compare_data() -> None:
    numbers = [-1.0, 0.0, 2.0, math.inf, math.nan]
    for x, y in itertools.product(numbers, repeat=2):
        for compare in COMPARISONS:
            want = compare(x, y)
            assert compare(Value(x), Value(y)) is want
            assert compare(Value(x), y) is want
            assert compare(x, Value(y)) is want
    assert [v.data for v in sorted([Value(3.0), Value(1.0), Value(2.0)])] == [1.0, 2.0, 3.0]
    assert bool(Value(0.5))
    assert not Value(0.0)


# 7. A label names a Value.


def test_7_a_label_names_a_value_and_follows_it() -> None:
    w = Value(2.0, "w_{12}^{(2)}")
    assert repr(w) == "Value(data=2.0, grad=None, label='w_{12}^{(2)}')"
    for same in (w.detach(), copy.deepcopy(w), pickle.loads(pickle.dumps(w))):
        assert same.label == w.label
    assert Value(2.0).label == (w * w).label == ""
    z = w + 1
    z.label = "z"
    assert repr(z) == "Value(data=3.0, grad=None, op='add', label='z')"
    with pytest.raises(NumberError, match="the label 3 is not a string; write '3'"):
        Value(2.0, 3)
    with pytest.raises(DomainError, match=r"log at z = -3.0: no value; z must be positive"):
        named(-z, "z").log()


def named(node: Value, label: str) -> Value:
    node.label = label
    return node


# 8. Nothing is recursive.


def test_8_a_chain_of_a_million_operations_is_built_differentiated_copied_pickled_and_freed() -> (
    None
):
    length = 1_000_000
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


def test_8_a_deep_nest_of_functions_is_not_recursive_either() -> None:
    def f(x: Any) -> Any:
        for _ in range(20_000):
            x = x.sin() * 1.0001
        return x

    assert math.isfinite(grad(grad(f))(0.5))


# 9. Adjoints are fresh on every backward().


def test_9_leaves_accumulate_and_interior_gradients_do_not() -> None:
    x = Value(3.0)
    z = x * x
    y = z * z
    for times in (1, 2, 3):
        y.backward()
        assert (x.grad, z.grad, y.grad) == (times * 108.0, 18.0, 1.0)
    y.zero_grad()
    assert (x.grad, z.grad, y.grad) == (0.0, 0.0, 0.0)
    y.backward()
    assert x.grad == 108.0


def test_9_gradients_are_none_until_backward() -> None:
    x, unused = Value(3.0), Value(4.0)
    y = x * 2
    assert (x.grad, y.grad) == (None, None)
    y.backward()
    assert unused.grad is None
    x.backward()
    assert x.grad == 3.0


def test_9_gradients_of_a_leaf_shared_by_two_outputs_add_up() -> None:
    x = Value(3.0)
    z = x * x
    first, second = z * 2, z * 5
    first.backward()
    second.backward()
    assert (x.grad, z.grad) == (6.0 * 7, 5.0)


# 10. The same to the last bit in every process.

PROGRAM = """
import random
from autograd import Value, sum, tanh
from autograd.graph import topological_order
draw = random.Random(1)
nodes = [Value(draw.uniform(-1, 1), f"x{i}") for i in range(8)]
leaves = nodes[:]
for _ in range(300):
    x, y, z = draw.choices(nodes, k=3)
    nodes.append(draw.choice([x * y + z, tanh(x - y * 3), sum([x, y, z]) / 3, (x * 1.1).sin()]))
output = sum(nodes)
output.backward()
print([leaf.grad.hex() for leaf in leaves])
print([node.label or node.op for node in topological_order(output)])
"""


def test_10_gradients_are_the_same_to_the_last_bit_in_every_process() -> None:
    outputs = set()
    for seed, junk in (("1", ""), ("2", "x" * 100_000), ("3", "")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "JUNK": junk}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert "0x" in outputs.pop()


# 11. Copies and pickles keep the graph.


@pytest.mark.parametrize(
    "clone",
    [copy.deepcopy, *[lambda x, p=p: pickle.loads(pickle.dumps(x, p)) for p in range(6)]],
)
def test_11_a_copys_backward_reaches_the_copys_leaves(clone: Callable[[Any], Any]) -> None:
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


def test_11_a_subclass_and_what_it_knows_are_kept() -> None:
    w = Parameter(3.0, "w")
    w.history = [1.0, w]
    for y in (copy.deepcopy(w * 2), pickle.loads(pickle.dumps(w * 2))):
        leaf = y.parents[0]
        assert type(leaf) is Parameter
        assert leaf.history == [1.0, leaf]
        y.backward()
        assert (leaf.grad, w.grad) == (2.0, None)


def test_11_a_shallow_copy_shares_the_parents() -> None:
    x = Value(3.0)
    y = x * x
    twin = copy.copy(y)
    assert twin is not y
    assert twin.parents == y.parents == (x, x)


def test_11_an_infinite_slope_keeps_its_source_line() -> None:
    y = pickle.loads(pickle.dumps(Value(0.0).sqrt()))
    with pytest.warns(InfiniteGradientWarning, match=r"test_conventions\.py:\d+"):
        y.backward()


# 13. Kinks choose.


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
def test_13_kinks_choose_a_slope(
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
def test_13_a_slope_that_was_chosen_has_no_slope_of_its_own(function: Callable[..., Any]) -> None:
    assert hessian(lambda x: function(*x))([0.0, 0.0]) == [[0.0, 0.0], [0.0, 0.0]]
    for kinked in (autograd.abs, autograd.relu, autograd.leaky_relu):
        assert grad(grad(kinked))(0.0) == 0.0


def test_13_a_tie_with_itself_is_the_number_itself() -> None:
    x = Value(2.0)
    x.maximum(x).backward()
    assert x.grad == 1.0


# 14. Right at ±1000, with no epsilon.


def test_14_activations_and_losses_are_right_far_out() -> None:
    for x in (1000.0, -1000.0):
        for name in ("sigmoid", "tanh", "softplus"):
            with mpmath.workdps(1000):
                true = ORACLE[name](mpmath.mpf(x))
                slope = mpmath.diff(ORACLE[name], mpmath.mpf(x))
            assert getattr(Value(x), name)().data == float(true)
            assert grad(getattr(autograd, name))(x) == pytest.approx(float(slope), abs=1e-300)
    for x in ([1000.0, 999.0], [-1000.0, -1001.0], [1000.0, -1000.0]):
        leaves = [Value(x_k) for x_k in x]
        z = autograd.logsumexp(leaves)
        with mpmath.workdps(1000):
            assert z.data == pytest.approx(float(ORACLE["logsumexp"](*map(mpmath.mpf, x))))
        assert sum(z.partials) == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus"])
def test_14_arrays_are_as_right_far_out_as_floats(name: str) -> None:
    x = Value(0.0)
    y = getattr(autograd, name)(x)
    for point in (-1000.0, -740.0, -720.0, 720.0, 1000.0):  # exp(720) is no float, exp(-720) is
        values, slopes = autograd.replay(y, {x: np.array([point])})
        alone, slope = autograd.replay(y, {x: point})
        assert values[0] == alone
        assert slopes[x][0] == slope[x]


@pytest.mark.parametrize("target", [0, 1])
def test_14_cross_entropy_is_right_far_out(target: int) -> None:
    for z in (1000.0, -1000.0):
        score = Value(z)
        by_softplus = score.softplus() - target * score
        by_logsumexp = autograd.logsumexp([score, 0.0]) - target * score
        right = (z > 0) == bool(target)
        for loss in (by_softplus, by_logsumexp):
            assert loss.data == (0.0 if right else 1000.0)
            assert gradient(loss, [score]) == [0.0 if right else float(1 - 2 * target)]


def test_14_no_epsilon_makes_an_error_go_away() -> None:
    score = Value(1000.0)
    with pytest.raises(DomainError, match=r"log at x = 0.0: no value; x must be positive"):
        (1 - score.sigmoid()).log()
    tiny = Value(5e-324)
    assert (tiny.log().data, (tiny / tiny).data) == (math.log(5e-324), 1.0)
    assert autograd.sqrt(Value(1e-300)).partials == (0.5e150,)


# 15. No value: an error. An infinite slope: a warning. NaN: NaN.

X = Value(-1.0, "x_1")
ZERO = Value(0.0, "b")
BIG = Value(1e200, "w")
ERRORS: list[tuple[Callable[[], Any], type[AutogradError], type[Exception], str]] = [
    (
        lambda: Value(0.0).log(),
        *(DomainError, ValueError, "log at x = 0.0: no value; x must be positive"),
    ),
    (
        lambda: X.log(),
        *(DomainError, ValueError, "log at x_1 = -1.0: no value; x_1 must be positive"),
    ),
    (
        lambda: X.sqrt(),
        *(DomainError, ValueError, "sqrt at x_1 = -1.0: no value; x_1 must not be negative"),
    ),
    (
        lambda: X.log1p(),
        *(DomainError, ValueError, "log1p at x_1 = -1.0: no value; x_1 must be greater than -1"),
    ),
    (
        lambda: (2 * X).asin(),
        *(DomainError, ValueError, "asin at x = -2.0: no value; x must lie between -1 and 1"),
    ),
    (
        lambda: X / ZERO,
        *(DivisionByZeroError, ZeroDivisionError),
        "div at x_1 = -1.0, b = 0.0: no value; b must not be 0",
    ),
    (
        lambda: 1 / ZERO,
        *(DivisionByZeroError, ZeroDivisionError),
        "div at x = 1.0, b = 0.0: no value; b must not be 0",
    ),
    (
        lambda: ZERO**-1,
        *(DomainError, ValueError),
        "power at b = 0.0, n = -1: no value; b must not be 0 for a negative exponent, nor "
        "negative for a fractional one",
    ),
    (
        lambda: ZERO**X,
        *(DomainError, ValueError),
        "pow at b = 0.0, x_1 = -1.0: no value; b must not be 0 for a negative exponent, nor "
        "negative for a fractional one",
    ),
    (
        lambda: X**0.5,
        *(DomainError, ValueError),
        "power at x_1 = -1.0, n = 0.5: no value; x_1 must not be 0 for a negative exponent, nor "
        "negative for a fractional one",
    ),
    (
        lambda: Value(1000.0, "z").exp(),
        *(RangeError, OverflowError),
        "exp at z = 1000.0: the result is too large for a float; rescale the operands",
    ),
    (
        lambda: BIG * BIG,
        *(RangeError, OverflowError),
        "mul at w = 1e+200, w = 1e+200: the result is too large for a float; rescale the operands",
    ),
    (
        lambda: BIG**2,
        *(RangeError, OverflowError),
        "power at w = 1e+200, n = 2: the result is too large for a float; rescale the operands",
    ),
    (
        lambda: autograd.dot([BIG], [BIG]),
        *(RangeError, OverflowError),
        "dot at w = 1e+200, w = 1e+200: the result is too large for a float; rescale the operands",
    ),
    (
        lambda: autograd.sum([Value(1e308), 1e308, 1.0, 2.0, 3.0]),
        *(RangeError, OverflowError),
        "sum at x_1 = 1e+308, x_2 = 1e+308, x_3 = 1.0, x_4 = 2.0, …: the result is too large for "
        "a float; rescale the operands",
    ),
    (
        lambda: Value(math.inf, "t").sin(),
        *(DomainError, ValueError, "sin at t = inf: no value; t must be finite"),
    ),
]


@pytest.mark.parametrize(("attempt", "error", "python", "message"), ERRORS)
def test_15_no_value_raises_naming_operation_operand_and_remedy(
    attempt: Callable[[], Any],
    error: type[AutogradError],
    python: type[Exception],
    message: str,
) -> None:
    for expected in (error, python, AutogradError):
        with pytest.raises(expected) as caught:
            attempt()
        assert str(caught.value) == message
        assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_15_an_unlabelled_operand_is_not_mistaken_for_a_labelled_one() -> None:
    with pytest.raises(DivisionByZeroError, match=r"^div at 1.0, x = 0.0: no value; x must not"):
        Value(1.0) / Value(0.0, "x")


def test_15_an_infinite_slope_is_recorded_and_warned_of_only_when_it_reaches_a_leaf() -> None:
    x = Value(0.0, "x")
    y = x.sqrt()
    line = sys._getframe().f_lineno - 1
    assert (y.data, y.partials) == (0.0, (math.inf,))
    with pytest.warns(InfiniteGradientWarning) as caught:
        (2 * y).backward()
    assert x.grad == math.inf
    assert [str(warning.message) for warning in caught] == [
        "the gradient of x is inf: sqrt at x = 0.0 has a value but no finite slope "
        f"({__file__}:{line})"
    ]
    assert caught[0].filename == __file__
    x.zero_grad()
    (y * 0).backward()  # a warning would be an error here
    assert x.grad == 0.0


@pytest.mark.parametrize(
    ("operation", "operands"),
    [
        (autograd.sqrt, [0.0]),
        (autograd.asin, [1.0]),
        (autograd.asin, [-1.0]),
        (autograd.acos, [1.0]),
        (lambda x: x**0.5, [0.0]),
        (lambda x, y: x**y, [0.0, 0.5]),
        (lambda x, y: x**y, [-2.0, 2.0]),
    ],
)
def test_15_every_infinite_or_missing_slope_is_warned_of(
    operation: Callable[..., Value], operands: list[float]
) -> None:
    y = operation(*[Value(x) for x in operands])
    with pytest.warns(InfiniteGradientWarning, match=f"{y.op} at .*has a value but no finite sl"):
        y.backward()


def test_15_the_warning_names_the_node_where_the_infinity_of_its_leaf_was_born() -> None:
    a, b = Value(0.0, "a"), Value(0.0, "b")
    line = sys._getframe().f_lineno + 1
    first = a.sqrt()
    second = b.sqrt()
    places = {"a": f"{__file__}:{line}", "b": f"{__file__}:{line + 1}"}
    for output in (first + second, second + first, (first + second) * 2 + a):
        with pytest.warns(InfiniteGradientWarning) as caught:
            output.backward()
        for message in [str(warning.message) for warning in caught]:
            leaf = message.removeprefix("the gradient of ")[0]
            assert message == (
                f"the gradient of {leaf} is inf: sqrt at {leaf} = 0.0 has a value but no finite "
                f"slope ({places[leaf]})"
            )


def test_15_other_gradients_that_are_not_finite_do_not_hide_an_infinite_slope() -> None:
    x, other = Value(0.0, "x"), Value(math.nan, "n")
    steep = x.sqrt()
    for output in (steep + other * other, other * other + steep):
        with pytest.warns(InfiniteGradientWarning, match="the gradient of x is inf: sqrt at x"):
            output.backward()
    fresh, known = Value(0.0, "x"), Value(1.0, "known")
    known.grad = math.inf
    for output in (fresh.sqrt() + known, known + fresh.sqrt()):
        with pytest.warns(InfiniteGradientWarning, match="the gradient of x is inf: sqrt at x"):
            output.backward()
    (known * 2).backward()  # no slope of this graph is to blame, and a warning would be an error


def test_15_a_product_of_slopes_that_overflows_is_warned_of() -> None:
    x = Value(1e-300, "x")
    with pytest.warns(InfiniteGradientWarning) as caught:
        (x * 1e200 * 1e200).backward()
    assert [str(warning.message) for warning in caught] == [
        "the gradient of x is inf: a product of slopes is too large for a float; "
        "rescale the operands"
    ]
    assert caught[0].filename == __file__


def test_15_a_warning_turned_into_an_error_leaves_complete_gradients() -> None:
    x, y = Value(0.0), Value(2.0)
    z = x.sqrt() + 3 * y
    y.grad = 10.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InfiniteGradientWarning):
            z.backward()
    assert (x.grad, y.grad) == (math.inf, 13.0)


def test_15_nan_comes_out_as_nan_through_whole_graphs() -> None:
    x, y = Value(math.nan), Value(2.0)
    z = (x * y).relu() + autograd.maximum(y, x).tanh() + x**2
    z.backward()
    assert all(map(math.isnan, (z.data, x.grad, y.grad)))
    for exponent in (math.nan, Value(math.nan)):
        for base in (2.0, -2.0, 0.5):
            assert math.isnan((Value(base) ** exponent).data)
    assert math.isnan((Value(math.inf) - Value(math.nan)).data)


def test_15_infinities_that_come_in_go_on() -> None:
    x = Value(math.inf)
    assert (x.exp().data, (-x).exp().data, x.tanh().data) == (math.inf, 0.0, 1.0)
    assert (x + 1).data == (x**2).data == (Value(2.0) ** math.inf).data == math.inf
    assert math.isinf((Value(-2.0) ** math.inf).data)
    assert math.isnan(np.subtract(x, Value(math.inf)).data)  # and NumPy does not warn


def test_15_replay_refuses_with_the_operands_labels() -> None:
    x = Value(2.0, "x")
    y = (x - 1).log()
    with pytest.raises(DomainError, match=r"log at x = 0.0: no value; x must be positive"):
        replay(y, {x: 1.0})
    with pytest.raises(RangeError, match=r"exp at x = 1000.0: the result is too large"):
        replay(x.exp(), {x: 1000.0})


# 16. The branch not taken does not count.

BRANCHES: list[Callable[[Any], Any]] = [
    lambda x: x.sqrt(),
    lambda x: x**0.5,
    lambda x: x ** (0.5 + 0 * x),
    lambda x: (1 - x).asin(),
    lambda x: x * math.nan,
    lambda x: autograd.sum([x, math.inf]),
]


@pytest.mark.parametrize("steep", BRANCHES)
@pytest.mark.parametrize("first", [True, False])
def test_16_where_is_not_poisoned_by_the_branch_not_taken(
    steep: Callable[[Any], Any], first: bool
) -> None:
    def safe(x: Any, condition: Any) -> Any:
        branches = (3 * x * x, steep(x))
        return autograd.where(condition, *(branches if first else branches[::-1]))

    choice = float(first)
    leaf = Value(0.0)
    output = safe(leaf, choice)
    output.backward()
    assert (output.data, leaf.grad) == (0.0, 0.0)
    assert [grad(safe)(0.0, choice), grad(grad(safe))(0.0, choice)] == [0.0, 6.0]
    condition = Value(choice)
    output = safe(leaf, condition)
    numbers = {leaf: np.array([0.0, 2.0]), condition: np.array([choice, choice])}
    value, derivatives = replay(output, numbers)
    assert list(value) == [0.0, 12.0]
    assert list(derivatives[leaf]) == [0.0, 12.0]
    assert list(derivatives[condition]) == [0.0, 0.0]


def test_16_an_infinite_slope_downstream_reaches_the_branch_taken_alone() -> None:
    x, floor = Value(-1.0, "x"), Value(0.0, "floor")
    y = autograd.where(x > 0, x, floor).sqrt()
    with pytest.warns(InfiniteGradientWarning, match="the gradient of floor is inf: sqrt at"):
        y.backward()
    assert [x.grad, floor.grad] == gradient(y, [x, floor]) == [0.0, math.inf]
    for kind in (float, np.atleast_1d, Value):
        found = replay(y, {x: kind(-1.0)})[1][x]
        assert (found.data if isinstance(found, Value) else found) == 0.0


def test_16_where_chooses_for_every_sample() -> None:
    x = Value(4.0)
    condition = Value(1.0)
    y = autograd.where(condition, x.sqrt(), -x)
    x_k = np.array([4.0, 0.0, 9.0, 0.0])
    value, derivatives = replay(y, {x: x_k, condition: np.array([1.0, 0.0, 0.0, 0.0])})
    assert list(value) == [2.0, 0.0, -9.0, 0.0]
    assert list(derivatives[x]) == [0.25, -1.0, -1.0, -1.0]


def test_16_a_condition_is_a_number_or_a_comparison_and_has_no_slope() -> None:
    a, b = Value(1.0), Value(2.0)
    for condition in (True, a < b, 0.5, -1, Value(3.0), np.True_):
        y = autograd.where(condition, a, b)
        assert (y.data, y.partials) == (1.0, (0, 1, 0))
    for condition in (False, a > b, 0, Value(0.0), -0.0):
        assert autograd.where(condition, a, b).partials == (0, 0, 1)
    assert autograd.where(a < b, 3.0, 4.0) == 3.0
    assert math.isnan(autograd.where(True, Value(math.nan), b).data)


def test_16_a_zero_upstream_stops_an_infinite_slope() -> None:
    x = Value(0.0)
    y = (x.sqrt() - 1).relu() + x
    y.backward()
    assert x.grad == 1.0
    assert replay(y, {x: np.array([0.0, 4.0])})[1][x].tolist() == [1.0, 1.25]
    assert replay(y, {x: Value(0.0)})[1][x].data == 1.0


# 18. Leaves that do not vary are shared by all samples.


def test_18_a_shared_leafs_gradient_is_the_average_over_the_samples() -> None:
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


def test_18_a_derivative_has_the_shape_of_its_leaf() -> None:
    w, x = Value(2.0), Value(3.0)
    y = w + x
    value, found = replay(y, {x: np.arange(4.0)})
    assert (value.shape, found[x].tolist(), float(found[w])) == ((4,), [1.0] * 4, 1.0)
    batch = {w: np.arange(3.0).reshape(3, 1), x: np.arange(4.0)}
    value, found = replay(w * x, batch)
    assert (value.shape, found[w].shape, found[x].shape) == ((3, 4), (3, 1), (4,))
    assert found[w].ravel().tolist() == [1.5] * 3
    assert found[x].tolist() == [1.0] * 4


def test_18_replay_computes_with_whole_numbers_as_floats() -> None:
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


def test_18_replay_refuses_what_it_cannot_use_and_touches_nothing() -> None:
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


# Around the conventions: no_grad and detach


def test_no_grad_computes_without_recording_in_this_thread_only() -> None:
    x = Value(3.0)
    elsewhere: list[Value] = []
    with no_grad():
        y = x * x
        assert (y.data, y.parents, y.op) == (9.0, (), "")
        with no_grad():
            pass
        assert (x + 1).parents == ()
        thread = threading.Thread(target=lambda: elsewhere.append(x * x))
        thread.start()
        thread.join()
        assert autograd.sum([x, x]).parents == ()
        with pytest.raises(DomainError):
            (x - 3).log()
    assert elsewhere[0].parents == (x, x)
    assert (x * x).parents == (x, x)

    @no_grad()
    def decorated() -> Value:
        return x.exp()

    assert decorated().parents == decorated().parents == ()
    assert (x * x).parents == (x, x)
    with pytest.raises(ZeroDivisionError), no_grad():
        x / 0
    assert (x * x).parents == (x, x)


def test_detach_cuts_the_graph() -> None:
    x = Value(3.0, "x")
    y = x * x
    y.label = "y"
    cut = y.detach()
    assert (cut.data, cut.label, cut.parents, cut.grad) == (9.0, "y", (), None)
    (cut * 2).backward()
    assert (x.grad, cut.grad) == (None, 2.0)

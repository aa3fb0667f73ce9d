"""A Python `if` in a program: asked again for every sample, and refused or recorded."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import BranchError, Program, Value, log, replay, sqrt, where
from tests.sampled import BACKENDS, close, eager

pytestmark = pytest.mark.parametrize("backend", BACKENDS)

COMPARISONS: list[Callable[[Any, Any], Any]] = [operator.lt, operator.le, operator.gt, operator.ge]


def size(x: Any) -> Any:
    """Return |x|, by an `if`."""
    return x if x > 0 else -x


def test_a_sample_for_which_the_if_comes_out_otherwise_is_refused(backend: str) -> None:
    x, w = Value(3.0, "x"), Value(2.0, "w")
    program = Program(size(x) * w, [x], [w], backend=backend)
    line = size.__code__.co_firstlineno + 2
    assert program.values([[5.0], [1.0]]).tolist() == [10.0, 2.0]
    with pytest.raises(BranchError) as caught:
        program([[1.0], [-1.0], [2.0], [0.0]])
    assert str(caught.value) == (
        f"Program: x > 0 was True when it was recorded ({__file__}:{line}), and is False in 2 of 4 "
        "sample(s), first in 1: a Python `if` is no part of a graph; write where(condition, a, b), "
        'or give the function itself and on_branch="record"'
    )
    with pytest.raises(BranchError, match=r"in 1 of 1 sample\(s\), first in 0"):
        program.values([[-1.0]])
    run = program([[5.0]])
    assert (run.mean, run.gradient.tolist()) == (10.0, [5.0])


@pytest.mark.slow
@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize("at", [-1.0, 2.0, 5.0])
@pytest.mark.parametrize("reflected", [False, True])
def test_every_comparison_is_asked_of_every_sample(
    compare: Callable[[Any, Any], Any], at: float, reflected: bool, backend: str
) -> None:
    def asked(x: Any) -> Any:
        return compare(2.0, x) if reflected else compare(x, 2.0)

    x = Value(at, "x")
    y = x * x if asked(x) else x + 1
    program = Program(y, [x], backend=backend)
    for there in (-1.0, 2.0, 5.0, -math.inf, math.inf, math.nan):
        for X in ([[at], [there]], [[there]]):
            if asked(there) == asked(at):
                true = there * there if asked(there) else there + 1
                assert close(program.values(X)[-1], true)
            else:
                with pytest.raises(
                    BranchError, match=f"in 1 of {len(X)} .*, first in {len(X) - 1}"
                ):
                    program.values(X)


def test_the_first_comparison_that_turns_is_named(backend: str) -> None:
    x, y = Value(1.0, "x"), Value(1.0, "y")
    z = size(x) * (y if y < 2 else -y)
    program = Program(z, [x, y], backend=backend)
    with pytest.raises(BranchError, match=r"y < 2 was True .* in 2 of 3 .* first in 1"):
        program([[1.0, 1.0], [1.0, 3.0], [-1.0, 3.0]])
    with pytest.raises(BranchError, match=r"x > 0 was True .* in 1 of 3 .* first in 1"):
        program([[1.0, 1.0], [-1.0, 1.0], [1.0, 3.0]])


def test_parameters_decide_too(backend: str) -> None:
    x, w = Value(3.0, "x"), Value(2.0, "w")
    program = Program(size(w * 2) * x, [x], [w], backend=backend)
    assert program.values([[1.0], [2.0]], [3.0]).tolist() == [6.0, 12.0]
    for X in ([[1.0], [2.0]], [[1.0]]):
        with pytest.raises(BranchError, match="was True when it was recorded"):
            program(X, [-3.0])
    w.data = -3.0
    with pytest.raises(BranchError):
        program([[1.0]])


def test_what_a_leaf_decides_that_is_in_no_output_is_asked_with_what_varies(backend: str) -> None:
    x, w, apart = Value(3.0, "x"), Value(2.0, "w"), Value(1.0, "apart")
    program = Program(x * w if x > apart else x, [x], [w], backend=backend)
    assert program.values([[1.5], [4.0]]).tolist() == [3.0, 8.0]
    with pytest.raises(BranchError, match=r"x > apart was True .* in 1 of 2"):
        program([[1.5], [0.5]])


def test_what_is_asked_of_other_leaves_alone_decides_nothing_here(backend: str) -> None:
    x, w, apart = Value(3.0, "x"), Value(2.0, "w"), Value(1.0, "apart")
    assert size(apart * w).data == 2.0
    program = Program(x * w, [x], [w], backend=backend)
    assert program.values([[1.0]], [-2.0]).tolist() == [-2.0]


def test_derivatives_ask_as_values_do(backend: str) -> None:
    x, w = Value(3.0, "x"), Value(2.0, "w")
    program = Program([size(x) * w, x], [x], [w], backend=backend)
    run = program([[1.0], [2.0]])
    assert run.gradient.tolist() == [[1.5], [0.0]]
    assert run.input_gradients.tolist() == [[[2.0], [1.0]]] * 2
    with pytest.raises(BranchError):
        program([[1.0], [-2.0]])


def test_where_chooses_for_every_sample(backend: str) -> None:
    x = Value(3.0, "x")
    program = Program(where(x > 0, x, -x), [x], backend=backend)
    run = program([[-2.0], [0.0], [5.0]])
    assert run.values.tolist() == [2.0, 0.0, 5.0]
    assert run.input_gradients.tolist() == [[-1.0], [-1.0], [1.0]]


def test_a_comparison_behind_another_is_asked_where_it_has_a_value(backend: str) -> None:
    x = Value(2.0, "x")
    y = x.log() * (2 if x > 0 and x.log() > 0 else 1)
    program = Program(y, [x], backend=backend)
    assert np.allclose(program.values([[3.0], [2.0]]), 2 * np.log([3.0, 2.0]))
    with pytest.raises(BranchError, match="x > 0 was True"):
        program.values([[3.0], [-1.0]])


def by_ifs(x: Any, y: Any, w: Any) -> Any:
    """Return something else in each of six regions."""
    if x > 0:
        z = w * x if x * w > y else y * y - w
    elif y > 1:
        z = x - y
    else:
        z = (x * y).tanh() if x < -1 else w * w
    return z * 2 if z > 1 else z


@pytest.mark.slow
@settings(deadline=None, max_examples=30)
@given(
    rows=st.lists(
        st.tuples(*[st.sampled_from([-2.0, -0.5, -0.0, 0.0, 0.25, 1.0, 3.0, math.nan])] * 2),
        min_size=1, max_size=12,
    ),
    theta=st.sampled_from([0.5, -1.5, 2.0]),
)  # fmt: skip
def test_samples_that_go_another_way_are_recorded_again(
    rows: list[tuple[float, float]], theta: float, backend: str
) -> None:
    x, y, w = Value(0.5, "x"), Value(0.25, "y"), Value(1.0, "w")
    program = Program(
        lambda x, y: by_ifs(x, y, w), [x, y], [w], on_branch="record", backend=backend
    )
    eagerly = [eager(lambda v: [by_ifs(*v)], [*row, theta]) for row in rows]
    for _ in range(2):
        run = program(rows, [theta])
        inputs, slopes = run.input_gradients, run.sample_gradients
        assert np.array_equal(program.values(rows, [theta]), run.values, equal_nan=True)
        for k, true in enumerate(eagerly):
            assert true is not None
            assert close(run.values[k], true.values[0])
            for found, exact in zip([*inputs[k], *slopes[k]], true.slopes[0], strict=True):
                assert close(found, exact, 1.0)
        total = sum(true.slopes[0][2] for true in eagerly if true)
        assert close(run.gradient[0], total / len(rows), 10.0)
    assert (x.data, y.data, w.data) == (0.5, 0.25, 1.0)
    assert not any(leaf.has_grad for leaf in (x, y, w))


def test_ways_have_parameters_and_outputs_of_their_own(backend: str) -> None:
    x, w, v = Value(1.0, "x"), Value(2.0, "w"), Value(3.0, "v")
    program = Program(
        lambda x: [x * w, x] if x > 0 else [v * v, x * 2], [x], [w, v],
        on_branch="record", backend=backend,
    )  # fmt: skip
    run = program([[1.0], [-4.0], [3.0]])
    assert run.values.tolist() == [[2.0, 1.0], [9.0, -8.0], [6.0, 3.0]]
    assert run.gradient.tolist() == [[4 / 3, 2.0], [0.0, 0.0]]
    assert run.sample_gradients[1].tolist() == [[0.0, 6.0], [0.0, 0.0]]
    assert run.input_gradients[:, :, 0].tolist() == [[2.0, 1.0], [0.0, 2.0], [2.0, 1.0]]
    assert program([[-1.0]]).gradient.tolist() == [[0.0, 6.0], [0.0, 0.0]]


def test_each_way_has_its_share_in_the_average(backend: str) -> None:
    x, w = Value(1.0, "x"), Value(2.0, "w")
    program = Program(
        lambda x: x * w if x > 0 else w * w * x, [x], [w], on_branch="record", backend=backend
    )
    for others in (1, 2, 5, 1, 40):  # two and two that go the other way, of more and more
        X = [[-1.0], [-2.0], *[[float(k + 1)] for k in range(others)]]
        slopes = [4 * t if t < 0 else t for [t] in X]
        run = program(X)
        assert np.allclose(run.sample_gradients[:, 0], slopes)
        assert math.isclose(run.gradient[0], sum(slopes) / len(X), rel_tol=1e-13)
        assert math.isclose(run.mean, np.mean(run.values), rel_tol=1e-13)


def test_a_way_is_recorded_at_the_numbers_given(backend: str) -> None:
    x, w = Value(1.0, "x"), Value(2.0, "w")

    def choosing(x: Value) -> Value:
        return x * w if x * w > 0 else w - x

    program = Program(choosing, [x], [w], on_branch="record", backend=backend)
    assert program.values([[1.0], [-1.0]], [-2.0]).tolist() == [-3.0, 2.0]
    assert w.data == 2.0
    program.values([[1.0], [-1.0]])
    assert len(program._ways.known) == 2


def test_recording_again_voids_no_guard_of_another_graph(backend: str) -> None:
    x, w = Value(1.0, "x"), Value(3.0, "w")
    other = size(w) * 2
    program = Program(lambda x: size(x) * w, [x], [w], on_branch="record", backend=backend)
    assert program.values([[1.0], [-1.0]], [5.0]).tolist() == [5.0, 5.0]
    assert replay(other, {w: 4.0})[0] == 8.0
    with pytest.raises(BranchError):
        replay(other, {w: -4.0})


@pytest.mark.parametrize("function", [sqrt, log])
def test_a_way_that_has_no_value_is_nan(function: Callable[[Any], Any], backend: str) -> None:
    x = Value(2.0, "x")
    program = Program(
        lambda x: x * 2 if x > 0 else x.exp().log() + function(x + 1), [x],
        on_branch="record", backend=backend,
    )  # fmt: skip
    for rows in ([-2.0, -0.5, 1.0], [1.0, -2.0, -0.5], [-0.5, -2.0, 1.0]):
        run = program([[row] for row in rows])
        expected = {1.0: 2.0, -2.0: math.nan, -0.5: -0.5 + function(0.5)}
        np.testing.assert_allclose(run.values, [expected[row] for row in rows], rtol=1e-12)
        slopes = run.input_gradients[:, 0]
        assert all(np.isfinite(slopes[k]) for k, row in enumerate(rows) if row != -2.0)


@pytest.mark.slow
def test_too_many_ways_are_refused(backend: str) -> None:
    x = Value(0.5, "x")

    def counted(x: Value) -> Value:
        y, k = x * 1, 0
        while x > k:
            y, k = y + x, k + 1
        return y

    program = Program(counted, [x], on_branch="record", backend=backend)
    X = np.arange(0.5, 20)[:, None]
    assert np.allclose(program.values(X)[:3], [1.0, 4.5, 10.0])
    with pytest.raises(BranchError, match=r"more than 100 ways .* by its ifs; write where"):
        program.values(np.arange(0.5, 130)[:, None])

"""Derivatives of functions that change what they are given.

A function may sort, append to, overwrite and empty its argument: the derivative is that of the
numbers that came in, in their structure, and the caller's containers stay as they were. The oracle
is forward-mode: the same function, run on dual numbers, which know nothing of structures.
"""

from __future__ import annotations

import copy
import math
from collections import Counter, OrderedDict, defaultdict, namedtuple
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, grad, gradcheck, hessian, hvp, jacobian, value_and_grad
from autograd.structures import flat, map_numbers
from tests.duals import Dual

Step = Callable[[list[Any]], None]
Program = list[Step]
"""What is done to a list, one change after the other."""


def magnitude(x: Any) -> float:
    return float(x.data if isinstance(x, Value) else x.value)


def scale(x: list[Any], i: int, j: int) -> None:
    x[i % len(x)] = x[i % len(x)] * x[j % len(x)]


def accumulate(x: list[Any], i: int, j: int) -> None:
    x[i % len(x)] += x[j % len(x)]


def swap(x: list[Any], i: int, j: int) -> None:
    i, j = i % len(x), j % len(x)
    x[i], x[j] = x[j], x[i]


def extend(x: list[Any], i: int, j: int) -> None:
    x += [x[i % len(x)] - x[j % len(x)]]


def insert(x: list[Any], i: int, j: int) -> None:
    x.insert(i, x[j % len(x)] * x[j % len(x)])


def pop(x: list[Any], i: int, j: int) -> None:
    if len(x) > 1:
        x[j % (len(x) - 1)] += x.pop(i % len(x))


def delete(x: list[Any], i: int, j: int) -> None:
    if len(x) > 1:
        del x[i % len(x)]


def double(x: list[Any], i: int, j: int) -> None:
    x *= 2
    del x[6:]


def sort(x: list[Any], i: int, j: int) -> None:
    x.sort(key=magnitude, reverse=bool(i % 2))


def replace_all(x: list[Any], i: int, j: int) -> None:
    x[:] = x[::-1]


STEPS = [scale, accumulate, swap, extend, insert, pop, delete, double, sort, replace_all]

indices = st.integers(0, 5)
programs = st.lists(
    st.builds(lambda f, i, j: partial(f, i=i, j=j), st.sampled_from(STEPS), indices, indices),
    min_size=1,
    max_size=6,
)
numbers = st.floats(-2, 2).map(lambda x: round(x, 3))
points = st.lists(numbers, min_size=1, max_size=4)


def run(program: Program, x: list[Any]) -> Any:
    """Change the list as the program says, and return a number that depends on all of it."""
    for step in program:
        step(x)
    result = x[0] * x[0]
    for weight, x_k in enumerate(x):
        result = result + x_k * x_k - (x_k + x_k) * x[weight % 2 % len(x)]
    return result


def leave_alone(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the pure version of a function: it changes a copy of its argument."""
    return lambda x: function(map_numbers(lambda number: number, x))


@given(programs, points)
def test_grad_is_that_of_dual_numbers_whatever_becomes_of_the_list(
    program: Program, point: list[float]
) -> None:
    given_point, n = list(point), len(point)
    duals = [Dual(x, [0.0] * n, [0.0] * n).vary(i) for i, x in enumerate(point)]
    true = run(program, duals)
    value, slopes = value_and_grad(partial(run, program))(given_point)
    assert given_point == point
    assert type(slopes) is list
    assert value == pytest.approx(true.value, rel=1e-9, abs=1e-9)
    assert len(slopes) == n
    for slope, exact, size in zip(slopes, true.slopes, true.sizes, strict=True):
        assert slope == pytest.approx(exact, rel=1e-9, abs=1e-12 * (1 + size))
    assert grad(partial(run, program))(given_point) == slopes


@pytest.mark.slow
@given(programs, points)
def test_every_derivative_is_that_of_the_pure_function(
    program: Program, point: list[float]
) -> None:
    def changed(x: list[Any]) -> list[Any]:
        for step in program:
            step(x)
        return x

    pure = leave_alone(partial(run, program))
    vector = [float(i + 1) for i in range(len(point))]
    assert jacobian(changed)(point) == jacobian(leave_alone(changed))(point)
    assert hessian(partial(run, program))(point) == hessian(pure)(point)
    assert hvp(partial(run, program))(point, vector) == hvp(pure)(point, vector)


# Every kind of container, and every way to change it


def overwrite(x: Any) -> Any:
    x[0] = x[0] * 2
    return x[0]


def multiply_in_place(x: Any) -> Any:
    x *= 3
    x += x[::-1]
    return x[0] * x[1]


def sort_array(x: Any) -> Any:
    x.sort()
    return x[0] * x[0] - x[1]


def fill(x: Any) -> Any:
    product = x[0, 0] * x[1, 1]
    x.fill(0.0)
    return product + x.sum()


def reshape_in_place(x: Any) -> Any:
    x.shape = (4,)
    x[1:3] = x[0]
    return (x * x).sum()


def update(x: Any) -> Any:
    x.update(a=x["a"] * x["b"], new=x["b"])
    return x["a"] * x["new"]


def empty(x: Any) -> Any:
    first = x.pop("a")
    rest = x.copy()
    x.clear()
    return first * first * rest["b"]


def rename(x: Any) -> Any:
    x["c"] = x.pop("a")
    x.setdefault("d", x["b"])
    return x["c"] * x["c"] + 3 * x["d"]


def nested(x: Any) -> Any:
    x["w"][0].append(x["w"][0].pop(0))
    x["w"][1][:] = x["w"][1] * 2
    x["b"] = (x["b"][1], x["b"][0])
    del x["unused"]
    return x["w"][0][0] * x["w"][1][1] + 5 * x["b"][0]


def replace_inside_a_tuple(x: Any) -> Any:
    x[0].clear()
    return x[1] * x[1]


def count(x: Any) -> Any:
    x["missing"] += x["a"]
    return x["missing"] * x["a"]


def move_to_end(x: Any) -> Any:
    x.move_to_end("a")
    return next(iter(x.values())) * 7 + x["a"]


class Weights(list[float]):
    """A list that knows more than its items."""

    def __init__(self, items: Any, name: str) -> None:
        super().__init__(items)
        self.name = name


def forget(x: Any) -> Any:
    assert x.name == "w"
    x.name = "forgotten"
    x.reverse()
    return x[0] * 4


Pair = namedtuple("Pair", "x y")


def empty_the_first(pair: Any) -> Any:
    pair.x.append(pair.y)
    return pair.x.pop() * pair.x[0]


CHANGES: list[tuple[Callable[[Any], Any], Any, Any]] = [
    (overwrite, [3.0], [2.0]),
    (overwrite, [3.0, 5.0], [2.0, 0.0]),
    (overwrite, np.array([3.0, 5.0]), np.array([2.0, 0.0])),
    (overwrite, {0: 3.0, 1: 5.0}, {0: 2.0, 1: 0.0}),
    (multiply_in_place, np.array([1.0, 2.0]), np.array([54.0, 54.0])),
    (sort_array, np.array([2.0, -3.0]), np.array([-1.0, -6.0])),
    (sort_array, [2.0, -3.0], [-1.0, -6.0]),
    (fill, np.array([[2.0, 3.0], [5.0, 7.0]]), np.array([[7.0, 0.0], [0.0, 2.0]])),
    (reshape_in_place, np.array([[2.0, 3.0], [5.0, 7.0]]), np.array([[12.0, 0.0], [0.0, 14.0]])),
    (update, {"a": 2.0, "b": 3.0}, {"a": 9.0, "b": 12.0}),
    (empty, {"a": 2.0, "b": 3.0}, {"a": 12.0, "b": 4.0}),
    (rename, {"a": 2.0, "b": 3.0}, {"a": 4.0, "b": 3.0}),
    (
        nested,
        {"w": [[2.0, 3.0], np.array([5.0, 7.0])], "b": (1.0, 4.0), "unused": {1: 0.0, "1": [0.0]}},
        {
            "w": [[0.0, 14.0], np.array([0.0, 6.0])],
            "b": (0.0, 5.0),
            "unused": {1: 0.0, "1": [0.0]},
        },
    ),
    (replace_inside_a_tuple, ([1.0, 2.0], 3.0), ([0.0, 0.0], 6.0)),
    (count, defaultdict(float, a=3.0), defaultdict(float, a=6.0)),
    (count, Counter(a=3), Counter(a=6)),
    (move_to_end, OrderedDict(a=1.0, b=2.0), OrderedDict(a=1.0, b=7.0)),
    (forget, Weights([1.0, 2.0], "w"), Weights([0.0, 4.0], "w")),
    (empty_the_first, Pair([2.0], 3.0), Pair([3.0], 2.0)),
]


def same(x: Any, y: Any) -> bool:
    """Return whether two structures are equal, in types, order, attributes and numbers."""
    if not isinstance(x, dict | list | tuple | np.ndarray):
        return bool(x == y)
    if type(x) is not type(y) or getattr(x, "__dict__", None) != getattr(y, "__dict__", None):
        return False
    if isinstance(x, dict):
        return list(x) == list(y) and all(same(x[key], y[key]) for key in x)
    return len(x) == len(y) and all(map(same, x, y))


@pytest.mark.parametrize(("function", "point", "slopes"), CHANGES)
def test_a_function_may_change_its_argument_in_any_way(
    function: Callable[[Any], Any], point: Any, slopes: Any
) -> None:
    before = copy.deepcopy(point)
    found = grad(function)(point)
    assert same(found, slopes), found
    assert same(point, before), "the caller's own container was changed"
    assert same(jacobian(function)(point), slopes)
    assert same(value_and_grad(function)(point)[1], slopes)
    pure = leave_alone(function)
    assert flat(hessian(function)(point)) == flat(hessian(pure)(point))
    along = hvp(function)(point, point)
    assert same(along, hvp(pure)(point, point))
    assert same(point, before)
    assert [check.gradient for check in gradcheck(function, point)] == flat(slopes)
    assert same(point, before)


def test_second_derivatives_of_the_smallest_inputs() -> None:
    def cube(x: Any) -> Any:
        x[0] = x[0] * x[0] * 3
        x[0] *= x[0]
        return x[0]  # 9x⁴

    assert hessian(cube)([1.0]) == [[108.0]]
    assert hvp(cube)([1.0], [1.0]) == [108.0]
    assert grad(lambda x: overwrite([x]))(3.0) == 2.0


def test_each_of_several_arguments_is_a_copy_of_its_own() -> None:
    def function(x: Any, y: Any) -> Any:
        x[0] = x[0] * 2
        y.append(x[0])
        return y[0] * y[-1]

    shared = [3.0]
    assert grad(function, argnums=(0, 1))(shared, shared) == ([6.0], [6.0])
    assert shared == [3.0]


def test_an_argument_without_a_derivative_is_handed_over_as_it_is() -> None:
    log: list[float] = []

    def function(x: Any, log: Any) -> Any:
        log.append(x.data)
        return x * x

    assert grad(function)(3.0, log) == 6.0
    assert log == [3.0]


def test_values_in_a_container_are_not_changed_and_stay_differentiable() -> None:
    x = Value(3.0)
    point = [x, x]
    slope = grad(lambda x: overwrite(x) * x[1])(point)
    assert point == [x, x]
    assert [s.data for s in slope] == [6.0, 6.0]
    slope[0].backward()
    assert x.grad == 2.0
    assert math.isfinite(slope[1].data)

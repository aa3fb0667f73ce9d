"""Derivatives as a user writes them: a type checker knows what each is of.

`assert_type` refuses Any where another type is named; the page runs as well.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

from autograd import Value, grad, gradient, hessian, hvp, jacobian, value_and_grad

Weights = dict[str, list[float]]


def cube(x: Value) -> Value:
    """Return x³."""
    return x**3


def line(w: list[Value], x: float, *, scale: float = 1.0) -> Value:
    """Return a line's height at x."""
    return (w[0] * x + w[1]) * scale


def model(w: dict[str, list[Value]], x: float) -> Value:
    """Return the sum of all weights, times x."""
    return (w["w"][0] + w["b"][0]) * x


def powers(x: Value) -> list[Value]:
    """Return x and x²."""
    return [x, x * x]


def swapped(x: list[Value]) -> list[Value]:
    """Return a list in the opposite order."""
    return x[::-1]


def product(x: NDArray[Any]) -> Value:
    """Return the product of two numbers."""
    found: Value = x[0] * x[1]
    return found


x = Value(2.0)
points = np.ones(2)
weights: Weights = {"w": [1.0], "b": [2.0]}

# One derivative is typed as its argument, whatever the function says that it computes with

assert_type(grad(cube)(2.0), float)
assert_type(grad(cube)(2), float)
assert_type(grad(cube)(True), float)
assert_type(grad(cube)(Fraction(1, 2)), float)
assert_type(grad(cube)(np.float64(2.0)), float)
assert_type(grad(cube)(x), Value)
assert_type(grad(line)([1.0, 2.0], 3.0), list[float])
assert_type(grad(line)([1, 2], 3.0, scale=2.0), list[float])
assert_type(grad(line)([x, x], 3.0), list[Value])
assert_type(grad(model)(weights, 3.0), Weights)
assert_type(grad(lambda p: p[0] * p[1])((2.0, 3.0)), tuple[float, float])
assert_type(grad(lambda p: p["a"])({"a": 1}), dict[str, float])
assert_type(grad(product)(points), np.ndarray[tuple[int], np.dtype[np.float64]])

# It nests, and takes functions without annotations

assert_type(grad(grad(cube))(2.0), float)
assert_type(grad(grad(grad(cube)))(2.0), float)
assert_type(grad(lambda x: x**2)(3.0), float)
assert_type(grad(lambda x, y=2.0: x * y)(3.0), float)

# Several arguments make a tuple

assert_type(grad(line, argnums=(0, 1))([1.0, 2.0], 3.0), tuple[Any, ...])

# The value beside the derivative

assert_type(value_and_grad(cube)(2.0), tuple[float, float])
assert_type(value_and_grad(cube)(x), tuple[Value, Value])
assert_type(value_and_grad(line)([1.0, 2.0], 3.0), tuple[float, list[float]])
assert_type(value_and_grad(line)([1, 2], 3.0), tuple[float, list[float]])
loss, slopes = value_and_grad(model)(weights, 3.0)
assert_type(slopes, Weights)

# Many outputs, second derivatives

assert_type(jacobian(cube)(2.0), float)
assert_type(jacobian(powers)(2.0), list[float])
assert_type(jacobian(swapped)([2.0, 5.0]), list[list[float]])
assert_type(hessian(cube)(2.0), float)
assert_type(hessian(line)([1.0, 2.0], 3.0), list[list[float]])
assert_type(hessian(lambda p: p["a"] ** 2)({"a": 1.0}), dict[str, dict[str, float]])
assert_type(hessian(grad(cube))(2.0), float)
assert_type(hvp(cube)(2.0, 1.0), float)
assert_type(hvp(lambda x: x[0] ** 2)([1.0, 2.0], [1, 0]), list[float])

# Of a graph at hand

assert_type(gradient(x * x, [x]), list[float])
assert_type(gradient(x * x, (v for v in [x])), list[float])

"""Derivatives of functions, to any order: `grad`, `jacobian`, `hessian`, and of a graph at hand.

A function here takes numbers, or lists, tuples, dicts or NumPy arrays of numbers, and computes
with Values. Its derivative has the structure of its argument and nests: ``grad(grad(f))``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import wraps
from typing import Any

from autograd.errors import UsageError
from autograd.graph import topological_order
from autograd.number import number, shown
from autograd.recording import Recording
from autograd.replay import replay
from autograd.sweep import sweep_recorded
from autograd.value import Value

__all__ = ["grad", "gradient", "hessian", "hvp", "jacobian", "value_and_grad"]

_variables: ContextVar[frozenset[Value]] = ContextVar("variables", default=frozenset())
"""The variables of the derivatives that are being taken, innermost and outer."""


def gradient(output: Value, inputs: Sequence[Value]) -> list[float]:
    """Return the derivative of a recorded output with respect to each of the inputs.

    The inputs may be any nodes, not leaves alone; no ``grad`` is touched.

    >>> x, y = Value(2.0), Value(5.0)
    >>> z = x * y
    >>> gradient(z * z, [x, z])
    [100.0, 20.0]
    """
    found = sweep_recorded(topological_order(output), stacklevel=2)
    return [found.get(x, 0.0) for x in inputs]


def grad(function: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """Return the function that computes the derivative of a function with one output.

    The derivative is taken in the first argument, or in those that `argnums` counts from 0.

    >>> grad(lambda x: x ** 3)(2.0)
    12.0
    >>> grad(grad(lambda x: x ** 3))(2.0)
    12.0
    >>> grad(lambda w, x: w[0] * x + w[1], argnums=(0, 1))([3.0, 1.0], 2.0)
    ([2.0, 1.0], 3.0)
    """
    both = value_and_grad(function, argnums)

    @wraps(function)
    def derivative(*arguments: Any, **keywords: Any) -> Any:
        return both(*arguments, **keywords)[1]

    return derivative


def value_and_grad(
    function: Callable[..., Any], argnums: int | tuple[int, ...] = 0
) -> Callable[..., Any]:
    """Return the function that computes the value and the derivative together.

    >>> value_and_grad(lambda x: x.tanh())(0.0)
    (0.0, 1.0)
    """

    @wraps(function)
    def both(*arguments: Any, **keywords: Any) -> Any:
        variables = _Variables(arguments, argnums)
        output = variables.call(function, keywords)
        if isinstance(output, list | tuple | dict) or len(getattr(output, "shape", ())):
            raise UsageError(f"grad: the function returned {shown(output)}; use jacobian for many")
        return variables.differentiate(output)

    return both


def jacobian(
    function: Callable[..., Any], argnums: int | tuple[int, ...] = 0
) -> Callable[..., Any]:
    """Return the function that computes the derivative of every output.

    The result has the structure of the outputs, and each entry that of the argument.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 5.0])
    [[5.0, 2.0], [1.0, 1.0]]
    """

    @wraps(function)
    def derivative(*arguments: Any, **keywords: Any) -> Any:
        variables = _Variables(arguments, argnums)
        outputs = variables.call(function, keywords)
        return map_numbers(lambda output: variables.differentiate(output)[1], outputs)

    return derivative


def hessian(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that computes all second derivatives in the first argument.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([3.0, 5.0])
    [[10.0, 6.0], [6.0, 0.0]]
    """
    return jacobian(grad(function))


def hvp(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function of a point and a vector that computes the Hessian times the vector.

    The Hessian itself is never formed: it is the gradient of (gradient · vector).

    >>> hvp(lambda x: x[0] ** 2 * x[1])([3.0, 5.0], [1.0, 10.0])
    [70.0, 6.0]
    """

    def product(point: Any, vector: Any) -> Any:
        v = flat(vector)

        def slope_along(x: Any) -> Any:
            slopes = flat(grad(function)(x))
            if len(slopes) != len(v):
                raise UsageError(f"hvp: a point of {len(slopes)} but a vector of {len(v)} numbers")
            return sum(slope * v_k for slope, v_k in zip(slopes, v, strict=True))

        return grad(slope_along)(point)

    return product


class _Variables:
    """Fresh leaves in the place of a function's arguments, and derivatives in them."""

    def __init__(self, arguments: tuple[Any, ...], argnums: int | tuple[int, ...]) -> None:
        self.alone = isinstance(argnums, int)
        self.chosen = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        if not all(-len(arguments) <= i < len(arguments) for i in self.chosen):
            raise UsageError(f"argnums={argnums} with {len(arguments)} argument(s); count from 0")
        self.originals: dict[Value, Any] = {}
        self.arguments = list(arguments)
        for i in self.chosen:
            self.arguments[i] = map_numbers(self._leaf, arguments[i])

    def _leaf(self, x: Any) -> Value:
        leaf = x.detach() if isinstance(x, Value) else Value(x)
        self.originals[leaf] = x
        return leaf

    def call(self, function: Callable[..., Any], keywords: dict[str, Any]) -> Any:
        """Call the function on the leaves, recording even where `no_grad` holds."""
        token = _variables.set(_variables.get() | self.originals.keys())
        try:
            with Recording(True):
                return function(*self.arguments, **keywords)
        finally:
            _variables.reset(token)

    def differentiate(self, output: Any) -> tuple[Any, Any]:
        """Return an output and its derivatives: as Values where someone may differentiate again."""
        output = output if isinstance(output, Value) else Value(number(output, "grad"))
        order = topological_order(output)
        outer = any(isinstance(x, Value) for x in self.originals.values())
        if outer or not _variables.get().isdisjoint(order):
            present = self.originals.keys() & set(order)
            numbers = {leaf: self._outer(leaf) for leaf in order if leaf in present}
            value, found = replay(output, numbers) if numbers else (output, {})
            return value, self._structured(lambda leaf: _as_value(found.get(leaf, 0.0)))
        slopes = sweep_recorded(order, stacklevel=4)
        return output.data, self._structured(lambda leaf: slopes.get(leaf, 0.0))

    def _outer(self, leaf: Value) -> Value:
        original = self.originals[leaf]
        return original if isinstance(original, Value) else leaf

    def _structured(self, derivative: Callable[[Value], Any]) -> Any:
        results = tuple(map_numbers(derivative, self.arguments[i]) for i in self.chosen)
        return results[0] if self.alone else results


def _as_value(x: Any) -> Value:
    return x if isinstance(x, Value) else Value(x)


def map_numbers(function: Callable[[Any], Any], tree: Any) -> Any:
    """Apply a function to every number in lists, tuples, dicts and arrays, keeping their shape."""
    if isinstance(tree, list | tuple):
        branches = [map_numbers(function, branch) for branch in tree]
        return type(tree)(*branches) if hasattr(tree, "_fields") else type(tree)(branches)
    if isinstance(tree, dict):
        return {key: map_numbers(function, branch) for key, branch in tree.items()}
    if hasattr(tree, "shape") and tree.shape:
        import numpy

        results = [function(x) for x in tree.flat]
        if any(isinstance(result, list | tuple | dict) for result in results):
            boxes = numpy.empty(tree.size, dtype=object)
            boxes[:] = results
            return boxes.reshape(tree.shape)
        array = numpy.array(results)
        return array.reshape(tree.shape + array.shape[1:])
    return function(tree)


def flat(tree: Any) -> list[Any]:
    """Return every number in lists, tuples, dicts and arrays, in order."""
    found: list[Any] = []
    map_numbers(found.append, tree)
    return found

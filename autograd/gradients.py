"""Derivatives of functions, to any order: `grad`, `jacobian`, `hessian`, and of a graph at hand.

A function here takes numbers, or lists, tuples, dicts or NumPy arrays of numbers, and computes
with Values. Its derivative has the structure of its argument and nests: ``grad(grad(f))``.

What the function is handed are containers of its own: it may sort, append and assign, and neither
the caller's containers nor the derivative's structure change with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import wraps
from operator import index, mul
from typing import Any, Concatenate, Literal, ParamSpec, overload

from autograd.errors import NumberError, UsageError
from autograd.graph import topological_order
from autograd.number import number, shown
from autograd.recording import Recording, leniently
from autograd.signatures import Derivative, Hessian, Rows, ValueAndDerivative
from autograd.source import stacklevel
from autograd.structures import flat, is_structure, map_numbers, places, written
from autograd.sweep import sweep, sweep_recorded, towards
from autograd.value import Value

__all__ = ["grad", "gradient", "hessian", "hvp", "jacobian", "value_and_grad"]

P = ParamSpec("P")

_open: set[Value] = set()
"""The variables of the derivatives that are being taken, in whichever thread."""


def gradient(output: Value, inputs: Iterable[Value]) -> list[float]:
    """Return the derivative of a recorded output with respect to each of the inputs, in order.

    The inputs may be any nodes, not leaves alone; no ``grad`` is touched.

    >>> x, y = Value(2.0), Value(5.0)
    >>> z = x * y
    >>> gradient(z * z, [x, z])
    [100.0, 20.0]
    """
    if isinstance(inputs, Value | str | Mapping | Set) or not isinstance(inputs, Iterable):
        raise UsageError(f"gradient: {shown(inputs)} is no list of Values; write [x, y]")
    nodes = list(inputs)
    for node in nodes:
        if not isinstance(node, Value):
            raise UsageError(f"gradient: {shown(node)} is not a Value; give nodes of the graph")
    found = sweep_recorded(topological_order(output), nodes, stacklevel=2)
    return [found.get(node, 0.0) for node in nodes]


@overload
def grad(
    function: Callable[Concatenate[Any, P], Any], argnums: Literal[0] = 0
) -> Derivative[P]: ...
@overload
def grad(function: Callable[..., Any], argnums: int) -> Callable[..., Any]: ...
@overload
def grad(
    function: Callable[..., Any], argnums: Sequence[int]
) -> Callable[..., tuple[Any, ...]]: ...
def grad(function: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Any:
    """Return the function that computes the derivative of a function with one output.

    The derivative is taken in the first argument, or in those that `argnums` counts from 0; the
    function gets the others as they are. At Values it is made of Values, which may be
    differentiated again.

    Raises `NumberError` for what is neither a number nor a structure of numbers, `UsageError` if
    there is more than one output. Warns of an infinite slope as `Value.backward` does.

    >>> grad(lambda x: x ** 3)(2.0)
    12.0
    >>> grad(grad(lambda x: x ** 3))(2.0)
    12.0
    >>> grad(lambda w, x: w[0] * x + w[1], argnums=(0, 1))([3.0, 1.0], 2.0)
    ([2.0, 1.0], 3.0)
    """
    return _grad("grad", function, argnums)


@overload
def value_and_grad(
    function: Callable[Concatenate[Any, P], Any], argnums: Literal[0] = 0
) -> ValueAndDerivative[P]: ...
@overload
def value_and_grad(
    function: Callable[..., Any], argnums: int | Sequence[int]
) -> Callable[..., tuple[Any, Any]]: ...
def value_and_grad(function: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Any:
    """Return the function that computes the value and the derivative together.

    >>> value_and_grad(lambda x: x.tanh())(0.0)
    (0.0, 1.0)
    """
    return _derived("value_and_grad", function, argnums, _of_one)


@overload
def jacobian(function: Hessian[P], argnums: Literal[0] = 0) -> Callable[..., Any]: ...
@overload
def jacobian(function: Derivative[P], argnums: Literal[0] = 0) -> Hessian[P]: ...
@overload
def jacobian(
    function: Callable[Concatenate[Any, P], Value], argnums: Literal[0] = 0
) -> Derivative[P]: ...
@overload
def jacobian(
    function: Callable[Concatenate[Any, P], list[Any]], argnums: Literal[0] = 0
) -> Rows[P]: ...
@overload
def jacobian(
    function: Callable[..., Any], argnums: int | Sequence[int] = 0
) -> Callable[..., Any]: ...
def jacobian(function: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Any:
    """Return the function that computes the derivative of every output.

    The result has the structure of the outputs, and each entry that of the argument.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 5.0])
    [[5.0, 2.0], [1.0, 1.0]]
    """
    return _derived("jacobian", function, argnums, _of_each)


def hessian(function: Callable[Concatenate[Any, P], Any]) -> Hessian[P]:
    """Return the function that computes all second derivatives in the first argument.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([3.0, 5.0])
    [[10.0, 6.0], [6.0, 0.0]]
    """
    second: Hessian[P] = _derived("hessian", _grad("hessian", function), 0, _of_each)
    return second


def hvp(function: Callable[[Any], Any]) -> Derivative[[Any]]:
    """Return the function of a point and a vector that computes the Hessian times the vector.

    The vector has the structure of the point: keys go with keys, in whatever order. The Hessian
    itself is never formed: it is the gradient of (gradient · vector).

    >>> hvp(lambda x: x[0] ** 2 * x[1])([3.0, 5.0], [1.0, 10.0])
    [70.0, 6.0]
    >>> hvp(lambda p: p["a"] ** 2 * p["b"])({"a": 3.0, "b": 5.0}, {"b": 0.0, "a": 1.0})
    {'a': 10.0, 'b': 6.0}
    """
    slopes = _grad("hvp", function)

    def product(point: Any, vector: Any) -> Any:
        along = _in_order_of(point, vector)
        return _grad("hvp", lambda x: sum(map(mul, flat(slopes(x)), along)))(point)

    return product


def _grad(operation: str, function: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Any:
    return _derived(operation, function, argnums, lambda *output: _of_one(*output)[1])


def _derived(
    operation: str,
    function: Callable[..., Any],
    argnums: int | Sequence[int],
    collect: Callable[[_Variables, Any], Any],
) -> Any:
    """Return the function that calls a function on variables and collects its derivatives."""
    if not callable(function):
        raise UsageError(
            f"{operation}: {shown(function)} is not a function; "
            "of a recorded output take gradient(output, [x, y])"
        )
    positions, alone = _positions(operation, argnums)

    @wraps(function)
    def derivative(*arguments: Any, **keywords: Any) -> Any:
        if not all(-len(arguments) <= i < len(arguments) for i in positions):
            raise UsageError(
                f"{operation}: argnums={argnums} with {len(arguments)} argument(s); count from 0 "
                "those that are given by position"
            )
        variables = _Variables(operation, arguments, positions, alone)
        return collect(variables, variables.call(function, keywords))

    return derivative


def _positions(operation: str, argnums: Any) -> tuple[tuple[int, ...], bool]:
    """Return the positions of the chosen arguments, and whether it is a single one."""
    alone = not isinstance(argnums, Iterable)
    chosen = (argnums,) if alone else tuple(argnums)
    if not all(hasattr(i, "__index__") and not isinstance(i, bool) for i in chosen):
        raise UsageError(f"{operation}: argnums={argnums!r}; give a whole number, or several")
    return tuple(map(index, chosen)), alone


def _of_one(variables: _Variables, output: Any) -> tuple[Any, Any]:
    """Return the one output and its derivatives."""
    if is_structure(output):
        operation = variables.operation
        raise UsageError(
            f"{operation}: the function returned {shown(output)}; use jacobian for many"
        )
    found: tuple[Any, Any] = map_numbers(variables.differentiate, output, variables.result)
    return found


def _of_each(variables: _Variables, outputs: Any) -> Any:
    """Return the structure of the outputs, with the derivatives of each in its place."""
    return map_numbers(lambda y: variables.differentiate(y)[1], outputs, variables.result)


class _Variables:
    """Fresh leaves in the place of a function's arguments, and derivatives in them."""

    def __init__(
        self, operation: str, arguments: tuple[Any, ...], positions: tuple[int, ...], alone: bool
    ) -> None:
        self.operation = operation
        self.result = f"{operation}: what the function returned"
        self.arguments = arguments
        self.alone = alone
        self.originals: dict[Value, Any] = {}
        self.structures = {
            i % len(arguments): map_numbers(self._leaf, arguments[i], operation) for i in positions
        }
        self.chosen = [self.structures[i % len(arguments)] for i in positions]

    def _leaf(self, x: Any) -> Value:
        leaf = x.detach() if isinstance(x, Value) else Value(number(x, self.operation))
        self.originals[leaf] = x
        return leaf

    def call(self, function: Callable[..., Any], keywords: dict[str, Any]) -> Any:
        """Call the function on the leaves, recording even where `no_grad` holds."""
        given = list(self.arguments)
        for i, structure in self.structures.items():
            given[i] = map_numbers(lambda leaf: leaf, structure)  # a copy, for it to change
        try:
            _open.update(self.originals)
            with Recording(True):
                return function(*given, **keywords)
        finally:
            _open.difference_update(self.originals)

    def differentiate(self, output: Any) -> tuple[Any, Any]:
        """Return an output and its derivatives: as Values where someone may differentiate again."""
        output = output if isinstance(output, Value) else Value(self._constant(output))
        order = topological_order(output)
        slopes = sweep_recorded(order, self.originals, stacklevel())
        given_values = any(isinstance(x, Value) for x in self.originals.values())
        if given_values or not _open.isdisjoint(order):
            value, found = _on_values(order, {x: self._outer(x) for x in self.originals})
            return value, self._structured(lambda leaf: _as_value(found.get(leaf, 0.0)))
        return output.data, self._structured(lambda leaf: slopes.get(leaf, 0.0))

    def _constant(self, output: Any) -> float:
        """Return an output that depends on nothing."""
        if output is None:
            raise NumberError(
                f"{self.operation}: the function returned None, which is not a real number; "
                "let it return its result"
            )
        return number(output, self.result)

    def _outer(self, leaf: Value) -> Value:
        original = self.originals[leaf]
        return original if isinstance(original, Value) else leaf

    def _structured(self, derivative: Callable[[Value], Any]) -> Any:
        results = tuple(map_numbers(derivative, structure) for structure in self.chosen)
        return results[0] if self.alone else results


def _on_values(
    order: list[Value], variables: dict[Value, Value]
) -> tuple[Value, dict[Value, Value | float]]:
    """Return the output and its derivatives as results of operations on the variables' Values.

    What does not depend on the variables stays as it was recorded, and no slope towards it is
    taken: it may have none.
    """
    partials: dict[Value, Sequence[Any]] = {}
    values = dict(variables)
    with leniently():
        for node in order:
            if node.rule and not values.keys().isdisjoint(node.parents):
                operands = [values.get(parent, parent) for parent in node.parents]
                labels = [parent.label for parent in node.parents]
                result, partials[node] = node.rule.evaluate(operands, labels)
                values[node] = _as_value(result)
        found = sweep(order, towards(variables, order, partials), 1.0)
    return values.get(order[-1], order[-1]), found


def _as_value(x: Any) -> Value:
    return x if isinstance(x, Value) else Value(x)


def _in_order_of(point: Any, vector: Any) -> list[Any]:
    """Return the numbers of a vector in the order of the point that it has the structure of."""
    ours, theirs = places(point, "hvp"), places(vector, "hvp")
    alone = [written("point", path) for path in ours if path not in theirs]
    alone += [written("vector", path) for path in theirs if path not in ours]
    if alone:
        raise UsageError(
            f"hvp: a point of {len(ours)} but a vector of {len(theirs)} numbers; {alone[0]} has no "
            "counterpart: give the vector the structure of the point"
        )
    return [_component(theirs[path], written("vector", path)) for path in ours]


def _component(x: Any, place: str) -> Any:
    return x if isinstance(x, Value) else number(x, f"hvp: {place}")

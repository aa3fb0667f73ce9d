"""Reverse passes of a few lines that share no code with the engine, right and as people err."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

__all__ = ["FUNCTIONS", "SWEEPS", "numbers", "swept"]


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


_FROM_MATH = (
    *("sin", "cos", "tan", "asin", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "atanh"),
    *("exp", "log", "log2", "log10", "sqrt", "pi"),
)

FUNCTIONS: dict[str, Any] = {
    **{name: getattr(math, name) for name in _FROM_MATH},
    "abs": abs,
    "sigmoid": _sigmoid,
    "softplus": lambda x: math.log1p(math.exp(x)),
    "relu": lambda x: max(x, 0.0),
    "leaky_relu": lambda x: max(x, 0.01 * x),
    "mean": lambda *x: sum(x) / len(x),
    "prod": lambda *x: math.prod(x),
    "logsumexp": lambda *x: math.log(sum(map(math.exp, x))),
}
"""What the formulas of the documented mistakes are worked out with."""


def numbers(
    graph: Iterable[str], at: Mapping[str, float], moved: str = "", by: float = 0.0
) -> dict[str, float]:
    """Return the numbers of all names in a list of assignments, one of them moved a little.

    >>> numbers(["z = w*x", "y = z**2"], {"w": 3.0, "x": 2.0})["y"]
    36.0
    """
    known = {name: number + by * (name == moved) for name, number in at.items()}
    for name, text in _assignments(graph):
        known[name] = evaluated(text, known) + by * (name == moved)
    return known


def evaluated(text: str, known: Mapping[str, Any], functions: Mapping[str, Any] = FUNCTIONS) -> Any:
    """Return what Python makes of a formula in known names."""
    return eval(text, {"__builtins__": {}}, {**functions, **known})


def _assignments(graph: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in graph:
        name, text = line.split("=", 1)
        yield name.strip(), text.strip()


class _Node:
    """A number that knows its parents and its slopes, as in the engines people write."""

    def __init__(
        self, data: float, parents: Sequence[_Node] = (), slopes: Sequence[float] = ()
    ) -> None:
        self.data, self.parents, self.slopes, self.grad = data, parents, slopes, 0.0

    def __add__(self, other: _Node | float) -> _Node:
        other = _node(other)
        return _Node(self.data + other.data, (self, other), (1, 1))

    def __sub__(self, other: _Node | float) -> _Node:
        other = _node(other)
        return _Node(self.data - other.data, (self, other), (1, -1))

    def __mul__(self, other: _Node | float) -> _Node:
        other = _node(other)
        return _Node(self.data * other.data, (self, other), (other.data, self.data))

    def __rmul__(self, other: float) -> _Node:
        return _node(other) * self

    def __truediv__(self, other: _Node | float) -> _Node:
        other = _node(other)
        slopes = 1 / other.data, -self.data / other.data**2
        return _Node(self.data / other.data, (self, other), slopes)

    def __pow__(self, n: float) -> _Node:
        return _Node(self.data**n, (self,), (n * self.data ** (n - 1),))

    def hand_on(self, *, overwrite: bool = False) -> None:
        for parent, slope in zip(self.parents, self.slopes, strict=True):
            parent.grad = slope * self.grad + (0.0 if overwrite else parent.grad)


def _node(number: _Node | float) -> _Node:
    return number if isinstance(number, _Node) else _Node(float(number))


def _unary(
    value: Callable[[float], float], slope: Callable[[float], float]
) -> Callable[[_Node], _Node]:
    return lambda x: _Node(value(x.data), (x,), (slope(x.data),))


_UNARY = {
    "tanh": _unary(math.tanh, lambda x: 1 - math.tanh(x) ** 2),
    "exp": _unary(math.exp, math.exp),
    "sin": _unary(math.sin, math.cos),
    "sigmoid": _unary(_sigmoid, lambda x: _sigmoid(x) * _sigmoid(-x)),
}


def swept(sweep: str, graph: Iterable[str], at: Mapping[str, float], name: str) -> list[float]:
    """Return the gradients a sweep leaves, with each node's parents from the left and the right.

    >>> swept("again for each use", ["b = a + a", "c = b + b"], {"a": 1.0}, "a")
    [8.0, 8.0]
    """
    found = []
    for step in (1, -1):
        known = {leaf: _Node(number) for leaf, number in at.items()}
        for target, text in _assignments(graph):
            known[target] = output = evaluated(text, known, _UNARY)
        output.grad = 1.0
        SWEEPS[sweep](output, step)
        found.append(known[name].grad)
    return found


def _order(output: _Node, step: int) -> list[_Node]:
    """Return the nodes, each after its parents."""
    order: dict[_Node, None] = {}

    def visit(node: _Node) -> None:
        if node not in order:
            for parent in node.parents[::step]:
                visit(parent)
            order[node] = None

    visit(output)
    return list(order)


def _right(output: _Node, step: int) -> None:
    for node in reversed(_order(output, step)):
        node.hand_on()


def _overwriting(output: _Node, step: int) -> None:
    for node in reversed(_order(output, step)):
        node.hand_on(overwrite=True)


def _again_for_each_use(output: _Node, step: int) -> None:
    output.hand_on()
    for parent in output.parents[::step]:
        _again_for_each_use(parent, step)


def _once_when_reached(output: _Node, step: int) -> None:
    reached: set[_Node] = set()

    def visit(node: _Node) -> None:
        if node not in reached:
            reached.add(node)
            node.hand_on()
            for parent in node.parents[::step]:
                visit(parent)

    visit(output)


def _children_first(output: _Node, step: int) -> None:
    for node in _order(output, step):
        node.hand_on()


def _twice_leaves_kept(output: _Node, step: int) -> None:
    _right(output, step)
    for node in _order(output, step):
        node.grad *= not node.parents
    output.grad = 1.0
    _right(output, step)


def _twice_nothing_zeroed(output: _Node, step: int) -> None:
    _right(output, step)
    output.grad = 1.0
    _right(output, step)


SWEEPS: dict[str, Callable[[_Node, int], None]] = {
    "right": _right,
    "=": _overwriting,
    "again for each use": _again_for_each_use,
    "once, when reached": _once_when_reached,
    "children first": _children_first,
    "twice, leaves kept": _twice_leaves_kept,
    "twice, nothing zeroed": _twice_nothing_zeroed,
}
"""The sweeps, by what is done; but for the first, none is right."""

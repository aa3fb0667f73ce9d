"""What a computation graph is made of, and the order in which it is walked, without recursion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self, TypeVar

from autograd.errors import UnknownNameError, UsageError
from autograd.number import shown

__all__ = [
    "BY_HAND",
    "LITERAL",
    "MANY",
    "Node",
    "NodeT",
    "depending_on",
    "leaves_and_results",
    "leaves_as_written",
    "topological_order",
]

MANY: Any = object()
"""What stands for a second parent where there are neither one nor two: the first is a tuple."""

LITERAL: Any = object()
"""What marks a leaf that stands for a plain number in an expression, as 2 does in 2 * x."""


BY_HAND = "a node made by hand is written Value.from_partials(data, parents, partials, op='name')"
"""What to do for whoever would link a node to others."""


class Node:
    """What was computed from `parents`, and the derivative in each of them.

    One object a node, for Python's garbage collector walks every object again and again while a
    graph grows: one or two parents and partials stand in slots, and only more are in tuples.
    """

    __slots__ = ("__weakref__", "_dx", "_dy", "_x", "_y")

    _x: Any  # None in a leaf; else the first parent, or all
    _y: Any  # None if there is one parent, `MANY` if there are more than two; else the second;
    # in a leaf None or `LITERAL`
    _dx: Any
    _dy: Any

    def _link(self, parents: Sequence[Any], partials: Sequence[float]) -> None:
        """Store what the node was computed from; nothing makes it a leaf."""
        count = len(parents)
        if count > 2:
            self._x, self._y, self._dx = tuple(parents), MANY, tuple(partials)
        elif count == 2:
            (self._x, self._y), (self._dx, self._dy) = parents, partials
        elif count:
            (self._x,), self._y, (self._dx,) = parents, None, partials
        else:
            self._x = self._y = None

    @property
    def is_constant(self) -> bool:
        """Whether this leaf stands for a plain number in an expression, as 2 does in 2 * x."""
        return self._x is None and self._y is LITERAL

    @property
    def parents(self) -> tuple[Self, ...]:
        """The operands, in the order in which they were written."""
        if self._x is None:
            return ()
        if self._y is None:
            return (self._x,)
        several: tuple[Self, ...] = self._x if self._y is MANY else (self._x, self._y)
        return several

    @parents.setter
    def parents(self, _: Any) -> None:
        raise UnknownNameError(BY_HAND)

    @property
    def partials(self) -> tuple[float, ...]:
        """The derivative in each of the parents."""
        if self._x is None:
            return ()
        if self._y is None:
            return (self._dx,)
        several: tuple[float, ...] = self._dx if self._y is MANY else (self._dx, self._dy)
        return several

    @partials.setter
    def partials(self, _: Any) -> None:
        raise UnknownNameError(BY_HAND)


NodeT = TypeVar("NodeT", bound=Node)


def topological_order(*outputs: NodeT) -> list[NodeT]:
    """Return every node that the outputs depend on, parents before children, an output last.

    The order depends on the graph alone, never on memory addresses, and its reverse is the order
    of the backward pass. Leaves come first.

    >>> from autograd import Value
    >>> x = Value(3.0, "x")
    >>> [node.op or node.label for node in topological_order(x * x + 1)]
    ['', 'x', 'mul', 'add']
    """
    for output in outputs:
        if not isinstance(output, Node):
            raise UsageError(f"{shown(output)} is not a Value; give what you computed with them")
    leaves, results = leaves_and_results(*outputs)
    return leaves + results


def leaves_and_results(*outputs: NodeT) -> tuple[list[NodeT], list[NodeT]]:
    """Return the nodes that nothing computed, and the others in topological order."""
    leaves: list[NodeT] = []
    results: list[NodeT] = []
    seen: set[NodeT] = set()
    stack: list[Any] = [*outputs]
    pop, push, see = stack.pop, stack.append, seen.add
    while stack:
        node = pop()
        if node is None:  # the parents of the node beneath this mark have all been placed
            results.append(pop())
        elif node not in seen:
            see(node)
            x, y = node._x, node._y
            if x is None:
                leaves.append(node)
                continue
            push(node)
            push(None)
            for parent in x if y is MANY else (x,) if y is None else (x, y):
                if parent not in seen:
                    if parent._x is not None:
                        push(parent)
                    else:  # a leaf waits for nothing
                        see(parent)
                        leaves.append(parent)
    return leaves, results


def leaves_as_written(*outputs: NodeT) -> list[NodeT]:
    """Return the leaves of a graph from left to right, as they were written.

    >>> from autograd import Value
    >>> w, x, y = Value(3.0, "w"), Value(2.0, "x"), Value(1.0, "y")
    >>> [leaf.label for leaf in leaves_as_written(w * (x - y) + x)]
    ['w', 'x', 'y']
    """
    seen: dict[NodeT, bool] = {}
    stack = [*reversed(outputs)]
    while stack:
        node = stack.pop()
        if node not in seen:
            parents = node.parents
            seen[node] = not parents
            stack += reversed(parents)
    return [node for node, is_leaf in seen.items() if is_leaf]


def depending_on(sources: Iterable[NodeT], order: Iterable[NodeT]) -> set[NodeT]:
    """Return some nodes, and those of a topological order that depend on one of them.

    >>> from autograd import Value
    >>> x, y = Value(2.0), Value(3.0)
    >>> z = x * y
    >>> w = y + 1
    >>> depending_on([x], [x, y, z, w]) == {x, z}
    True
    """
    found = set(sources)
    for node in order:
        if not found.isdisjoint(node.parents):
            found.add(node)
    return found

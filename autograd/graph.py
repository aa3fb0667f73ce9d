"""The order in which a computation graph is walked, without recursion."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from autograd.errors import UsageError
from autograd.number import shown

__all__ = ["NodeT", "depending_on", "leaves_and_results", "topological_order"]


class Node(Protocol):
    """Anything that knows what it was computed from."""

    @property
    def parents(self) -> tuple[Any, ...]: ...


NodeT = TypeVar("NodeT", bound=Node)


def topological_order(output: NodeT) -> list[NodeT]:
    """Return every node that the output depends on, parents before children, the output last.

    The order depends on the graph alone, never on memory addresses, and its reverse is the order
    of the backward pass. Leaves come first.

    >>> from autograd import Value
    >>> x = Value(3.0, "x")
    >>> [node.op or node.label for node in topological_order(x * x + 1)]
    ['', 'x', 'mul', 'add']
    """
    if not hasattr(output, "parents"):
        raise UsageError(f"{shown(output)} is not a Value; give what you computed with them")
    leaves, results = leaves_and_results(output)
    return leaves + results


def leaves_and_results(output: NodeT) -> tuple[list[NodeT], list[NodeT]]:
    """Return the nodes that nothing computed, and the others in topological order."""
    if not output.parents:
        return [output], []
    leaves: list[NodeT] = []
    results: list[NodeT] = []
    seen: set[NodeT] = set()
    stack: list[Any] = [output]
    while stack:
        node = stack.pop()
        if node is None:  # the parents of the node beneath this mark have all been placed
            results.append(stack.pop())
        elif node not in seen:
            seen.add(node)
            stack.append(node)
            stack.append(None)
            for parent in node.parents:
                if parent not in seen:
                    if parent.parents:
                        stack.append(parent)
                    else:  # a leaf waits for nothing
                        seen.add(parent)
                        leaves.append(parent)
    return leaves, results


def depending_on(source: NodeT, order: Iterable[NodeT]) -> set[NodeT]:
    """Return a node, and those of a topological order that depend on it.

    >>> from autograd import Value
    >>> x, y = Value(2.0), Value(3.0)
    >>> z = x * y
    >>> w = y + 1
    >>> depending_on(x, [x, y, z, w]) == {x, z}
    True
    """
    found = {source}
    for node in order:
        if not found.isdisjoint(node.parents):
            found.add(node)
    return found

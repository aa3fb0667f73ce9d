"""The order in which a computation graph is walked, without recursion."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

__all__ = ["NodeT", "topological_order"]


class Node(Protocol):
    """Anything that knows what it was computed from."""

    @property
    def parents(self) -> tuple[Any, ...]: ...


NodeT = TypeVar("NodeT", bound=Node)


def topological_order(output: NodeT) -> list[NodeT]:
    """Return every node that the output depends on, parents before children, the output last.

    The order depends on the graph alone, never on memory addresses, and its reverse is the order
    of the backward pass.

    >>> from autograd import Value
    >>> x = Value(3.0, "x")
    >>> [node.op or node.label for node in topological_order(x * x + 1)]
    ['x', 'mul', '', 'add']
    """
    order: list[NodeT] = []
    seen: set[NodeT] = set()
    stack: list[Any] = [output]
    while stack:
        node = stack.pop()
        if node is None:  # the parents of the node beneath this mark have all been placed
            order.append(stack.pop())
        elif node not in seen:
            seen.add(node)
            if node.parents:
                stack.append(node)
                stack.append(None)
                for parent in reversed(node.parents):  # the stack returns the first one first
                    if parent not in seen:
                        stack.append(parent)
            else:
                order.append(node)
    return order

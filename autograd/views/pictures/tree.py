"""A computation graph as a tree of text, for terminals."""

from __future__ import annotations

from collections.abc import Callable

from autograd.value import Value
from autograd.views.tracing.notation import Notation
from autograd.views.writing.numbers import short

__all__ = ["tree"]

_LINES = 60


def tree(
    write: Notation,
    gradient: Callable[[Value], float | None],
    number: Callable[[Value], str] = lambda node: short(node.data),
) -> str:
    """Return the graph as text, the output first, each node above its operands.

    A node that is used more than once is unfolded the first time; a long tree is cut off.
    `gradient` tells each node's gradient, None for one that is unknown; `number` what is written
    for its number.

    >>> from autograd.views.tracing.graph import Graph
    >>> x = Value(3.0, "x")
    >>> y = x * x
    >>> z = y + y
    >>> print(tree(Notation(Graph(z)), lambda node: None))
    v2 = v1 + v1 = 18  grad ?
    ├─ v1 = x × x = 9  grad ?
    │  ├─ x = 3  grad ?
    │  └─ x = 3  grad ?
    └─ v1 = x × x = 9  (as above)
    """
    order = write.graph.order
    lines: list[str] = []
    unfolded: set[Value] = set()
    stack = [(order[-1], "", "")]
    while stack and len(lines) < _LINES:
        node, first, rest = stack.pop()
        again = node in unfolded and bool(node.parents)
        note = "(as above)" if again else _grad(gradient(node))
        lines.append(f"{first}{_line(node, write, number(node))}  {note}")
        if again:
            continue
        unfolded.add(node)
        last = len(node.parents) - 1
        for i, parent in reversed([*enumerate(node.parents)]):
            branch, below = ("└─ ", "   ") if i == last else ("├─ ", "│  ")
            stack.append((parent, rest + branch, rest + below))
    if stack:
        lines.append(f"… ({len(order)} nodes in all)")
    return "\n".join(lines)


def _line(node: Value, write: Notation, number: str) -> str:
    return " = ".join(dict.fromkeys([write.name(node), write.operation(node), number]))


def _grad(gradient: float | None) -> str:
    return "grad ?" if gradient is None else f"grad {short(gradient)}"

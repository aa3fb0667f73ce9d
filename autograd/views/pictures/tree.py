"""A computation graph as a tree of text, for terminals."""

from __future__ import annotations

from collections.abc import Callable

from autograd.value import Value
from autograd.views.tracing.notation import Notation
from autograd.views.writing.numbers import short

__all__ = ["tree"]

_LINES = 60

_OPERANDS = 20
"""The number of operands of one node up to which all are shown."""


def tree(
    write: Notation,
    gradient: Callable[[Value], float | None],
    number: Callable[[Value], str] = lambda node: short(node.data),
) -> str:
    """Return the graph as text, the output first, each node above its operands.

    A node that is used more than once is unfolded the first time; a long tree is cut off, and so
    are the operands of a node that has many. `gradient` tells each node's gradient, None for one
    that is unknown; `number` what is written for its number.

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
    order, kind = write.graph.order, write.graph.names.kind
    lines: list[str] = []
    unfolded: set[Value] = set()
    stack: list[tuple[Value | str, str, str]] = [(order[-1], "", "")]
    while stack and len(lines) < _LINES:
        node, first, rest = stack.pop()
        if isinstance(node, str):
            lines.append(first + node)
            continue
        again = node in unfolded and bool(node.parents)
        constant = kind(node) == "constant"
        note = "(as above)" if again else "" if constant else _grad(gradient(node))
        lines.append(f"{first}{_line(node, write, number(node))}  {note}".rstrip())
        if again:
            continue
        unfolded.add(node)
        below = _operands(node)
        for i, operand in reversed([*enumerate(below)]):
            branch, bar = ("└─ ", "   ") if i == len(below) - 1 else ("├─ ", "│  ")
            stack.append((operand, rest + branch, rest + bar))
    if stack:
        lines.append(f"… ({len(order)} nodes in all)")
    return "\n".join(lines)


def _operands(node: Value) -> list[Value | str]:
    """Return the operands of a node, of many the first ones and how many there are."""
    if len(node.parents) <= _OPERANDS:
        return [*node.parents]
    kept = node.parents[: _OPERANDS - 1]
    return [*kept, f"… and {len(node.parents) - len(kept):,} more operands"]


def _line(node: Value, write: Notation, number: str) -> str:
    """Return a node as an equation; of a constant, its name is its number."""
    return " = ".join(dict.fromkeys([write.name(node), write.operation(node), number]))


def _grad(gradient: float | None) -> str:
    return "grad ?" if gradient is None else f"grad {short(gradient)}"

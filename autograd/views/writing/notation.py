"""How nodes, derivatives and operations are written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from autograd.tools.text import printable
from autograd.value import Value
from autograd.views.writing.alphabets import raised
from autograd.views.writing.labels import parse
from autograd.views.writing.numbers import latex_number, short

__all__ = ["Names", "operation", "ratio"]


class Names:
    """What the nodes of a graph are called.

    A node is called by its label, or by the variable in `variables` that holds it. With
    `numbered`, results without a name are called v1, v2 … in the order they were computed, and
    constants by their number; otherwise these have no name (""). ``variables`` is kept for the
    next view of the same graph.

    >>> x = Value(2.0)
    >>> y = x * x
    >>> Names([x, y], {"x": x})(x), Names([x, y], {"x": x}, numbered=True)(y)
    ('x', 'v1')
    """

    def __init__(
        self,
        order: Sequence[Value],
        variables: Mapping[str, Any] | None = None,
        *,
        numbered: bool = False,
    ) -> None:
        self.variables = variables
        held = {
            value: name
            for name, value in (variables or {}).items()
            if isinstance(value, Value) and not name.startswith("_")  # not a notebook's _ and _12
        }
        self._labels = {node: printable(node.label or held.get(node, "")) for node in order}
        self._unnamed = {node for node in order if not self._labels[node]}
        if numbered:
            taken = set(self._labels.values())
            free = (name for i in count(1) if (name := f"v{i}") not in taken)
            for node in order:
                if not self._labels[node]:
                    self._labels[node] = next(free) if node.parents else short(node.data)

    def __call__(self, node: Value, script: str = "text") -> str:
        """Return the name of a node, as Unicode text or as ``"latex"``; "" if it has none."""
        label = self._labels[node]
        if label and node in self._unnamed and not node.parents:
            return label if script == "text" else latex_number(node.data)
        return parse(label).unicode if script == "text" else parse(label).latex

    def label(self, node: Value) -> str:
        """Return the name of a node as it was written; "" if it has none."""
        return self._labels[node]

    def named(self, node: Value) -> bool:
        """Return whether a node has a name of its own, more than a number in a row."""
        return node not in self._unnamed

    def kind(self, node: Value) -> str:
        """Return what a node is: an operation, or by its name a parameter, input or constant.

        In the articles' notation weights w and biases b are learned, and so are θ.
        """
        if node.parents:
            return "operation"
        if node in self._unnamed:
            return "constant"
        learned = re.match(r"(w|W|b|B|\\theta|θ)(?![^\W\d_])", self._labels[node])
        return "parameter" if learned else "input"


def ratio(above: Value, below: Value, names: Names, script: str = "text") -> str:
    r"""Return the derivative of one node with respect to another, as a symbol.

    >>> x, y = Value(1.0, "x_1"), Value(2.0, "y")
    >>> names = Names([x, y])
    >>> ratio(y, x, names), ratio(y, x, names, "latex")
    ('∂y/∂x₁', '\\frac{\\partial y}{\\partial x_1}')
    """
    top, bottom = names(above, script), names(below, script)
    if script == "text":
        return f"∂{top}/∂{bottom}"
    return rf"\frac{{\partial {top}}}{{\partial {bottom}}}"


def operation(node: Value, names: Names) -> str:
    """Return the operation that made a node as it was written, a dot for an unnamed operand.

    >>> z = Value(2.0, "w") * 3.0
    >>> a = z.tanh()
    >>> names = Names([*z.parents, z, a])
    >>> operation(z, names), operation(a, names)
    ('w × 3', 'tanh ·')
    """
    if node.rule is None:
        return ""
    symbol, constants, parents = node.rule.symbol, node.rule.constants, node.parents
    if node.rule.sequences:
        half = len(parents) // node.rule.sequences
        columns = [parents[i : i + half] for i in range(0, len(parents), half)]
        listed = "; ".join(
            ", ".join([*[_operand(p, names) for p in column[:3]], "…"][: len(column)])
            for column in columns
        )
        return f"{node.op}({listed})"
    operands = [_operand(parent, names) for parent in parents]
    if node.op == "power":
        return operands[0] + raised(short(constants["n"]))
    if symbol == "^":
        return operands[0] + raised(operands[1])
    if symbol and len(operands) == 2:
        return f" {symbol} ".join(operands)
    if symbol:
        return symbol + operands[0]
    if len(operands) == 1:
        return f"{node.op} {operands[0]}"
    return f"{node.op}({', '.join(operands)})"


def _operand(node: Value, names: Names) -> str:
    return names(node) or (short(node.data) if not node.parents else "·")

"""A recorded graph as Python source that records it again, at other numbers too."""

from __future__ import annotations

import keyword
import math
from collections.abc import Mapping

from autograd.errors import UsageError
from autograd.tools.text import excerpt
from autograd.value import Value
from autograd.views.tracing.graph import Graph
from autograd.views.tracing.names import Name

__all__ = ["function", "literal"]

_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/"}


def function(graph: Graph) -> str:
    """Return the source of a function from the numbers of the leaves to the output and the leaves.

    The nodes have the names that they have in the graph. Source that was not made by this module
    is nowhere in it: labels stand in it as strings.

    Raises `UsageError` for a rule of a person's own, which another program does not know.

    >>> w, x = Value(3.0, "w"), Value(2.0, "x")
    >>> print(function(Graph((w * x).tanh() ** 2 + 1)))
    def graph(w, x):
        w = autograd.Value(w, label='w')
        x = autograd.Value(x, label='x')
        v1 = w * x
        v2 = autograd.tanh(v1)
        v3 = v2 ** 2
        v4 = v3 + 1.0
        return v4, [w, x]
    """
    words = _words(graph)
    made = [node for node in graph.written if node in words]
    lines = []
    for node in made:
        if node.parents:
            lines.append(f"{words[node]} = {_operation(node, words)}")
        label = _label(graph, node)
        if label and node.parents:
            lines.append(f"{words[node]}.label = {label!r}")
        elif not node.parents:
            lines.append(f"{words[node]} = autograd.Value({words[node]}, label={label!r})")
    leaves = ", ".join(words[leaf] for leaf in graph.leaves)
    body = [*lines, f"return {words[graph.output]}, [{leaves}]"]
    return "\n    ".join([f"def graph({leaves}):", *body])


def _words(graph: Graph) -> dict[Value, str]:
    """Return a variable for each node that is no constant: its name, where Python takes it."""
    words: dict[Value, str] = {}
    taken = {"autograd", "float"}  # what the source itself calls
    for node in graph.written:
        if graph.names.is_constant(node):
            continue
        word = graph.names[node].typed
        fits = (
            word.isascii()
            and word.isidentifier()
            and not keyword.iskeyword(word)
            and word != "__debug__"
        )
        if not fits or word in taken:
            word = f"node_{len(words)}"
        while word in taken:
            word += "_"
        words[node] = word
        taken.add(word)
    return words


def _label(graph: Graph, node: Value) -> str:
    """Return the label that a person gave a node, "" if none."""
    name = graph.names[node]
    return name.label.typed if graph.names.given(node) and isinstance(name, Name) else ""


def _operation(node: Value, words: Mapping[Value, str]) -> str:
    """Return the source of the operation that made a node."""
    rule = node.rule
    if rule is None or not rule.own:
        raise UsageError(
            f"export: {excerpt(node.op)} is an operation of your own, which a notebook does not "
            "know; use operations of the table"
        )
    operands = [words.get(parent) or literal(parent.data) for parent in node.parents]
    if rule.name in _INFIX:
        return f"{operands[0]} {_INFIX[rule.name]} {operands[1]}"
    if rule.name == "neg":
        return f"-{operands[0]}"
    if rule.name == "power":
        return f"{operands[0]} ** {rule.constants['n']!r}"
    if rule.sequences:
        size = len(operands) // rule.sequences
        columns = [operands[i * size : (i + 1) * size] for i in range(rule.sequences)]
        operands = [f"[{', '.join(column)}]" for column in columns]
    own = rule.constants.items() - rule.declared.constants.items()
    given = [*operands, *(f"{name}={literal(constant)}" for name, constant in sorted(own))]
    is_public = not rule.symbol and not rule.name.startswith("_")
    called = f"autograd.{rule.name}" if is_public else f"autograd.RULES[{rule.name!r}]"
    return f"{called}({', '.join(given)})"


def literal(x: float) -> str:
    """Return the source of a number."""
    return repr(x) if math.isfinite(x) else f"float({str(x)!r})"

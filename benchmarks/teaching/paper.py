"""The true derivative as it stands on paper: the chain rule, between the names of a graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autograd import Value
from autograd.graph import topological_order
from autograd.views.tracing.graph import Graph
from benchmarks.teaching.graphs import Task

__all__ = ["chain_rule"]

ONE_OPERAND: Mapping[str, Callable[[str, str], str]] = {
    "neg": lambda x, z: "(−1)",
    "tanh": lambda x, z: f"(1 − {z}²)",
    "exp": lambda x, z: z,
    "log": lambda x, z: f"1/{x}",
    "sqrt": lambda x, z: f"1/(2√({x}))",
    "sin": lambda x, z: f"cos({x})",
    "cos": lambda x, z: f"(−sin({x}))",
    "sigmoid": lambda x, z: f"σ′({x})",
    "softplus": lambda x, z: f"σ({x})",
}

TWO_OPERANDS: Mapping[str, tuple[str, str]] = {
    "add": ("1", "1"),
    "sub": ("1", "(−1)"),
    "mul": ("{y}", "{x}"),
    "div": ("1/{y}", "(−{x}/{y}²)"),
    "pow": ("{y}·{x}^({y} − 1)", "{x}^{y}·ln({x})"),
}


def chain_rule(task: Task) -> str:
    """Return the sum over the uses of the node asked for.

    >>> w, x = Value(3.0, "w"), Value(2.0, "x")
    >>> z = w * x
    >>> z.label = "z"
    >>> chain_rule(Task((z.sigmoid() + w) * x, w))
    '∂v3/∂z · x + ∂v3/∂v2 · 1'
    """
    names = Graph(task.output).names
    terms = []
    for node in topological_order(task.output):
        for position, parent in enumerate(node.parents):
            if parent is task.wrt:
                local = _local(node, position, names)
                upstream = f"∂{names(task.output)}/∂{names(node)} · "
                terms.append(local if node is task.output else upstream + local)
    return " + ".join(terms)


def _local(node: Value, position: int, names: Callable[[Value], str]) -> str:
    """Return the local derivative in one operand, as a formula."""
    operands = [_operand(parent, names) for parent in node.parents]
    if node.op == "power" and node.rule:
        n = node.rule.constants["n"]
        return f"({n:g})·{operands[0]}^({n - 1:g})"
    if len(operands) == 1:
        return ONE_OPERAND[node.op](operands[0], names(node))
    return TWO_OPERANDS[node.op][position].format(x=operands[0], y=operands[1])


def _operand(node: Value, names: Callable[[Value], str]) -> str:
    return f"{node.data:g}" if node.is_constant else names(node)

"""A graph as text that can be typed again: what is needed to see a case once more."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autograd import Value
from autograd.graph import topological_order
from autograd.views.tracing.graph import Graph

__all__ = ["case", "equations"]

OPERATORS: Mapping[str, str] = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**"}


def equations(output: Value) -> list[str]:
    """Return one equation for each result, operands first.

    >>> w, x = Value(3.0, "w"), Value(2.0, "x")
    >>> equations((w * x).tanh() ** 2)
    ['v1 = w*x', 'v2 = tanh(v1)', 'v3 = v2**2']
    """
    names = Graph(output).names
    return [
        f"{names(node)} = {_operation(node, [_operand(p, names) for p in node.parents])}"
        for node in topological_order(output)
        if node.parents and node.op != "greater"  # stands in its where
    ]


def _operand(node: Value, names: Callable[[Value], str]) -> str:
    if node.op == "greater":
        return " > ".join(_operand(parent, names) for parent in node.parents)
    return f"{node.data:g}" if node.is_constant else names(node)


def _operation(node: Value, operands: list[str]) -> str:
    if node.op in OPERATORS:
        return OPERATORS[node.op].join(operands)
    constants = node.rule.constants if node.rule else {}
    if node.op == "power":
        return f"{operands[0]}**{constants['n']:g}"
    if node.op == "neg":
        return f"-{operands[0]}"
    if node.op == "dot":
        half = len(operands) // 2
        return f"dot([{', '.join(operands[:half])}], [{', '.join(operands[half:])}])"
    extra = [f"{name}={number:g}" for name, number in constants.items()]
    return f"{node.op}({', '.join(operands + extra)})"


def case(output: Value, wrt: Value, answer: object) -> str:
    """Return a graph, its numbers, and what was answered for which node."""
    names = Graph(output).names
    leaves = [n for n in topological_order(output) if not n.parents and not n.is_constant]
    at = ", ".join(f"{names(leaf)} = {leaf.data!r}" for leaf in leaves)
    return f"{'; '.join(equations(output))}\nat {at}\nwrt {names(wrt)}, answer {answer}"

"""The true derivative as a formula, found by SymPy and written as people write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from importlib import import_module
from typing import Any

from autograd import Value
from autograd.graph import topological_order
from autograd.views.tracing.graph import Graph
from benchmarks.teaching.graphs import Task

__all__ = ["at_numbers", "derivative", "exactly", "expression", "symbols"]


def symbols(output: Value) -> dict[Value, Any]:
    """Return a symbol for each leaf, named as it is typed."""
    sympy = import_module("sympy")
    names = Graph(output).names
    return {
        node: sympy.Symbol(names(node), real=True)
        for node in topological_order(output)
        if not node.parents and not node.is_constant
    }


def _operations(sympy: Any) -> Mapping[str, Callable[..., Any]]:
    return {
        "add": lambda x, y: x + y,
        "sub": lambda x, y: x - y,
        "mul": lambda x, y: x * y,
        "div": lambda x, y: x / y,
        "neg": lambda x: -x,
        "pow": lambda x, y: x**y,
        "tanh": sympy.tanh,
        "exp": sympy.exp,
        "log": sympy.log,
        "sqrt": sympy.sqrt,
        "sin": sympy.sin,
        "cos": sympy.cos,
        "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
        "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
    }


def expression(output: Value, leaves: Mapping[Value, Any]) -> Any:
    """Return an output as an expression of symbols."""
    sympy = import_module("sympy")
    operations = _operations(sympy)
    found: dict[Value, Any] = dict(leaves)
    for node in topological_order(output):
        if node in found:
            continue
        operands = [found[parent] for parent in node.parents]
        if not operands:
            found[node] = exactly(node.data)
        elif node.op == "power" and node.rule:
            found[node] = operands[0] ** exactly(float(node.rule.constants["n"]))
        else:
            found[node] = operations[node.op](*operands)
    return found[output]


def derivative(task: Task, leaves: Mapping[Value, Any]) -> Any:
    """Return the derivative that is asked for, differentiated by SymPy."""
    return import_module("sympy").diff(expression(task.output, leaves), leaves[task.wrt])


def at_numbers(formula: Any, leaves: Mapping[Value, Any]) -> Any:
    """Return a formula at the numbers of the leaves, exactly."""
    return formula.subs({symbol: exactly(node.data) for node, symbol in leaves.items()})


def exactly(x: float) -> Any:
    """Return the decimal that a number is written as."""
    fraction = Fraction(repr(x))
    return import_module("sympy").Rational(fraction.numerator, fraction.denominator)

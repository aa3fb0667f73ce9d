"""A derivative as one formula: the rules, run on SymPy's symbols, and simplified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autograd import functions as f
from autograd.errors import UsageError
from autograd.sweep import sweep
from autograd.tools.optional import optional
from autograd.value import Value
from autograd.views.tracing.graph import Graph

__all__ = ["closed_form"]


def closed_form(graph: Graph, node: Value) -> Any:
    """Return the derivative of the output in a node as a SymPy expression in the named nodes.

    Raises `UsageError` where a rule takes only floats, or the formula is too deep for SymPy.
    """
    try:
        return _closed_form(graph, node)
    except RecursionError:
        raise UsageError(
            "closed_form: this formula is too deep for SymPy; label nodes on the way, or take a "
            "part of the graph"
        ) from None


def _closed_form(graph: Graph, node: Value) -> Any:
    sympy = optional("sympy", "closed_form", "symbols")
    symbols = {
        n: sympy.Symbol(graph.names(n), real=True) for n in graph.order if graph.names.given(n)
    }
    made: dict[Value, Any] = {}  # what each named node is computed by
    partials: dict[Value, Sequence[Any]] = {}
    for n in graph.order:
        if n.rule is None:
            symbols.setdefault(n, f.lift(n.data, sympy.S.One))
            continue
        try:
            value, slopes = n.rule.evaluate([symbols[parent] for parent in n.parents])
        except TypeError:  # math.exp and its like take no symbols
            remedy = "write the rule with the functions of autograd"
            raise UsageError(f"closed_form: {n.op} takes only floats; {remedy}") from None
        if n in symbols:
            made[symbols[n]] = sympy.sympify(value)
        symbols.setdefault(n, value)
        partials[n] = [sympy.sympify(d).subs(value, symbols[n]) for d in slopes]
    derivative = sweep(graph.order, partials, sympy.S.One).get(node, sympy.S.Zero)
    forms = list(_forms(sympy, derivative, made))
    return _signed(sympy, min(forms, key=sympy.count_ops))


def _forms(sympy: Any, derivative: Any, made: Mapping[Any, Any]) -> Iterator[Any]:
    """Yield an expression in several forms: simplified, factored, in terms of named results."""
    derivative = sympy.sympify(derivative)
    simple = sympy.simplify(derivative)
    yield from (derivative, simple, sympy.factor(derivative), sympy.factor(simple))
    for symbol, value in made.items():  # exp(z) is p·S where p = exp(z)/S has a name
        for part in value.atoms(sympy.Function) & simple.atoms(sympy.Function):
            for solution in sympy.solve(value - symbol, part):
                named = sympy.simplify(simple.subs(part, solution))
                yield from (named, sympy.factor(named))


def _signed(sympy: Any, form: Any) -> Any:
    """Return x(ŷ − y) rather than −x(y − ŷ)."""
    factors = list(sympy.Mul.make_args(form))
    sums = [i for i, factor in enumerate(factors) if factor.is_Add]
    if sympy.S.NegativeOne in factors and sums:
        factors.remove(sympy.S.NegativeOne)
        factors[sums[0] - 1] = -factors[sums[0] - 1]
    return sympy.Mul(*factors)

"""Why a gradient is what it is: the sum over all downstream paths."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from autograd import functions as f
from autograd.errors import UsageError
from autograd.graph import depending_on, topological_order
from autograd.number import shown
from autograd.steep import UNDEFINED, undefined
from autograd.sweep import passed_on, sweep
from autograd.tools.optional import optional
from autograd.tools.text import width
from autograd.value import Value
from autograd.views.draw import draw
from autograd.views.pictures.drawing import Drawing
from autograd.views.writing.formulas import partial_formulas
from autograd.views.writing.notation import Names, ratio
from autograd.views.writing.numbers import counted, latex_number, short, signed
from autograd.views.writing.terminals import plain, written

__all__ = ["Edge", "Explanation", "explain"]

FEW = 8
"""The number of paths up to which each is written out."""

LINES = 40
"""The number of equations of the nested form up to which all are written."""


class Edge(NamedTuple):
    """One operand of one node: a factor of the chain rule."""

    node: Value
    position: int

    @property
    def parent(self) -> Value:
        """The operand."""
        return self.node.parents[self.position]

    @property
    def partial(self) -> float:
        """The local derivative of the node in this operand."""
        return self.node.partials[self.position]


def explain(output: Value, node: Value, names: Mapping[str, Any] | None = None) -> Explanation:
    """Explain the derivative of an output with respect to a node that it depends on.

    The chain of factors along each downstream path, as symbols, as formulas and as numbers, and
    their sum; then the nested form, in which later derivatives are computed once and reused, as
    ``backward()`` does. Where there are more than a few paths they are counted, not listed.

    >>> x = Value(3.0, "x")
    >>> y = x * x + x
    >>> y.label = "y"
    >>> explain(y, x)
    ∂y/∂x: 3 paths, 2 multiplications
    <BLANKLINE>
    ∂y/∂x = ∂y/∂v1 · ∂v1/∂x
          + ∂y/∂v1 · ∂v1/∂x
          + ∂y/∂x
          = 1 · x
          + 1 · x
          + 1
          = 1 · 3
          + 1 · 3
          + 1
          = 3 + 3 + 1
          = 7
    <BLANKLINE>
    nested, each derivative once:
    ∂y/∂v1 = 1
    ∂y/∂x = 1 + ∂y/∂v1 · x + ∂y/∂v1 · x = 1 + 1 · 3 + 1 · 3 = 7
    """
    order = topological_order(output)
    if node not in set(order):
        raise UsageError(f"explain: the output does not depend on {shown(node)}; choose another")
    return Explanation(order, node, Names(order, names, numbered=True))


class Explanation:
    """The derivative of an output with respect to a node, as equations and as a picture.

    - ``paths``: how many paths lead from the node to the output;
    - ``multiplications``: how many the nested form takes;
    - ``gradient``: the derivative;
    - ``chain``: the nodes on the paths, the output first, each with its ``consumers`` (the edges
      on which it is used there) and its own of the ``derivatives``.
    """

    def __init__(self, order: Sequence[Value], node: Value, names: Names) -> None:
        self.output = order[-1]
        self.node = node
        self.names = names
        above = depending_on([node], order)
        self.chain = [n for n in reversed(order) if n in above]
        self.consumers: dict[Value, list[Edge]] = {n: [] for n in self.chain}
        for consumer in self.chain:
            for position, parent in enumerate(consumer.parents):
                if parent in above:
                    self.consumers[parent].append(Edge(consumer, position))
        self.paths = self._count()
        self.multiplications = sum(
            edge.node is not self.output for edges in self.consumers.values() for edge in edges
        )
        partials = {n: n.partials for n in self.chain if n.parents}
        found = sweep(list(reversed(self.chain)), partials, 1.0)
        self.derivatives = {n: found.get(n, 0.0) for n in self.chain}  # 0: by no branch taken
        self.gradient: float = self.derivatives[node]
        self._formulas: dict[tuple[Value, str], list[str]] = {}

    def _count(self) -> int:
        counts = {self.output: 1}
        for node in self.chain[1:]:
            counts[node] = sum(counts[edge.node] for edge in self.consumers[node])
        return counts[self.node]

    def terms(self) -> Iterator[list[Edge]]:
        """Yield every path, as its edges from the output to the node; there may be many."""
        stack: list[tuple[Value, list[Edge]]] = [(self.output, [])]
        while stack:
            node, path = stack.pop()
            if node is self.node:
                yield path
                continue
            for position, parent in reversed([*enumerate(node.parents)]):
                if parent in self.consumers:
                    stack.append((parent, [*path, Edge(node, position)]))

    def draw(self) -> Drawing:
        """Return the picture of the graph with the paths highlighted."""
        return draw(self.output, highlight=self.node, names=self.names.variables)

    def closed_form(self) -> Any:
        """Return the derivative as a simplified SymPy expression in the named nodes.

        Raises `UsageError` where a rule takes only floats.

        >>> x, w, y = Value(2.0, "x"), Value(0.5, "w"), Value(1.0, "y")
        >>> p = (w * x).sigmoid()
        >>> p.label = "p"
        >>> loss = -(y * p.log() + (1 - y) * (1 - p).log())
        >>> explain(loss, w).closed_form()
        x*(p - y)
        """
        sympy = optional("sympy", "closed_form", "symbols")
        symbols = self._symbols()
        partials: dict[Value, Sequence[Any]] = {}
        for node in topological_order(self.output):
            if node.rule is None:
                symbols.setdefault(node, f.lift(node.data, sympy.S.One))
                continue
            try:
                value, slopes = node.rule.evaluate([symbols[p] for p in node.parents])
            except TypeError:  # math.exp and its like take no symbols
                remedy = "write the rule with the functions of autograd"
                raise UsageError(f"closed_form: {node.op} takes only floats; {remedy}") from None
            symbols.setdefault(node, value)
            partials[node] = [sympy.sympify(d).subs(value, symbols[node]) for d in slopes]
        found = sweep(topological_order(self.output), partials, sympy.S.One)
        forms = [found[self.node], sympy.simplify(found[self.node])]
        shortest = min([*forms, *map(sympy.factor, forms)], key=sympy.count_ops)
        factors = list(sympy.Mul.make_args(shortest))
        sums = [i for i, factor in enumerate(factors) if factor.is_Add]
        if sympy.S.NegativeOne in factors and sums:  # x(ŷ − y) rather than −x(y − ŷ)
            factors.remove(sympy.S.NegativeOne)
            factors[sums[0] - 1] = -factors[sums[0] - 1]
        return sympy.Mul(*factors)

    def _symbols(self) -> dict[Value, Any]:
        """Return a symbol for every node that has a name; the second x is x(2)."""
        symbol = optional("sympy", "closed_form", "symbols").Symbol
        uses: Counter[str] = Counter()
        symbols: dict[Value, Any] = {}
        for node in filter(self.names.named, topological_order(self.output)):
            name = self.names(node)
            uses[name] += 1
            called = name if uses[name] == 1 else f"{name}({uses[name]})"
            symbols[node] = symbol(called, real=True)
        return symbols

    def text(self, encoding: str = "utf-8") -> str:
        """Return the equations, in characters an encoding has."""
        return written(self._written, encoding)

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def _written(self, encoding: str) -> str:
        paths = counted(self.paths, "path")
        counts = f"{paths}, {counted(self.multiplications, 'multiplication')}"
        head = f"{self._ratio(self.output, self.node)}: {counts}"
        listed = [_in_lines(*self._groups("text"), encoding)] if self.paths <= FEW else []
        equations = self.nested("text")
        nested = ["\n".join(["nested, each derivative once:", *equations])] if equations else []
        return plain("\n\n".join([head, *listed, *nested]), encoding)

    def _repr_latex_(self) -> str:
        rows = [rf"& {line}" for line in self.nested("latex")]
        if self.paths <= FEW:
            left, groups = self._groups("latex")
            listed = [
                ("=" if i == 0 else r"\quad +") + f" {term}"
                for group in groups
                for i, term in enumerate(group)
            ]
            rows = [f"{left} &{listed[0]}", *[f"&{line}" for line in listed[1:]], r"&", *rows]
        body = " \\\\\n".join(rows)
        return f"$$\\begin{{aligned}}\n{body}\n\\end{{aligned}}$$"

    def _groups(self, script: str) -> tuple[str, list[list[str]]]:
        """Return the left side, and the sum as symbols, formulas, numbers, products and total."""
        dot = " · " if script == "text" else r" \cdot "
        number = short if script == "text" else latex_number
        paths = list(self.terms())
        products = [_product(path) for path in paths]
        groups = [
            [dot.join(self._symbol(edge, script) for edge in path) or "1" for path in paths],
            [dot.join(self.factor(edge, script) for edge in path) or "1" for path in paths],
            [dot.join(signed(number(e.partial)) for e in path) or "1" for path in paths],
        ]
        if len(paths) > 1:
            groups.append([" + ".join(signed(number(product)) for product in products)])
        groups.append([number(self.gradient)])
        told = [group for before, group in pairwise([[], *groups]) if group != before]
        return self._ratio(self.output, self.node, script), told

    def nested(self, script: str = "text") -> list[str]:
        """Return the equation of each derivative in terms of those computed before it."""
        dot = " · " if script == "text" else r" \cdot "
        number = short if script == "text" else latex_number
        lines = []
        for node in self.chain[1:]:
            symbols, numbers = [], []
            for edge in self.consumers[node]:
                factor, partial = self.factor(edge, script), signed(number(edge.partial))
                if edge.node is not self.output:
                    factor = self._ratio(self.output, edge.node, script) + dot + factor
                    partial = signed(number(self.derivatives[edge.node])) + dot + partial
                symbols.append(factor)
                numbers.append(partial)
            total = number(self.derivatives[node])
            sides = dict.fromkeys([" + ".join(symbols), " + ".join(numbers), total])
            met = any(
                _undefined(edge, self.derivatives[edge.node]) for edge in self.consumers[node]
            )
            note = f" ({UNDEFINED})" if script == "text" else rf"\quad\text{{({UNDEFINED})}}"
            equation = " = ".join([self._ratio(self.output, node, script), *sides])
            lines.append(equation + (note if met else ""))
        if len(lines) > LINES:
            lines[LINES // 2 : -LINES // 2] = [f"… {len(lines) - LINES} more"]
        return lines

    def _ratio(self, above: Value, below: Value, script: str = "text") -> str:
        return ratio(above, below, self.names, script)

    def _symbol(self, edge: Edge, script: str) -> str:
        return self._ratio(edge.node, edge.parent, script)

    def factor(self, edge: Edge, script: str = "text") -> str:
        """Return the local derivative of an edge as a factor: its formula, or its number."""
        key = edge.node, script
        if key not in self._formulas:  # once for all operands: a sum may have thousands
            self._formulas[key] = partial_formulas(edge.node, self.names, script)
        formula = self._formulas[key][edge.position]
        if not formula:
            return signed((short if script == "text" else latex_number)(edge.partial))
        sums = any(sign in formula for sign in (" + ", " − ", " - "))
        return f"({formula})" if sums or formula.startswith(("-", "−")) else formula


def _in_lines(left: str, groups: list[list[str]], encoding: str) -> str:
    """Return an equation with a line for each term, its signs below each other."""
    terms = [("=" if i == 0 else "+", term) for group in groups for i, term in enumerate(group)]
    left = plain(left, encoding)
    margin = " " * width(left)
    lines = [f"{margin} {sign} {term}" for sign, term in terms]
    return left + "\n".join(lines).removeprefix(margin)


def _product(path: Sequence[Edge]) -> float:
    product = 1.0
    for edge in path:
        product = passed_on(edge.node, product, edge.partial) or 0.0
    return product


def _undefined(edge: Edge, upstream: float) -> bool:
    if not math.isnan(upstream * edge.partial):
        return False
    operands = [parent.data for parent in edge.node.parents]
    return undefined(edge.node, operands, upstream, edge.partial)

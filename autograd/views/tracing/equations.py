"""The equations of a derivative: its sum over paths, its nested form, its average over samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, pairwise
from typing import TypeVar

from autograd.steep import UNDEFINED
from autograd.value import Value
from autograd.views.tracing.averages import Average
from autograd.views.tracing.notation import Notation
from autograd.views.tracing.paths import Factor, Paths, is_undefined, product
from autograd.views.tracing.samples import samples
from autograd.views.writing.scripts import Part

__all__ = ["Equation", "Equations", "cut", "equated"]

T = TypeVar("T")

Equation = tuple[str, list[str]]
"""A left side, and the sides that it equals one after the other."""


DEPTH, OPERANDS = 12, 3
"""How deep functions are nested, and of how many operands, where all are written."""

TERMS = 12
"""The number of terms up to which a sum is written in full."""

FACTORS = 40
"""The number of factors up to which a product is written in full."""


class Equations:
    """Writes the equations of one derivative in a script.

    >>> from autograd.views.tracing.graph import Graph
    >>> x = Value(3.0, "x")
    >>> y = x * x + x
    >>> y.label = "y"
    >>> graph = Graph(y)
    >>> equations = Equations(Paths(graph, x), Notation(graph))
    >>> equations.definition(), equations.nested(y.parents[0])
    (('y', ['v1 + x', '12']), ('∂y/∂v1', ['1']))
    """

    def __init__(self, paths: Paths, write: Notation) -> None:
        self.paths = paths
        self.write = write
        self.script = write.script
        self.symbol = write.derivative(paths.node)

    def definition(self) -> Equation:
        """Return the output as it was written, and its number."""
        output = self.paths.graph.output
        sides = [self.write.operation(output), self.script.number(output.data)]
        return self.write.name(output), list(dict.fromkeys(sides))

    def sums(self) -> list[list[str]]:
        """Return the terms of the sum over paths: as symbols, formulas, numbers, and their sum."""
        paths = list(self.paths)
        groups = [
            [self._chain(path, writes) for path in paths]
            for writes in (self._symbol, self._primed, self._formula, self._number)
        ]
        if len(paths) > 1:
            products = [self.script.numeral(product(self.paths.graph, path)) for path in paths]
            groups.append([self.script.sum(products).text])
        met = any(map(self._is_undefined, chain.from_iterable(self.paths.consumers.values())))
        groups.append([self._total(self.paths.node, undefined=met)])
        return [group for before, group in pairwise([[self.symbol], *groups]) if group != before]

    def _chain(self, path: list[Factor], writes: Callable[[Factor], Part]) -> str:
        """Return a product along a path, of a very long one the first factors and the last."""
        factors: list[Factor | None] = cut([*path], lambda _: None, FACTORS)
        return self.script.chain(
            [writes(f) if f else Part(self.script.ellipsis) for f in factors]
        ).text

    def _symbol(self, factor: Factor) -> Part:
        return Part(self.write.local(factor))

    def _primed(self, factor: Factor) -> Part:
        return self.write.primed(factor) or self._formula(factor)

    def _formula(self, factor: Factor) -> Part:
        return self.write.partial(factor) or self._number(factor)

    def _number(self, factor: Factor) -> Part:
        return self.script.numeral(self.paths.graph.partial(factor))

    def nested(self, node: Value) -> Equation:
        """Return the equation of a derivative in terms of those computed before it."""
        uses = self.paths.consumers[node]
        sides = [
            self._sum(uses, lambda use: self._use(use, self._formula, self._upstream)),
            self._sum(uses, lambda use: self._use(use, self._number, self._known)),
            self._total(node, undefined=any(map(self._is_undefined, uses))),
        ]
        return self.write.derivative(node), list(dict.fromkeys(sides))

    def _total(self, node: Value, *, undefined: bool) -> str:
        """Return a derivative as a number, and whether 0 met ∞ on the way."""
        total = self.script.number(self.paths.graph.derivatives[node])
        return total + self.script.words(UNDEFINED if undefined else "")

    def _sum(self, uses: Sequence[Factor], writes: Callable[[Factor], Part]) -> str:
        """Return a sum over uses, of very many the first and the last."""
        known = uses if len(uses) <= TERMS else [*uses[: TERMS // 2], *uses[-TERMS // 2 :]]
        terms = [writes(use) for use in known]
        if len(uses) > TERMS:
            terms.insert(TERMS // 2, Part(self.script.ellipsis))
        return self.script.sum(terms).text

    def _use(
        self, use: Factor, writes: Callable[[Factor], Part], upstream: Callable[[Value], Part]
    ) -> Part:
        first = use.node is self.paths.graph.output
        return self.script.chain([*([] if first else [upstream(use.node)]), writes(use)])

    def _upstream(self, node: Value) -> Part:
        return Part(self.write.derivative(node))

    def _known(self, node: Value) -> Part:
        return self.script.numeral(self.paths.graph.derivatives[node])

    def _is_undefined(self, use: Factor) -> bool:
        return is_undefined(use, self.paths.graph.derivatives[use.node])

    def averaged(self, average: Average, few: int) -> Equation:
        """Return the derivative as the average of those of the samples."""
        names = self.paths.graph.names
        symbols = [
            Part(self.script.derivative(names[loss], names[self.paths.node]))
            for loss in average.losses
        ]
        numbers = [self.script.numeral(d) for d in average.derivatives]
        count = self.script.numeral(len(symbols))
        sides = [
            self.script.fraction(self.script.sum(self._cut(terms, few)), count).text
            for terms in (symbols, numbers)
        ]
        return self.symbol, [*sides, self.script.number(self.paths.gradient)]

    def mean_symbol(self, average: Average) -> str:
        """Return the average over samples as LaTeX has it, the sample an index i."""
        n, names = len(average.losses), self.paths.graph.names
        below, first = names[self.paths.node].latex, names[average.losses[0]].latex
        above = names[self.paths.graph.output].latex
        one = first.replace("[0]", "[i]") if first.endswith("[0]") else f"{{{above}}}_i"
        loss = rf"\frac{{\partial {one}}}{{\partial {below}}}"
        return rf"\frac{{1}}{{{n}}} \sum_{{i=0}}^{{{n - 1}}} {loss}"

    def _cut(self, terms: list[Part], few: int) -> list[Part]:
        return cut(terms, lambda _: Part(self.script.ellipsis), few)

    def composition(self, summands: list[set[Value]]) -> Equation:
        """Return the output as nested functions of the node, its sum term by term."""
        output, node, script = self.paths.graph.output, self.paths.node, self.script
        name = self.paths.graph.names[output]
        operands = dict.fromkeys(factor.parent for factor in self.paths.operands[output])
        several, averaged = len(summands) > 1, len(samples(output))
        terms = []
        for j, summand in cut([*enumerate(summands, 1)], lambda _: (0, set()), TERMS):
            inner = [self._composed(parent) for parent in operands if parent in summand]
            called = script.name(name.indexed(j)) if several else self._name(output)
            if not j:
                terms.append(Part(script.ellipsis))
            elif inner and averaged and len(summand) == 1:
                terms.append(Part(inner[0]))
            else:
                terms.append(Part(script.applied(called, ", ".join(inner)) if inner else called))
        whole = script.sum(terms)
        if averaged:
            whole = script.fraction(whole, script.numeral(averaged))
        return self._name(output), [self._name(node) if node is output else whole.text]

    def _composed(self, node: Value, depth: int = 0) -> str:
        """Return a node as a function of others, down to the node of the paths."""
        if node is self.paths.node:
            return self._name(node)
        if depth == (DEPTH if self.paths.count <= DEPTH else 2):
            return self.script.applied(self._name(node), self.script.ellipsis)
        operands = dict.fromkeys(factor.parent for factor in self.paths.operands[node])
        inner = [self._composed(parent, depth + 1) for parent in [*operands][:OPERANDS]]
        more = [self.script.ellipsis] * (len(operands) > OPERANDS)
        return self.script.applied(self._name(node), ", ".join([*inner, *more]))

    def _name(self, node: Value) -> str:
        return self.write.name(node)


def equated(equation: Equation) -> str:
    """Return an equation in one line.

    >>> equated(("y", ["2 × x", "6"]))
    'y = 2 × x = 6'
    """
    left, sides = equation
    return " = ".join([left, *sides])


def cut(items: Sequence[T], more: Callable[[int], T], limit: int) -> list[T]:
    """Return items; of more than the limit the first and the last, and what tells how many more.

    >>> cut([1, 2, 3, 4, 5, 6], lambda count: -count, 4)
    [1, 2, -2, 5, 6]
    """
    if len(items) <= limit:
        return list(items)
    half = limit // 2
    return [*items[:half], more(len(items) - 2 * half), *items[-half:]]

"""The gradient of a layer's weights as outer products, with the names of what is multiplied."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from autograd.graph import depending_on
from autograd.value import Value
from autograd.views.tracing.graph import Edge, Graph
from autograd.views.tracing.matrices import (
    NEAR,
    Between,
    Matrix,
    Outer,
    common_label,
    matrix_name,
    outer_products,
)
from autograd.views.tracing.names import Name as Called
from autograd.views.tracing.samples import samples
from autograd.views.writing.label_grammar import Name as Word
from autograd.views.writing.label_grammar import Script
from autograd.views.writing.labels import Label
from autograd.views.writing.scripts import Named

__all__ = ["LayerGradient", "Term"]

DELTAS, INPUTS = "δεη", "axu"
"""What may stand for the derivatives in a layer's neurons, and for its inputs."""


class Term(NamedTuple):
    """One of the outer products: ∂(the loss ``of`` it)/∂(the ``neurons``) times the inputs.

    The names ``delta`` and ``inputs`` stand for the numbers ``upstream`` and ``factors``.
    """

    of: Named
    neurons: Named
    delta: Named
    inputs: Named
    upstream: tuple[float, ...]
    factors: tuple[float, ...]
    product: list[list[float]]


class LayerGradient:
    """The derivative of an output in a matrix: its entries and, of a layer, its outer products.

    It is the sum of the ``terms``, divided by ``count`` where the output is the average over
    samples, and of the ``rest``, what comes by other ways. There are no terms where a matrix is not
    used as a layer's.

    >>> from autograd.rules import dot
    >>> w = [[Value(1.0, "w_11"), Value(2.0, "w_12")], [Value(3.0, "w_21"), Value(4.0, "w_22")]]
    >>> x = [Value(5.0, "x_1"), Value(6.0, "x_2")]
    >>> z = [dot(w_j, x) for w_j in w]
    >>> layer = LayerGradient(Graph(z[0] + 8 * z[1]), Matrix.of(w))
    >>> [term] = layer.terms
    >>> term.delta.unicode, term.upstream, term.inputs.unicode, term.factors
    ('δ', (1.0, 8.0), 'x', (5.0, 6.0))
    """

    def __init__(self, graph: Graph, matrix: Matrix) -> None:
        self.graph, self.matrix = graph, matrix
        self.name = matrix_name(graph, matrix)
        self.gradient = matrix.filled(lambda value: graph.derivatives.get(value, 0.0))
        uses = outer_products(graph, matrix)
        self.is_turned = any(use.is_turned for use in uses)
        losses = self._losses(uses) if len(uses) > 1 else []
        self.count = len(losses) or 1
        self.terms = [
            self._term(use, i if len(uses) > 1 else None, losses[i] if losses else graph.output)
            for i, use in enumerate(uses)
        ]
        self.rest = self._rest()

    @property
    def multiplies(self) -> bool:
        """Whether the inputs are not all the 1 that a bias has."""
        return any(x != 1 for term in self.terms for x in term.factors)

    def _losses(self, uses: Sequence[Outer]) -> list[Value]:
        """Return the loss that each use belongs to, if the output is the average of just these."""
        graph = self.graph
        found = ((node, samples(node)) for node in reversed(graph.order))
        average, losses = next((pair for pair in found if pair[1]), (graph.output, ()))
        if len(losses) != len(uses) or graph.derivatives[average] != 1:
            return []
        own = []
        for use in uses:
            above = depending_on((e.node for row in use.edges for e in row), graph.order)
            own.append([loss for loss in losses if loss in above])
        alone = [each[0] for each in own if len(each) == 1]
        return alone if len({*alone}) == len(uses) else []

    def _term(self, use: Outer, i: int | None, loss: Value) -> Term:
        mark = "" if i is None else f"[{i}]"
        neurons = [self._neuron(use.neuron(j)[0].node) for j in range(len(use.upstream))]
        partners = [_partner(use.column(k)[0]) for k in range(len(use.factors))]
        inputs = [node for node in partners if node is not None]
        label = common_label(inputs) if len(inputs) == len(partners) else None
        upstream = tuple(self.count * x for x in use.upstream)
        return Term(
            self.graph.names[loss],
            self._called(neurons, mark),
            Called(self._delta(), mark),
            Called(label or self._free(INPUTS), mark),
            upstream,
            use.factors,
            use.product(upstream, use.factors),
        )

    def _neuron(self, node: Value) -> Value:
        """Return the named sum that a product goes into, unchanged on its way; or the product."""
        start = node
        while not self.graph.names.given(node):
            uses = self.graph.uses[node]
            if len(uses) != 1 or uses[0].partial != 1:
                return start
            node = uses[0].node
        return node

    def _called(self, nodes: Sequence[Value], mark: str) -> Named:
        label = common_label(nodes)
        if label:
            return Called(label, mark)
        first, last = (self.graph.names[node] for node in (nodes[0], nodes[-1]))
        return first if len(nodes) == 1 else Between(first, last)

    def _delta(self) -> Label:
        """Return a letter for the derivatives in the neurons, with the number of their layer."""
        label = self._free(DELTAS)
        tree = self.name.label.tree if isinstance(self.name, Called) else None
        if isinstance(tree, Script) and tree.above:
            return Label(Script(label.tree, above=tree.above))
        return label

    def _free(self, letters: str) -> Label:
        """Return the first of some letters that no name of a node begins with."""
        names = self.graph.names
        taken = {names(node)[:1] for node in self.graph.order}
        return Label(Word(next((c for c in letters if c not in taken), letters[0])))

    def _rest(self) -> list[list[float]] | None:
        """Return what of the gradient is none of the terms; None if that is but rounding."""
        if not self.terms:
            return None
        rows = [
            [x - math.fsum(parts) / self.count for x, *parts in zip(*lines, strict=True)]
            for lines in zip(self.gradient, *[term.product for term in self.terms], strict=True)
        ]
        sizes = [abs(x) for term in self.terms for row in term.product for x in row]
        largest = max([*sizes, *(abs(x) for row in self.gradient for x in row)])
        return rows if any(abs(x) > NEAR * largest for row in rows for x in row) else None

    def symbols(self, written: Callable[[Named, Named], str]) -> list[list[str]]:
        """Return the symbol of each entry, as a script writes derivatives."""
        names, above = self.graph.names, self.graph.names[self.graph.output]
        return [
            [written(above, names[v]) if v in self.graph.index else "0" for v in row]
            for row in self.matrix.rows
        ]


def _partner(edge: Edge) -> Value | None:
    """Return what an operand is multiplied by, in a product or a scalar product."""
    node, position = edge
    if node.op not in ("mul", "dot"):
        return None
    return node.parents[(position + len(node.parents) // 2) % len(node.parents)]

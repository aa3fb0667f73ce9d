"""Why a gradient is what it is: the sum over all downstream paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from operator import index
from typing import Any, SupportsIndex, overload

from autograd.errors import UsageError
from autograd.graph import depending_on
from autograd.number import shown
from autograd.tools.text import width
from autograd.value import Value
from autograd.views.draw import draw
from autograd.views.largest_paths import LargestPaths
from autograd.views.matrix_explanation import MatrixExplanation
from autograd.views.pictures.drawing import Drawing
from autograd.views.pictures.graph import GraphDrawing
from autograd.views.tracing.averages import Average, average
from autograd.views.tracing.closed_form import closed_form
from autograd.views.tracing.equations import Equation, Equations, cut, equated
from autograd.views.tracing.flow import Along, Flow
from autograd.views.tracing.folding import Folding
from autograd.views.tracing.graph import Edge, Graph
from autograd.views.tracing.matrices import Layered, matrix_asked
from autograd.views.tracing.notation import FoldedNotation, Notation
from autograd.views.tracing.paths import Factor, Paths
from autograd.views.writing.numbers import counted
from autograd.views.writing.scripts import LATEX, PRODUCT, TEXT, Script
from autograd.views.writing.terminals import plain, written

__all__ = ["Explanation", "explain"]

FEW = 8
"""The number of paths, and of samples, up to which each is written out."""

LINES = 40
"""The number of equations of the nested form up to which all are written."""

SMALL = 1000
"""The number of nodes up to which the definition is folded where the paths are not."""

MOST = 10_000
"""The number of paths up to which the largest are found."""

AVERAGE, NESTED = "the average over {} samples:", "nested, each derivative once:"
"""What stands above a part of the equations."""


@overload
def explain(
    output: Value,
    node: Value,
    names: Mapping[str, Any] | None = None,
    *,
    folded: bool | None = None,
    top: SupportsIndex | None = None,
) -> Explanation: ...
@overload
def explain(
    output: Value, node: Layered | Sequence[Any], names: Mapping[str, Any] | None = None
) -> MatrixExplanation: ...
def explain(
    output: Value,
    node: Any,
    names: Mapping[str, Any] | None = None,
    *,
    folded: bool | None = None,
    top: SupportsIndex | None = None,
) -> Explanation | MatrixExplanation:
    """Explain the derivative of an output with respect to a node that it depends on.

    The chain of factors along each downstream path, as symbols, as formulas and as numbers, and
    their sum; then the nested form, in which later derivatives are computed once and reused, as
    ``backward()`` does. Where there are more than a few paths they are counted, not listed.

    Where nodes on the way have names, the factors lead from one named node to the next, as on
    paper, and what has no name is folded into their formulas; `folded` says otherwise. `names`
    takes the names of unlabelled Values from variables.

    In a large graph `top` says where it matters: so many paths of largest contribution, by absolute
    value, with their shares of the sum and of the sum of absolute values; how much cancels; and
    where the flow dies, at the first factor below 0.001 on the way from the output.

    Of a layer of `nn`, or of rows of Values, the whole matrix of derivatives is explained: δ aᵀ, an
    outer product for each sample.

    Raises `UsageError` if the output does not depend on the node, or `top` is no number of paths.

    >>> x = Value(3.0, "x")
    >>> y = x * x + x
    >>> y.label = "y"
    >>> explain(y, x)
    y = x × x + x = 12
    ∂y/∂x: 3 paths, 2 multiplications
    <BLANKLINE>
    ∂y/∂x = ∂y/∂v1 · ∂v1/∂x (1st of 2)
          + ∂y/∂v1 · ∂v1/∂x (2nd of 2)
          + ∂y/∂x|v1
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
    graph = Graph(output, names)
    if (matrix := matrix_asked(node)) is not None:
        return MatrixExplanation(graph, matrix)
    return Explanation(graph, graph.node(node, "explain"), folded=folded, top=top)


class Explanation:
    """The derivative of an output with respect to a node, as equations and as a picture.

    - ``paths``: how many paths lead from the node to the output;
    - ``gradient``: the derivative;
    - ``flow``: what flows along all paths together, and where it dies;
    - ``top``: the paths of largest contribution that were asked for, each with its ``nodes`` and
      ``factors`` from the output on, its ``contribution`` and its ``share`` of the sum.
    """

    def __init__(
        self,
        graph: Graph,
        node: Value,
        *,
        folded: bool | None = None,
        top: SupportsIndex | None = None,
    ) -> None:
        self.graph = graph
        self.output = graph.output
        self.node = node
        count = _number_of_paths(top)
        self._folding = Folding(graph, [node])
        if folded is None:
            between = depending_on([node], graph.order) - {node, graph.output}
            folded = any(map(graph.names.given, between))
        self._folded = folded
        self._ways = Paths(graph, node, self._folding if folded else None)
        self.paths = self._ways.count
        self.gradient: float = self._ways.gradient
        self.top: list[Along] = self.flow.largest(count) if count else []

    @property
    def multiplications(self) -> int:
        """How many multiplications the nested form takes."""
        return self._ways.multiplications

    @cached_property
    def flow(self) -> Flow:
        """What flows along all paths together."""
        return Flow(self._ways, self._folding if self._folded else None)

    @cached_property
    def _average(self) -> Average | None:
        return average(self.graph, self.node)

    def terms(self) -> Iterator[list[Factor]]:
        """Yield every path, as its factors from the output to the node; there may be many."""
        return iter(self._ways)

    def factor(self, factor: Factor) -> str:
        """Return a factor as it stands in a product: its formula, or its number."""
        write = self._notation(TEXT)
        return TEXT.shielded(write.partial(factor) or TEXT.numeral(factor.partial), PRODUCT)

    def draw(self) -> Drawing:
        """Return the picture of the graph with the paths highlighted, or the largest of them."""
        if not self.top:
            return draw(self.output, highlight=self.node, names=self.graph.variables)
        numbers: dict[Edge, list[str]] = {}
        for number, along in enumerate(self.top, 1):
            for edge in self._edges(along):
                numbers.setdefault(edge, []).append(str(number))
        marks = {edge: f"path {', '.join(passing)}" for edge, passing in numbers.items()}
        return GraphDrawing(self.output, self.graph.variables, marks=marks)

    def _edges(self, along: Along) -> Iterator[Edge]:
        for factor in along.factors:
            if isinstance(factor, Edge):
                yield factor
            else:
                for edges in self._folding.edges(factor.node, factor.parent).values():
                    yield from edges

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
        return closed_form(self.graph, self.node)

    @property
    def composition(self) -> str:
        r"""The output as nested functions of the node, its sums term by term.

        >>> from autograd.views.example import hidden_layer_weight
        >>> loss, weight = hidden_layer_weight()
        >>> print(explain(loss, weight).composition)
        C₀ = C₀₁(a₁⁽³⁾(z₁⁽³⁾(a₂⁽²⁾(z₂⁽²⁾(w₂₂⁽²⁾))))) + C₀₂(a₂⁽³⁾(z₂⁽³⁾(a₂⁽²⁾(z₂⁽²⁾(w₂₂⁽²⁾)))))
        """
        return equated(self._composition(TEXT))

    @property
    def composition_latex(self) -> str:
        """The same in LaTeX."""
        return equated(self._composition(LATEX))

    def _composition(self, script: Script) -> Equation:
        folding = Folding(self.graph, [self.node])
        write = FoldedNotation(folding, script)
        ways = Paths(self.graph, self.node, folding)
        return Equations(ways, write).composition(folding.summands(self.output))

    def text(self, encoding: str = "utf-8") -> str:
        """Return the equations, in characters an encoding has."""
        return written(self._written, encoding)

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def _equations(self, script: Script) -> Equations:
        return Equations(self._ways, self._notation(script))

    def _notation(self, script: Script) -> Notation:
        if self._folded:
            return FoldedNotation(self._folding, script)
        return Notation(self.graph, script)

    def _largest(self, script: Script) -> LargestPaths:
        return LargestPaths(self.flow, self.top, self._notation(script))

    def _definition(self, script: Script) -> Equation:
        """Return the output as it was written in named nodes, and its number."""
        folds = self._folded or not self.top or len(self.graph.order) <= SMALL
        write = FoldedNotation(self._folding, script) if folds else Notation(self.graph, script)
        return Equations(self._ways, write).definition()

    def _written(self, encoding: str) -> str:
        if self.top:
            told = ["\n".join(lines) for lines in self._largest(TEXT).paragraphs()]
            return plain("\n".join([equated(self._definition(TEXT)), "\n\n".join(told)]), encoding)
        write = self._equations(TEXT)
        parts = [f"{equated(self._definition(TEXT))}\n{write.symbol}: {self._counts}"]
        if self._average:
            average = equated(write.averaged(self._average, FEW))
            parts.append(f"{AVERAGE.format(len(self._average.losses))}\n{average}")
        elif self.paths <= FEW:
            parts.append(_in_lines(write.symbol, write.sums(), encoding))
        if nested := self._nested(lambda node: equated(write.nested(node)), "… {} more"):
            parts.append("\n".join([NESTED, *nested]))
        return plain("\n\n".join(parts), encoding)

    @property
    def _counts(self) -> str:
        paths = counted(self.paths, "path")
        return f"{paths}, {counted(self.multiplications, 'multiplication')}"

    def _nested(self, written: Callable[[Value], str], more: str) -> list[str]:
        """Return the lines of the nested form, of very many the first and the last."""
        nodes: list[Value | int] = cut([*self._ways.chain[1:]], int, LINES)
        return [more.format(n) if isinstance(n, int) else written(n) for n in nodes]

    @property
    def latex(self) -> str:
        r"""The equations in LaTeX, as an ``aligned`` environment.

        >>> x = Value(3.0, "x")
        >>> y = 2 * x
        >>> y.label = "y"
        >>> print(explain(y, x).latex)
        \begin{aligned}
        y &= 2 \times x = 6 \\
        &\text{1 path, 0 multiplications} \\
        \frac{\partial y}{\partial x} &= 2
        \end{aligned}
        """
        if self.top:
            told = chain.from_iterable(self._largest(LATEX).paragraphs())
            return _in_rows([_aligned(self._definition(LATEX)), *[f"&{line}" for line in told]])
        write = self._equations(LATEX)
        rows = [_aligned(self._definition(LATEX)), _words(self._counts)]
        if self._average:
            rows.append(_words(AVERAGE.format(len(self._average.losses))))
            left, sides = write.averaged(self._average, FEW)
            rows.append(_aligned((left, [write.mean_symbol(self._average), *sides])))
        elif self.paths <= FEW:
            rows += _rows(write.symbol, write.sums())
        if self.paths > 1 or len(self._ways.chain) > 2:
            rows.append(_words(NESTED))
            more = r"&\ \text{{… {} more}}"
            rows += self._nested(lambda node: _aligned(write.nested(node)), more)
        return _in_rows(rows)

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex}\n$$"


def _number_of_paths(top: Any) -> int:
    """Return how many paths are asked for, 0 where none are."""
    if top is None:
        return 0
    try:
        count = 0 if isinstance(top, bool) else index(top)
    except TypeError:
        count = 0
    if 0 < count <= MOST:
        return count
    raise UsageError(
        f"explain: top = {shown(top)} is no number of paths; give a whole number from 1 to {MOST}"
    )


def _in_rows(rows: Iterable[str]) -> str:
    body = " \\\\\n".join(rows)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def _aligned(equation: Equation) -> str:
    left, sides = equation
    return f"{left} &= {' = '.join(sides)}"


def _words(text: str) -> str:
    return rf"&\text{{{text}}}"


def _rows(left: str, sums: list[list[str]]) -> list[str]:
    """Return the rows of a sum in LaTeX, a term in each."""
    rows = [f"&{sign} {term}" for sign, term in _terms(sums)]
    return [f"{left} {rows[0]}", *rows[1:]]


def _in_lines(left: str, sums: list[list[str]], encoding: str) -> str:
    """Return an equation with a line for each term, its signs below each other."""
    left = plain(left, encoding)
    margin = " " * width(left)
    lines = [f"{margin} {sign} {term}" for sign, term in _terms(sums)]
    return left + "\n".join(lines).removeprefix(margin)


def _terms(sums: list[list[str]]) -> list[tuple[str, str]]:
    """Return the terms of several sums, each with the sign before it."""
    return [
        ("=", term) if i == 0 else (term[0], term[1:].lstrip()) if term[0] in "-−" else ("+", term)
        for terms in sums
        for i, term in enumerate(terms)
    ]

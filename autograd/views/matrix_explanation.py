"""Why a whole matrix of gradients is what it is: δ aᵀ, an outer product for each sample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from autograd.errors import UsageError
from autograd.tools.tables import beside, bracketed
from autograd.views.tracing.equations import cut
from autograd.views.tracing.graph import Graph
from autograd.views.tracing.layers import LayerGradient, Term
from autograd.views.tracing.matrices import Matrix, Rows
from autograd.views.writing.scripts import LATEX, PRODUCT, TEXT, Named, Part, Script
from autograd.views.writing.terminals import plain, written

__all__ = ["MatrixExplanation"]

FEW = 4
"""The number of samples up to which the product of each is written out."""

WIDE = 6
"""The number of rows, and of columns, up to which all are written."""

NARROW = 3
"""The number of columns up to which symbols and numbers stand in one line."""

SPACES = {TEXT: "  ", LATEX: r"\quad "}
TIMES = {TEXT: " ", LATEX: r"\,"}
TRANSPOSED = {TEXT: "ᵀ", LATEX: r"^{\top}"}
REST = {TEXT: "what comes by other ways", LATEX: r"\text{what comes by other ways}"}
"""What is written in another way in each script."""

Piece: TypeAlias = "str | list[list[str]]"
"""What an equation is made of: text, and matrices."""


class MatrixExplanation:
    r"""The derivative of an output with respect to a matrix, as an equation.

    Raises `UsageError` if the output does not depend on it.

    - ``gradient``: the numbers, row by row;
    - ``terms``: of the weights of a layer, the outer products that the gradient is made of, one for
      each sample; none of another matrix.

    >>> from autograd.rules import dot
    >>> from autograd.value import Value
    >>> w = [[Value(1.0, "w_11"), Value(2.0, "w_12")], [Value(3.0, "w_21"), Value(4.0, "w_22")]]
    >>> x = [Value(5.0, "x_1"), Value(6.0, "x_2")]
    >>> z = [dot(w_j, x) for w_j in w]
    >>> z[0].label, z[1].label = "z_1", "z_2"
    >>> loss = z[0] - 8 * z[1]
    >>> loss.label = "L"
    >>> MatrixExplanation(Graph(loss), Matrix.of(w))
    ∂L/∂W = δ xᵀ,  δ = ∂L/∂z
    <BLANKLINE>
    ⎡∂L/∂w₁₁  ∂L/∂w₁₂⎤ = ⎡ 1⎤ [5  6] = ⎡  5    6⎤
    ⎣∂L/∂w₂₁  ∂L/∂w₂₂⎦   ⎣-8⎦          ⎣-40  -48⎦
    """

    def __init__(self, graph: Graph, matrix: Matrix) -> None:
        if graph.index.keys().isdisjoint(matrix.entries):
            raise UsageError(
                f"explain: the output does not depend on this {matrix.size} matrix; choose another"
            )
        self.graph, self.output, self.matrix = graph, graph.output, matrix
        self.layer = LayerGradient(graph, matrix)
        self.gradient = self.layer.gradient
        self.terms = self.layer.terms

    def text(self, encoding: str = "utf-8") -> str:
        """Return the equations, in characters an encoding has."""
        return written(self._written, encoding)

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def _written(self, encoding: str) -> str:
        def lines(piece: Piece) -> list[str]:
            if isinstance(piece, str):
                return [plain(piece, encoding)]
            return bracketed([[plain(x, encoding) for x in row] for row in piece])

        equations = (beside(*map(lines, equation)) for equation in self._equations(TEXT))
        return plain("\n\n".join("\n".join(rows) for rows in equations), encoding)

    @property
    def latex(self) -> str:
        """The equations in LaTeX, as a ``gathered`` environment."""

        def line(piece: Piece) -> str:
            if isinstance(piece, str):
                return piece
            rows = r" \\ ".join(" & ".join(row) for row in piece)
            return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"

        lines = ["".join(map(line, equation)) for equation in self._equations(LATEX)]
        body = " \\\\\n".join(lines)
        return f"\\begin{{gathered}}\n{body}\n\\end{{gathered}}"

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex}\n$$"

    def _equations(self, script: Script) -> Iterator[list[Piece]]:
        """Yield the equations: what the matrix is, its terms, and its entries, as numbers."""
        symbol = script.derivative(self.graph.names[self.output], self.layer.name)
        if self.terms:
            yield [f"{symbol} = {self._sum(script)},{SPACES[script]}{self._deltas(script)}"]
        if 1 < len(self.terms) <= FEW:
            for term in self.terms:
                product = self._product(term, script)
                yield [
                    f"{product} = ",
                    *self._factors(term, script),
                    *_numbers(term.product, script),
                ]
        if self.layer.rest:
            yield ["R = ", *_numbers(self.layer.rest, script)]
        factors: list[Piece] = []
        if len(self.terms) == 1 and not self.layer.rest:
            factors = self._factors(self.terms[0], script)
        symbols = _shown(self.layer.symbols(script.derivative), script)
        head = [] if self.terms else [f"{symbol} = "]
        numbers = [*factors, *_numbers(self.gradient, script)]
        if self.matrix.shape[1] <= NARROW:
            yield [*head, symbols, " = ", *numbers]
        else:
            yield [f"{symbol} = ", symbols]
            yield [f"{symbol} = ", *numbers]

    def _sum(self, script: Script) -> str:
        """Return the sum of the outer products, by their names."""
        products = [Part(self._product(term, script), PRODUCT) for term in self.terms]
        whole = script.sum(cut(products, lambda _: Part(script.ellipsis), FEW))
        if self.layer.count > 1:
            whole = script.fraction(whole, script.numeral(self.layer.count))
        return script.sum([whole, Part("R")]).text if self.layer.rest else whole.text

    def _product(self, term: Term, script: Script) -> str:
        delta, inputs = script.name(term.delta), script.name(term.inputs)
        if not self.layer.multiplies:
            return delta
        if self.layer.is_turned:
            return f"{inputs} {_transposed(term.delta, script)}"
        return f"{delta} {_transposed(term.inputs, script)}"

    def _deltas(self, script: Script) -> str:
        """Say what δ is, of several samples that of the first."""
        first, *others = self.terms
        symbol = script.derivative(first.of, first.neurons)
        more = f", {script.ellipsis}" if others else ""
        rest = f",{SPACES[script]}R{SPACES[script]}{REST[script]}" if self.layer.rest else ""
        return f"{script.name(first.delta)} = {symbol}{more}{rest}"

    def _factors(self, term: Term, script: Script) -> list[Piece]:
        """Return a column times a row, and what they are equal to is to follow."""
        if not self.layer.multiplies:
            return []
        column, row = term.upstream, term.factors
        if self.layer.is_turned:
            column, row = row, column
        sides = _numbers([[x] for x in column], script), _numbers([row], script)
        return [*sides[0], TIMES[script], *sides[1], " = "]


def _transposed(name: Named, script: Script) -> str:
    text = script.enclosed(script.name(name)) if name.is_raised else script.name(name)
    return text + TRANSPOSED[script]


def _numbers(rows: Rows, script: Script) -> list[Piece]:
    return [_shown([[script.number(x) for x in row] for row in rows], script)]


def _shown(rows: Sequence[Sequence[str]], script: Script) -> list[list[str]]:
    """Return the rows of a matrix, of very many rows or columns the first and the last."""
    more = script.ellipsis
    return cut(
        [cut(row, lambda _: more, WIDE) for row in rows],
        lambda _: [more] * len(cut(rows[0], lambda _: more, WIDE)),
        WIDE,
    )

"""Matrices of Values: whose they are, what they are called, and as what products they are used."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from autograd.errors import UsageError
from autograd.number import shown
from autograd.value import Value
from autograd.views.tracing.graph import Edge, Graph
from autograd.views.tracing.names import Name as Called
from autograd.views.writing.label_grammar import Name as Word
from autograd.views.writing.label_grammar import Node, Script
from autograd.views.writing.labels import Label, parse
from autograd.views.writing.numbers import counted
from autograd.views.writing.scripts import Named

__all__ = [
    "NEAR", "Between", "Layered", "Matrix", "Outer", "Rows", "common_label", "matrices_of",
    "matrix_asked", "matrix_name", "nested", "outer_products", "weights_of",
]  # fmt: skip

Rows: TypeAlias = "Sequence[Sequence[float]]"
"""The numbers of a matrix, row by row."""

NEAR = 1e-9
"""How near two numbers are, relative to the largest beside them, that are one but for rounding."""


class Matrix(NamedTuple):
    """Values in rows, or a vector of them: rows of one.

    >>> w = [[Value(1.0, "w_{11}^{(2)}"), Value(2.0, "w_{12}^{(2)}")]]
    >>> matrix = Matrix.of(w)
    >>> matrix.size, common_label(matrix.entries, capital=True).unicode
    ('1×2', 'W⁽²⁾')
    """

    rows: tuple[tuple[Value, ...], ...]
    is_vector: bool = False

    @classmethod
    def of(cls, values: Any) -> Matrix:
        """Return nested lists, tuples or an array of Values as a matrix or a vector.

        Raises `UsageError` for anything else.
        """
        rows = [nested(row) for row in _listed(nested(values))]
        if all(isinstance(row, Value) for row in rows):
            return cls(tuple((value,) for value in rows), True)
        lengths = {len(row) if isinstance(row, list) else -1 for row in rows}
        if lengths & {-1, 0} or not all(isinstance(x, Value) for row in rows for x in row):
            raise UsageError(
                f"{shown(values)} is no matrix; give rows of Values, all of one length"
            )
        if len(lengths) > 1:
            sizes = ", ".join(map(str, sorted(lengths)))
            raise UsageError(f"a matrix with rows of {sizes} Values; give rows of one length")
        return cls(tuple(map(tuple, rows)))

    @property
    def entries(self) -> list[Value]:
        """The Values, row by row."""
        return [value for row in self.rows for value in row]

    @property
    def shape(self) -> tuple[int, int]:
        """The number of rows and of columns; a vector has one column."""
        return len(self.rows), len(self.rows[0])

    @property
    def size(self) -> str:
        """The shape as it is said."""
        return str(len(self.rows)) if self.is_vector else "{}×{}".format(*self.shape)

    def filled(self, number: Callable[[Value], float]) -> list[list[float]]:
        """Return a number for each entry."""
        return [[number(value) for value in row] for row in self.rows]


def _listed(x: Any) -> list[Any]:
    if not isinstance(x, list) or not x:
        raise UsageError(f"{shown(x)} is no matrix; give rows of Values")
    return x


def nested(x: Any) -> Any:
    """Return an array, a tensor or a tuple as a list; what else comes, as it is.

    >>> nested((1, 2)), nested(3)
    ([1, 2], 3)
    """
    for name in ("detach", "to_numpy", "tolist"):  # PyTorch's, pandas', everybody's
        if not isinstance(x, Value) and callable(convert := getattr(x, name, None)):
            x = convert()
    return list(x) if isinstance(x, list | tuple) else x


class Layered(Protocol):
    """What has parameters that are matrices, by their names: all Modules of `nn`."""

    def tensors(self) -> Mapping[str, Any]:
        """Return the parameters as nested lists of Values."""


def matrices_of(owner: Any) -> dict[str, Any] | None:
    """Return the parameters of a layer by their names, as nested lists; None of anything else.

    A layer is what has a method ``tensors`` that returns them: all Modules of `nn` do.
    """
    tensors = getattr(owner, "tensors", None)
    if isinstance(owner, type) or not callable(tensors):
        return None
    found = tensors()
    return dict(found) if isinstance(found, Mapping) else None


def weights_of(owner: Any, owned: Mapping[str, Any]) -> Any:
    """Return the one matrix of a layer, or its only parameters.

    Raises `UsageError` where there is not one.
    """
    found = []
    for values in owned.values():
        try:
            matrix = Matrix.of(values)
        except UsageError:
            continue
        found += [values] if len(owned) == 1 or not matrix.is_vector else []
    if len(found) != 1:
        names = ", ".join(f"{name!r}: …" for name in owned)
        raise UsageError(
            f"a {type(owner).__name__} has {counted(len(found), 'matrix')}; answer for each by its "
            f"name, as {{{names}}}".replace("matrixs", "matrices")
        )
    return found[0]


def matrix_asked(x: Any) -> Matrix | None:
    """Return the matrix that a person asks about, who gives a layer or rows of Values; or None.

    Raises `UsageError` for lists of anything else, and for what has several matrices.
    """
    if isinstance(x, str | Value):
        return None
    if (owned := matrices_of(x)) is not None:
        return Matrix.of(weights_of(x, owned))
    return Matrix.of(x) if isinstance(nested(x), list) else None


# What a matrix is called


def common_label(nodes: Collection[Value], capital: bool = False) -> Label | None:
    """Return what is alike in the labels of entries, which differ in their indices; None if not.

    >>> common_label([Value(1.0, "a_1^{(2)}"), Value(2.0, "a_2^{(2)}")]).latex
    'a^{(2)}'
    """
    trees = {_without_index(parse(node.label).tree) for node in nodes if node.label}
    if len(trees) != 1 or not all(node.label for node in nodes):
        return None
    [tree] = trees
    return Label(_capital(tree) if capital else tree)


def _without_index(tree: Node) -> Node:
    if not isinstance(tree, Script):
        return tree
    tree = tree._replace(below=None, joined=False)
    return tree if tree.primes or tree.above else tree.base


def _capital(tree: Node) -> Node:
    if isinstance(tree, Script):
        return tree._replace(base=_capital(tree.base))
    if isinstance(tree, Word) and len(tree.text) == 1:
        return Word(tree.text.upper(), tree.font)
    return tree


class Between:
    """The name of a matrix whose entries have nothing in common: the first of them and the last."""

    is_raised = False

    def __init__(self, first: Named, last: Named) -> None:
        self.unicode = f"({first.unicode} … {last.unicode})"
        self.latex = rf"({first.latex} \dots {last.latex})"
        self.html = f"({first.html} … {last.html})"


def matrix_name(graph: Graph, matrix: Matrix) -> Named:
    """Return what a matrix is called: by the labels of its entries, or by a variable it is in.

    >>> w = Value(1.0, "w_11"), Value(2.0, "w_12")
    >>> matrix_name(Graph(w[0] * w[1]), Matrix.of([w])).unicode
    'W'
    """
    known = [value for value in matrix.entries if value in graph.index]
    if label := common_label(matrix.entries, capital=not matrix.is_vector):
        names = [graph.names[value] for value in known]
        marks = {name.mark for name in names if isinstance(name, Called)}
        if len(marks) < 2:
            return Called(label, *marks)
    for name, held in list((graph.variables or {}).items()):
        if isinstance(held, list | tuple) and not name.startswith("_") and _holds(held, matrix):
            return Called(parse(name))
    ends = [graph.names[value] for value in (known[0], known[-1])]
    return ends[0] if len(matrix.entries) == 1 else Between(*ends)


def _holds(held: Any, matrix: Matrix) -> bool:
    try:
        return Matrix.of(held) == matrix
    except UsageError:
        return False


# How a matrix is used


class Outer(NamedTuple):
    """One use of all entries of a matrix: what flows back to them is an outer product.

    Entry j, k is multiplied by ``factors[k]``, and ∂output/∂(the product) is ``upstream[j]``; so
    ``upstream[j] · factors[k]`` flows back to it. Where ``is_turned``, a matrix is stored with a
    column for each neuron, and j and k are exchanged.
    """

    edges: tuple[tuple[Edge, ...], ...]
    upstream: tuple[float, ...]
    factors: tuple[float, ...]
    is_turned: bool = False

    @property
    def rows(self) -> list[list[float]]:
        """What flows back."""
        return self.product(self.upstream, self.factors)

    def product(self, upstream: Sequence[float], factors: Sequence[float]) -> list[list[float]]:
        """Return an outer product of the same kind with other numbers."""
        first, second = (factors, upstream) if self.is_turned else (upstream, factors)
        return [[u * v for v in second] for u in first]

    def neuron(self, j: int) -> list[Edge]:
        """Return the uses of the weights of one neuron."""
        return [row[j] for row in self.edges] if self.is_turned else list(self.edges[j])

    def column(self, k: int) -> list[Edge]:
        """Return the uses of the weights of one input."""
        return list(self.edges[k]) if self.is_turned else [row[k] for row in self.edges]


def outer_products(
    graph: Graph,
    matrix: Matrix,
    upstream: Callable[[Value], float] | None = None,
    partial: Callable[[Edge], float] = lambda edge: edge.partial,
) -> list[Outer]:
    """Return the uses of a matrix that are those of a layer, in the order of the samples.

    What flows back along all of them is looked at, not how they were written: w·a in a sum, a
    ``dot``, an operation of one's own. Whatever else a weight is used for, its square in a penalty
    say, is no such use.

    >>> w, b = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]], [Value(0.0), Value(0.0)]
    >>> x = Value(5.0), Value(6.0)
    >>> z = [w_j[0] * x[0] + w_j[1] * x[1] + b_j for w_j, b_j in zip(w, b)]
    >>> [use] = outer_products(Graph(7 * z[0] + 8 * z[1]), Matrix.of(w))
    >>> use.upstream, use.factors
    ((7.0, 8.0), (5.0, 6.0))
    """
    upstream = upstream or graph.derivatives.__getitem__
    own = set(matrix.entries)
    uses = [
        [
            [use for use in graph.uses.get(value, ()) if not own.issuperset(use.node.parents)]
            for value in row
        ]
        for row in matrix.rows
    ]
    if len({len(found) for row in uses for found in row}) != 1 or len(own) < len(matrix.entries):
        return []
    layers = (
        _outer(tuple(tuple(found[i] for found in row) for row in uses), upstream, partial)
        for i in range(len(uses[0][0]))
    )
    return [layer for layer in layers if layer]


def _outer(
    edges: tuple[tuple[Edge, ...], ...],
    upstream: Callable[[Value], float],
    partial: Callable[[Edge], float],
) -> Outer | None:
    """Return one use of all entries as an outer product, None if it is none."""
    above = [[upstream(edge.node) for edge in row] for row in edges]
    slopes = [[float(partial(edge)) for edge in row] for row in edges]
    if _alike_in_rows(above) and _alike_in_columns(slopes):
        return Outer(edges, tuple(row[0] for row in above), tuple(slopes[0]))
    if _alike_in_columns(above) and _alike_in_rows(slopes):
        return Outer(edges, tuple(above[0]), tuple(row[0] for row in slopes), is_turned=True)
    return None


def _alike_in_rows(rows: Rows) -> bool:
    allowed = NEAR * max(abs(x) for row in rows for x in row)
    return all(abs(x - row[0]) <= allowed for row in rows for x in row)


def _alike_in_columns(rows: Rows) -> bool:
    return _alike_in_rows(list(_columns(rows)))


def _columns(rows: Rows) -> Iterator[tuple[float, ...]]:
    return zip(*rows, strict=True)

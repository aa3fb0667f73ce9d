"""The mistakes people make with a whole matrix of derivatives, and the matrices they lead to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from autograd.graph import depending_on
from autograd.sweep import sweep
from autograd.value import Value
from autograd.views.by_hand.local_slips import local_mistakes
from autograd.views.by_hand.mistake import Mistake
from autograd.views.by_hand.points import Point, points_near
from autograd.views.by_hand.reader import Answer
from autograd.views.tracing.graph import Edge, Graph
from autograd.views.tracing.matrices import NEAR, Matrix, Outer, Rows, outer_products
from autograd.views.tracing.notation import Notation
from autograd.views.tracing.samples import samples

__all__ = ["MatrixMistake", "MatrixSuspects"]

MANY = 1000
"""The number of edges of a layer up to which slips are tried throughout it."""

ENOUGH = 4
"""The number of entries from which on two mistakes are told: as many numbers agree by accident."""

TRANSPOSED = "the matrix is transposed: rows for columns"

ELSEWHERE = 2
"""The number of other points at which it is looked which mistakes are one."""


class MatrixMistake(NamedTuple):
    """A mistake with a whole matrix, and the matrix it leads to, of the shape that comes of it.

    A ``slip`` is what of a mistake in one local derivative is the same at all numbers.
    """

    kind: str
    said: str
    rows: Rows
    slip: tuple[object, ...] = ()

    @property
    def place(self) -> tuple[object, ...]:
        """What tells this mistake from all others, at whatever numbers of the graph."""
        return self.slip or (self.kind, self.said)

    @property
    def mistake(self) -> Mistake:
        """The same as a mistake in a derivative, which leads to no one number."""
        return Mistake(self.kind, self.said, math.nan, "", self.place)

    def leads_to(self, answers: Sequence[Sequence[Answer]], noise: float = 0.0) -> bool:
        """Return whether answers are what the mistake leads to, as far as they are rounded."""
        return _shape(answers) == _shape(self.rows) and all(
            answer.agrees(x, noise)
            for row, numbers in zip(answers, self.rows, strict=True)
            for answer, x in zip(row, numbers, strict=True)
        )


class MatrixSuspects:
    """The mistakes in the derivative of an output in a matrix of Values.

    >>> w, x = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]], (5.0, 6.0)
    >>> z = [w_j[0] * x[0] + w_j[1] * x[1] for w_j in w]
    >>> suspects = MatrixSuspects(Graph(z[0] + 8 * z[1]), Matrix.of(w))
    >>> for mistake in [*suspects.here.likely()][:2]:
    ...     print(mistake.rows, mistake.kind)
    [[5.0, 40.0], [6.0, 48.0]] transposed
    [[5.0, 40.0], [6.0, 48.0]] outer product swapped
    """

    def __init__(self, graph: Graph, matrix: Matrix) -> None:
        self.graph, self.matrix = graph, matrix
        self.here = MatrixMistakes(graph, matrix, Point(graph.order))

    def fitting(
        self, answers: Sequence[Sequence[Answer]], noise: float = 0.0
    ) -> list[list[Mistake]]:
        """Return the mistakes that lead to a wrong answer, those together that are one.

        They are one if they lead to the same matrix at other numbers of the leaves as well. Where
        no mistake leads to an answer, one may lead to what it is transposed.
        """
        found = self._fitting(answers, noise)
        m, n = self.matrix.shape
        if found or self.matrix.is_vector or m * n < ENOUGH or _shape(answers) != (n, m):
            return found
        turned = Mistake("transposed", TRANSPOSED, math.nan, "", ("transposed",))
        columns = list(zip(*answers, strict=True))
        return [
            [_both(turned, mistake) for mistake in alike] for alike in self._fitting(columns, noise)
        ]

    def _fitting(self, answers: Sequence[Sequence[Answer]], noise: float) -> list[list[Mistake]]:
        for known in (self.here.likely(), self.here.lost(answers), self.here.slips()):
            found = [mistake for mistake in known if mistake.leads_to(answers, noise)]
            if found:
                return self._alike(found)
        return []

    def _alike(self, found: Sequence[MatrixMistake]) -> list[list[Mistake]]:
        if len(found) == 1:
            return [[found[0].mistake]]
        groups: list[tuple[list[Rows | None], list[Mistake]]] = []
        there = [
            {m.place: m.rows for m in (moved.slips() if found[0].slip else moved.likely())}
            for moved in self._elsewhere
        ]
        for mistake in found:
            rows = [known.get(mistake.place) for known in there]
            same = (alike for others, alike in groups if rows and all(map(_same, others, rows)))
            if alike := next(same, None):
                alike.append(mistake.mistake)
            else:
                groups.append((rows, [mistake.mistake]))
        return [alike for _, alike in groups]

    @cached_property
    def _elsewhere(self) -> list[MatrixMistakes]:
        """The mistakes at other numbers of the leaves."""
        points = points_near(self.graph.order, self.graph.leaves)
        return [
            MatrixMistakes(self.graph, self.matrix, point) for point in islice(points, ELSEWHERE)
        ]


class MatrixMistakes:
    """The mistakes in a matrix at some numbers of the leaves."""

    def __init__(self, graph: Graph, matrix: Matrix, point: Point) -> None:
        self.graph, self.matrix, self.point = graph, matrix, point
        self.above = depending_on(matrix.entries, graph.order)
        self.order = [node for node in graph.order if node in self.above]
        self.partials = {node: point.partials(node) for node in self.order if node.parents}
        self.derivatives = self._swept({})
        self.gradient = self._matrix(self.derivatives)
        self.uses = outer_products(graph, matrix, self._upstream, self._partial)
        self.rest = self._left_over()
        self.write = Notation(graph)

    def likely(self) -> Iterator[MatrixMistake]:
        """Yield the mistakes with the matrix and the batch, the likeliest first."""
        yield from self._exchanged()
        yield from self._averaged()
        yield from self._batch()
        yield from self._whole()
        yield from self._factors()

    def slips(self) -> Iterator[MatrixMistake]:
        """Yield the mistakes with the layers above, each throughout its layer."""
        yield from self._upstream_transposed()
        yield from self._throughout()

    def _left_over(self) -> list[list[float]]:
        """Return what does not flow back as an outer product; 0 where that is but rounding."""
        layers = [use.rows for use in self.uses]
        rest = _sum([self.gradient, *[_times(-1, rows) for rows in layers]])
        largest = max(abs(x) for rows in [self.gradient, *layers] for row in rows for x in row)
        return [[x if abs(x) > NEAR * largest else 0.0 for x in row] for row in rest]

    def _swept(self, changed: Mapping[Edge, float]) -> dict[Value, float]:
        """Return the derivatives in all nodes, where some local derivatives are others."""
        partials: dict[Value, Sequence[float]] = dict(self.partials)
        for edge, slope in changed.items():
            partials[edge.node] = _replaced(partials[edge.node], edge.position, slope)
        return dict.fromkeys(self.order, 0.0) | sweep(self.order, partials, 1.0)

    def _matrix(self, derivatives: Mapping[Value, float]) -> list[list[float]]:
        return self.matrix.filled(lambda value: derivatives.get(value, 0.0))

    def _upstream(self, node: Value) -> float:
        return self.derivatives[node]

    def _partial(self, edge: Edge) -> float:
        return float(self.partials[edge.node][edge.position])

    # Rows for columns

    def _exchanged(self) -> Iterator[MatrixMistake]:
        m, n = self.matrix.shape
        if self.matrix.is_vector or m == n == 1:
            return
        turned = _transposed(self.gradient)
        yield MatrixMistake("transposed", TRANSPOSED, turned)
        if not self.uses:
            return
        swapped = _sum([_transposed(use.rows) for use in self.uses])
        product = "the outer product is the other way round, a δᵀ for δ aᵀ"
        if self.uses[0].is_turned:
            product = "the outer product is the other way round, δ aᵀ for a δᵀ"
        yield MatrixMistake(
            "outer product swapped", product, self._with(swapped) if m == n else swapped
        )
        if m != n:
            numbers = [x for row in swapped for x in row]
            refilled = [numbers[i * n : (i + 1) * n] for i in range(m)]
            said = f"{product}, and reshaped to {m}×{n} to fit"
            yield MatrixMistake("outer product swapped", said, self._with(refilled))

    # Samples

    @cached_property
    def _counts(self) -> dict[int, str]:
        """The numbers by which something is divided on the way, and what they count."""
        n = len(self.uses)
        averages = (len(samples(node)) for node in reversed(self.order))
        return {count: "samples" if count == n else "terms" for count in averages if count > 1}

    def _averaged(self) -> Iterator[MatrixMistake]:
        """Yield what comes of dividing by the number of samples too rarely, or too often."""
        layer = _sum([use.rows for use in self.uses]) if self.uses else self.gradient
        rest = self.rest if self.uses else _times(0.0, self.gradient)
        for count, what in self._counts.items():
            said = f"it is not divided by {count}, the number of {what}"
            yield MatrixMistake("not averaged", said, _sum([_times(count, layer), rest]))
            said = f"it is divided by {count}, the number of {what}, twice"
            yield MatrixMistake("1/n twice", said, _sum([_times(1 / count, layer), rest]))
        n = len(self.uses)
        if n > 1 and n not in self._counts:
            said = f"it is divided by {n}, but the samples are added up here, not averaged"
            yield MatrixMistake("averaged, not summed", said, _sum([_times(1 / n, layer), rest]))

    def _batch(self) -> Iterator[MatrixMistake]:
        """Yield what comes of losing samples, or of leaving them side by side."""
        n, vector = len(self.uses), self.matrix.is_vector
        if n < 2:
            return
        alone = [use.rows for use in self.uses]
        scales = {1: "", n: f", not divided by {n}"} if n in self._counts else {1: ""}
        kind = "bias not summed" if vector else "= for +="
        for i in dict.fromkeys([n - 1, 0, *range(n)]):
            which = {n - 1: "the last", 0: "the first"}.get(i, f"number {i + 1}")
            lost = "not added up over the batch: " if vector else ""
            for scale, how in scales.items():
                said = f"it is {lost}that of one sample only, {which} of {n}{how}"
                yield MatrixMistake(kind, said, _sum([_times(scale, alone[i]), self.rest]))
        for i, rows in enumerate(alone, 1):
            said = f"sample {i} of {n} is left out"
            left = _sum([self.gradient, _times(-1, rows)])
            yield MatrixMistake("path left out", said, left)
        if vector:
            side = [[rows[j][0] for rows in alone] for j in range(len(self.matrix.rows))]
            for scale, how in scales.items():
                said = f"the {n} samples stand side by side, not added up over the batch{how}"
                scaled = _times(scale, side)
                yield MatrixMistake("bias not summed", said, scaled)
                yield MatrixMistake("bias not summed", said, _transposed(scaled))

    # The whole

    def _whole(self) -> Iterator[MatrixMistake]:
        """Yield what is given for the matrix as a whole."""
        whole = self.gradient
        yield MatrixMistake("sign flipped", "the sign of the whole is flipped", _times(-1, whole))
        if any(x for row in self.rest for x in row) and self.uses:
            said = "what does not come by way of the layer's outputs is left out, as of a penalty"
            layer = _sum([use.rows for use in self.uses])
            yield MatrixMistake("path left out", said, layer)
            said = "what comes by way of the layer's outputs is left out"
            yield MatrixMistake("path left out", said, self.rest)
        for times, often in ((2, "twice"), (3, "three times")):
            said = f"it is added up {often}: it is not zeroed before the next backward()"
            yield MatrixMistake("not zeroed", said, _times(times, whole))
        said = "the entries are treated as constants"
        yield MatrixMistake("treated as constant", said, _times(0.0, whole))
        said = "the entries themselves are given, not derivatives"
        yield MatrixMistake("not differentiated", said, self.matrix.filled(self.point.number))

    # Factors of the outer product

    def _factors(self) -> Iterator[MatrixMistake]:
        """Yield what comes of another δ, or another a, in the products of the layer."""
        if not self.uses:
            return
        ones = [1.0] * len(self.uses[0].upstream)
        for count in (1, *self._counts):
            divided = f", and its 1/{count} kept" if count > 1 else ""
            said = f"all that is upstream is forgotten: only what the weights multiply{divided}"
            rows = _sum([use.product(ones, use.factors) for use in self.uses])
            yield MatrixMistake("upstream forgotten", said, self._with(_times(1 / count, rows)))
        before = [[self._before(use, k) for k in range(len(use.factors))] for use in self.uses]
        if any(node is not None for nodes in before for node in nodes):
            products = [
                use.product(use.upstream, [
                    a if node is None else self.point.number(node)
                    for a, node in zip(use.factors, nodes, strict=True)
                ])
                for use, nodes in zip(self.uses, before, strict=True)
            ]  # fmt: skip
            said = "the inputs z of the layer before stand where its activations a belong"
            yield MatrixMistake("input for output", said, self._with(_sum(products)))

    def _with(self, layer: Rows) -> Rows:
        return _sum([layer, self.rest])

    def _before(self, use: Outer, k: int) -> Value | None:
        """Return what the activation that column k is multiplied by is a function of."""
        node, position = use.column(k)[0]
        half = len(node.parents) // 2
        if node.op not in ("mul", "dot"):
            return None
        partner = node.parents[(position + half) % len(node.parents)]
        return partner.parents[0] if len(partner.parents) == 1 else None

    # Slips throughout a layer

    @cached_property
    def _steps(self) -> dict[Value, int]:
        """How many operations lie between the matrix and each node, at most."""
        steps: dict[Value, int] = {}
        for node in self.order:
            below = [steps[parent] for parent in node.parents if parent in steps]
            steps[node] = 1 + max(below, default=-1)
        return steps

    @cached_property
    def _layers(self) -> list[list[Edge]]:
        """The edges on the paths, those together that stand for one another in a layer."""
        found: dict[tuple[int, int, str], list[Edge]] = {}
        for node in self.order:
            for position, parent in enumerate(node.parents):
                if parent in self.above:
                    key = (self._steps[node], self._steps[parent], node.op)
                    found.setdefault(key, []).append(Edge(node, position))
        return [found[key] for key in sorted(found)]

    def _throughout(self) -> Iterator[MatrixMistake]:
        """Yield what comes of the same wrong local derivative at every node of a layer."""
        for layer in [layer for layer in self._layers if len(layer) <= MANY]:
            slips: dict[tuple[str, str], dict[Edge, Mistake]] = {}
            for edge in layer:
                for slip in local_mistakes(edge, self.write, self.point):
                    key = (slip.kind, slip.said if isinstance(slip.said, str) else slip.said[0])
                    slips.setdefault(key, {}).setdefault(edge, slip)
            for (kind, _), found in slips.items():
                if kind in ("1/n missing", "1/n twice") and len(layer) in self._counts:
                    continue  # told as an average forgotten
                first = next(iter(found.values()))
                also = ", and likewise throughout the layer" if len(found) > 1 else ""
                changed = {edge: slip.number for edge, slip in found.items()}
                rows = self._matrix(self._swept(changed))
                yield MatrixMistake(kind, f"{first.reason}{also}", rows, first.place)

    def _upstream_transposed(self) -> Iterator[MatrixMistake]:
        """Yield what comes of passing δ back by the rows of square weights, not the columns."""
        inputs: dict[tuple[int, str], dict[Value, list[Edge]]] = {}
        for node in [node for node in self.graph.written if node in self.above]:
            for position, parent in enumerate(node.parents):
                if parent in self.above and node.op in ("mul", "dot") and parent.parents:
                    layer = inputs.setdefault((self._steps[parent], parent.op), {})
                    layer.setdefault(parent, []).append(Edge(node, position))
        for key in sorted(inputs):
            uses = list(inputs[key].values())
            m = len(uses[0])
            if m < 2 or {len(use) for use in uses} != {m} or len(uses) != m * len(self.uses):
                continue
            changed = {
                uses[start + k][j]: self._partial(uses[start + j][k])
                for start in range(0, len(uses), m)
                for j in range(m)
                for k in range(m)
            }
            name = self.write.name(uses[0][0].node.parents[uses[0][0].position])
            said = f"the weights of the layer above {name} are transposed on the way back: W for Wᵀ"
            rows = self._matrix(self._swept(changed))
            yield MatrixMistake("transposed", said, rows, ("transposed", said))

    # One row, one column

    def lost(self, answers: Sequence[Sequence[Answer]]) -> Iterator[MatrixMistake]:
        """Yield what comes of losing the one row, or the one column, that is wrong in an answer."""
        m, n = self.matrix.shape
        if _shape(answers) != (m, n) or m * n < 2:
            return
        wrong = {
            (j, k)
            for j in range(m)
            for k in range(n)
            if not answers[j][k].agrees(self.gradient[j][k])
        }
        places = [sorted({place[axis] for place in wrong}) for axis in (0, 1)]
        for axis, what in ((0, "row"), (1, "column")):
            lines = self.gradient if axis == 0 else _transposed(self.gradient)
            if len(places[axis]) != 1 or len(lines) < 2:
                continue
            [i] = places[axis]
            entry = self.matrix.is_vector or len(lines[0]) == 1 or len(lines[0]) < 2
            name = "entry" if entry else what
            others = [(f"{name} {o + 1} is left in its place", line) for o, line in
                      enumerate(lines) if o != i]  # fmt: skip
            for said, line in [("it is 0", [0.0] * len(lines[i])), *others]:
                rows = [line if o == i else known for o, known in enumerate(lines)]
                told = f"{name} {i + 1} is lost: {said}"
                rows = rows if axis == 0 else _transposed(rows)
                yield MatrixMistake("row or column lost", told, rows)


def _both(first: Mistake, second: Mistake) -> Mistake:
    said = ("{0.reason}; and {1.reason}", first, second)
    return Mistake("two slips", said, math.nan, parts=(first, second))


def _shape(rows: Sequence[Sequence[object]]) -> tuple[int, int]:
    return len(rows), len(rows[0])


def _transposed(rows: Rows) -> list[list[float]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _times(factor: float, rows: Rows) -> list[list[float]]:
    return [[factor * x for x in row] for row in rows]


def _sum(matrices: Iterable[Rows]) -> list[list[float]]:
    return [
        [sum(numbers) for numbers in zip(*rows, strict=True)]
        for rows in zip(*matrices, strict=True)
    ]


def _replaced(slopes: Sequence[float], position: int, slope: float) -> list[float]:
    return [slope if i == position else x for i, x in enumerate(slopes)]


def _same(xs: Rows | None, ys: Rows | None) -> bool:
    """Return whether two matrices are one but for rounding."""
    if xs is None or ys is None or _shape(xs) != _shape(ys):
        return False
    return all(
        math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-12)
        for row, numbers in zip(xs, ys, strict=True)
        for x, y in zip(row, numbers, strict=True)
    )

"""A network as on paper: neurons in layers, and an edge for each weight."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import isfinite
from typing import Any, NamedTuple, Protocol, TypeVar

from autograd import Drawing, UsageError, Value
from autograd.tools.optional import optional
from nn.axes import INK

__all__ = [
    "Column",
    "LayersDrawing",
    "NetworkDrawing",
    "few",
    "input_column",
    "largest",
    "share",
    "stroke",
]

T = TypeVar("T")

FEW = 8
"""The number of neurons in a layer up to which all of them are shown."""

LABELLED = 3
"""The number of neurons in every layer up to which each weight has its number on its edge."""

_POSITIVE, _NEGATIVE, _UNSHOWN = "#15803d", "#b91c1c", "#cbd5e1"
_INPUTS, _NEURON = ("#0f766e", "#f0fdfa"), (INK, "white")

_SAMPLE, _LETTER = 0.5, 0.08  # inches of a stroke in the legend, and of a letter


class NeuronLike(Protocol):
    """A neuron: its weights, its bias, and the label of what it puts out."""

    w: list[Value]
    b: Value
    label: str
    input_labels: list[str]


class LayerLike(Protocol):
    """Neurons that have the same inputs."""

    @property
    def neurons(self) -> Sequence[NeuronLike]:
        """The neurons from the first on."""

    @property
    def input_labels(self) -> list[str]:
        """The labels of the inputs."""

    @property
    def index(self) -> int:
        """The number of the layer; the inputs are the one before the first."""

    @property
    def activation(self) -> str:
        """What the activation function is called."""


class Column(NamedTuple):
    """A layer on paper: its number, what its neurons are, what stands in the circle of each."""

    number: int
    kind: str
    circles: list[str]


def input_column(number: int, circles: list[str]) -> Column:
    """Return the column of the inputs."""
    return Column(number, "inputs" if len(circles) > 1 else "input", circles)


class LayersDrawing(Drawing):
    """Neurons in layers, and an edge with a number for each weight between them.

    `columns` are the layers, the inputs first; ``numbers[l][j][k]`` belongs to the edge from
    neuron k of column l to neuron j of the next one. The columns before `reached` have edges
    without numbers yet.
    """

    gap, row = 3.2, 0.9
    """Inches from layer to layer, and from neuron to neuron."""

    radius = 0.4
    """Inches of a circle."""

    beside = 0.25
    """Part of the way along an edge to its number: near its start, where no two of few cross."""

    measure = "weight"
    """What the numbers are."""

    def __init__(
        self,
        columns: Sequence[Column],
        numbers: Sequence[Sequence[Sequence[float]]],
        reached: int = 0,
    ) -> None:
        self.columns, self.numbers, self.reached = columns, numbers, reached
        self._largest = largest(x for matrix in numbers for row in matrix for x in row)
        self._labelled = all(len(column.circles) <= LABELLED for column in columns[1:])
        self._rows = max(len(few(column.circles)) for column in columns)

    @property
    def dot(self) -> str:
        """The picture in Graphviz's DOT language."""
        graph = self.blank()
        graph.attr(layout="neato", outputorder="edgesfirst", splines="line")  # places are given
        graph.attr("edge", arrowhead="none")
        for column in range(len(self.columns)):
            self._add_column(graph, column)
        for column in range(len(self.numbers)):
            self._add_edges(graph, column)
        self._add_legend(graph)
        self.add_more(graph)
        text: str = graph.source
        return text

    def add_more(self, graph: Any) -> None:
        """Add what a kind of drawing has beyond neurons, edges and the legend."""

    def written(self, x: float) -> str:
        """Return the number of an edge as it stands there."""
        return self.number(x)

    def place(self, column: float, row: float) -> str:
        """Return where a node stands, columns from the left and rows above the middle."""
        return f"{self.gap * column:.3f},{self.row * row:.3f}!"

    def rows(self, column: int) -> list[tuple[int | None, float]]:
        """Return the neurons to show, None for those left out, each with its row."""
        shown = few(range(len(self.columns[column].circles)))
        middle = (len(shown) - 1) / 2
        return [(i, middle - above) for above, i in enumerate(shown)]

    def add_text(self, graph: Any, column: float, row: float, text: str, **look: str) -> None:
        """Add lines of text at a place."""
        name = f"text_{column:.3f}_{row:.3f}"
        look = {"shape": "plaintext", "fontsize": "11"} | look
        graph.node(name, _escaped(text), id=name, pos=self.place(column, row), **look)

    def add_number(self, graph: Any, column: float, row: float, x: float, **look: str) -> None:
        """Add a number on a white ground, as it stands on an edge."""
        self.add_text(
            graph, column, row, self.written(x), shape="box", margin="0.02", width="0",
            height="0", style="filled", color="white", fontsize="10", **look,
        )  # fmt: skip

    def add_stroke(
        self, graph: Any, start: tuple[float, float], end: tuple[float, float], **look: str
    ) -> None:
        """Add a line from one place to another."""
        ends = [f"point_{column:.3f}_{row:.3f}" for column, row in (start, end)]
        for name, place in zip(ends, (start, end), strict=True):
            graph.node(name, "", pos=self.place(*place), shape="point", style="invis", width="0")
        graph.edge(*ends, id="_to_".join(ends), **look)

    def _add_column(self, graph: Any, column: int) -> None:
        """Add the title of a layer and its neurons, one below the other."""
        number, kind, circles = self.columns[column]
        border, background = _INPUTS if column == 0 else _NEURON
        title = f"layer {number}\n{len(circles)} {kind}"
        self.add_text(graph, column, self._rows / 2 + 0.3, title, fontsize="12")
        for i, row in self.rows(column):
            name, place = _id(column, i), self.place(column, row)
            if i is None:
                hidden = f"… {len(circles) - FEW + 2} more"
                graph.node(
                    name, hidden, id=name, pos=place, shape="box", style="dashed,filled",
                    color="#94a3b8", fillcolor="white", fontsize="11", margin="0.05",
                    height="0.3",
                )  # fmt: skip
            else:
                graph.node(
                    name, _escaped(circles[i]), id=name, pos=place, shape="circle",
                    fixedsize="true", width=str(2 * self.radius), fontsize="10", style="filled",
                    color=border, fillcolor=background,
                )  # fmt: skip

    def _add_edges(self, graph: Any, column: int) -> None:
        """Add an edge for each weight between two columns of neurons."""
        for j, to in self.rows(column + 1):
            for k, start in self.rows(column):
                ends = _id(column, k), _id(column + 1, j)
                look = {"color": _UNSHOWN, "style": "solid", "id": "_to_".join(ends)}
                if j is None or k is None:
                    look["style"] = "dotted"
                elif column >= self.reached:
                    x = self.numbers[column][j][k]
                    look |= stroke(x, self._largest)
                    if self._labelled:
                        row = start + self.beside * (to - start)
                        self.add_number(graph, column + self.beside, row, x)
                graph.edge(*ends, **look)

    def _add_legend(self, graph: Any) -> None:
        """Say below the network what its edges mean, with a sample of each."""
        size = f"|{self.measure}| = {self.number(self._largest)}"
        samples = [("positive", 0.4), ("negative", -0.4), (size, 1.0)]
        widths = [_SAMPLE + _LETTER * (len(text) + 3) for text, _ in samples]
        x, row = (len(self.numbers) - sum(widths) / self.gap) / 2, -self._rows / 2 - 0.5
        for (text, part), width in zip(samples, widths, strict=True):
            end = x + _SAMPLE / self.gap
            self.add_stroke(graph, (x, row), (end, row), **stroke(part))
            self.add_text(graph, end + _LETTER * (len(text) + 2) / 2 / self.gap, row, text)
            x += width / self.gap


class NetworkDrawing(LayersDrawing):
    """The picture of a network, printed as one equation for each neuron.

    >>> from nn import Layer
    >>> layer = Layer(2, 1, "tanh")
    >>> layer.load_state_dict({"weight": [[0.5, -2.0]], "bias": [0.25]})
    >>> NetworkDrawing([layer])
    a₁⁽²⁾ = tanh(0.5·a₁⁽¹⁾ − 2·a₂⁽¹⁾ + 0.25)
    """

    def __init__(self, layers: Sequence[LayerLike], gradients: bool = False) -> None:
        number = _gradient if gradients else _data
        self.measure = "gradient" if gradients else "weight"
        labels = layers[0].input_labels
        columns = [input_column(layers[0].index - 1, [*map(self.name, labels)])]
        bias = "∂b" if gradients else "b"
        for layer in layers:
            circles = [
                f"{self.name(neuron.label)}\n{bias} {self.number(number(neuron.b))}"
                for neuron in layer.neurons
            ]
            columns.append(Column(layer.index, layer.activation, circles))
        matrices = [[[*map(number, neuron.w)] for neuron in layer.neurons] for layer in layers]
        super().__init__(columns, matrices)
        write: Callable[[NeuronLike, str], str] = _slopes if gradients else _equation
        self._text = [
            write(neuron, layer.activation) for layer in layers for neuron in layer.neurons
        ]

    @property
    def title(self) -> str:
        """What it shows, in a line."""
        widths = " → ".join(str(len(column.circles)) for column in self.columns)
        return f"Network {widths}, the edges its {self.measure}s"

    @property
    def description(self) -> str:
        """What it shows, in a sentence or two: its equations, where they are few."""
        return "; ".join(text or "…" for text in few(self._text))

    def __str__(self) -> str:
        return "\n".join(self._text)


def few(items: Sequence[T]) -> list[T | None]:
    """Return what is shown of many things: all of a few, else None in the place of most.

    >>> few(range(3)), few(range(100))
    ([0, 1, 2], [0, 1, 2, 3, 4, None, 99])
    """
    return [*items] if len(items) <= FEW else [*items[: FEW - 3], None, items[-1]]


def largest(numbers: Iterable[float]) -> float:
    """Return the largest size among finite numbers, 0.0 if there is none.

    >>> largest([0.5, -2.0, float("inf")])
    2.0
    """
    return max((abs(x) for x in numbers if isfinite(x)), default=0.0)


def share(x: float, whole: float) -> float:
    """Return how large a number is among others, from 0 to 1; what is not finite, as the largest.

    >>> share(-1.0, 4.0), share(float("-inf"), 4.0), share(0.0, 0.0)
    (0.25, 1.0, 0.0)
    """
    if not isfinite(x):
        return 1.0
    return abs(x) / whole if whole else 0.0


def stroke(x: float, whole: float = 1.0) -> dict[str, str]:
    """Return how the edge of a number is drawn: colour and dashes its sign, width its size."""
    return {
        "color": _POSITIVE if x > 0 else _NEGATIVE if x < 0 else _UNSHOWN,
        "style": "dashed" if x < 0 else "solid",
        "penwidth": f"{0.4 + 3.6 * share(x, whole):.2f}",
    }


def _id(column: int, i: int | None) -> str:
    return f"layer{column}_{'more' if i is None else i}"


def _escaped(text: str) -> str:
    """Escape what a person wrote for a quoted label of lines."""
    escape = optional("graphviz", "a picture").escape
    return "\\n".join(escape(line) for line in text.split("\n"))


def _equation(neuron: NeuronLike, activation: str) -> str:
    """Return how a neuron computes its output, with its numbers."""
    inputs = map(Drawing.name, neuron.input_labels)
    terms = [f"{Drawing.number(w.data)}·{a}" for w, a in zip(neuron.w, inputs, strict=True)]
    z = " + ".join([*_first(terms), Drawing.number(neuron.b.data)]).replace("+ -", "− ")
    written = z if activation == "linear" else f"{activation}({z})"
    return f"{Drawing.name(neuron.label)} = {written}"


def _slopes(neuron: NeuronLike, _: str) -> str:
    """Return the gradients of a neuron's parameters."""
    *slopes, last = [
        f"∂/∂{Drawing.name(p.label)} = {Drawing.number(_gradient(p))}"
        for p in (*neuron.w, neuron.b)
    ]
    return ", ".join([*_first(slopes), last])


def _first(texts: list[str]) -> list[str]:
    return [text or "…" for text in few(texts)]


def _data(p: Value) -> float:
    return p.data


def _gradient(p: Value) -> float:
    if not p.has_grad:
        raise UsageError(f"draw: {p.label} has no gradient; call backward() on a loss first")
    return p.grad

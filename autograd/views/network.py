"""A network as on paper: neurons in layers, and an edge for each weight."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from autograd.errors import UsageError
from autograd.tools.optional import optional
from autograd.value import Value
from autograd.views.pictures.drawing import Drawing, blank
from autograd.views.writing.labels import parse
from autograd.views.writing.numbers import short

__all__ = ["NetworkDrawing", "layers_of"]

FEW = 8
"""The number of neurons in a layer up to which all of them are shown."""

LABELLED = 3
"""The number of neurons in every layer up to which each weight has its number on its edge."""

_POSITIVE, _NEGATIVE, _UNSHOWN = "#15803d", "#b91c1c", "#cbd5e1"
_INPUTS, _NEURON = ("#0f766e", "#f0fdfa"), ("#374151", "white")

_GAP, _ROW, _RADIUS = 3.2, 0.9, 0.4  # inches between columns and between rows, and of a circle
_BESIDE = 0.25  # of the way along an edge stands its number, where no two of few cross
_SAMPLE, _LETTER = 0.5, 0.08  # inches of a stroke in the legend, and of a letter


class NeuronLike(Protocol):
    """A neuron: its weights, its bias, and the label of what it puts out."""

    w: list[Value]
    b: Value
    label: str
    input_labels: list[str]


class LayerLike(Protocol):
    """Neurons that have the same inputs."""

    neurons: Sequence[NeuronLike]
    activation: str


class _Alone(NamedTuple):
    """A neuron by itself, as a layer."""

    neurons: Sequence[Any]
    activation: str


def layers_of(model: Any) -> Sequence[Any]:
    """Return the layers of a model, of a layer or of a neuron; none if it is something else."""
    if hasattr(model, "input_labels") and hasattr(model, "w"):
        model = _Alone([model], model.activation)
    layers = getattr(model, "layers", [model])
    known = isinstance(layers, list) and all(hasattr(layer, "neurons") for layer in layers)
    return layers if known else []


class NetworkDrawing(Drawing):
    """The picture of a network, printed as one equation for each neuron.

    >>> from nn import Layer
    >>> layer = Layer(2, 1, "tanh")
    >>> layer.load_state_dict({"weight": [[0.5, -2.0]], "bias": [0.25]})
    >>> NetworkDrawing([layer])
    a₁⁽²⁾ = tanh(0.5·a₁⁽¹⁾ − 2·a₂⁽¹⁾ + 0.25)
    """

    def __init__(self, layers: Sequence[LayerLike], gradients: bool = False) -> None:
        self._layers = layers
        self._gradients = gradients
        self._number: Callable[[Value], float] = _gradient if gradients else _data
        weights = [self._number(w) for layer in layers for n in layer.neurons for w in n.w]
        self._largest = max(map(abs, weights))
        self._labelled = all(len(layer.neurons) <= LABELLED for layer in layers)
        widths = [len(layers[0].neurons[0].w), *[len(layer.neurons) for layer in layers]]
        self._rows = max(len(_rows(width)) for width in widths)

    @property
    def dot(self) -> str:
        """The picture in Graphviz's DOT language."""
        graph = blank()
        graph.attr(layout="neato", outputorder="edgesfirst", splines="line")  # places are given
        graph.attr("edge", arrowhead="none")
        for column, (kind, circles) in enumerate(self._columns()):
            self._add_column(graph, column, kind, circles)
        for column, layer in enumerate(self._layers):
            self._add_edges(graph, column, layer)
        self._add_legend(graph)
        text: str = graph.source
        return text

    def __str__(self) -> str:
        return "\n".join(
            _slopes(neuron) if self._gradients else _equation(neuron, layer.activation)
            for layer in self._layers
            for neuron in layer.neurons
        )

    def _columns(self) -> Iterator[tuple[str, list[str]]]:
        """Yield what each layer is, and what stands in its circles; the inputs first."""
        inputs = [parse(label).unicode for label in self._layers[0].neurons[0].input_labels]
        yield "inputs" if len(inputs) > 1 else "input", inputs
        bias = "∂b" if self._gradients else "b"
        for layer in self._layers:
            yield (
                layer.activation,
                [
                    f"{parse(neuron.label).unicode}\n{bias} {self._number(neuron.b):.2g}"
                    for neuron in layer.neurons
                ],
            )

    def _add_column(self, graph: Any, column: int, kind: str, circles: list[str]) -> None:
        """Add the title of a layer and its neurons, one below the other."""
        border, background = _INPUTS if column == 0 else _NEURON
        title = _escaped(f"layer {column + 1}\n{len(circles)} {kind}")
        graph.node(
            f"layer{column}", title, pos=_place(column, self._rows / 2 + 0.3), shape="plaintext"
        )
        for i, row in _rows(len(circles)):
            place = _place(column, row)
            if i is None:
                hidden = f"… {len(circles) - FEW + 2} more"
                graph.node(
                    _id(column, i), hidden, pos=place, shape="box", style="dashed,filled",
                    color="#94a3b8", fillcolor="white", fontsize="11", margin="0.05",
                    height="0.3",
                )  # fmt: skip
            else:
                graph.node(
                    _id(column, i), _escaped(circles[i]), pos=place, shape="circle",
                    fixedsize="true", width=str(2 * _RADIUS), fontsize="10", style="filled",
                    color=border, fillcolor=background,
                )  # fmt: skip

    def _add_edges(self, graph: Any, column: int, layer: LayerLike) -> None:
        """Add an edge for each weight between two columns of neurons."""
        for j, to in _rows(len(layer.neurons)):
            for k, start in _rows(len(layer.neurons[0].w)):
                ends = _id(column, k), _id(column + 1, j)
                if j is None or k is None:
                    graph.edge(*ends, color=_UNSHOWN, style="dotted")
                    continue
                x = self._number(layer.neurons[j].w[k])
                graph.edge(*ends, **_stroke(x, abs(x) / self._largest if self._largest else 0.0))
                if self._labelled:  # nearer to where it starts, so that crossing edges keep apart
                    place = _place(column + _BESIDE, start + _BESIDE * (to - start))
                    graph.node(
                        f"{ends[0]}_{ends[1]}", f"{x:.3g}", pos=place, shape="box", margin="0.02",
                        width="0", height="0", style="filled", color="white", fontsize="10",
                    )  # fmt: skip

    def _add_legend(self, graph: Any) -> None:
        """Say below the network what its edges mean, with a sample of each."""
        size = f"|{'gradient' if self._gradients else 'weight'}| = {short(self._largest)}"
        samples = [("positive", 0.5, 0.4), ("negative", -0.5, 0.4), (size, 1.0, 1.0)]
        widths = [_SAMPLE + _LETTER * (len(text) + 3) for text, _, _ in samples]
        x = (_GAP * len(self._layers) - sum(widths)) / 2
        y = _ROW * (-self._rows / 2 - 0.5)
        for (text, sign, share), width in zip(samples, widths, strict=True):
            for end, at in (("from", x), ("to", x + _SAMPLE)):
                graph.node(
                    f"{end} {text}", "", pos=f"{at:.3f},{y:.3f}!", shape="point", style="invis"
                )
            graph.edge(f"from {text}", f"to {text}", **_stroke(sign, share))
            at = x + _SAMPLE + _LETTER * (len(text) + 2) / 2
            graph.node(text, text, pos=f"{at:.3f},{y:.3f}!", shape="plaintext", fontsize="11")
            x += width


def _place(column: float, row: float) -> str:
    """Return where a node stands, columns from the left and rows above the middle."""
    return f"{_GAP * column:.3f},{_ROW * row:.3f}!"


def _rows(count: int) -> list[tuple[int | None, float]]:
    """Return the neurons to show, None for those left out, each with its row above the middle."""
    shown = list(range(count)) if count <= FEW else [*range(FEW - 3), None, count - 1]
    middle = (len(shown) - 1) / 2
    return [(i, middle - above) for above, i in enumerate(shown)]


def _stroke(x: float, share: float) -> dict[str, str]:
    """Return how the edge of a weight is drawn: colour and dashes its sign, width its size."""
    return {
        "color": _POSITIVE if x > 0 else _NEGATIVE if x < 0 else _UNSHOWN,
        "style": "dashed" if x < 0 else "solid",
        "penwidth": f"{0.4 + 3.6 * share:.2f}",
    }


def _id(column: int, i: int | None) -> str:
    return f"layer{column}_{'more' if i is None else i}"


def _escaped(text: str) -> str:
    """Escape what a person wrote for a quoted label of lines."""
    escape = optional("graphviz", "a picture").escape
    return "\\n".join(escape(line) for line in text.split("\n"))


def _equation(neuron: NeuronLike, activation: str) -> str:
    """Return how a neuron computes its output, with its numbers."""
    inputs = [parse(label).unicode for label in neuron.input_labels]
    terms = [f"{short(w.data)}·{a}" for w, a in zip(neuron.w, inputs, strict=True)]
    z = " + ".join([*_first(terms), short(neuron.b.data)]).replace("+ -", "− ")
    written = z if activation == "linear" else f"{activation}({z})"
    return f"{parse(neuron.label).unicode} = {written}"


def _slopes(neuron: NeuronLike) -> str:
    """Return the gradients of a neuron's parameters."""
    slopes = [f"∂/∂{parse(p.label).unicode} = {short(_gradient(p))}" for p in neuron.w]
    return ", ".join(
        [*_first(slopes), f"∂/∂{parse(neuron.b.label).unicode} = {short(_gradient(neuron.b))}"]
    )


def _first(texts: list[str]) -> list[str]:
    return texts if len(texts) <= FEW else [*texts[: FEW - 3], "…", texts[-1]]


def _data(p: Value) -> float:
    return p.data


def _gradient(p: Value) -> float:
    if not p.has_grad:
        raise UsageError(f"draw: {p.label} has no gradient; call backward() on a loss first")
    return p.grad

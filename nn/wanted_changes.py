"""What gradient descent wants of a network, drawn: the intuition of backpropagation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import Drawing
from autograd.tools.tables import table
from nn.axes import INK
from nn.descent import DescentStep, LayerStep, descent_step
from nn.drawing import Column, LayersDrawing, few, input_column, largest, share, stroke
from nn.losses import Loss
from nn.module import Module

__all__ = ["WantedChanges", "wanted_changes"]

_SHORTEST, _LONGEST = 0.16, 0.34  # inches of an arrow
_ASIDE, _LETTER = 0.1, 0.075  # inches from the middle of a circle to an arrow, and of a letter
_LOSS = 0.44  # of a column to the right of the outputs stands the loss


def wanted_changes(model: Module, X: Any, y: Any, loss: Loss, lr: float = 0.1) -> WantedChanges:
    """Return what gradient descent wants of a network's neurons, and the changes of its weights.

    Starting from the outputs of samples X with targets y, each output is wanted to go up or down,
    as strongly as −∂C/∂a. The step changes each weight by −λ ∂C/∂w, with the learning rate λ =
    `lr`. The activations before them are wanted to change too, which the weights before those can
    bring about; and so on back to the inputs, which stay as they are. Of several samples, what is
    wanted and changed is the average. The model itself is not changed.

    Shapes: X (m, inputs), y (m) or (m, k) for k outputs; ``step.layers`` has for each layer its
    wanted changes (outputs), and those of its weights (outputs, inputs) and biases (outputs).
    Source: the article's intuition of backpropagation, its nudges written as derivatives.

    A notebook shows the network with all arrows; ``save("changes.svg")`` writes them passed back
    layer by layer, and ``walk()`` returns these pictures. ``step`` has the numbers.

    Raises `UsageError` for a model that is not layers one after another, for no samples or others
    than the model takes, and for a loss that is no Value.

    >>> from nn import Layer, squared_error
    >>> layer = Layer(2, 2)
    >>> layer.load_state_dict({"weight": [[0.5, 0.5], [1.0, -1.0]], "bias": [0.0, 0.0]})
    >>> changes = wanted_changes(layer, [[1.0, 1.0]], [[0.0, 1.0]], squared_error, lr=0.125)
    >>> changes
    C₀ = 2, after a step of λ = 0.125: 0.125
    <BLANKLINE>
    layer 2  a  wanted     Δb   Δwⱼ₁   Δwⱼ₂
    z₁⁽²⁾    1    ↓ -2  -0.25  -0.25  -0.25
    z₂⁽²⁾    0    ↑ +2  +0.25  +0.25  +0.25
    >>> changes.step.layers[0].wanted
    [-2.0, 2.0]
    """
    return WantedChanges(descent_step(model, X, y, loss, lr, "wanted_changes"))


class WantedChanges(Drawing):
    """A step of gradient descent as pictures: passed back from the outputs, layer by layer."""

    def __init__(self, step: DescentStep) -> None:
        self.step = step
        self.whole = _Passed(step, len(step.layers))

    def walk(self) -> list[Drawing]:
        """Return the pictures in their order: the forward pass, then one more layer in each."""
        return [_Passed(self.step, layers) for layers in range(len(self.step.layers) + 1)]

    @property
    def frames(self) -> list[str]:
        """The pictures of the animation, in DOT."""
        return [picture.dot for picture in self.walk()]

    @property
    def title(self) -> str:
        """What it shows, in a line."""
        return "What gradient descent wants of a network"

    @property
    def description(self) -> str:
        """What it shows, in a sentence or two."""
        return (
            f"{self.whole.summary}. Each neuron has an arrow up or down, by how much it is wanted "
            "to change; each edge the change of its weight."
        )

    @property
    def dot(self) -> str:
        """The picture with all layers passed, in Graphviz's DOT language."""
        return self.whole.dot

    def __str__(self) -> str:
        return str(self.whole)


class _Passed(LayersDrawing):
    """A step that has been passed back over so many layers, from the outputs on."""

    row = 1.5
    radius = 0.54  # holds "Δb -0.0001234"
    beside = 0.28
    measure = "Δw"

    def __init__(self, step: DescentStep, passed: int) -> None:
        self.step = step
        self.cost = self.name("C_0" if step.samples == 1 else "C")
        self._longest = largest(x for layer in step.layers for x in layer.wanted)
        reached = len(step.layers) - passed
        inputs = [*map(self._circle, step.input_labels, step.inputs)]
        columns = [input_column(step.layers[0].number - 1, inputs)]
        for place, layer in enumerate(step.layers):
            changes = [f"\nΔb {self.written(b)}" if place >= reached else "" for b in layer.biases]
            circles = map(self._circle, layer.labels, layer.activations, changes)
            columns.append(Column(layer.number, layer.activation, [*circles]))
        super().__init__(columns, [layer.weights for layer in step.layers], reached)

    def _circle(self, label: str, a: float, change: str = "") -> str:
        return f"{self.name(label)}\n{self.number(a)}{change}"

    def written(self, x: float) -> str:
        """Return a change with its sign."""
        return f"{'+' if x > 0 else ''}{self.number(x)}"

    def add_more(self, graph: Any) -> None:
        """Add an arrow to each neuron that is wanted to change, the loss, and what is seen."""
        for place in range(self.reached, len(self.step.layers)):
            for j, row in self.rows(place + 1):
                if j is not None:
                    self._add_arrow(graph, place + 1, row, self.step.layers[place].wanted[j])
        middle, below = len(self.step.layers) / 2, -self._rows / 2
        self.add_text(graph, middle, below - 0.8, self._legend())
        captions = [*map(self._caption, range(len(self.step.layers) + 1))]
        wide = str(_LETTER * max(map(len, captions)) * 1.3)  # as wide in every picture of a walk
        caption = captions[self.reached]
        self.add_text(graph, middle, below - 1.1, caption, fontsize="13", width=wide)
        before, after = self._loss()
        text = f"{before}\nafter a step\nof {after}"
        self.add_text(
            graph, len(self.step.layers) + _LOSS, 0, text, shape="box", width="1.5", color=INK
        )

    def _add_arrow(self, graph: Any, column: int, row: float, wanted: float) -> None:
        """Add an arrow up from the top of a circle or down from its bottom, and its number."""
        if not wanted:
            return
        way = 1 if wanted > 0 else -1
        length = _SHORTEST + (_LONGEST - _SHORTEST) * share(wanted, self._longest)
        start = row + way * self.radius * 0.97 / self.row
        end = start + way * length / self.row
        at = column - way * _ASIDE / self.gap
        look = stroke(wanted) | {"style": "solid", "penwidth": "2.5", "arrowhead": "normal"}
        self.add_stroke(graph, (at, start), (at, end), **look, arrowsize="0.6")
        room = _ASIDE + _LETTER * len(self.written(wanted)) / 2
        beside = at - way * room / self.gap
        self.add_number(graph, beside, (start + end) / 2, wanted, fontcolor=look["color"])

    def _caption(self, reached: int) -> str:
        """Say what the picture in which that place is reached adds to the one before it."""
        layers = self.step.layers[reached:]
        if not layers:
            return "forward: each layer is computed from the one before it"
        who = f"layer {layers[1].number}" if len(layers) > 1 else "the loss"
        return f"layer {layers[0].number}: what {who} wants of it, and the changes of its weights"

    def _legend(self) -> str:
        """Say what the arrows are, and of how many samples all is the average."""
        arrows = f"arrows: wanted −∂{self.cost}/∂a, the longest {self.number(self._longest)}"
        return f"{arrows}; Δw = −λ ∂{self.cost}/∂w{self._averages()}"

    def _averages(self) -> str:
        samples = self.step.samples
        return f"; averages over {samples} samples" if samples > 1 else ""

    def _loss(self) -> list[str]:
        """Return the loss before the step, and after it once all layers are passed."""
        after = "?" if self.reached else self.number(self.step.loss_after)
        return [
            f"{self.cost} = {self.number(self.step.loss_before)}",
            f"λ = {self.number(self.step.rate)}: {after}",
        ]

    @property
    def summary(self) -> str:
        """The loss before and after the step, in a line."""
        return ", after a step of ".join(self._loss()) + self._averages()

    def __str__(self) -> str:
        passed = reversed(self.step.layers[self.reached :])
        return "\n\n".join([self.summary, *["\n".join(self._table(layer)) for layer in passed]])

    def _table(self, layer: LayerStep) -> list[str]:
        """Return the lines of a table with a row for each neuron of a layer."""
        columns = [f"Δ{self.name(f'w_{{j{k}}}')}" for k in range(1, len(layer.weights[0]) + 1)]
        rows = [(f"layer {layer.number}", "a", "wanted", "Δb", *_cells(columns))]
        for row in few(list(zip(*layer[2:], strict=True))):
            if row is None:
                rows.append(("…",) * len(rows[0]))
                continue
            label, a, wanted, b, weights = row
            changes = _cells([*map(self.written, weights)])
            arrow = "↑ " if wanted > 0 else "↓ " if wanted < 0 else ""
            wish = f"{arrow}{self.written(wanted)}"
            rows.append((self.name(label), self.number(a), wish, self.written(b), *changes))
        return table(rows, "lr")


def _cells(texts: Sequence[str]) -> list[str]:
    return [text or "…" for text in few(texts)]

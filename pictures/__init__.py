"""The pictures of the README, as this project draws them; ``python -m pictures`` makes them anew.

The SVGs take on the light or dark theme of whoever looks at them.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from sklearn.datasets import make_moons

from autograd import Value, draw, steps
from autograd.views.example import hidden_layer_weight
from nn import (
    MLP,
    Adam,
    binary_cross_entropy,
    fit,
    plot_decision_boundary,
    squared_error,
    wanted_changes,
)

__all__ = ["FOLDER", "PICTURES"]

FOLDER = Path(__file__).parent


def backward_pass() -> bytes:
    """Return an animation: z has two uses, and its gradient grows by what comes from each."""
    w, x, b = Value(-3.0, "w"), Value(2.0, "x"), Value(6.88, "b")
    z = w * x + b
    z.label = "z"
    y = z * z.sigmoid()
    y.label = "y"
    return steps(y).draw().content("backward_pass.svg")


def hidden_layer() -> bytes:
    """Return the worked example: both paths from a weight of the hidden layer to the loss."""
    loss, weight = hidden_layer_weight()
    loss.backward()
    return draw(loss, highlight=weight, order=True).content("hidden_layer.svg")


def wanted() -> bytes:
    """Return what gradient descent wants of a small network that is told to swap its outputs."""
    model = MLP([2, 2, 2], activation="sigmoid", output="sigmoid", seed=4)
    changes = wanted_changes(model, [[1.0, 0.5]], [[1.0, 0.0]], squared_error, lr=1.0)
    return changes.walk()[-1].content("wanted_changes.svg")


def decision_boundary() -> bytes:
    """Return the two half moons, told apart by a network made of scalars."""
    X, y = make_moons(200, noise=0.15, random_state=0)
    model = MLP([2, 16, 16, 1], activation="tanh", output="sigmoid", seed=0)
    optimizer = Adam(model.parameters(), lr=0.02)
    fit(model, X, y, loss=binary_cross_entropy, optimizer=optimizer, epochs=200, progress=False)
    axes = plot_decision_boundary(model, X, y)
    figure = axes.figure.get_figure(root=True)
    assert figure is not None
    axes.set_title("")
    axes.set_axis_off()
    axes.set_position((0, 0, 1, 1))  # to the edges: no white card on a dark page
    written = BytesIO()
    figure.set_size_inches(9, 3.2)
    figure.savefig(written, format="png", dpi=120)
    return written.getvalue()


PICTURES: dict[str, Callable[[], bytes]] = {
    "backward_pass.svg": backward_pass,
    "hidden_layer.svg": hidden_layer,
    "wanted_changes.svg": wanted,
    "decision_boundary.png": decision_boundary,
}
"""How each file of this folder is made."""

"""The gradient of each sample's loss, and their average."""

from __future__ import annotations

from math import fsum
from typing import Any

from autograd import gradient
from autograd.tools.tables import table
from nn.data import pairs
from nn.losses import Loss, recorded_loss
from nn.module import Module

__all__ = ["SampleGradients", "per_sample_gradients"]

_SHOWN = 5


class SampleGradients(list[dict[str, float]]):
    """For each sample ∂C_i/∂w under the name of every parameter w, and ∂C/∂w = (1/n) Σ ∂C_i/∂w."""

    def average(self) -> dict[str, float]:
        """Return the average over the samples, under the name of every parameter."""
        return {name: fsum(row[name] for row in self) / len(self) for name in self[0]}

    def __repr__(self) -> str:
        shown = self[:_SHOWN]
        more = ["…"] if len(self) > _SHOWN else []
        headings = ["", *[f"sample {i}" for i in range(len(shown))], *more, "average"]
        lines = [
            [name, *[f"{row[name]:.4g}" for row in shown], *more, f"{average:.4g}"]
            for name, average in self.average().items()
        ]
        return "\n".join(table([headings, *lines], "lr"))


def per_sample_gradients(model: Module, X: Any, y: Any, loss: Loss) -> SampleGradients:
    """Return the gradient of every sample's own loss; no ``grad`` is touched.

    >>> from nn import Neuron, squared_error
    >>> unit = Neuron(1)
    >>> unit.load_state_dict({"weight": [[1.0]], "bias": [0.0]})
    >>> per_sample_gradients(unit, [[1.0], [2.0]], [0.0, 0.0], squared_error)
         sample 0  sample 1  average
    w_1         2         8        5
    b           2         4        3
    """
    operation = "per_sample_gradients"
    named = model.named_parameters()
    found = SampleGradients()
    for row, target in zip(*pairs(X, y, model, operation), strict=True):
        cost = recorded_loss(loss, [model.outputs_for(row)], [target], operation)
        slopes = gradient(cost, list(named.values()))
        found.append(dict(zip(named, slopes, strict=True)))
    return found

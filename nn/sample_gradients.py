"""The gradient of each sample's loss, and their average."""

from __future__ import annotations

from math import fsum, isfinite
from typing import Any

from autograd import BranchError, Value, gradient
from autograd.tools.tables import table
from nn.data import Rows, Targets, pairs
from nn.losses import Loss, recorded_loss
from nn.module import Module
from nn.programs import UnsuitableError, is_layers, is_worth_it, loss_program

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

    Shapes: X (m, inputs), y (m) or (m, k); m rows with a number for each parameter. Their average
    is the gradient of the loss of the batch, (1/m) Σ ∂C_i/∂w, as in the articles.

    Raises `UsageError` for a loss that returns no Value, or none that was recorded.

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
    rows, targets = pairs(X, y, model, operation)
    records = bool((Value(1.0) + 1.0).parents)  # outside of no_grad()
    if records and is_worth_it(model, len(rows)) and is_layers(model):
        try:
            return _by_program(model, loss, rows, targets, named)
        except (UnsuitableError, BranchError):
            pass  # sample by sample, as it was recorded
    found = SampleGradients()
    for row, target in zip(rows, targets, strict=True):
        cost = recorded_loss(loss, [model.outputs_for(row)], [target], operation)
        slopes = gradient(cost, list(named.values()))
        found.append(dict(zip(named, slopes, strict=True)))
    return found


def _by_program(
    model: Module, loss: Loss, rows: Rows, targets: Targets, named: dict[str, Value]
) -> SampleGradients:
    """Return the gradients of all samples at once; those of parameters that take no part are 0."""
    program, batch = loss_program(model, loss, rows, targets, list(named.values()))
    run = program(batch)
    if not isfinite(run.mean):
        raise UnsuitableError("a loss is not finite")
    place = {p: i for i, p in enumerate(program.shared)}
    columns = {name: place.get(p) for name, p in named.items()}
    return SampleGradients(
        {name: 0.0 if i is None else row[i] for name, i in columns.items()}
        for row in run.sample_gradients.tolist()
    )

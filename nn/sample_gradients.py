"""The gradient of each sample's loss, and their average."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum
from typing import Any, overload

from autograd import gradient
from nn.data import pairs
from nn.losses import Loss
from nn.module import Module, outputs_of
from nn.table import table

__all__ = ["SampleGradients", "per_sample_gradients"]

_SHOWN = 5


class SampleGradients(Sequence[dict[str, float]]):
    """For each sample ∂C_i/∂w under the name of every parameter w, and ∂C/∂w = (1/n) Σ ∂C_i/∂w."""

    def __init__(self, rows: list[dict[str, float]]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, i: int) -> dict[str, float]: ...
    @overload
    def __getitem__(self, i: slice) -> list[dict[str, float]]: ...
    def __getitem__(self, i: int | slice) -> dict[str, float] | list[dict[str, float]]:
        return self._rows[i]

    def average(self) -> dict[str, float]:
        """Return the average over the samples, under the name of every parameter."""
        count = len(self._rows)
        return {name: fsum(row[name] for row in self._rows) / count for name in self._rows[0]}

    def __repr__(self) -> str:
        shown = self._rows[:_SHOWN]
        more = ["…"] if len(self._rows) > _SHOWN else []
        headings = ["", *[f"sample {i}" for i in range(len(shown))], *more, "average"]
        lines = [
            [name, *[f"{row[name]:.4g}" for row in shown], *more, f"{average:.4g}"]
            for name, average in self.average().items()
        ]
        return table([headings, *lines], left=[0])


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
    named = model.named_parameters()
    rows = []
    for row, target in zip(*pairs(X, y, model, "per_sample_gradients"), strict=True):
        slopes = gradient(loss([outputs_of(model, row)], [target]), list(named.values()))
        rows.append(dict(zip(named, slopes, strict=True)))
    return SampleGradients(rows)

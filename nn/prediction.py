"""What a trained model says of samples."""

from __future__ import annotations

from typing import Any

from autograd import UsageError, no_grad
from nn.data import Rows, pairs, samples
from nn.module import Module, outputs_of
from nn.tensors import listed

__all__ = [
    "accuracy",
    "chosen_class",
    "class_of",
    "outputs",
    "predict",
    "predict_classes",
    "threshold",
]


def predict(model: Module, X: Any) -> list[Any]:
    """Return the outputs for every sample: a number, or a list of numbers if there are several.

    >>> from nn import MLP
    >>> predict(MLP([2, 1]), [[0.0, 0.0], [0.0, 0.0]])
    [0.0, 0.0]
    """
    return [
        row[0] if len(row) == 1 else row for row in outputs(model, samples(X, model, "predict"))
    ]


def predict_classes(model: Module, X: Any) -> list[int]:
    """Return the class of every sample: the index of the largest output.

    One output decides between 0 and 1: a probability (of a sigmoid) at ½, a score at 0.

    >>> from nn import Neuron
    >>> unit = Neuron(1, "sigmoid")
    >>> unit.load_state_dict({"weight": [[2.0]], "bias": [-1.0]})
    >>> predict_classes(unit, [[0.0], [1.0]])
    [0, 1]
    """
    cut = threshold(model)
    rows = samples(X, model, "predict_classes")
    return [chosen_class(row, cut) for row in outputs(model, rows)]


def accuracy(model: Module, X: Any, y: Any) -> float:
    """Return the share of samples whose class is right.

    Targets are indices of classes, or lists with a number for each; for one output 0 and 1, or −1
    and +1.

    >>> from nn import Neuron
    >>> unit = Neuron(1)
    >>> unit.load_state_dict({"weight": [[1.0]], "bias": [0.0]})
    >>> accuracy(unit, [[-2.0], [3.0], [4.0], [5.0]], [-1, 1, 1, -1])
    0.75
    """
    rows, targets = pairs(X, y, model, "accuracy")
    found = outputs(model, rows)
    cut = threshold(model)
    right = [
        chosen_class(row, cut) == class_of(target, len(row), i)
        for i, (row, target) in enumerate(zip(found, targets, strict=True))
    ]
    return sum(right) / len(right)


def outputs(model: Module, rows: Rows) -> Rows:
    """Return the numbers that a model puts out, a list for each row."""
    with no_grad():
        return [[a.data for a in outputs_of(model, row)] for row in rows]


def threshold(model: Module) -> float:
    """Return where a single output turns from class 0 to class 1."""
    last = getattr(model, "layers", [model])[-1]
    return 0.5 if getattr(last, "activation", "") == "sigmoid" else 0.0


def chosen_class(row: list[float], cut: float) -> int:
    """Return the index of the largest output; of a single one, whether it exceeds `cut`."""
    return row.index(max(row)) if len(row) > 1 else int(row[0] > cut)


def class_of(target: Any, outputs: int, i: int) -> int:
    """Return the class that a target means: an index, 1 among zeros, or −1 for class 0."""
    row = listed(target)
    if len(row) > 1 and len(row) != outputs:
        raise UsageError(f"y[{i}] has {len(row)} numbers for {outputs} output(s)")
    if len(row) > 1:
        return row.index(max(row))
    classes = max(2, outputs)
    if row[0] not in range(-1 if classes == 2 else 0, classes):
        raise UsageError(f"y[{i}] is {row[0]!r}, not one of the classes 0 to {classes - 1}")
    return max(0, int(row[0]))

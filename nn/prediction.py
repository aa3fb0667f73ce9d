"""What a trained model says of samples."""

from __future__ import annotations

from itertools import chain
from math import inf, isfinite
from typing import Any

from autograd import BranchError, UsageError, Value, grad, no_grad
from nn.data import Rows, pairs, samples
from nn.module import Module
from nn.programs import UnsuitableError, is_worth_it, outputs_program
from nn.tensors import listed

__all__ = [
    "accuracy",
    "class_of",
    "outputs",
    "predict",
    "predict_classes",
    "recorded",
    "turning_point",
]


def predict(model: Module, X: Any) -> list[Any]:
    """Return the outputs for every sample: a number, or a list of numbers if there are several.

    Shapes: X (m, inputs) to (m) for one output, (m, k) for k of them.

    >>> from nn import MLP
    >>> predict(MLP([2, 1]), [[0.0, 0.0], [0.0, 0.0]])
    [0.0, 0.0]
    """
    return [
        row[0] if len(row) == 1 else row for row in outputs(model, samples(X, model, "predict"))
    ]


def predict_classes(model: Module, X: Any, *, threshold: float | None = None) -> list[int]:
    """Return the class of every sample: the index of the largest output.

    One output decides between 0 and 1: it is class 1 above the `threshold`. Without one the output
    is asked how it was computed. A function between two bounds turns halfway, a sigmoid at ½ and
    a tanh at 0; a sum with a parameter among its terms, as a linear layer has, is a score and
    turns at 0. Raises `UsageError` where the output does not say.

    Shapes: X (m, inputs) to (m).

    >>> from nn import Neuron
    >>> unit = Neuron(1, "sigmoid")
    >>> unit.load_state_dict({"weight": [[2.0]], "bias": [-1.0]})
    >>> predict_classes(unit, [[0.0], [1.0]]), predict_classes(unit, [[0.0], [1.0]], threshold=0.9)
    ([0, 1], [0, 0])
    """
    rows = samples(X, model, "predict_classes")
    cut = turning_point(model, rows[0], threshold, "predict_classes")
    return [_class(row, cut) for row in outputs(model, rows)]


def accuracy(model: Module, X: Any, y: Any, *, threshold: float | None = None) -> float:
    """Return the share of samples whose class is right.

    Targets are indices of classes, or lists with a number for each; for one output 0 and 1, or −1
    and +1. The `threshold` of one output is that of `predict_classes`.

    Shapes: X (m, inputs), y (m) or (m, k); a number from 0 to 1.

    >>> from nn import Neuron
    >>> unit = Neuron(1)
    >>> unit.load_state_dict({"weight": [[1.0]], "bias": [0.0]})
    >>> accuracy(unit, [[-2.0], [3.0], [4.0], [5.0]], [-1, 1, 1, -1])
    0.75
    """
    rows, targets = pairs(X, y, model, "accuracy")
    cut = turning_point(model, rows[0], threshold, "accuracy")
    right = [
        _class(row, cut) == class_of(target, len(row), i)
        for i, (row, target) in enumerate(zip(outputs(model, rows), targets, strict=True))
    ]
    return sum(right) / len(right)


def outputs(model: Module, rows: Rows) -> Rows:
    """Return the numbers that a model puts out, a list for each row."""
    if is_worth_it(model, len(rows)):
        try:
            found: Rows = outputs_program(model, rows[0]).values(rows).tolist()
        except (UnsuitableError, BranchError):
            found = []
        if found and all(map(isfinite, chain.from_iterable(found))):
            return found  # of what is not finite the model itself says more
    with no_grad():
        return [[a.data for a in model.outputs_for(row)] for row in rows]


def recorded(model: Module, x: Any) -> list[Value]:
    """Return the outputs for one sample with their graph, even where `no_grad` holds."""
    found: list[Value] = []

    def record(_: Value) -> float:
        found.extend(model.outputs_for(x))
        return 0.0

    grad(record)(0.0)  # whoever asks for a derivative has operations recorded
    return found


def turning_point(
    model: Module, row: list[float], threshold: float | None, operation: str
) -> float:
    """Return where the single output for a sample turns from class 0 to class 1; 0 for several.

    That is the `threshold` if there is one. Raises `UsageError` if there is none and the output
    does not say by its last operation, or if there is one and several outputs.
    """
    found = recorded(model, row)
    if threshold is not None:
        if len(found) > 1 or not isfinite(Value(threshold).data):
            raise UsageError(
                f"{operation}: threshold={threshold!r} with {len(found)} output(s); it is a number "
                "for one output, of several the largest counts"
            )
        return Value(threshold).data
    if len(found) > 1:
        return 0.0
    [output] = found
    low, high = output.rule.range if output.rule else (-inf, inf)
    if isfinite(high - low):
        return (low + high) / 2
    if _adds(output, set(model.parameters())):
        return 0.0
    raise UsageError(
        f"{operation}: the output is {output.op or 'a leaf'}, which does not say where class 1 "
        "begins; give threshold=0.5 for a probability, threshold=0 for a score"
    )


def _adds(output: Value, parameters: set[Value]) -> bool:
    """Return whether a parameter is among the terms of the sum that an output is."""
    terms, seen = [output], {output}
    for term in terms:  # of which some are sums themselves
        if term.op in ("add", "sub", "sum"):
            terms += [parent for parent in term.parents if parent not in seen]
            seen.update(term.parents)
    return len(terms) > 1 and not parameters.isdisjoint(terms)


def _class(row: list[float], cut: float) -> int:
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

"""One step of gradient descent, found out layer by layer and not taken."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, NamedTuple

from autograd import BranchError, UsageError, Value, gradient, no_grad, replay
from nn.data import Rows, Targets, pairs
from nn.losses import Loss, recorded_loss
from nn.modules import Layer, Layered, Neuron, Sequential
from nn.optim import SGD

__all__ = ["DescentStep", "LayerStep", "descent_step"]


class LayerStep(NamedTuple):
    """What gradient descent finds in one layer, and does to it.

    The layer is that `number` of its network, the inputs being 1. For each neuron j:

    - ``labels``: what its output is called;
    - ``activations``: that output a_j;
    - ``wanted``: −∂C/∂a_j, the way and how strongly it is wanted to move;
    - ``biases``: −λ ∂C/∂b_j, by how much the step changes its bias;
    - ``weights``: −λ ∂C/∂w_jk, by how much the step changes its weights: a row for each neuron.
    """

    number: int
    activation: str
    labels: list[str]
    activations: list[float]
    wanted: list[float]
    biases: list[float]
    weights: list[list[float]]


class DescentStep(NamedTuple):
    """A step w ← w − λ ∂C/∂w at a learning rate λ: its layers, and the loss before and after it.

    The inputs have numbers and no wishes: they are the data. Of several `samples`, the inputs, the
    activations and the wishes are averages, and the changes are the averages of what each sample
    by itself would have.
    """

    samples: int
    rate: float
    input_labels: list[str]
    inputs: list[float]
    layers: list[LayerStep]
    loss_before: float
    loss_after: float


def descent_step(model: Any, X: Any, y: Any, loss: Loss, lr: float, operation: str) -> DescentStep:
    """Return the step that gradient descent would take; nothing in the model changes.

    Raises `UsageError`, in the name of the operation, for a model that is not layers one after
    another, for samples that do not fit it, and for a loss that returns no recorded Value.
    """
    layers = _layers(model, operation)
    rows, targets = data = pairs(X, y, model, operation)
    rate = SGD(model.parameters(), lr).rate(0)  # refuses one that moves nothing, or uphill
    samples = [model.activations(row) for row in rows]
    cost = recorded_loss(loss, [each[-1] for each in samples], targets, operation)
    nodes = [a for each in samples for layer in each for a in layer]
    found = [*nodes, *model.parameters()]
    slopes = dict(zip(found, gradient(cost, found), strict=True))
    changes = {p: 0.0 - rate * slopes[p] for p in model.parameters()}  # from 0: there is no −0
    inputs, *columns = (list(zip(*layer, strict=True)) for layer in zip(*samples, strict=True))
    return DescentStep(
        len(rows),
        rate,
        layers[0].input_labels,
        _means(inputs),
        [
            LayerStep(
                layer.index,
                layer.activation,
                [neuron.label for neuron in layer.neurons],
                _means(column),
                # C averages over samples: the sum of its slopes is the average of the C_i's
                [0.0 - sum(slopes[a] for a in copies) for copies in column],
                [changes[neuron.b] for neuron in layer.neurons],
                [[changes[w] for w in neuron.w] for neuron in layer.neurons],
            )
            for layer, column in zip(layers, columns, strict=True)
        ],
        cost.data,
        _after(model, data, loss, cost, changes),
    )


def _layers(model: Any, operation: str) -> list[Layer]:
    """Return the layers of a model that computes one after another, and nothing else."""
    kinds = (Neuron, Layer, Sequential)
    if not isinstance(model, kinds) or all(
        type(model).__call__ is not kind.__call__ for kind in kinds
    ):
        raise UsageError(
            f"{operation}: a {type(model).__name__} is not layers one after another; give an MLP, "
            "a Sequential, a Layer or a Neuron"
        )
    return model.sequence()


def _means(column: Sequence[Sequence[Value]]) -> list[float]:
    """Return the average over samples of what each neuron of a layer puts out."""
    return [sum(a.data for a in copies) / len(copies) for copies in column]


def _after(
    model: Layered, data: tuple[Rows, Targets], loss: Loss, cost: Value, changes: dict[Value, float]
) -> float:
    """Return the loss after the changes, of which the model sees nothing."""
    moved = {p: p.data + change for p, change in changes.items() if change}
    try:
        after: float = replay(cost, moved)[0]
    except BranchError:  # an `if` of the activation or the loss comes out otherwise: record anew
        stepped = deepcopy(model)
        for p, change in zip(stepped.parameters(), changes.values(), strict=True):
            p.data += change
        with no_grad():
            after = loss([stepped.outputs_for(row) for row in data[0]], data[1]).data
    return after

"""Models and losses as programs: recorded once, and replayed over batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from itertools import islice
from math import isclose
from typing import TYPE_CHECKING, Any

from autograd import AutogradError, Program, Value
from nn.activations import ACTIVATIONS
from nn.data import Rows, Targets
from nn.losses import Loss, recorded_loss
from nn.module import Module
from nn.modules import MLP, Layer, Neuron, Sequential

if TYPE_CHECKING:
    from numpy import ndarray

__all__ = [
    "UnsuitableError", "is_layers", "is_worth_it", "key_of", "loss_program", "outputs_program",
]  # fmt: skip

WORTH = 500_000
"""From how many samples × parameters on a program saves more time than it takes to make one."""


class UnsuitableError(Exception):
    """Say why a model or a loss is computed sample by sample."""


def is_worth_it(model: Module, samples: int) -> bool:
    """Return whether a program for so many samples saves more time than it takes to make."""
    return len(model.parameters()) * samples >= WORTH and find_spec("numpy") is not None


def outputs_program(model: Module, row: Sequence[float]) -> Program:
    """Return the program of the list of a model's outputs, with its inputs varying.

    Raises `UnsuitableError` if that is not sure to be the model at other inputs.
    """
    if not is_layers(model):
        raise UnsuitableError(f"a {type(model).__name__} may do anything with its inputs")
    with _Recorder(model.parameters()) as recorder:
        inputs = list(map(Value, row))
        outputs, again = (
            recorder.record(partial(model.outputs_for, inputs), inputs) for _ in range(2)
        )
        for twice in zip(outputs, again, strict=True):
            _check_likeness(twice, model.parameters(), inputs)
        return Program(outputs, inputs, [])
    raise AssertionError


def loss_program(
    model: Module, loss: Loss, rows: Rows, targets: Targets, learned: Sequence[Value]
) -> tuple[Program, ndarray[Any, Any]]:
    """Return the program of the losses of samples, and the row of its batch for each of them.

    Layers are recorded once, for any inputs, and the loss once for each target that there is;
    any other model is recorded for every sample, as it computes it.

    Raises `UnsuitableError` if it is not sure to be what the model and the loss compute.
    """
    with _Recorder([*model.parameters(), *learned]) as recorder:
        if is_layers(model):
            inputs = list(map(Value, rows[0]))
            outputs = recorder.record(partial(model.outputs_for, inputs), inputs)
            kinds = {key_of(target): target for target in targets}
            pairs = [(outputs, target) for target in kinds.values()]
            which = {key: i for i, key in enumerate(kinds)}
        else:
            inputs = []
            pairs = [
                (recorder.record(partial(model.outputs_for, row), []), target)
                for row, target in zip(rows, targets, strict=True)
            ]
        costs = [recorder.record(partial(_cost, loss, *pair), inputs) for pair in pairs]
        outputs = recorder.record(partial(model.outputs_for, inputs or rows[0]), inputs)
        again = recorder.record(partial(_cost, loss, outputs, pairs[0][1]), inputs)
        _check_likeness([costs[0], again], learned, inputs)
        _check_average(loss, pairs, costs)
        program, table = Program.of_samples(costs, learned, inputs)
        if inputs:
            table = table[[which[key_of(target)] for target in targets]]
            table[:, : len(inputs)] = rows
        return program, table
    raise AssertionError


class _Recorder:
    """What records graphs, and turns what goes wrong meanwhile into `UnsuitableError`."""

    def __init__(self, parameters: Sequence[Value]) -> None:
        self.parameters = parameters

    def __enter__(self) -> _Recorder:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, _: Any) -> None:
        if isinstance(error, AutogradError):
            raise UnsuitableError(str(error)) from error

    def record(self, function: Callable[[], Any], inputs: Sequence[Value]) -> Any:
        """Return what a function returns that looks at no number on its way."""
        leaves = [*self.parameters, *inputs]
        found, lines = Program.recorded(function, leaves, trusted="nn.losses")  # they only refuse
        if lines:
            raise UnsuitableError(f"{lines[0]} looks at the .data of what it computes with")
        return found


def is_layers(model: Module) -> bool:
    """Return whether a model is layers of this package with activations of the table, no more."""
    layers = getattr(model, "layers", [model])
    kinds = {type(part) for part in (model, *layers)}
    return kinds <= {MLP, Sequential, Layer, Neuron} and all(
        layer.activation in ACTIVATIONS for layer in layers
    )


def key_of(target: Any) -> Any:
    """Return a target as something that can be looked up."""
    return tuple(target) if isinstance(target, list) else target


def _cost(loss: Loss, outputs: Sequence[Value], target: Any) -> Value:
    return recorded_loss(loss, [outputs], [target], "fit")


def _check_likeness(
    twice: Sequence[Value], learned: Sequence[Value], inputs: Sequence[Value]
) -> None:
    """Refuse a sample that is another one the second time, as chance makes it."""
    _, (one, other) = Program.of_samples(twice, learned, inputs)
    if (one != other).any():
        raise UnsuitableError("what is computed of a sample is not the same twice")


def _check_average(
    loss: Loss, pairs: Sequence[tuple[Sequence[Value], Any]], costs: Sequence[Value]
) -> None:
    """Refuse a loss of samples that is not the average of their losses."""
    few = list(islice(zip(pairs, costs, strict=True), 3))
    for chosen in (few[:2], few, [*few, few[0]], [few[-1], *few, few[-1]]):
        outputs, targets = zip(*[pair for pair, _ in chosen], strict=True)
        together = loss(list(outputs), list(targets)).data
        average = sum(cost.data for _, cost in chosen) / len(chosen)
        if not isclose(together, average, rel_tol=1e-9, abs_tol=1e-12):
            raise UnsuitableError("the loss of a batch is not the average of its samples' losses")

"""A training by a program finds what an eager one finds, or says that it was eager."""

from __future__ import annotations

import copy
import linecache
import math
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, NamedTuple, TypeAlias

import numpy
import pytest
from matplotlib.figure import Figure

from autograd import RULES, DomainError, UsageError, Value, no_grad, rule, where
from autograd import functions as f
from nn import (
    MLP,
    SGD,
    Adam,
    AdamW,
    History,
    Layer,
    Module,
    Sequential,
    accuracy,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cosine_decay,
    cross_entropy,
    decision_boundary,
    exponential_decay,
    fit,
    hinge,
    l2_penalty,
    linear_decay,
    mean_squared_error,
    per_sample_gradients,
    plot_decision_boundary,
    predict,
    predict_classes,
    programs,
    squared_error,
)
from nn.optim import Optimizer
from tests.untyped import untyped

Aims: TypeAlias = tuple[Module, Any, Optimizer]
"""A model, a loss and an optimizer, made anew for each training."""

SAMPLES = 13  # of which the last batch of 4 or 6 has a single one


@pytest.fixture(autouse=True)
def _worth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Choose a program wherever there is one."""
    monkeypatch.setattr(programs, "WORTH", 0)


@pytest.fixture(params=["compiled", "arrays"])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Train by either back end: without llvmlite by arrays."""
    if request.param == "arrays":
        monkeypatch.setitem(sys.modules, "llvmlite", None)
    return str(request.param)


def rows(count: int = SAMPLES, size: int = 2, seed: int = 0) -> list[list[float]]:
    """Return samples drawn by chance."""
    rng = Random(f"rows {seed}")
    return [[rng.gauss(0, 1) for _ in range(size)] for _ in range(count)]


def classes(count: int = SAMPLES, kinds: int = 2, seed: int = 0) -> list[float]:
    """Return a class for each sample, drawn by chance."""
    rng = Random(f"classes {seed}")
    return [float(rng.randrange(kinds)) for _ in range(count)]


X, Y = rows(), classes()


class Trained(NamedTuple):
    """What a training leaves behind."""

    numbers: list[float]
    slopes: list[float | None]
    history: History


def trained(aims: Callable[[], Aims], engine: str, **options: Any) -> Trained:
    """Train with a model, loss and optimizer of their own."""
    model, loss, optimizer = aims()
    chosen: dict[str, Any] = {
        "X": X, "y": Y, "epochs": 2, "batch_size": 4, "seed": 5, "progress": False,
        "engine": engine,
    }  # fmt: skip
    chosen |= options
    if "watch" in chosen:
        chosen["callbacks"] = [chosen.pop("watch")(model, optimizer)]
    history = fit(model, loss=loss, optimizer=optimizer, **chosen)
    leaves = list(dict.fromkeys([*model.parameters(), *optimizer.parameters]))
    slopes = [p.grad if p.has_grad else None for p in leaves]
    return Trained([p.data for p in leaves], slopes, history)


def near(found: Sequence[float], expected: Sequence[float]) -> bool:
    """Return whether numbers agree to nine digits of the largest."""
    size = 1 + max(map(abs, expected), default=0.0)
    pairs = zip(found, expected, strict=True)
    return all(abs(x - y) <= 1e-9 * size for x, y in pairs)


def alike(aims: Callable[[], Aims], engine: str = "auto", **options: Any) -> str:
    """Train eagerly and as `fit` chooses, hold one to the other; return the engine it chose."""
    expected = trained(aims, "eager", **options)
    found = trained(aims, engine, **options)
    assert near(found.numbers, expected.numbers)
    assert [s is None for s in found.slopes] == [s is None for s in expected.slopes]
    assert near([s or 0.0 for s in found.slopes], [s or 0.0 for s in expected.slopes])
    assert near(found.history.losses, expected.history.losses)
    assert near(found.history.validation_losses, expected.history.validation_losses)
    assert found.history.stopped == expected.history.stopped
    return found.history.engine


def network(
    inputs: int = 2, outputs: int = 1, activation: Any = "tanh", last: str = "linear"
) -> MLP:
    """Return a small network, the same each time."""
    return MLP([inputs, 4, outputs], activation, last, seed=1)


def descent(model: Module, lr: float = 0.1, **options: Any) -> SGD:
    """Return gradient descent on all parameters."""
    return SGD(model.parameters(), lr=lr, **options)


def aims_of(
    model: Callable[[], Module] = network,
    loss: Any = binary_cross_entropy_with_logits,
    optimizer: Callable[[Module], Optimizer] = descent,
) -> Callable[[], Aims]:
    """Return what makes the three anew."""

    def made() -> Aims:
        fresh = model()
        return fresh, loss, optimizer(fresh)

    return made


def average(losses: Sequence[Value]) -> Value:
    """Return the average of losses."""
    total = losses[0]
    for loss in losses[1:]:
        total = total + loss
    return total * (1 / len(losses))


def by_sample(loss: Callable[[Value, float], Value]) -> Callable[[Any, Any], Value]:
    """Return the average of a loss of a single output and its target."""
    return lambda outputs, targets: average(
        [loss(a[0], y) for a, y in zip(outputs, targets, strict=True)]
    )


def logistic(z: Value, y: float) -> Value:
    """Return the binary cross-entropy of one logit."""
    return binary_cross_entropy_with_logits([[z]], [y])


# Every loss, every optimizer, several activations, both back ends


def leaky(z: Value) -> Value:
    """Return an activation of one's own, that chooses as an operation of the graph."""
    return where(z > 0, z, 0.1 * z)


ACTIVATIONS: list[Any] = [
    "linear", "relu", "tanh", "sigmoid", "softplus", "gelu", "silu", "sin", "abs", "erf", leaky,
    lambda z: z / (1 + z * z),
]  # fmt: skip

LOSSES: dict[str, tuple[Any, int, str, Callable[[Random], Any]]] = {
    "squared error": (squared_error, 1, "linear", lambda rng: rng.gauss(0, 1)),
    "squared error of two": (squared_error, 2, "tanh", lambda rng: [rng.random(), rng.random()]),
    "mean squared error": (mean_squared_error, 2, "linear", lambda rng: [1.0, rng.gauss(0, 1)]),
    "probabilities": (binary_cross_entropy, 1, "sigmoid", lambda rng: rng.randrange(2)),
    "soft targets": (binary_cross_entropy, 2, "sigmoid", lambda rng: [rng.random(), 1]),
    "logits": (binary_cross_entropy_with_logits, 1, "linear", lambda rng: rng.randrange(2)),
    "classes": (cross_entropy, 3, "linear", lambda rng: rng.randrange(3)),
    "hinge": (hinge, 1, "linear", lambda rng: rng.choice([-1, 1])),
}

OPTIMIZERS: dict[str, Callable[[list[Value]], Optimizer]] = {
    "descent": lambda p: SGD(p, lr=0.1),
    "momentum": lambda p: SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
    "nesterov": lambda p: SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "Adam": lambda p: Adam(p, lr=0.05),
    "Adam, decaying": lambda p: Adam(p, lr=0.05, betas=(0.5, 0.9), weight_decay=0.1),
    "AdamW": lambda p: AdamW(p, lr=0.05, weight_decay=0.1),
    "linear": lambda p: SGD(p, lr=untyped(linear_decay(0.2, 0.0, 7))),
    "cosine": lambda p: Adam(p, lr=untyped(cosine_decay(0.1, 0.01, 20))),
    "exponential": lambda p: AdamW(p, lr=untyped(exponential_decay(0.1, 0.001, 5))),
    "schedule": lambda p: SGD(p, lr=lambda step: 0.1 * (step % 3)),
}


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_and_optimizer_takes_the_same_steps(
    loss: str, optimizer: str, backend: str
) -> None:
    rng = Random(f"{loss} {optimizer}")
    function, outputs, last, target = LOSSES[loss]
    first, second = rng.sample(ACTIVATIONS, 2)

    def aims() -> Aims:
        model = Sequential(
            Layer(3, 4, first, seed=1), Layer(4, 3, second, seed=2), Layer(3, outputs, last, seed=3)
        )
        return model, function, OPTIMIZERS[optimizer](model.parameters())

    y = [target(rng) for _ in X]
    engine = alike(aims, "program", X=rows(size=3), y=y, validation=(rows(5, 3, seed=1), y[:5]))
    assert engine == f"program ({backend})"


@pytest.mark.slow
@pytest.mark.parametrize("batch_size", [1, 2, 3, 4, 6, 12, 13, 1000, None])
def test_batches_may_be_of_any_size_and_ragged(batch_size: int | None, backend: str) -> None:
    assert f"program ({backend})" in alike(aims_of(), batch_size=batch_size, epochs=3)


@pytest.mark.parametrize("count", [1, 2, 7, 9, 33])
def test_there_may_be_any_number_of_samples(count: int) -> None:
    aims = aims_of(optimizer=lambda model: Adam(model.parameters(), lr=0.01))
    assert "program (" in alike(aims, X=rows(count), y=classes(count), batch_size=8)


@pytest.mark.parametrize(
    "y",
    [
        [[target] for target in Y],
        numpy.array(Y).reshape(-1, 1),
        [[target] if i % 2 else target for i, target in enumerate(Y)],
        [bool(target) for target in Y],
        [target / 3 for target in Y],
        [1] * SAMPLES,
        [-0.0, *Y[1:]],
    ],
)
def test_targets_are_numbers_or_lists_however_they_come(y: Any) -> None:
    assert "program (" in alike(aims_of(), y=y)


def test_the_same_sample_may_have_several_targets() -> None:
    assert "program (" in alike(aims_of(), X=[X[0]] * SAMPLES)


# Modules of one's own


class Residual(Module):
    """A block whose input is added to its output."""

    def __init__(self) -> None:
        self.inner, self.last = Layer(2, 2, "tanh", seed=1), Layer(2, 1, seed=2)

    def __call__(self, x: Any) -> Any:
        """Return the output for one sample."""
        return self.last([x_k + a_k for x_k, a_k in zip(x, self.inner(x), strict=True)])


class Shared(Module):
    """A layer that is passed twice, under two names."""

    def __init__(self) -> None:
        self.first = self.second = Layer(2, 2, "tanh", seed=1)
        self.last = Layer(2, 1, seed=2)

    def __call__(self, x: Any) -> Any:
        """Return the output for one sample."""
        return self.last(self.second(self.first(x)))


class PlainIf(Module):
    """Another layer for inputs on the left, and a chain as long as an input says."""

    def __init__(self) -> None:
        self.left, self.right = Layer(2, 1, seed=1), Layer(2, 1, "tanh", seed=2)

    def __call__(self, x: Any) -> Any:
        """Return the output for one sample."""
        z = self.left(x) if x[0] < 0 else self.right([x[1], 1.0])
        for _ in range(int(abs(x[1] * 3))):
            z = (z * 1.1).sin()
        return z


class OwnParameters(Module):
    """Parameters without layers, of which some samples need only one."""

    def __init__(self) -> None:
        self.w, self.b = Value(0.5, "w"), Value(0.5, "b")

    def __call__(self, x: Any) -> Value:
        """Return the output for one sample."""
        w = self.w if x[1] > 0 else self.b
        return w * x[0]  # type: ignore[no-any-return]


class Itself(Module):
    """An output that is a parameter, for some samples."""

    def __init__(self) -> None:
        self.w = Value(0.5, "w")

    def __call__(self, x: Any) -> Value:
        """Return the output for one sample."""
        return self.w + x[0] if x[0] > 0 else self.w


class ItsInput(Module):
    """An output in which no parameter takes part."""

    def __init__(self) -> None:
        self.w = Value(0.5, "w")

    def __call__(self, x: Any) -> Value:
        """Return the output for one sample."""
        return Value(x[0])


class ByLabel(Module):
    """An output that depends on what a Value is called."""

    def __init__(self) -> None:
        self.inner = Layer(2, 1, seed=1)

    def __call__(self, x: Any) -> Any:
        """Return the output for one sample."""
        z = self.inner(x)
        return z * 2 if z.label.startswith("z") else z


class ValueIf(Module):
    """A Python ``if`` on what is computed."""

    def __init__(self) -> None:
        self.inner = Layer(2, 1, seed=1)

    def __call__(self, x: Any) -> Any:
        """Return the output for one sample."""
        z = self.inner(x)
        return z if z > 0 else z * 0.1


class ReadsData(Module):
    """A scale that is no part of the graph."""

    def __init__(self) -> None:
        self.inner = Layer(2, 1, seed=1)

    def __call__(self, x: Any) -> Any:
        """Return the output for one sample."""
        z = self.inner(x)
        return z * (1 / (1 + abs(z.data)))


class RunningMean(Module):
    """A mean of what has been computed so far, that is taken away."""

    def __init__(self) -> None:
        self.inner, self.mean = Layer(2, 1, seed=1), 0.0

    def __call__(self, x: Any) -> Any:
        """Return the output for one sample."""
        z = self.inner(x)
        self.mean += 0.1 * (z.data - self.mean)
        return z - self.mean


class Hard(Module):
    """A gate that is asked with inputs of its own: what it says is no part of the graph."""

    def __init__(self) -> None:
        self.gate, self.other = Layer(2, 1, seed=1), Layer(2, 1, seed=2)

    def __call__(self, x: Any) -> Any:
        """Return the output for one sample."""
        return self.gate(x) * 2 if self.gate(x) > 0 else self.other(x) + self.gate(x)


class Dropout(Module):
    """A hidden layer of which each activation is left out by chance."""

    def __init__(self, share: float = 0.5) -> None:
        self.hidden, self.last = Layer(2, 6, "tanh", seed=1), Layer(6, 1, seed=2)
        self.random, self.share = Random(3), share

    def __call__(self, x: Any) -> Any:
        """Return the output for one sample."""
        kept = [a * float(self.random.random() > self.share) for a in self.hidden(x)]
        return self.last(kept)


class Counting(Module):
    """An output that is halved once so many samples have been seen."""

    def __init__(self, after: int) -> None:
        self.inner, self.left = Layer(2, 1, seed=1), after

    def __call__(self, x: Any) -> Any:
        """Return the output for one sample."""
        self.left -= 1
        return self.inner(x) * (1.0 if self.left > 0 else 0.5)


@pytest.mark.slow
@pytest.mark.parametrize(
    "model", [Residual, Shared, PlainIf, OwnParameters, Itself, ItsInput, ByLabel]
)
def test_a_module_of_ones_own_is_trained_by_a_program(
    model: Callable[[], Module], backend: str
) -> None:
    aims = aims_of(model, optimizer=lambda m: Adam(m.parameters(), lr=0.1, weight_decay=0.1))
    assert f"program ({backend})" in alike(
        aims, "program", epochs=4, validation=(rows(6, seed=2), classes(6, seed=2))
    )


def test_a_module_that_looks_at_numbers_is_trained_eagerly() -> None:
    assert "a ReadsData may do anything" in alike(aims_of(ReadsData), epochs=4)
    with pytest.raises(UsageError, match=r"\.data of what it computes with"):
        trained(aims_of(ReadsData), "program")


@pytest.mark.parametrize("seed", range(4))
def test_a_module_with_ifs_on_values_is_right(seed: int) -> None:
    aims = aims_of(ValueIf, optimizer=lambda model: descent(model, 0.5))
    alike(aims, X=rows(30, seed=seed), y=classes(30, seed=seed), epochs=6, batch_size=7)


@pytest.mark.parametrize("model", [Dropout, RunningMean, lambda: network(activation=by_chance)])
def test_a_module_that_computes_otherwise_each_time_is_trained_eagerly(
    model: Callable[[], Module],
) -> None:
    assert trained(aims_of(model), "auto").history.engine.startswith("eager: ")


def by_chance(z: Value) -> Value:
    """Return an activation that chance leaves out."""
    return z * float(CHANCE.random() > 0.5)


CHANCE = Random(1)


def test_a_module_with_chance_trains_as_if_no_program_had_been_tried() -> None:
    alike(aims_of(Dropout))


@pytest.mark.parametrize("after", [3, 20, 40])
def test_a_module_with_state_that_matters_later_is_trained_eagerly(after: int) -> None:
    alike(aims_of(lambda: Counting(after)), epochs=6)


def test_a_gate_beside_the_graph_opens_and_shuts_as_it_is_trained() -> None:
    alike(
        aims_of(Hard, optimizer=lambda model: descent(model, 0.5)),
        epochs=8,
        X=rows(40),
        y=classes(40),
    )


@pytest.mark.parametrize("seed", range(3))
def test_random_networks_of_layers_and_modules_are_trained_the_same(seed: int) -> None:
    rng = Random(seed)
    widths = [2, *[rng.randint(1, 5) for _ in range(rng.randint(1, 4))], 3]
    kinds = [rng.choice(ACTIVATIONS) for _ in widths[1:]]

    class Both(Module):
        """Layers in sequence, called by a module of one's own."""

        def __init__(self, inner: Module) -> None:
            self.inner = inner

        def __call__(self, x: Any) -> Any:
            """Return the output for one sample."""
            return self.inner(x)

    def layers() -> Module:
        pairs = zip(widths, widths[1:], kinds, strict=False)
        return Sequential(*[Layer(m, n, g, seed=i) for i, (m, n, g) in enumerate(pairs)])

    for model, engine in ((layers, "auto"), (lambda: Both(layers()), "program")):
        aims = aims_of(model, cross_entropy, lambda m: Adam(m.parameters(), lr=0.02))
        assert "program (" in alike(aims, engine, y=classes(kinds=3, seed=seed), seed=seed)


# Activations and rules of one's own


def test_an_activation_with_an_if_on_values_is_right() -> None:
    model = partial(network, activation=lambda z: z if z > 0 else z * 0.1)
    assert "eager: " in alike(aims_of(model), epochs=3)


def test_an_activation_whose_if_is_never_turned_is_a_program() -> None:
    model = partial(network, activation=lambda z: z if z > -1e6 else z * 0.1)
    assert "may do anything" in alike(aims_of(model), epochs=3)
    assert "program (" in alike(aims_of(model), "program", epochs=3)


def test_a_batch_that_goes_another_way_is_trained_by_itself() -> None:
    model = partial(network, activation=lambda z: z.tanh() if z > -3 else z * 0.3)
    X = rows(40)
    X[17] = [30.0, 30.0]
    alike(aims_of(model), "program", X=X, y=classes(40), epochs=3)


@rule
def squashed_by_a_root(x: Any) -> Any:
    """Return x / √(1 + x²)."""
    root = f.sqrt(1 + x * x)
    return x / root, (1 / root**3,)


@rule
def skewed(x: Any, y: Any) -> Any:
    """Return x · eʸ⁻ˣ."""
    e = f.exp(y - x)
    return x * e, ((1 - x) * e, x * e)


@pytest.fixture
def own_rules() -> Any:
    """Declare the rules of this file for a while."""
    for own in (squashed_by_a_root, skewed):
        RULES.setdefault(own.name, own)
    yield
    for own in (squashed_by_a_root, skewed):
        del RULES[own.name]


for _own in (squashed_by_a_root, skewed):
    del RULES[_own.name]  # until a test declares it


@pytest.mark.usefixtures("own_rules")
def test_rules_of_ones_own_are_trained_by_a_program(backend: str) -> None:
    model = partial(network, activation=squashed_by_a_root)
    loss = by_sample(lambda z, y: logistic(z, y) + 0.1 * skewed(z, y).tanh())
    assert f"program ({backend})" in alike(aims_of(model, loss), epochs=3)
    assert f"program ({backend})" in alike(
        aims_of(lambda: network(activation="squashed_by_a_root"))
    )


# Losses of one's own


def weighted(outputs: Any, targets: Any) -> Value:
    """Return a loss that is another formula for each class, with plain ifs."""
    return average(
        [
            logistic(a[0], y) * 3 if y else (a[0] - 0.5) ** 2 + a[0].sin()
            for a, y in zip(outputs, targets, strict=True)
        ]
    )


@pytest.mark.parametrize(
    "loss",
    [
        weighted,
        by_sample(lambda z, y: where(z > 0, logistic(z, y) * 3, logistic(z, y))),
        by_sample(lambda z, y: logistic(z, y) * (1 + z * y)),
        by_sample(lambda z, y: (z - math.copysign(1, y)) ** 2),
        by_sample(lambda z, y: abs(z - y)),
        lambda outputs, targets: squared_error(outputs, targets).sqrt() ** 2,
        lambda outputs, targets: 0.5 * hinge(outputs, [2 * y - 1 for y in targets]) + 1,
    ],
)
def test_a_loss_of_ones_own_that_averages_is_a_program(loss: Any, backend: str) -> None:
    assert f"program ({backend})" in alike(aims_of(loss=loss), epochs=3, validation=(X[:5], Y[:5]))


def test_a_penalty_of_the_parameters_is_part_of_every_samples_loss() -> None:
    def aims() -> Aims:
        model = network()

        def loss(outputs: Any, targets: Any) -> Value:
            return squared_error(outputs, targets) + l2_penalty(model.parameters(), 0.05)

        return model, loss, descent(model)

    assert "program (" in alike(aims, epochs=3)


def test_a_loss_may_have_parameters_of_its_own() -> None:
    def aims() -> Aims:
        model, spread = network(), Value(0.3, "s")

        def loss(outputs: Any, targets: Any) -> Value:
            return squared_error(outputs, targets) * (-spread).exp() + spread

        return model, loss, Adam([*model.parameters(), spread], lr=0.05)

    assert "program (" in alike(aims, epochs=3)


def balanced(outputs: Any, targets: Any) -> Value:
    """Return the average of the averages over the classes that a batch has."""
    return average(
        [
            average([logistic(a[0], y) for a, y in zip(outputs, targets, strict=True) if y == kind])
            for kind in sorted(set(targets))
        ]
    )


def spreading(outputs: Any, targets: Any) -> Value:
    """Return a loss that punishes outputs for lying far from their mean."""
    mean = average([a[0] for a in outputs])
    return binary_cross_entropy_with_logits(outputs, targets) + average(
        [(a[0] - mean) ** 2 for a in outputs]
    )


BATCH_LOSSES = {
    "sum": lambda outputs, targets: squared_error(outputs, targets) * len(targets),
    "root of the average": lambda outputs, targets: squared_error(outputs, targets).sqrt(),
    "spreading": spreading,
    "penalty shared out": lambda outputs, targets: (
        squared_error(outputs, targets) + outputs[0][0] ** 2 / len(targets)
    ),
    "hardest half": lambda outputs, targets: average(
        sorted((logistic(a[0], y) for a, y in zip(outputs, targets, strict=True)), reverse=True)[
            : (len(targets) + 1) // 2
        ]
    ),
}


@pytest.mark.parametrize("loss", BATCH_LOSSES)
@pytest.mark.parametrize("model", [network, Residual])
def test_a_loss_of_the_batch_as_a_whole_is_trained_eagerly(
    loss: str, model: Callable[[], Module]
) -> None:
    assert alike(aims_of(model, BATCH_LOSSES[loss])).startswith("eager: ")


def test_a_loss_that_weighs_the_classes_of_a_batch_is_trained_eagerly() -> None:
    for seed in range(8):
        alike(aims_of(loss=balanced), X=rows(40), y=classes(40), batch_size=8, seed=seed)


def test_a_loss_of_large_batches_is_trained_eagerly() -> None:
    def loss(outputs: Any, targets: Any) -> Value:
        left = list(zip(outputs, targets, strict=True))[len(targets) // 10 :]
        return average([logistic(a[0], y) for a, y in left])

    alike(aims_of(loss=loss), X=rows(40), y=classes(40), batch_size=20)


def reads_output(outputs: Any, targets: Any) -> Value:
    """Return a loss with weights that are no part of the graph."""
    return average(
        [
            logistic(a[0], y) * (1 + abs(a[0].data - y))
            for a, y in zip(outputs, targets, strict=True)
        ]
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "loss",
    [
        reads_output,
        by_sample(lambda z, y: logistic(z, y) * (1 + z.item() ** 2)),
        by_sample(lambda z, y: logistic(z, y) * (1 + z.detach() ** 2)),
        by_sample(lambda z, y: logistic(z, y) * (1 + copy.deepcopy(z) ** 2)),
        by_sample(lambda z, y: logistic(z, y) * (1 + sum(z.sigmoid().partials))),
        by_sample(lambda z, y: logistic(z, y) * (1 + len(f"{z!r}"))),
        by_sample(lambda z, y: logistic(z, y) * (2 if z > 0 else 1)),
        by_sample(lambda z, y: logistic(z, y) * [1, 2][z > 0]),
        by_sample(lambda z, y: logistic(z, y) * (1 + int(z > 0))),
        by_sample(lambda z, y: logistic(z, y) * {True: 2, False: 1}[z > 0]),
        by_sample(lambda z, y: max(0.1 * z, z) ** 2 + logistic(z, y)),
    ],
)
def test_a_loss_that_looks_at_an_output_is_right(loss: Any) -> None:
    """Whether by a program or not: a guard may keep it from being one."""
    for seed in range(3):
        assert "eager: " in alike(aims_of(loss=loss), seed=seed, X=rows(30), y=classes(30))


def test_a_loss_that_looks_at_a_parameter_is_trained_eagerly() -> None:
    def aims() -> Aims:
        model = network()
        [w, *_] = model.parameters()
        loss = by_sample(lambda z, y: logistic(z, y) * (1 + w.data**2))
        return model, loss, descent(model)

    assert ".data" in alike(aims, epochs=1)


LOOKS: dict[str, Callable[[MLP], Any]] = {
    "its state": lambda model: model.state_dict()["0.weight"][0][0],
    "a prediction": lambda model: predict(model, [[0.5, 0.5]])[0],
}


@pytest.mark.parametrize("look", LOOKS)
def test_a_loss_that_looks_at_a_parameter_by_way_of_nn_is_trained_eagerly(look: str) -> None:
    def aims() -> Aims:
        model = network()
        loss = by_sample(lambda z, y: logistic(z, y) * (1 + LOOKS[look](model) ** 2))
        return model, loss, descent(model)

    alike(aims, epochs=1)


def test_a_loss_that_looks_at_a_parameter_of_its_own_is_trained_eagerly() -> None:
    def aims() -> Aims:
        model, spread = network(), Value(0.3, "s")

        def loss(outputs: Any, targets: Any) -> Value:
            return squared_error(outputs, targets) * math.exp(-spread.data) + (spread - 2) ** 2

        return model, loss, SGD([*model.parameters(), spread], lr=0.1)

    alike(aims, epochs=1)


def test_a_callback_may_change_the_loss_of_all() -> None:
    strength = [0.0]

    def aims() -> Aims:
        strength[0] = 0.0
        model = network()
        return model, by_sample(lambda z, y: logistic(z, y) + strength[0] * z * z), descent(model)

    def stronger(model: Module, optimizer: Optimizer) -> Callable[[History], None]:
        def callback(history: History) -> None:
            strength[0] += 0.5

        return callback

    assert "has changed during the training" in alike(aims, epochs=4, watch=stronger)


def test_a_callback_may_change_the_loss_of_one_class() -> None:
    weights = {0.0: 1.0, 1.0: 1.0}

    def aims() -> Aims:
        weights.update({0.0: 1.0, 1.0: 1.0})
        model = network()
        return model, by_sample(lambda z, y: logistic(z, y) * weights[y]), descent(model)

    for kind in weights:

        def heavier(*_: Any, kind: float = kind) -> Callable[[History], None]:
            return lambda history: weights.update({kind: 3.0})

        alike(aims, epochs=2, watch=heavier)


def test_a_callback_may_change_a_leaf_of_the_loss() -> None:
    strength = Value(0.0, "λ")

    def aims() -> Aims:
        strength.data = 0.0
        model = network()
        return model, by_sample(lambda z, y: logistic(z, y) + strength * z * z), descent(model)

    def stronger(model: Module, optimizer: Optimizer) -> Callable[[History], None]:
        def callback(history: History) -> None:
            strength.data += 0.5

        return callback

    assert "program (" in alike(aims, epochs=4, watch=stronger)


# Optimizers of one's own


class Signs(Optimizer):
    """A step of one size, against the sign of a running mean."""

    def __init__(self, parameters: Any, lr: float) -> None:
        super().__init__(parameters, lr, weight_decay=0.05)
        self.means = [0.0] * len(self.parameters)

    def direction(self, i: int, slope: float) -> float:
        """Return 1 or -1."""
        self.means[i] += 0.3 * (slope - self.means[i])
        return math.copysign(1.0, self.means[i])


class Halved(SGD):
    """Steps half as long."""

    def direction(self, i: int, slope: float) -> float:
        """Return half of the velocity."""
        return 0.5 * super().direction(i, slope)


class Cooling(Adam):
    """A learning rate that falls as this optimizer wants it."""

    def rate(self, step: int) -> float:
        """Return the rate of a step."""
        return super().rate(step) / (1 + step)


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda p: Signs(p, 0.01),
        lambda p: Halved(p, lr=0.1, momentum=0.9, weight_decay=0.1),
        lambda p: Halved(p, lr=0.1, momentum=0.9, nesterov=True),
        lambda p: Cooling(p, lr=0.1),
        lambda p: Adam(p, lr=0.1, eps=0.0),
        lambda p: SGD(p, lr=0.1, momentum=untyped(numpy.float64(0.5))),
        lambda p: SGD(p[::-1], lr=0.1, momentum=0.5),
    ],
)
def test_an_optimizer_with_a_direction_or_rate_of_its_own_is_asked(optimizer: Any) -> None:
    aims = aims_of(optimizer=lambda model: optimizer(model.parameters()))
    alike(aims, epochs=3)


class Lasso(SGD):
    """A pull towards 0, of one size for all parameters."""

    def direction(self, i: int, slope: float) -> float:
        """Return the velocity with the pull."""
        return super().direction(i, slope + 0.1 * self.parameters[i].data)


class ClippedNorm(SGD):
    """Slopes that are shortened together where they are too long."""

    def direction(self, i: int, slope: float) -> float:
        """Return the velocity of a shortened slope."""
        length = math.hypot(*[p.grad for p in self.parameters])
        return super().direction(i, slope / max(1.0, 10 * length))


class ClippedStep(SGD):
    """Slopes that are cut before a step."""

    def step(self) -> None:
        """Move every parameter once."""
        for p in self.parameters:
            p.grad = max(-0.05, min(0.05, p.grad))
        super().step()


class Stateful(Optimizer):
    """Momentum kept in a dict that is called as PyTorch calls it."""

    def __init__(self, parameters: Any, lr: float) -> None:
        super().__init__(parameters, lr, weight_decay=0.0)
        self.state = untyped({})

    def direction(self, i: int, slope: float) -> float:
        """Return the velocity."""
        kept: Any = self.state
        kept[i] = 0.9 * kept.get(i, 0.0) + slope
        return float(kept[i])


def with_own_step(parameters: list[Value]) -> SGD:
    """Return an optimizer whose step was replaced."""
    optimizer = SGD(parameters, lr=0.1)

    def step() -> None:
        SGD.step(optimizer)
        for p in parameters:
            p.data = max(-0.4, min(0.4, p.data))

    optimizer.step = step  # type: ignore[method-assign]
    return optimizer


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda p: Lasso(p, lr=0.1),
        lambda p: ClippedNorm(p, lr=0.1),
        lambda p: ClippedStep(p, lr=0.1),
        lambda p: Stateful(p, lr=0.1),
        lambda p: SGD(p, lr=lambda step: 0.1 / (1 + abs(p[0].data))),
        with_own_step,
    ],
)
def test_an_optimizer_with_a_step_of_its_own_takes_it(optimizer: Any) -> None:
    alike(aims_of(optimizer=lambda model: optimizer(model.parameters())), epochs=3)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_optimizer_goes_on_where_a_program_has_left_it(optimizer: str) -> None:
    states = []
    for engines in (("eager", "eager"), ("auto", "eager"), ("eager", "auto"), ("auto", "auto")):
        model = network()
        made = OPTIMIZERS[optimizer](model.parameters())
        for engine in engines:
            trained(lambda m=model, o=made: (m, squared_error, o), engine)  # type: ignore[misc]
        states.append(
            [made.steps, *[p.data for p in model.parameters()], *[p.grad for p in made.parameters]]
        )
        kept = [getattr(made, name) for name in made.state]
        assert all(type(x) is float for numbers in kept for x in numbers)
        states[-1] += [x for numbers in kept for x in numbers]
    assert all(near(state, states[0]) for state in states)


# Which parameters are learned, and what others see of them meanwhile


@pytest.mark.parametrize("layers", [[0], [1], [0, 2], [1, 2]])
def test_frozen_parameters_stay_and_have_no_gradient(layers: list[int], backend: str) -> None:
    def aims() -> Aims:
        model = MLP([2, 3, 3, 1], "tanh", seed=1)
        learned = [p for k in layers for p in model.layers[k].parameters()]
        return model, squared_error, Adam(learned, lr=0.1, weight_decay=0.1)

    assert f"program ({backend})" in alike(aims, epochs=3)


def test_parameters_that_take_no_part_only_decay() -> None:
    def aims() -> Aims:
        model, idle = network(), [Value(1.0, "u"), Value(2.0)]
        learned = [idle[0], *model.parameters(), idle[1]]
        return model, squared_error, SGD(learned, lr=0.1, momentum=0.5, weight_decay=0.1)

    assert "program (" in alike(aims, epochs=3)


def test_a_callback_sees_parameters_gradients_and_optimizer_as_they_are() -> None:
    seen: list[list[float]] = []

    def looking(model: Module, optimizer: Adam) -> Callable[[History], None]:
        def callback(history: History) -> None:
            numbers = [x for p in model.parameters() for x in (p.data, p.grad)]
            kept = [x for name in optimizer.state for x in getattr(optimizer, name)]
            assert {type(x) for x in numbers + kept} == {float}
            seen.append([*numbers, *kept, optimizer.steps, *history.losses])

        return callback

    aims = aims_of(optimizer=lambda model: Adam(model.parameters(), lr=0.1))
    assert "program (" in alike(aims, epochs=4, watch=looking)
    assert len(seen) == 8
    assert all(near(x, y) for x, y in zip(seen[:4], seen[4:], strict=True))


def scaled(model: Module, optimizer: SGD) -> None:
    """Shrink the parameters."""
    for p in model.parameters():
        p.data *= 0.9


def hastened(model: Module, optimizer: SGD) -> None:
    """Change the rates of the optimizer."""
    optimizer.lr = 0.02
    optimizer.momentum = 0.2
    optimizer.weight_decay = 0.3


def stepping(model: Module, optimizer: SGD) -> None:
    """Take a step of the callback's own."""
    squared_error([model.outputs_for(X[0])], [3.0]).backward()
    optimizer.step()


def predicting(model: Module, optimizer: SGD) -> None:
    """Use the model."""
    assert len(predict(model, X)) == SAMPLES
    accuracy(model, X, Y)
    per_sample_gradients(model, X, Y, squared_error)


def training(model: Module, optimizer: SGD) -> None:
    """Train another model, and this one."""
    trained(aims_of(), "auto")
    trained(lambda: (model, squared_error, descent(model, 0.01)), "auto")


@pytest.mark.parametrize("change", [scaled, hastened, stepping, predicting, training])
def test_a_callback_may_change_what_is_trained(change: Callable[[Module, SGD], None]) -> None:
    def calling(model: Module, optimizer: SGD) -> Callable[[History], None]:
        return lambda history: change(model, optimizer)

    aims = aims_of(optimizer=lambda model: descent(model, momentum=0.5))
    assert "program (" in alike(aims, epochs=4, watch=calling, validation=(X[:4], Y[:4]))


def test_a_callback_may_freeze_parameters_by_their_removal() -> None:
    def freezing(model: Module, optimizer: SGD) -> Callable[[History], None]:
        def callback(history: History) -> None:
            optimizer.parameters.pop()

        return callback

    alike(aims_of(), epochs=3, watch=freezing)


def test_a_callback_may_let_a_model_grow() -> None:
    class Growing(Module):
        """Layers in a list, to which others are added."""

        def __init__(self) -> None:
            self.layers = [Layer(2, 2, "tanh", seed=1)]
            self.last = Layer(2, 1, seed=2)

        def __call__(self, x: Any) -> Any:
            """Return the output for one sample."""
            for layer in self.layers:
                x = layer(x)
            return self.last(x)

    def growing(model: Growing, optimizer: SGD) -> Callable[[History], None]:
        return lambda history: model.layers.append(Layer(2, 2, "tanh", seed=len(model.layers)))

    alike(aims_of(Growing), epochs=3, watch=growing)


def test_a_model_is_trained_again_after_it_has_grown() -> None:
    numbers = []
    for engine in ("eager", "auto"):
        model = network()
        trained(lambda m=model: (m, squared_error, descent(m)), engine)  # type: ignore[misc]
        more = Sequential(*model.layers[:-1], Layer(4, 3, "sin", seed=4), Layer(3, 1, seed=5))
        made = trained(lambda m=more: (m, squared_error, descent(m)), engine)  # type: ignore[misc]
        numbers.append(made.numbers)
        assert engine in ("eager", "auto")
    assert near(*numbers)


def test_a_copy_is_trained_apart() -> None:
    model = network()
    before = model.state_dict()
    twin = copy.deepcopy(model)
    found = trained(lambda: (twin, squared_error, descent(twin)), "auto")
    assert "program (" in found.history.engine
    assert model.state_dict() == before
    assert near(found.numbers, trained(aims_of(loss=squared_error), "eager").numbers)


# What ends a training


def test_validation_and_patience_go_back_to_the_same_epoch(backend: str) -> None:
    noise = classes(12, seed=3)  # nothing to learn, so that it soon gets worse
    for patience in (1, 3):
        engine = alike(
            aims_of(
                lambda: MLP([2, 8, 1], "tanh", seed=0),
                optimizer=lambda model: Adam(model.parameters(), lr=0.1),
            ),
            X=rows(12), y=noise, validation=(rows(9, seed=1), classes(9, seed=4)), epochs=60,
            patience=patience,
        )  # fmt: skip
        assert engine == f"program ({backend})"


def test_a_validation_target_may_be_one_that_is_not_trained() -> None:
    aims = aims_of(lambda: network(outputs=3), cross_entropy)
    assert "program (" in alike(aims, validation=(X[:4], [2, 0, 1, 2]))


def test_a_callback_stops_both() -> None:
    def stopping(model: Module, optimizer: Optimizer) -> Callable[[History], bool]:
        return lambda history: len(history.losses) == 3

    assert "program (" in alike(aims_of(), epochs=9, watch=stopping)


def diverged(engine: str) -> tuple[str, int, list[float], list[float]]:
    """Return how a training that diverges ends: message, steps, parameters and the first ones."""
    model = MLP([1, 1], seed=1)
    before = [p.data for p in model.parameters()]
    optimizer = SGD(model.parameters(), lr=10.0)
    with pytest.raises(DomainError) as raised:
        fit(
            model, [[1.0], [20.0]], [0.0, 1.0], squared_error, optimizer, epochs=1000,
            progress=False, engine=engine,
        )  # fmt: skip
    return str(raised.value), optimizer.steps, [p.data for p in model.parameters()], before


def test_a_diverging_training_stops_in_the_same_batch() -> None:
    (said, steps, *_), (said_eagerly, steps_eagerly, *_) = diverged("auto"), diverged("eager")
    assert steps == steps_eagerly
    assert said.partition(":")[0] == said_eagerly.partition(":")[0]


def test_a_diverging_training_keeps_the_last_good_parameters() -> None:
    assert near(diverged("auto")[2], diverged("eager")[2])


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_no_number_is_refused_in_the_same_words(wrong: float) -> None:
    said = []
    for engine in ("eager", "auto"):
        aims = aims_of(loss=lambda outputs, targets: squared_error(outputs, targets) * wrong)
        with pytest.raises(DomainError) as raised:
            trained(aims, engine)
        said.append(str(raised.value))
    assert said[0] == said[1]
    assert said[0].startswith("fit stopped in epoch 1, batch 1: the loss is ")


@pytest.mark.parametrize("far", [0, 5, 12])
def test_an_overflow_on_the_way_stops_both(far: int) -> None:
    X = rows()
    X[far] = [50000.0, 50000.0]
    said = []
    for engine in ("eager", "auto"):
        aims = aims_of(lambda: network(activation=lambda z: 1 / (1 + (-z).exp())))
        with pytest.raises(DomainError) as raised:
            trained(aims, engine, X=X)
        said.append(str(raised.value))
    assert said[0] == said[1]


def test_no_training_without_recording() -> None:
    for engine in ("eager", "program", "auto"):
        with no_grad(), pytest.raises(UsageError, match="train outside of no_grad"):
            trained(aims_of(), engine)


def interrupted(
    action: Callable[[], Any], moment: int, files: str, functions: str
) -> tuple[Any, int]:
    """Run an action with a Ctrl-C at its n-th line in files and functions (two patterns).

    Returns what it returned, None if it was interrupted itself, and how many lines it ran. As in
    tests/test_interruptions.py, the moments at which a ``with`` or ``try`` is entered or left do
    not count.
    """
    lines = 0
    entering = False

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal lines, entering
        code = frame.f_code
        if not re.search(files, code.co_filename) or not re.fullmatch(functions, code.co_name):
            return trace
        line = linecache.getline(code.co_filename, frame.f_lineno).lstrip()
        entered, entering = entering, line.startswith(("with ", "try:", "finally:", "except"))
        lines += event == "line" and not entering and not entered
        if lines == moment:
            sys.settrace(None)
            raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        return action(), lines
    except KeyboardInterrupt:
        return None, lines
    finally:
        sys.settrace(before)


BUT_THE_LAST = r"(?!settle|restore|<listcomp>).*"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("files", "functions"),
    [
        (r"nn/program_steps\.py$", BUT_THE_LAST),
        (r"nn/optim\.py$", BUT_THE_LAST),
        (r"nn/(steps|training)\.py$", BUT_THE_LAST),
        (r"program/(program|way|machine|run)\.py$", ".*"),
        (r"nn/(program_)?steps\.py$", "settle|restore"),
    ],
)  # fmt: skip
def test_ctrl_c_at_any_moment_leaves_the_parameters_of_a_whole_step(
    files: str, functions: str
) -> None:
    model = network()
    first = model.state_dict()
    states = [[p.data for p in model.parameters()]]
    options: dict[str, Any] = {"batch_size": None, "epochs": 6, "progress": False}

    def whole() -> History:
        model.load_state_dict(first)
        optimizer = Adam(model.parameters(), lr=0.1)
        return fit(model, X, Y, binary_cross_entropy_with_logits, optimizer, **options)

    options["callbacks"] = [lambda h: states.append([p.data for p in model.parameters()])]
    whole()
    options["callbacks"] = []
    _, lines = interrupted(whole, -1, files, functions)
    assert lines > 20
    rng = Random(files)
    for moment in sorted(rng.sample(range(1, lines), min(lines - 1, 60))):
        history, _ = interrupted(whole, moment, files, functions)
        numbers = [p.data for p in model.parameters()]
        if history is None:  # before the first step, or after the last
            assert numbers in (states[0], states[-1])
        else:
            assert history.stopped == "interrupted"
            assert numbers in states[len(history.losses) : len(history.losses) + 2]


# The same bits each time


SCRIPT = """
from nn import MLP, Adam, cross_entropy, fit, programs
from tests.test_nn_programs import classes, rows

programs.WORTH = 0
model = MLP([2, 5, 3], "gelu", seed=1)
history = fit(
    model, rows(50), classes(50, 3), cross_entropy, Adam(model.parameters(), lr=0.1),
    epochs=3, batch_size=8, progress=False,
)
print(history.engine, *[p.data.hex() for p in model.parameters()], *map(float.hex, history.losses))
"""


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bits_in_another_process() -> None:
    printed = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True,
            cwd=Path(__file__).parent.parent, env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert printed[0] == printed[1]
    assert printed[0].startswith("program")


def test_the_same_seed_gives_the_same_bits_again_and_another_seed_others(backend: str) -> None:
    one, two, three = (trained(aims_of(), "auto", seed=seed, epochs=3) for seed in (1, 1, 2))
    assert one.history.engine == f"program ({backend})"
    assert one.numbers == two.numbers != three.numbers
    assert one.history.losses == two.history.losses


def test_trainings_in_threads_do_not_meet() -> None:
    expected = trained(aims_of(), "auto", epochs=10).numbers
    found = {}

    def train(number: int) -> None:
        found[number] = trained(aims_of(), "auto", epochs=10).numbers

    threads = [threading.Thread(target=train, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == dict.fromkeys(range(4), expected)


# What else uses programs


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], Any]:
    """Return what calls a function while no program is chosen."""

    def called(function: Callable[[], Any]) -> Any:
        with monkeypatch.context() as context:
            context.setattr(programs, "WORTH", math.inf)
            context.setattr(decision_boundary, "outputs_program", refuse)
            return function()

    return called


def refuse(*_: Any) -> Any:
    """Be no program."""
    raise programs.UnsuitableError("not here")


Without: TypeAlias = Callable[[Callable[[], Any]], Any]

MODELS: list[Callable[[int], Module]] = [
    lambda outputs: network(outputs=outputs),
    lambda outputs: network(outputs=outputs, activation="relu", last="sigmoid"),
    lambda outputs: network(outputs=outputs, activation=leaky),
    lambda outputs: network(outputs=outputs, activation=lambda z: z if z > 0 else z * 0.1),
    lambda outputs: network(outputs=outputs, activation=lambda z: z * (1 + abs(z.data))),
    lambda outputs: Layer(2, outputs, "sigmoid", seed=1),
    lambda outputs: Sequential(Residual().inner, Layer(2, outputs, seed=2)),
]


@pytest.mark.slow
@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("model", MODELS)
def test_predictions_are_the_same_with_and_without_programs(
    model: Callable[[int], Module], outputs: int, without: Without, backend: str
) -> None:
    made, X, y = model(outputs), rows(40), classes(40, max(2, outputs))
    for call in (
        lambda: numpy.array(predict(made, X)).ravel(),
        lambda: predict_classes(made, X, threshold=0.5 if outputs == 1 else None),
        lambda: [accuracy(made, X, y, threshold=0.5 if outputs == 1 else None)],
    ):
        assert near(untyped(call()), without(call))


@pytest.mark.slow
@pytest.mark.parametrize("model", [*MODELS[:-1], lambda outputs: Residual()])
def test_gradients_of_samples_are_the_same_with_and_without_programs(
    model: Callable[[int], Module], without: Without, backend: str
) -> None:
    made, (X, y) = model(1), (rows(30), classes(30))
    for loss in (squared_error, weighted, balanced, reads_output):

        def call(loss: Any = loss) -> list[dict[str, float]]:
            return list(per_sample_gradients(made, X, y, loss))

        found, expected = call(), without(call)
        assert [list(row) for row in found] == [list(row) for row in expected]
        pairs = zip(found, expected, strict=True)
        assert all(near([*a.values()], [*b.values()]) for a, b in pairs)


def test_gradients_of_samples_touch_no_gradient() -> None:
    model = network()
    per_sample_gradients(model, X, Y, squared_error)
    assert not any(p.has_grad for p in model.parameters())


def test_chance_is_asked_for_every_sample() -> None:
    model = network(activation=by_chance)
    assert len(set(predict(model, [X[0]] * 100))) > 2


@pytest.mark.slow
@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("model", MODELS[:4])
def test_the_decision_boundary_is_the_same_with_and_without_programs(
    model: Callable[[int], Module],
    outputs: int,
    without: Without,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decision_boundary, "_STEPS", 20)
    made, y = model(outputs), classes(kinds=max(2, outputs))

    def picture() -> Any:
        ax = plot_decision_boundary(
            made, X, y, Figure().subplots(), threshold=0.5 if outputs == 1 else None
        )
        return numpy.array(ax.images[0].get_array())

    assert numpy.allclose(picture(), without(picture), rtol=0, atol=1e-9)


# Where there is no program


@pytest.mark.parametrize(
    ("aims", "why"),
    [
        (aims_of(ReadsData), r"tests.test_nn_programs\.py:\d+ looks at the \.data of what it"),
        (aims_of(loss=reads_output), r"looks at the \.data of what it computes with"),
        (aims_of(loss=BATCH_LOSSES["sum"]), "the loss of a batch is not the average of its"),
        (aims_of(loss=BATCH_LOSSES["root of the average"]), "the loss of a batch is not the aver"),
        (
            aims_of(loss=by_sample(lambda z, y: logistic(z, y) + CHANCE.random())),
            "what is computed of a sample is not the same twice",
        ),
        (
            aims_of(loss=by_sample(lambda z, y: Value.from_partials(2.0, [z], [y]))),
            "was made by hand",
        ),
    ],
)
def test_a_program_that_is_asked_for_is_refused_in_a_sentence(
    aims: Callable[[], Aims], why: str
) -> None:
    made = aims()
    before = made[0].state_dict()
    with pytest.raises(UsageError, match=rf"fit: no program: .*{why}.*; give engine='auto'") as e:
        trained(lambda: made, "program")
    assert "\n" not in str(e.value)
    assert made[0].state_dict() == before


@pytest.mark.parametrize("engine", [None, "", "Program", "compiled", [], True])
def test_an_engine_that_is_none_is_refused_with_those_there_are(engine: Any) -> None:
    with pytest.raises(UsageError, match=r"fit: engine=.*; choose from auto, program, eager"):
        trained(aims_of(), engine)


def test_without_numpy_a_program_that_is_asked_for_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(UsageError, match=r"fit: no program: .*numpy"):
        trained(aims_of(), "program")


def test_without_numpy_a_training_is_eager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert trained(aims_of(), "auto").history.engine == "eager: a program would save no time"


def test_a_program_that_saves_no_time_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    for parameters, epochs, engine in (
        (17, 2, "program ("),
        (17, 1, "eager: a program would save"),
    ):
        monkeypatch.setattr(programs, "WORTH", parameters * SAMPLES * 2)
        assert engine in trained(aims_of(), "auto", epochs=epochs).history.engine
        assert "program (" in trained(aims_of(), "program", epochs=epochs).history.engine
        assert trained(aims_of(), "eager", epochs=epochs).history.engine == "eager"

"""What the engines compute: one sample, micrograd's demo step, a whole program, a chain."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import cycle, islice, pairwise
from operator import methodcaller
from typing import Any, Protocol

from benchmarks.engines import OURS, Engine
from benchmarks.gpt import GPT, Adam

__all__ = [
    "Model",
    "Network",
    "Workload",
    "chain",
    "demo_step",
    "demo_step_with_nn",
    "gpt_step",
    "initial_parameters",
    "micrograd_network",
    "moons",
    "one_sample",
    "whole_program",
]

WIDTHS = (2, 16, 16, 1)
SAMPLES = 100
ALPHA = 1e-4  # the weight of the L2 penalty in micrograd's demo
WORDS = ("gradient", "backprop", "function", "learning")  # equally long, for equally long steps
LONG_WORD = "derivatives"


@dataclass(frozen=True)
class Workload:
    """One engine's way to do a task: a step to repeat, and the parameters it differentiates in."""

    engine: str
    step: Callable[[], Any]
    parameters: Sequence[Any]

    def outcome(self, steps: int = 2) -> list[float]:
        """Do some steps; return the output of each, then the gradient of every parameter."""
        outputs = [self.step() for _ in range(steps)]
        return [*[float(y.data) for y in outputs], *[float(p.grad) for p in self.parameters]]


class Model(Protocol):
    """What the demo step asks of a network; micrograd's own ``MLP`` complies."""

    def __call__(self, x: Sequence[Any]) -> Any:
        """Return the score of one sample."""

    def parameters(self) -> list[Any]:
        """Return the weights and the bias of each neuron, one neuron after the other."""

    def zero_grad(self) -> None:
        """Clear the gradient of every parameter."""


class Network:
    """A perceptron on the scalars of one engine; ``activation`` is that of the hidden layers."""

    def __init__(
        self, engine: Engine, widths: Sequence[int] = WIDTHS, activation: str = "relu"
    ) -> None:
        self.engine = engine
        self.activation = methodcaller(activation)
        leaves = map(engine.parameter, initial_parameters(widths))
        self.layers = [
            [(list(islice(leaves, inputs)), next(leaves)) for _ in range(neurons)]
            for inputs, neurons in pairwise(widths)
        ]

    def __call__(self, x: Sequence[Any]) -> Any:
        """Return the score of one sample."""
        neuron = self.engine.neuron
        *hidden, [(w_last, b_last)] = self.layers
        for layer in hidden:
            x = [self.activation(neuron(w, x, b)) for w, b in layer]
        return neuron(w_last, x, b_last)

    def parameters(self) -> list[Any]:
        """Return the weights and the bias of each neuron, one neuron after the other."""
        return [p for layer in self.layers for w, b in layer for p in (*w, b)]

    def zero_grad(self) -> None:
        """Clear the gradient of every parameter."""
        for p in self.parameters():
            p.grad = self.engine.cleared


def micrograd_network() -> Model:
    """Return micrograd's own network of `WIDTHS`, with the same parameters as `Network`."""
    inputs, *layers = WIDTHS
    network: Model = import_module("micrograd.nn").MLP(inputs, layers)
    for p, number in zip(network.parameters(), initial_parameters(), strict=True):
        p.data = number
    return network


def one_sample(engine: Engine) -> Workload:
    """Return the task of differentiating the score of one sample; gradients add up."""
    network = Network(engine)
    [row], _ = moons(1)

    def step() -> Any:
        score = network([engine.constant(x) for x in row])
        score.backward()
        return score

    return Workload(engine.name, step, network.parameters())


def demo_step(engine: Engine) -> Workload:
    """Return the task of one step of micrograd's demo: hinge loss, L2 penalty, backward."""
    network: Model = micrograd_network() if engine.name == "micrograd" else Network(engine)
    rows, targets = moons(SAMPLES)

    def step() -> Any:
        inputs = [[engine.constant(x) for x in row] for row in rows]
        scores = list(map(network, inputs))
        losses = [(1 + -y * s).relu() for y, s in zip(targets, scores, strict=True)]
        loss = engine.mean(losses) + ALPHA * engine.sum_of_squares(network.parameters())
        network.zero_grad()
        loss.backward()
        return loss

    return Workload(engine.name, step, network.parameters())


def demo_step_with_nn(engine: Engine) -> Workload:
    """Return the same task, for this engine written with its package `nn`."""
    if engine.name != OURS:
        return demo_step(engine)
    nn = import_module("nn")
    model = nn.MLP(WIDTHS, activation="relu", output="linear")
    neurons = [neuron for layer in model.layers for neuron in layer.neurons]
    parameters = [p for neuron in neurons for p in (*neuron.w, neuron.b)]
    for p, number in zip(parameters, initial_parameters(), strict=True):
        p.data = number
    rows, targets = moons(SAMPLES)

    def step() -> Any:
        loss = nn.hinge(list(map(model, rows)), targets) + nn.l2_penalty(parameters, ALPHA)
        model.zero_grad()
        loss.backward()
        return loss

    return Workload(engine.name, step, parameters)


def whole_program(engine: Engine) -> Workload:
    """Return the task of one step of training a GPT: about 60,000 nodes, backward, Adam."""
    model = GPT(engine.parameter)
    parameters = model.parameters()
    optimizer = Adam(parameters)
    words = cycle(WORDS)

    def step() -> Any:
        for p in parameters:
            p.grad = engine.cleared
        loss = model.loss(next(words))
        loss.backward()
        optimizer.step()
        return loss

    return Workload(engine.name, step, parameters)


def gpt_step(engine: Engine) -> Workload:
    """Return the task of a value and its gradient: a GPT of 4,192 parameters reads a long word."""
    model = GPT(engine.parameter, context=16)
    parameters = model.parameters()

    def step() -> Any:
        for p in parameters:
            p.grad = engine.cleared
        loss = model.loss(LONG_WORD)
        loss.backward()
        return loss

    return Workload(engine.name, step, parameters)


def chain(engine: Engine, operations: int) -> Any:
    """Return the end of a chain of binary operations, × and + in turn, with the same two leaves."""
    y, a, b = engine.parameter(1.0), engine.parameter(1.0), engine.parameter(1e-9)
    for _ in range(operations // 2):
        y = y * a + b
    return y


def initial_parameters(widths: Sequence[int] = WIDTHS) -> list[float]:
    """Return the parameters that all networks start from, in the order of ``parameters()``."""
    rng = random.Random(1)
    count = sum((inputs + 1) * neurons for inputs, neurons in pairwise(widths))
    return [rng.uniform(-1, 1) for _ in range(count)]


def moons(samples: int) -> tuple[list[list[float]], list[float]]:
    """Return points on two interleaved half circles, blurred by 0.1, and the sign of each."""
    rng = random.Random(2)
    rows, signs = [], []
    for i in range(samples):
        angle = rng.uniform(0, math.pi)
        x, y, sign = math.cos(angle), math.sin(angle), -1.0
        if i % 2:
            x, y, sign = 1 - x, 0.5 - y, 1.0
        rows.append([rng.gauss(x, 0.1), rng.gauss(y, 0.1)])
        signs.append(sign)
    return rows, signs
